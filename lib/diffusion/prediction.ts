/**
 * What the net is asked for: the noise ε, the picture x0, or the velocity v. Given x_t, each gives the other two.
 * @see notebooks/12-diffusion.ipynb
 */
import { mse } from '../nn';
import { random, tf } from '../runtime';
import { expectFitting, expectSame, shapeOf } from '../runtime/expect';
import { type NoiseSchedule, noised, weightsAt } from './schedule';

export type Prediction = 'eps' | 'x0' | 'v';

/** A net that denoises: noisy data [B, ...] and their steps [B] in, something of the same shape out. */
export type Denoiser = (x: tf.Tensor, t: tf.Tensor) => tf.Tensor;

/**
 * What the net should have answered. x0, eps: [B, ...], t: [B] → [B, ...]. v = √ᾱ ε − √(1 − ᾱ) x0 (Salimans & Ho 2022, appendix D).
 * @example targetOf('eps', tf.zeros([1, 2]), tf.ones([1, 2]), tf.tensor1d([5], 'int32'), linearSchedule()) // → [[1, 1]]
 */
export function targetOf(
  kind: Prediction,
  x0: tf.Tensor,
  eps: tf.Tensor,
  t: tf.Tensor,
  schedule: NoiseSchedule,
): tf.Tensor {
  expectSame({ data: x0, noise: eps });
  if (!eps.rank || t.shape[0] !== eps.shape[0]) {
    throw new Error(
      `expected time steps [B] for data [B, ...], got ${shapeOf(t)} and ${shapeOf(eps)}; one for each row`,
    );
  }
  if (checked(kind) === 'eps') return eps;
  if (kind === 'x0') return x0;
  const { signal, noise } = weightsAt(schedule, t, eps.rank); // 2 × [B, 1, …, 1]
  return eps.mul(signal).sub(x0.mul(noise));
}

/** @throws Error where it is no kind of prediction */
function checked(kind: Prediction): Prediction {
  if (kind === 'eps' || kind === 'x0' || kind === 'v') return kind;
  throw new Error(`a prediction must be one of eps, x0 and v, got ${kind}`);
}

/**
 * The picture and the noise that an answer implies; exact inverses of x_t = √ᾱ x0 + √(1 − ᾱ) ε. answer, x: [B, ...], signal
 * and noise: scalars or [B, 1, …, 1]. Not for use in a loop without tf.tidy.
 * @example readAnswer('eps', tf.zeros([1, 1]), tf.ones([1, 1]), tf.scalar(0.5), tf.scalar(0.5)).x0 // → [[2]]
 */
export function readAnswer(
  kind: Prediction,
  answer: tf.Tensor,
  x: tf.Tensor,
  signal: tf.Tensor,
  noise: tf.Tensor,
): { x0: tf.Tensor; eps: tf.Tensor } {
  expectSame({ 'the answer': answer, 'what was asked': x }, 'a net answers in the shape of its input');
  for (const [name, weight] of Object.entries({ signal, noise })) {
    expectFitting(name, weight, x.shape, 'weightsAt(schedule, t, x.rank) makes it');
  }
  if (checked(kind) === 'eps') return { eps: answer, x0: x.sub(answer.mul(noise)).div(signal) };
  if (kind === 'x0') return { x0: answer, eps: x.sub(answer.mul(signal)).div(noise) };
  return { x0: x.mul(signal).sub(answer.mul(noise)), eps: x.mul(noise).add(answer.mul(signal)) };
}

/**
 * The training loss: a random step for each row, fresh noise, mean squared error per number
 * (Ho et al. 2020, eq. 14, for ε). x0: [B, ...] of any rank → scalar. A net that always answers 0 has loss 1 for ε.
 * @example diffusionLoss(x => tf.zerosLike(x), tf.zeros([4, 8]), linearSchedule()) // about 1: the noise that it misses
 */
export function diffusionLoss(
  model: Denoiser,
  x0: tf.Tensor,
  schedule: NoiseSchedule,
  kind: Prediction = 'eps',
): tf.Scalar {
  if (!x0.size || !x0.rank)
    throw new Error(`expected data [B, ...], got ${shapeOf(x0)}; expandDims(0) makes a batch of one`);
  return tf.tidy(() => {
    const t = random.integers([x0.shape[0]], 0, schedule.steps); //  [B]
    const eps = random.normal(x0.shape); //                          [B, ...]
    const x = noised(x0, t, eps, schedule); //                       [B, ...]
    const answer = model(x, t); //                                   [B, ...]
    expectSame({ "the net's answer": answer, data: x0 }, 'a net answers in the shape of its input');
    return mse(answer, targetOf(kind, x0, eps, t, schedule));
  });
}
