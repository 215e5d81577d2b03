/** Digits moved by up to two pixels, so that a classifier learns shapes and not places. */
import { random, tf } from '../../lib/runtime';
import type { Batch } from '../../lib/training';

/** Moves the whole batch by one random (dy, dx), each −2 … 2; the edge repeats the background −1. x: [B, 28, 28, 1]. */
export function shifted({ x, ...rest }: Batch): Batch {
  const [dy, dx] = [random.host.integer(5), random.host.integer(5)];
  const moved = tf.tidy(() => {
    const padded = tf.pad(
      x,
      [
        [0, 0],
        [2, 2],
        [2, 2],
        [0, 0],
      ],
      -1,
    ); // [B, 32, 32, 1]
    return tf.slice(padded, [0, dy, dx, 0], x.shape); //               [B, 28, 28, 1]
  });
  x.dispose();
  return { x: moved, ...rest };
}
