/**
 * Flow matching: data and noise joined by a straight line, x_t = (1 − t)·x0 + t·ε, and a net that learns the velocity
 * ε − x0 along it (Lipman et al. 2023, "Flow Matching", eq. 22 and 23, with time running from data to noise, as in Stable
 * Diffusion 3; Liu et al. 2023, "Flow Straight and Fast", eq. 1). What it learns is the mean velocity of all lines through x_t.
 * @see notebooks/12-diffusion.ipynb
 */
import { mse } from '../nn';
import { random, tf } from '../runtime';
import { expectCount, expectNumber, expectSame, expectShape } from '../runtime/expect';
import type { Field } from './ode';
import type { Denoiser } from './prediction';

/**
 * The point of each row's line at its time. x0, noise: [B, ...], t: [B], 0 is data and 1 is noise → [B, ...].
 * @example onLine(tf.tensor2d([[0]]), tf.tensor2d([[4]]), tf.tensor1d([0.25])) // → [[1]]
 */
export function onLine(x0: tf.Tensor, noise: tf.Tensor, t: tf.Tensor): tf.Tensor {
  expectSame({ data: x0, noise });
  expectShape('times', t, [x0.shape[0]], 'one for each picture');
  const share = t.reshape([t.size, ...Array<number>(x0.rank - 1).fill(1)]); // [B, 1, …, 1]
  return x0.add(noise.sub(x0).mul(share)); //                                 [B, ...]
}

/**
 * The training loss: a time for each row, uniform over 0 to 1, and the mean squared error of the velocity per number.
 * x0: [B, ...], noise: its partners [B, ...], by default fresh ones; in a second round those that a flow itself leads to x0
 * ("reflow", Liu et al. 2023, section 2.1) → scalar. A net that always answers 0 has loss 1 + the mean square of the data.
 * @example flowLoss(x => tf.zerosLike(x), tf.zeros([4, 8])) // about 1
 */
export function flowLoss(model: Denoiser, x0: tf.Tensor, noise?: tf.Tensor): tf.Scalar {
  return tf.tidy(() => {
    const partner = noise ?? random.normal(x0.shape); //                      [B, ...]
    const t = random.uniform([x0.shape[0]], 0, 1); //                         [B]
    const answer = model(onLine(x0, partner, t), t); //                       [B, ...]
    expectSame({ "the net's answer": answer, data: x0 }, 'a net answers in the shape of its input');
    return mse(answer, partner.sub(x0));
  });
}

/**
 * A net's velocity as a field over t, for `solve` with `euler` or `heun`; start with noise of standard deviation 1 at t = 1.
 * @example flowField((x, t) => x.mul(t.expandDims(1)))(tf.tensor2d([[6]]), tf.scalar(0.5)) // → [[3]]
 */
export const flowField =
  (model: Denoiser): Field =>
  (x, t) =>
    model(x, t.mul(tf.ones([x.shape[0]])));

/**
 * `count` times from 1 down, evenly spread, and 0 after them. A shift above 1 spends more of them near the noise, as
 * large pictures want it: t' = s·t / (1 + (s − 1)·t) (Esser et al. 2024, eq. 23; Stable Diffusion 3 has 3).
 * @example flowTimes(2, 3) // → [1, 0.75, 0]
 */
export function flowTimes(count: number, shift = 1): number[] {
  expectCount('times', count);
  expectNumber('shift', shift, { above: 0 });
  const even = Array.from({ length: count }, (_, i) => 1 - i / count);
  return [...even.map(t => (shift * t) / (1 + (shift - 1) * t)), 0];
}
