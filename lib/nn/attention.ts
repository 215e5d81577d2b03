/** Attention, in the form that all Transformers of the course share. B batch, H heads, T time, D width of a head. */
import { tf } from '../runtime';
import { isRecording } from '../runtime/compile/recorder';
import { expectCount, expectFitting, expectNumber, expectShape } from '../runtime/expect';

/** Scores made at once, at most: 268 MB of them. Stable Diffusion at 512 × 512 pixels would have 1.1 GB in one layer. */
const SCORES = 2 ** 26;

/** Where a mask adds less than this to a score, nothing is seen. */
const HIDDEN = -5e8;

/** Masks of which every row lets something through; nobody need look whether one is empty. */
const NEVER_EMPTY = new WeakSet<tf.Tensor>();

/**
 * Scaled dot-product attention (Vaswani et al. 2017, eq. 1). q: [B, H, T, D], k, v: [B, H, S, D], mask: broadcasts to
 * [B, H, T, S] → [B, H, T, D]. Questions don't know of each other, so many of them are answered a part after the other.
 * A mask of truth values says where to look (true); one of floats is added to the scores, −∞ or −10⁹ where not to look.
 * A question that may look nowhere is answered with zeros. Keys and values may have fewer heads than the questions: then
 * neighbouring heads share one (grouped queries, Ainslie et al. 2023). `scale` is 1/√D unless it is given;
 * `bias`, which broadcasts like the mask, is added to the scores, too, and may be learnt.
 * @example
 * const [q, k, v] = [tf.ones([1, 1, 3, 4]), tf.ones([1, 1, 3, 4]), tf.ones([1, 1, 3, 4])] as tf.Tensor4D[];
 * attention(q, k, v).shape // → [1, 1, 3, 4]
 */
export function attention(
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  v: tf.Tensor4D,
  mask?: tf.Tensor,
  { scale = 1 / Math.sqrt(q.shape[3]), bias }: { scale?: number; bias?: tf.Tensor } = {},
): tf.Tensor4D {
  checkAttention(q, k, v, mask);
  if (bias) expectFitting('a bias', bias, [q.shape[0], q.shape[1], q.shape[2], k.shape[2]]);
  expectNumber('the scale of attention', scale, { above: 0 });
  const [B, H, T, D] = q.shape;
  const rows = Math.max(1, Math.floor(SCORES / (B * H * k.shape[2])));
  const { added, seeing } = mask ? readMask(mask) : { added: undefined, seeing: undefined };
  if (T <= rows) return answers(q, k, v, { scale, bias, added, seeing });
  const seen = watching?.length ?? 0;
  const parts = Array.from({ length: Math.ceil(T / rows) }, (_, i) => {
    const [from, size] = [i * rows, Math.min(rows, T - i * rows)];
    const asked = () => tf.slice(q, [0, 0, from, 0], [B, H, size, D]); // [B, H, rows, D]
    const part = (of?: tf.Tensor) => of && ofRows(of, from, size);
    return tf.tidy(() => answers(asked(), k, v, { scale, bias: part(bias), added: part(added), seeing: part(seeing) }));
  });
  if (watching) {
    const maps = watching.splice(seen); // one for each part
    watching.push(tf.keep(tf.concat(maps, 2)));
    tf.dispose(maps);
  }
  return tf.concat(parts, 2);
}

interface Scoring {
  scale: number;
  /** Added to the scores, each [..., T or 1, S]. */
  bias?: tf.Tensor;
  added?: tf.Tensor;
  /** 0 for questions that may look nowhere. */
  seeing?: tf.Tensor;
}

function answers(q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D, { scale, bias, added, seeing }: Scoring): tf.Tensor4D {
  const [B, H, T, D] = q.shape;
  const [, G, S] = k.shape;
  const asked = q.reshape([B, G, (H / G) * T, D]); //                 heads that share keys, one below the other
  const plain = tf.matMul(asked, k, false, true).mul(scale).reshape([B, H, T, S]);
  const scores = bias ? plain.add(bias) : plain; // [B, H, T, S]
  const weights = tf.softmax(added ? scores.add(added) : scores); // [B, H, T, S], rows sum to 1
  watching?.push(tf.keep(weights.clone()) as tf.Tensor4D);
  const mixed = tf.matMul(weights.reshape([B, G, (H / G) * T, S]), v).reshape([B, H, T, v.shape[3]]) as tf.Tensor4D;
  return seeing ? mixed.mul(seeing) : mixed;
}

let watching: tf.Tensor4D[] | undefined;

/**
 * Who looked where: the weights [B, H, T, S] of every attention that `run` comes through, in order, each row summing to 1.
 * Not inside a compiled step. The caller disposes them.
 * @example
 * const heads = tf.ones([1, 1, 3, 4]) as tf.Tensor4D;
 * attentionMaps(() => attention(heads, heads, heads))[0].shape // → [1, 1, 3, 3]
 */
export function attentionMaps(run: () => unknown): tf.Tensor4D[] {
  if (watching) throw new Error('attentionMaps inside of attentionMaps; ask for the maps of one at a time');
  if (isRecording()) throw new Error('attentionMaps inside a compiled step; call it outside, on the net itself');
  const maps: tf.Tensor4D[] = [];
  watching = maps;
  try {
    tf.tidy(() => void run());
  } finally {
    watching = undefined;
  }
  return maps;
}

/** What is added to the scores, [..., T or 1, S], and 1 for questions that may look somewhere, 0 for others, [..., T or 1, 1]. */
function readMask(mask: tf.Tensor): { added: tf.Tensor; seeing?: tf.Tensor } {
  if (NEVER_EMPTY.has(mask)) return { added: mask };
  const added = mask.dtype === 'bool' ? tf.where(mask, tf.zeros(mask.shape), tf.fill(mask.shape, HIDDEN * 2)) : mask;
  const sees = added.max(-1, true).greater(HIDDEN); //                            [..., T or 1, 1]
  const rows = sees.broadcastTo(added.shape); //                                  [..., T or 1, S]
  return { added: tf.where(rows, added, tf.zerosLike(added)), seeing: sees.toFloat() }; // no softmax of nothing but −∞, which is NaN
}

function checkAttention(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, mask?: tf.Tensor): void {
  const [B, H, T, D] = q.shape;
  const S = k.shape[2] ?? 0;
  expectShape('queries', q, ['B', 'H', 'T', 'D'], 'split the heads first');
  const G = k.shape[1] ?? 0;
  const shared = k.rank === 4 && G > 0 && H % G === 0;
  expectShape('keys', k, [B, shared ? G : H, 'S', D], 'as many heads and numbers as the queries');
  expectShape('values', v, [B, shared ? G : H, S, 'D'], 'one for each key');
  if (!mask) return;
  if (mask.dtype !== 'bool' && mask.dtype !== 'float32') {
    throw new Error(
      `expected a mask of bool (true: look here) or float32 (added to the scores), got ${mask.dtype}; cast it`,
    );
  }
  expectFitting('a mask', mask, [B, H, T, S]);
}

/** What a mask [..., T, S] says of some questions; [..., 1, S] says the same of all. */
function ofRows(mask: tf.Tensor, from: number, size: number): tf.Tensor {
  const axis = mask.rank - 2;
  if (axis < 0 || mask.shape[axis] === 1) return mask;
  const [begin, length] = [mask.shape.map(() => 0), [...mask.shape]];
  begin[axis] = from;
  length[axis] = size;
  return tf.slice(mask, begin, length);
}

/**
 * [T, T] of 0 where position t may look (itself and earlier ones) and −10⁹ where it may not.
 * @example causalMask(2) // → [[0, -1000000000], [0, 0]]
 */
export function causalMask(T: number): tf.Tensor2D {
  expectCount('the number of positions', T);
  return maskAfter(tf.range(0, T), T);
}

/**
 * The same for some of the positions, [T] of whole floats, that look at the first `columns` ones: [T, columns].
 * @example maskAfter(tf.tensor1d([1]), 3) // → [[0, 0, -1000000000]]
 */
export function maskAfter(positions: tf.Tensor, columns: number): tf.Tensor2D {
  expectShape('positions', positions, ['T']);
  expectCount('the number of columns', columns);
  const future = tf
    .range(0, columns)
    .reshape([1, columns])
    .greater(positions.reshape([-1, 1])); // row t, column s: s > t
  const mask = future.toFloat().mul(-1e9) as tf.Tensor2D; // [T, columns]
  NEVER_EMPTY.add(mask);
  return mask;
}

/**
 * [B, T, H·D] → [B, H, T, D]: each head gets its own slice of the width.
 * @example splitHeads(tf.zeros([1, 5, 8]), 2).shape // → [1, 2, 5, 4]
 */
export function splitHeads(x: tf.Tensor, heads: number): tf.Tensor4D {
  expectShape('a sequence', x, ['B', 'T', 'C']);
  expectCount('heads', heads);
  const [B, T, C] = x.shape;
  if (C % heads !== 0) throw new Error(`width ${C} can't be split into ${heads} equal heads`);
  return x.reshape([B, T, heads, C / heads]).transpose([0, 2, 1, 3]) as tf.Tensor4D;
}

/**
 * [B, H, T, D] → [B, T, H·D]: the inverse of `splitHeads`.
 * @example mergeHeads(tf.zeros([1, 2, 5, 4])).shape // → [1, 5, 8]
 */
export function mergeHeads(x: tf.Tensor4D): tf.Tensor3D {
  expectShape('heads', x, ['B', 'H', 'T', 'D']);
  const [B, H, T, D] = x.shape;
  return x.transpose([0, 2, 1, 3]).reshape([B, T, H * D]) as tf.Tensor3D;
}
