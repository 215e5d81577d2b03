/**
 * Maps wider than the net has learnt. A net trained on 8 × 8 latents lays out every map it gets as one picture; of a map
 * 26 columns wide it makes either one stretched thing or several. So it sees the map through windows of its own size, one
 * for each place, and where windows overlap their answers are averaged (MultiDiffusion, Bar-Tal et al. 2023). Near its
 * edges a window paints the frame of a picture; so the middle counts more (as in Mixture of Diffusers, Jiménez 2023).
 * @see notebooks/14-text-to-image.ipynb
 */
import { tf } from '../runtime';
import { expectCount, expectShape } from '../runtime/expect';
import type { ConditionalDenoiser } from './guidance';

/**
 * Weights of a window's columns: a hill, sin² at the middle of each column; all above 0, symmetric.
 * @example hill(2) // → [0.5, 0.5]
 */
export const hill = (width: number): number[] =>
  Array.from({ length: expectCount('width', width) }, (_, column) => Math.sin((Math.PI * (column + 0.5)) / width) ** 2);

/**
 * `net` for maps of any width from `width` on: [B, h, W, C] → [B, h, W, C]. All W − width + 1 windows go through the net
 * together; B · (W − width + 1) maps should fit in memory. On a map of one window the answer is the net's own.
 * @example
 * const wide = windowed((x: tf.Tensor) => x, 2);
 * wide(tf.ones([1, 2, 4, 1]), tf.zeros([1]), tf.zeros([1, 1, 1])).shape // → [1, 2, 4, 1]
 */
export function windowed(net: ConditionalDenoiser, width: number): ConditionalDenoiser {
  expectCount('width', width);
  return (x, t, words) => {
    const [B, h, W, C] = x.shape as [number, number, number, number];
    if (x.rank !== 4 || W < width)
      throw new Error(`expected a map [B, h, W, C] at least ${width} wide, got [${x.shape}]`);
    expectShape('time steps', t, [B], 'one for each map');
    expectShape('words', words, [B, 'S', 'D'], 'those of each map');
    const count = W - width + 1;
    const starts = Array.from({ length: count }, (_, i) => i);
    const cut = tf.concat(starts.map(s => x.slice([0, 0, s, 0], [B, h, width, C]))); //       [n·B, h, width, C]
    const answers = net(cut, tf.tile(t, [count]), tf.tile(words, [count, 1, 1])); //           [n·B, h, width, C]
    expectShape("the net's answers", answers, [count * B, h, width, 'C'], 'a net answers in the shape of its input');
    const weights = tf.tensor4d(hill(width), [1, 1, width, 1]);
    const placed = (part: tf.Tensor, s: number) =>
      part.pad([
        [0, 0],
        [0, 0],
        [s, W - s - width],
        [0, 0],
      ]);
    const sum = tf.addN(tf.split(answers, count).map((part, s) => placed(part.mul(weights), s))); // [B, h, W, C]
    return sum.div(tf.addN(starts.map(s => placed(weights, s)))); //                               by [1, 1, W, 1]
  };
}
