/** What the trainings of lesson 13 share: digits at two sizes, and the stream of batches. */
import { batchOf, type ImageSet } from '../../lib/data';
import { tf } from '../../lib/runtime';

/** The digits at these positions with a margin of 2 black pixels, and their labels: x [B, 32, 32, 1] in [−1, 1], y [B]. */
export function framedDigits(digits: ImageSet, positions: readonly number[]): { x: tf.Tensor4D; y: tf.Tensor1D } {
  const { x, y } = batchOf(digits, positions, { range: [-1, 1] });
  const framed = tf.pad(x as tf.Tensor4D, [[0, 0], [2, 2], [2, 2], [0, 0]], -1); // biome-ignore format: one line
  x.dispose();
  return { x: framed, y };
}

/** Half the height and width, each pixel the mean of four. [B, H, W, C] → [B, H/2, W/2, C]. */
export const halved = (x: tf.Tensor4D): tf.Tensor4D => tf.avgPool(x, 2, 2, 'valid');
