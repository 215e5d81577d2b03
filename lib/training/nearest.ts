/**
 * Which pictures of the training set lie nearest to a made one? Whoever says that a picture is new shows them beside it.
 * @see notebooks/11-gan.ipynb
 */
import { tf } from '../runtime';
import { expectCount, expectShape } from '../runtime/expect';

export interface Nearest {
  /** For each query the rows of the library that lie nearest, the nearest first. */
  rows: number[][];
  /** Their Euclidean distances, in the same order. */
  distances: number[][];
}

/** Distances held at a time: so many numbers take 80 MB. */
const AT_A_TIME = 20_000_000;

/**
 * The `count` rows of the library nearest to each query. queries: [Q, D], library: [N, D].
 * @example nearestRows(tf.tensor2d([[0, 1]]), tf.tensor2d([[5, 5], [0, 2]])).rows // → [[1]]
 */
export function nearestRows(queries: tf.Tensor, library: tf.Tensor, count = 1): Nearest {
  expectShape('queries', queries, ['Q', 'D'], 'one row for each picture');
  expectShape('the library', library, ['N', queries.shape[1] ?? 'D'], 'rows as long as those of the queries');
  expectCount('the number of rows to find', count);
  const [Q, N] = [queries.shape[0], library.shape[0]];
  if (count > N) throw new Error(`the library has ${N} rows, got ${count} to find; ask for fewer`);
  const found: Nearest = { rows: [], distances: [] };
  const size = Math.max(1, Math.floor(AT_A_TIME / N));
  const lengths = tf.tidy(() => library.square().sum(1)); //                                     [N]
  for (let from = 0; from < Q; from += size) {
    const [rows, distances] = tf.tidy(() => {
      const part = queries.slice([from, 0], [Math.min(size, Q - from), -1]) as tf.Tensor2D; //   [q, D]
      const products = tf.matMul(part, library as tf.Tensor2D, false, true); //                  [q, N]
      const { values, indices } = tf.topk(products.mul(2).sub(lengths), count); //               2 × [q, count]
      const squares = part.square().sum(1, true).sub(values).maximum(0); //                      [q, count]
      return [indices.arraySync() as number[][], squares.sqrt().arraySync() as number[][]];
    });
    found.rows.push(...rows);
    found.distances.push(...distances);
  }
  lengths.dispose();
  return found;
}
