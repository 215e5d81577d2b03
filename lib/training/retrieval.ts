/**
 * Does a question find what belongs to it? The measure of CLIP, and of every other pair of nets that share a space.
 * @see notebooks/14-text-to-image.ipynb
 */
import { tf } from '../runtime';

/**
 * Share of questions whose own answer is the nearest of all, by the product of the vectors (the cosine, where they have
 * length 1). queries: [N, D], library: [M, D], own: for each question the row of its answer. Chance is 1/M, so M must
 * stand beside the number; of equally near answers the first counts.
 * @throws Error where the vectors or their numbers don't fit
 * @example retrievalAccuracy(tf.tensor2d([[1, 0], [0, 1]]), tf.tensor2d([[1, 0], [0, 1]]), [0, 1]) // → 1
 */
export function retrievalAccuracy(queries: tf.Tensor, library: tf.Tensor, own: readonly number[]): number {
  const [[N, D], [M, other]] = [queries.shape, library.shape];
  if (queries.rank !== 2 || library.rank !== 2 || D !== other) {
    throw new Error(`expected vectors [N, D] and [M, D], got [${queries.shape}] and [${library.shape}]`);
  }
  if (own.length !== N) throw new Error(`${N} questions need ${N} answers, got ${own.length}`);
  const lost = own.find(row => !(Number.isInteger(row) && row >= 0 && row < M));
  if (lost !== undefined) throw new Error(`the library has rows 0 to ${M - 1}, got ${lost} as an answer`);
  return tf.tidy(() => {
    if (
      !tf
        .isFinite(tf.concat([queries, library]))
        .all()
        .dataSync()[0]
    ) {
      throw new Error('vectors must be finite numbers, got NaN or ∞ among them; what made them?');
    }
    const nearest = tf.matMul(queries, library, false, true).argMax(1); // [N]
    return nearest
      .equal(tf.tensor1d([...own], 'int32'))
      .toFloat()
      .mean()
      .dataSync()[0];
  });
}
