/** Several pictures on one sheet. */
import { tf } from '../../lib/runtime';

/** White between two pictures, in pixels. */
export const GAP = 8;

/**
 * Pictures [1, H, W, 3] in −1..1 → one, row by row, as near to a square as whole rows allow: [1, rows·H + gaps, columns·W +
 * gaps, 3]. Places that are left over are white.
 */
export function sheetOf(pictures: tf.Tensor4D[]): tf.Tensor4D {
  if (pictures.length === 0) throw new Error('a sheet needs at least one picture');
  const columns = Math.ceil(Math.sqrt(pictures.length));
  return tf.tidy(() => {
    const rows = Array.from({ length: Math.ceil(pictures.length / columns) }, (_, row) => {
      const there = pictures.slice(row * columns, (row + 1) * columns);
      const blank = tf.onesLike(pictures[0]);
      return joined([...there, ...Array<tf.Tensor4D>(columns - there.length).fill(blank)], 2);
    });
    return joined(rows, 1);
  });
}

/** Side by side (axis 2) or one below the other (axis 1), with white between them. */
function joined(pictures: tf.Tensor4D[], axis: 1 | 2): tf.Tensor4D {
  const shape = pictures[0].shape.map((size, i) => (i === axis ? GAP : size));
  const gap = tf.ones<tf.Rank.R4>(shape as [number, number, number, number]);
  return tf.concat(
    pictures.flatMap((picture, i) => (i === 0 ? [picture] : [gap, picture])),
    axis,
  );
}
