/** Functions without weights: activations, losses, resizing. */
import { tf } from '../runtime';
import { expectSame, expectShape, shapeOf } from '../runtime/expect';
import { recomputed } from '../runtime/tape';
import { indicesBelow, orNaN } from '../runtime/values';

/**
 * x·σ(x), also called swish (Ramachandran et al. 2017).
 * @example silu(tf.tensor1d([0, 1])) // → [0, 0.7311]
 */
export const silu = (x: tf.Tensor): tf.Tensor => recomputed(y => y.mul(tf.sigmoid(y)), x);

/**
 * x·Φ(x), exact (Hendrycks & Gimpel 2016).
 * @example gelu(tf.tensor1d([0, 1])) // → [0, 0.8413]
 */
export const gelu = (x: tf.Tensor): tf.Tensor => recomputed(y => y.mul(tf.erf(y.mul(Math.SQRT1_2)).add(1)).mul(0.5), x);

/**
 * GPT-2's gelu: ½x(1 + tanh(√(2/π)(x + 0.044715x³))).
 * @example geluTanh(tf.tensor1d([0, 1])) // → [0, 0.8412]
 */
export const geluTanh = (x: tf.Tensor): tf.Tensor =>
  recomputed(y => {
    const inner = y.add(y.mul(y.square()).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
    return y.mul(tf.tanh(inner).add(1)).mul(0.5);
  }, x);

/**
 * The same values, through which no gradient passes: the paper's sg(x). x: any shape → that shape.
 * @example tf.grad(x => stopGradient(x).mul(x).sum())(tf.tensor1d([3])) // → [3]
 */
export function stopGradient<T extends tf.Tensor>(x: T): T {
  const stop = tf.customGrad(((y: tf.Tensor) => ({
    value: y.clone(),
    gradFunc: () => tf.zeros(y.shape),
  })) as Parameters<typeof tf.customGrad>[0]);
  return stop(x) as T;
}

/**
 * Each pixel becomes a 2×2 block. x: [B, H, W, C] → [B, 2H, 2W, C].
 * Written as products with ones: on a CPU that is far faster to differentiate than image resizing, and XLA accepts it.
 * @example upsample2x(tf.ones([1, 1, 2, 1])).shape // → [1, 2, 4, 1]
 */
export function upsample2x(x: tf.Tensor): tf.Tensor {
  expectShape('images', x, ['B', 'H', 'W', 'C']);
  const [B, H, W, C] = x.shape;
  const tall = x.reshape([B, H, 1, W, C]).mul(tf.ones([1, 1, 2, 1, 1])); // [B, H, 2, W, C]
  const wide = tall.reshape([B, 2 * H, W, 1, C]).mul(tf.ones([1, 1, 1, 2, 1])); // [B, 2H, W, 2, C]
  return wide.reshape([B, 2 * H, 2 * W, C]);
}

/**
 * −[y log σ(ℓ) + (1 − y) log(1 − σ(ℓ))] for each entry, in nats, not reduced: softplus(ℓ) − ℓ·y, which never overflows.
 * logits, target: same shape → that shape.
 * @example binaryCrossEntropyWithLogits(tf.tensor1d([0]), tf.tensor1d([1])) // → [0.6931]
 */
export function binaryCrossEntropyWithLogits(logits: tf.Tensor, target: tf.Tensor): tf.Tensor {
  expectSame({ logits, target });
  return tf.softplus(logits).sub(logits.mul(target));
}

/**
 * Mean over the batch of −log softmax(logits)[label], in nats. logits: [B, K], labels: [B] of class numbers. A class of
 * logit −∞ is impossible: it costs nothing where it isn't the label, ∞ where it is. Labels outside 0..K − 1 are an error;
 * inside a compiled step, where nobody can look at them, they make the loss NaN.
 * @example softmaxCrossEntropy(tf.zeros([2, 10]), tf.tensor1d([3, 7], 'int32')) // → 2.3026
 */
export function softmaxCrossEntropy(logits: tf.Tensor, labels: tf.Tensor): tf.Scalar {
  checkClasses(logits, labels);
  return logProbsOf(logits, labels).mean().neg() as tf.Scalar;
}

/**
 * log softmax(logits) at the labels, in nats, not reduced: what every loss over classes or tokens is made of, with the rules
 * of `softmaxCrossEntropy` for −∞ and for labels outside 0..K − 1. logits: [..., K], labels: [...] → [...].
 * @example logProbsOf(tf.zeros([1, 2, 10]), tf.tensor2d([[3, 7]], [1, 2], 'int32')) // → [[-2.3026, -2.3026]]
 */
export function logProbsOf(logits: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  const K = logits.shape[logits.rank - 1] ?? 0;
  if (K === 0 || String(labels.shape) !== String(logits.shape.slice(0, -1))) {
    const got = `${shapeOf(logits)} and ${shapeOf(labels)}`;
    throw new Error(`expected logits [..., K] and labels [...], got ${got}; reshape first`);
  }
  const { indices, valid } = indicesBelow('labels', labels, K);
  const chosen = tf.oneHot(indices as tf.Tensor1D, K).cast('bool'); //                        [..., K]
  const logProbs = tf.where(chosen, tf.logSoftmax(logits), tf.zerosLike(logits)).sum(-1); // [...]
  return orNaN(logProbs, valid);
}

function checkClasses(logits: tf.Tensor, labels: tf.Tensor): void {
  const [B, K] = logits.shape;
  if (logits.rank === 2 && K > 0 && String(labels.shape) === String([B])) return;
  const got = `${shapeOf(logits)} and ${shapeOf(labels)}`;
  throw new Error(
    `expected logits [B, K] and labels [B], got ${got}; reshape first, or take argMax(-1) of one-hot labels`,
  );
}

/**
 * Mean of squared differences over all entries. a, b: same shape → [].
 * @example mse(tf.tensor1d([1, 2]), tf.tensor1d([1, 4])) // → 2
 */
export function mse(a: tf.Tensor, b: tf.Tensor): tf.Scalar {
  expectSame({ a, b });
  return a.sub(b).square().mean() as tf.Scalar;
}

/**
 * Share of rows whose largest logit is the label's, in 0..1. logits: [B, K], labels: [B]. A row with a NaN has no largest
 * and is never right. Labels outside 0..K − 1 as in `softmaxCrossEntropy`.
 * @example accuracy(tf.tensor2d([[0, 1], [0, 1]]), tf.tensor1d([1, 0], 'int32')) // → 0.5
 */
export function accuracy(logits: tf.Tensor, labels: tf.Tensor): tf.Scalar {
  checkClasses(logits, labels);
  const { indices, valid } = indicesBelow('labels', labels, logits.shape[1] as number);
  const sound = logits.isNaN().any(-1).logicalNot(); //                             [B]
  const right = logits.argMax(-1).equal(indices).logicalAnd(sound).toFloat(); //     [B]
  return orNaN(right, valid).mean() as tf.Scalar;
}
