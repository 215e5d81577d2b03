/**
 * A net that was told what to paint, and now and then was not, gives two answers; guidance goes from the one without
 * towards the one with the words, and further.
 * @see notebooks/14-text-to-image.ipynb
 */
import { tf } from '../runtime';
import type { Denoiser } from './prediction';

/** A denoiser that also looks at words: noisy latents [B, H, W, C], steps [B], words [B, S, D] → [B, H, W, C]. */
export type ConditionalDenoiser = (x: tf.Tensor, t: tf.Tensor, words: tf.Tensor) => tf.Tensor;

/**
 * Classifier-free guidance (Ho & Salimans 2022, eq. 6, whose w is ours minus 1): without + w·(with − without).
 * `negative` [B, S, D]: the words of the answer that is moved away from, those of the empty text or of a negative prompt.
 * w = 1 is the plain answer to `words`; both answers come from one pass of 2B latents.
 */
export function guided(model: ConditionalDenoiser, words: tf.Tensor, negative: tf.Tensor, w: number): Denoiser {
  if (w === 1) return (x, t) => model(x, t, words);
  return (x, t) => {
    const both = model(tf.concat([x, x]), tf.concat([t, t]), tf.concat([negative, words])); // [2B, H, W, C]
    const [without, told] = tf.split(both, 2); //                                             2 × [B, H, W, C]
    return without.add(told.sub(without).mul(w)); //                                          [B, H, W, C]
  };
}
