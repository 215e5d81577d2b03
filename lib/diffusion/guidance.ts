/**
 * A net that was told what to paint, and now and then was not, gives two answers; guidance goes from the one without
 * towards the one with the words, and further.
 * @see notebooks/14-text-to-image.ipynb
 */
import { tf } from '../runtime';
import { expectNumber, expectSame, shapeOf } from '../runtime/expect';
import type { Denoiser } from './prediction';

/** What a net is told of each picture: a tensor with one row for each (labels [B], words [B, S, D]), or several by name. */
export type Condition = tf.Tensor | Record<string, tf.Tensor>;

/** A denoiser that also looks at words: noisy latents [B, H, W, C], steps [B], words [B, S, D] → [B, H, W, C]. */
export type ConditionalDenoiser = Told<tf.Tensor>;

/** A denoiser that is told something of each picture. */
export type Told<C extends Condition> = (x: tf.Tensor, t: tf.Tensor, condition: C) => tf.Tensor;

/** How to make the same denoiser for some of the pictures: from number `from` on, `size` of them. */
const PARTS = new WeakMap<Denoiser, (from: number, size: number) => Denoiser>();

/**
 * Classifier-free guidance (Ho & Salimans 2022, eq. 6, whose w is ours minus 1): without + w·(with − without).
 * `negative` [B, S, D]: the words of the answer that is moved away from, those of the empty text or of a negative prompt.
 * w = 1 is the plain answer to `words`, 0 that to `negative`; both answers come from one pass of 2B latents.
 * @example
 * const model = (x: tf.Tensor, t: tf.Tensor, words: tf.Tensor) => tf.addN([x, words]);
 * const toward = guided(model, tf.ones([1, 2]), tf.zeros([1, 2]), 3);
 * toward(tf.zeros([1, 2]), tf.zeros([1])) // → [[3, 3]]
 */
export function guided<C extends Condition>(model: Told<C>, words: C, negative: C, w: number): Denoiser {
  expectNumber('guidance', w, { from: 0 }, 'to move away from words, give them as the negative ones');
  const [told, untold] = [tensorsOf(words), tensorsOf(negative)];
  for (const [name, tensor] of Object.entries(told))
    expectSame({ [`${name}`]: tensor, negative: untold[name] ?? tf.scalar(0) });
  const denoiser: Denoiser = (x, t) => {
    expectRows(words, x);
    if (w === 1) return model(x, t, words);
    const both = model(
      tf.concat([x, x]),
      tf.concat([t, t]),
      mapCondition((a, b) => tf.concat([a, b]), negative, words),
    ); // [2B, ...]
    const [without, with_] = tf.split(both, 2); //       2 × [B, ...]
    return without.add(with_.sub(without).mul(w)); //        [B, ...]
  };
  return divisible(denoiser, (from, size) => guided(model, rowsOf(words, from, size), rowsOf(negative, from, size), w));
}

/**
 * `model` with its condition, one row for each picture; `sample` divides it with the pictures.
 * @example
 * const told = conditioned((x: tf.Tensor, t: tf.Tensor, label: tf.Tensor) => x.add(label), tf.ones([2, 1]));
 * told(tf.zeros([2, 1]), tf.zeros([2])) // → [[1], [1]]
 */
export function conditioned<C extends Condition>(model: Told<C>, condition: C): Denoiser {
  const denoiser: Denoiser = (x, t) => {
    expectRows(condition, x);
    return model(x, t, condition);
  };
  return divisible(denoiser, (from, size) => conditioned(model, rowsOf(condition, from, size)));
}

function divisible(denoiser: Denoiser, part: (from: number, size: number) => Denoiser): Denoiser {
  PARTS.set(denoiser, part);
  return denoiser;
}

/**
 * The denoiser for some of the pictures, where it knows what belongs to which; else undefined.
 * @example
 * const both = conditioned((x: tf.Tensor, t: tf.Tensor, label: tf.Tensor) => x.add(label), tf.tensor2d([[1], [2]]));
 * partOf(both, 1, 1)?.(tf.zeros([1, 1]), tf.zeros([1])) // → [[2]]
 */
export const partOf = (denoiser: Denoiser, from: number, size: number): Denoiser | undefined =>
  PARTS.get(denoiser)?.(from, size);

function expectRows(condition: Condition, x: tf.Tensor): void {
  for (const [name, { shape }] of Object.entries(tensorsOf(condition))) {
    if (shape[0] === x.shape[0]) continue;
    const got = `${shapeOf({ shape })} for data ${shapeOf(x)}`;
    throw new Error(
      `expected ${name} [${x.shape[0]}, ...], one row for each of ${x.shape[0]} pictures, got ${got}; tile it, or give sample() the right count`,
    );
  }
}

const tensorsOf = (condition: Condition): Record<string, tf.Tensor> =>
  condition instanceof tf.Tensor ? { condition } : condition;

const rowsOf = <C extends Condition>(condition: C, from: number, size: number): C =>
  mapCondition(rows => tf.slice(rows, [from], [size]), condition);

/** f of the tensors that stand at the same place. */
function mapCondition<C extends Condition>(f: (...tensors: tf.Tensor[]) => tf.Tensor, ...all: C[]): C {
  const [first] = all;
  if (first instanceof tf.Tensor) return f(...(all as tf.Tensor[])) as C;
  const named = all as Record<string, tf.Tensor>[];
  return Object.fromEntries(Object.keys(named[0]).map(name => [name, f(...named.map(each => each[name]))])) as C;
}
