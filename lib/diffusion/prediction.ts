/**
 * What the net is asked for: the noise ε, the picture x0, or the velocity v. Given x_t, each gives the other two.
 * @see notebooks/12-diffusion.ipynb
 */
import { mse } from '../nn';
import { random, tf } from '../runtime';
import { type NoiseSchedule, noised, weightsAt } from './schedule';

export type Prediction = 'eps' | 'x0' | 'v';

/** A net that denoises: noisy images [B, H, W, C] and their steps [B] in, an image of the same shape out. */
export type Denoiser = (x: tf.Tensor, t: tf.Tensor) => tf.Tensor;

/** What the net should have answered. v = √ᾱ ε − √(1 − ᾱ) x0 (Salimans & Ho 2022, appendix D). */
export function targetOf(
  kind: Prediction,
  x0: tf.Tensor,
  eps: tf.Tensor,
  t: tf.Tensor,
  schedule: NoiseSchedule,
): tf.Tensor {
  if (kind === 'eps') return eps;
  if (kind === 'x0') return x0;
  const { signal, noise } = weightsAt(schedule, t); // 2 × [B, 1, 1, 1]
  return eps.mul(signal).sub(x0.mul(noise));
}

/** The picture and the noise that an answer implies; exact inverses of x_t = √ᾱ x0 + √(1 − ᾱ) ε. Not for use in a loop without tf.tidy. */
export function readAnswer(
  kind: Prediction,
  answer: tf.Tensor,
  x: tf.Tensor,
  signal: tf.Tensor,
  noise: tf.Tensor,
): { x0: tf.Tensor; eps: tf.Tensor } {
  if (kind === 'eps') return { eps: answer, x0: x.sub(answer.mul(noise)).div(signal) };
  if (kind === 'x0') return { x0: answer, eps: x.sub(answer.mul(signal)).div(noise) };
  return { x0: x.mul(signal).sub(answer.mul(noise)), eps: x.mul(noise).add(answer.mul(signal)) };
}

/**
 * The training loss: a random step for each picture, fresh noise, mean squared error per number
 * (Ho et al. 2020, eq. 14, for ε). x0: [B, H, W, C] → scalar. A net that always answers 0 has loss 1 for ε.
 */
export function diffusionLoss(
  model: Denoiser,
  x0: tf.Tensor,
  schedule: NoiseSchedule,
  kind: Prediction = 'eps',
): tf.Scalar {
  return tf.tidy(() => {
    const t = random.integers([x0.shape[0]], 0, schedule.steps); //  [B]
    const eps = random.normal(x0.shape); //                          [B, H, W, C]
    const x = noised(x0, t, eps, schedule); //                       [B, H, W, C]
    return mse(model(x, t), targetOf(kind, x0, eps, t, schedule));
  });
}
