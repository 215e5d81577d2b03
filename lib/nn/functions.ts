/** Functions without weights: activations, losses, resizing. */
import { tf } from '../runtime';

/** x·σ(x), also called swish (Ramachandran et al. 2017). */
export const silu = (x: tf.Tensor): tf.Tensor => x.mul(tf.sigmoid(x));

/** x·Φ(x), exact (Hendrycks & Gimpel 2016). */
export const gelu = (x: tf.Tensor): tf.Tensor => x.mul(tf.erf(x.mul(Math.SQRT1_2)).add(1)).mul(0.5);

/** GPT-2's gelu: ½x(1 + tanh(√(2/π)(x + 0.044715x³))). */
export const geluTanh = (x: tf.Tensor): tf.Tensor => {
  const inner = x.add(x.mul(x.square()).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
  return x.mul(tf.tanh(inner).add(1)).mul(0.5);
};

/**
 * Each pixel becomes a 2×2 block. x: [B, H, W, C] → [B, 2H, 2W, C].
 * Written as products with ones: on a CPU that is far faster to differentiate than image resizing, and XLA accepts it.
 */
export function upsample2x(x: tf.Tensor): tf.Tensor {
  const [B, H, W, C] = x.shape;
  const tall = x.reshape([B, H, 1, W, C]).mul(tf.ones([1, 1, 2, 1, 1])); // [B, H, 2, W, C]
  const wide = tall.reshape([B, 2 * H, W, 1, C]).mul(tf.ones([1, 1, 1, 2, 1])); // [B, 2H, W, 2, C]
  return wide.reshape([B, 2 * H, 2 * W, C]);
}

/**
 * −[y log σ(ℓ) + (1 − y) log(1 − σ(ℓ))] for each entry, in nats, not reduced: softplus(ℓ) − ℓ·y, which never overflows.
 * logits, target: same shape → that shape.
 */
export function binaryCrossEntropyWithLogits(logits: tf.Tensor, target: tf.Tensor): tf.Tensor {
  if (String(logits.shape) !== String(target.shape)) {
    throw new Error(`logits [${logits.shape}] and target [${target.shape}] must have one shape`);
  }
  return tf.softplus(logits).sub(logits.mul(target));
}

/** Mean over the batch of −log softmax(logits)[label], in nats. logits: [B, K], labels: [B] of class numbers. */
export function softmaxCrossEntropy(logits: tf.Tensor, labels: tf.Tensor): tf.Scalar {
  const [B, K] = logits.shape;
  if (logits.rank !== 2 || labels.size !== B) {
    throw new Error(`expected logits [B, K] and labels [B], got [${logits.shape}] and [${labels.shape}]`);
  }
  const chosen = tf.oneHot(labels.reshape([B]).toInt(), K); // [B, K]
  return tf.logSoftmax(logits).mul(chosen).sum(-1).mean().neg() as tf.Scalar;
}

/** Mean of squared differences over all entries. */
export const mse = (a: tf.Tensor, b: tf.Tensor): tf.Scalar => a.sub(b).square().mean() as tf.Scalar;

/** Share of rows whose largest logit is the label's, in 0..1. logits: [B, K], labels: [B]. */
export const accuracy = (logits: tf.Tensor, labels: tf.Tensor): tf.Scalar =>
  logits.argMax(-1).equal(labels.toInt()).toFloat().mean() as tf.Scalar;
