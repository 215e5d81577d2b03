/** Attention, in the form that all Transformers of the course share. B batch, H heads, T time, D width of a head. */
import { tf } from '../runtime';

/** Scores made at once, at most: 268 MB of them. Stable Diffusion at 512 × 512 pixels would have 1.1 GB in one layer. */
const SCORES = 2 ** 26;

/**
 * Scaled dot-product attention (Vaswani et al. 2017, eq. 1). q: [B, H, T, D], k, v: [B, H, S, D], mask: broadcasts to
 * [B, H, T, S] → [B, H, T, D]. Questions don't know of each other, so many of them are answered a part after the other.
 */
export function attention(q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D, mask?: tf.Tensor): tf.Tensor4D {
  const [B, H, T, D] = q.shape;
  const rows = Math.max(1, Math.floor(SCORES / (B * H * k.shape[2])));
  if (T <= rows) return answers(q, k, v, mask);
  const parts = Array.from({ length: Math.ceil(T / rows) }, (_, i) => {
    const [from, size] = [i * rows, Math.min(rows, T - i * rows)];
    const asked = () => tf.slice(q, [0, 0, from, 0], [B, H, size, D]); // [B, H, rows, D]
    return tf.tidy(() => answers(asked(), k, v, mask && ofRows(mask, from, size)));
  });
  return tf.concat(parts, 2);
}

function answers(q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D, mask?: tf.Tensor): tf.Tensor4D {
  const scores = tf.matMul(q, k, false, true).mul(1 / Math.sqrt(q.shape[3])); // [B, H, T, S]
  const weights = tf.softmax(mask ? scores.add(mask) : scores); // [B, H, T, S], rows sum to 1
  return tf.matMul(weights, v) as tf.Tensor4D; // [B, H, T, D]
}

/** What a mask [..., T, S] says of some questions; [..., 1, S] says the same of all. */
function ofRows(mask: tf.Tensor, from: number, size: number): tf.Tensor {
  const axis = mask.rank - 2;
  if (mask.shape[axis] === 1) return mask;
  const [begin, length] = [mask.shape.map(() => 0), [...mask.shape]];
  begin[axis] = from;
  length[axis] = size;
  return tf.slice(mask, begin, length);
}

/** [T, T] of 0 where position t may look (itself and earlier ones) and −10⁹ where it may not. */
export function causalMask(T: number): tf.Tensor2D {
  const positions = tf.range(0, T);
  const future = positions.reshape([1, T]).greater(positions.reshape([T, 1])); // row t, column s: s > t
  return future.toFloat().mul(-1e9) as tf.Tensor2D;
}

/** [B, T, H·D] → [B, H, T, D]: each head gets its own slice of the width. */
export function splitHeads(x: tf.Tensor, heads: number): tf.Tensor4D {
  const [B, T, C] = x.shape;
  if (C % heads !== 0) throw new Error(`width ${C} can't be split into ${heads} equal heads`);
  return x.reshape([B, T, heads, C / heads]).transpose([0, 2, 1, 3]) as tf.Tensor4D;
}

/** [B, H, T, D] → [B, T, H·D]: the inverse of `splitHeads`. */
export function mergeHeads(x: tf.Tensor4D): tf.Tensor3D {
  const [B, H, T, D] = x.shape;
  return x.transpose([0, 2, 1, 3]).reshape([B, T, H * D]) as tf.Tensor3D;
}
