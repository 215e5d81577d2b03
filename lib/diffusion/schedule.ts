/**
 * How fast noise drowns a picture: a schedule is data, one number per time step.
 * Step t runs from 0 (a trace of noise) to T − 1 (nothing but noise), as in the papers' code.
 * @see notebooks/12-diffusion.ipynb
 */
import { tf } from '../runtime';
import { expectCount, expectNumber, expectSame, expectShape, shapeOf } from '../runtime/expect';
import { indicesBelow, orNaN } from '../runtime/values';

export interface NoiseSchedule {
  name: string;
  /** T, the number of steps. */
  steps: number;
  /** Variance of the noise that step t adds, β_t. [T] */
  beta: number[];
  /** Share of the picture's variance that is left after step t, ᾱ_t = ∏ (1 − β). [T], falling. */
  alphaBar: number[];
  /** The share at which a sampler's last step ends; 1, a picture without noise, where it is left out. */
  end?: number;
}

/**
 * β rises on a straight line (Ho et al. 2020, section 4). With the defaults ᾱ_T = 4.0358297653756754e-5.
 * @example linearSchedule().steps // → 1000
 */
export function linearSchedule(steps = 1000, first = 1e-4, last = 0.02): NoiseSchedule {
  checkLine(steps, first, last);
  const beta = Array.from({ length: steps }, (_, t) => first + ((last - first) * t) / Math.max(1, steps - 1));
  return fromBeta('linear', beta);
}

function checkLine(steps: number, first: number, last: number): void {
  expectCount('steps', steps);
  for (const [name, beta] of Object.entries({ first, last }))
    expectNumber(`the ${name} beta`, beta, { above: 0, below: 1 });
}

/**
 * √β rises on a straight line: Stable Diffusion's (Rombach et al. 2022, as released), where ᾱ_T = 0.0046599.
 * @example scaledLinearSchedule().alphaBar.at(-1) // → 0.00466
 */
export function scaledLinearSchedule(steps = 1000, first = 0.00085, last = 0.012): NoiseSchedule {
  checkLine(steps, first, last);
  const root = (t: number) => Math.sqrt(first) + ((Math.sqrt(last) - Math.sqrt(first)) * t) / Math.max(1, steps - 1);
  return fromBeta(
    'scaled linear',
    Array.from({ length: steps }, (_, t) => root(t) ** 2),
  );
}

/**
 * ᾱ falls along a squared cosine (Nichol & Dhariwal 2021, eq. 17), so that no part of the steps is wasted on pure noise.
 * `offset` keeps β from vanishing at the start; β is capped at `most` at the end.
 * @example cosineSchedule(100).alphaBar.length // → 100
 */
export function cosineSchedule(steps = 1000, offset = 0.008, most = 0.999): NoiseSchedule {
  expectCount('steps', steps);
  expectNumber('offset', offset, { from: 0 }, 'the paper has 0.008');
  expectNumber('the largest beta', most, { above: 0, below: 1 }, 'the paper has 0.999');
  const f = (t: number) => Math.cos((((t / steps + offset) / (1 + offset)) * Math.PI) / 2) ** 2;
  const beta = Array.from({ length: steps }, (_, t) => Math.min(most, 1 - f(t + 1) / f(t)));
  return fromBeta('cosine', beta);
}

/**
 * A schedule from its β; each must lie strictly between 0 and 1.
 * @example fromBeta('mine', [0.1, 0.2]).alphaBar // → [0.9, 0.72]
 */
export function fromBeta(name: string, beta: number[]): NoiseSchedule {
  const wrong = beta.findIndex(b => !(b > 0 && b < 1));
  if (beta.length === 0 || wrong >= 0) {
    throw new Error(`${name} schedule: every beta must lie between 0 and 1, got ${beta[wrong]} at step ${wrong}`);
  }
  let product = 1;
  const alphaBar = beta.map(b => {
    product *= 1 - b;
    return product;
  });
  return { name, steps: beta.length, beta, alphaBar };
}

/**
 * Signal-to-noise ratio ᾱ/(1 − ᾱ) of unit-variance data at step t: 1 where both weigh the same.
 * @example snr(fromBeta('half', [0.5]), 0) // → 1
 */
export function snr({ alphaBar }: NoiseSchedule, t: number): number {
  expectTime(t, alphaBar.length);
  return alphaBar[t] / (1 - alphaBar[t]);
}

/**
 * A step that a schedule of T has: 0, …, T − 1; or, where `finished` counts, −1.
 * @example expectTime(5, 10) // → 5
 */
export const expectTime = (t: number, steps: number, finished = false): number =>
  expectNumber('time step t', t, { from: finished ? -1 : 0, to: steps - 1, whole: true });

/**
 * √ᾱ_t and √(1 − ᾱ_t), the weights of picture and noise in x_t, shaped [B, 1, …, 1] to go with data of `rank` axes. t: [B]
 * of whole numbers; one that the schedule doesn't have is an error, and NaN inside a compiled step, where nobody can look.
 * @example weightsAt(fromBeta('mine', [0.19]), tf.tensor1d([0], 'int32'), 2).signal // → [[0.9]]
 */
export function weightsAt(schedule: NoiseSchedule, t: tf.Tensor, rank = 4): { signal: tf.Tensor; noise: tf.Tensor } {
  expectShape('time steps', t, ['B'], 'one for each picture');
  expectCount('the rank of the data', rank);
  const { indices, valid } = indicesBelow('time steps', t, schedule.steps);
  const shape = [t.size, ...Array<number>(rank - 1).fill(1)]; // [B, 1, …, 1]
  const pick = (values: number[]) => orNaN(tf.gather(tf.tensor1d(values), indices), valid).reshape(shape);
  return {
    signal: pick(schedule.alphaBar.map(Math.sqrt)),
    noise: pick(schedule.alphaBar.map(a => Math.sqrt(1 - a))),
  };
}

/**
 * Draws x_t ~ q(x_t | x_0) in one go: x_t = √ᾱ_t x_0 + √(1 − ᾱ_t) ε (Ho et al. 2020, eq. 4).
 * eps: [B, ...] of any rank; x0: the same, or [1, ...], one for all; t: [B], or [1], one for all → [B, ...].
 * @example noised(tf.ones([1, 2]), tf.tensor1d([0], 'int32'), tf.zeros([1, 2]), fromBeta('mine', [0.19])) // → [[0.9, 0.9]]
 */
export function noised(x0: tf.Tensor, t: tf.Tensor, eps: tf.Tensor, schedule: NoiseSchedule): tf.Tensor {
  checkNoise(x0, t, eps);
  return tf.tidy(() => {
    const { signal, noise } = weightsAt(schedule, t, eps.rank); // 2 × [B, 1, …, 1]
    return x0.mul(signal).add(eps.mul(noise)); //                  [B, ...]
  });
}

/** Noise says what comes out; picture and step may be one for all of it. */
function checkNoise(x0: tf.Tensor, t: tf.Tensor, eps: tf.Tensor): void {
  const [B, ...rest] = eps.shape;
  const fits =
    x0.rank === eps.rank && (x0.shape[0] === B || x0.shape[0] === 1) && String(x0.shape.slice(1)) === String(rest);
  if (B === undefined || !fits) {
    throw new Error(
      `expected data and noise of one shape [B, ...], got ${shapeOf(x0)} and ${shapeOf(eps)}; reshape first`,
    );
  }
  if (t.rank !== 1 || (t.shape[0] !== B && t.shape[0] !== 1)) {
    throw new Error(
      `expected time steps [${B}], one for each row of ${shapeOf(eps)}, got ${shapeOf(t)}; tf.fill([${B}], t, 'int32') is one for all`,
    );
  }
}

/**
 * One small step of the same walk: x_t = √(1 − β_t) x_{t−1} + √β_t ε (Ho et al. 2020, eq. 2). x, eps: same shape; t is one number.
 * @example noiseStep(tf.ones([2]), 0, tf.zeros([2]), fromBeta('mine', [0.19])) // → [0.9, 0.9]
 */
export function noiseStep(x: tf.Tensor, t: number, eps: tf.Tensor, { beta }: NoiseSchedule): tf.Tensor {
  expectTime(t, beta.length);
  expectSame({ data: x, noise: eps });
  return tf.tidy(() => x.mul(Math.sqrt(1 - beta[t])).add(eps.mul(Math.sqrt(beta[t]))));
}

/** How a sampler chooses `count` of the T steps: falling, the first the noisiest. */
export type Spacing = (steps: number, count: number) => number[];

/**
 * `count` of the T steps, evenly spread, from T − 1 down to 0; what a sampler visits.
 * @example spacedSteps(1000, 5).length // → 5
 */
export function spacedSteps(steps: number, count: number): number[] {
  expectCount('steps of the schedule', steps);
  if (!(Number.isInteger(count) && count >= 1 && count <= steps)) {
    throw new Error(`a sampler makes between 1 and ${steps} steps, got ${count}`);
  }
  if (count === 1) return [steps - 1];
  return Array.from({ length: count }, (_, i) => Math.round(((steps - 1) * (count - 1 - i)) / (count - 1)));
}

/**
 * Every ⌊T/count⌋-th step above `offset`, as Stable Diffusion's pipelines choose them (diffusers' `leading`): 50 of 1,000
 * are 981, 961, …, 1. The noisiest are left out.
 * @example leadingSteps(1000, 4) // → [751, 501, 251, 1]
 */
export function leadingSteps(steps: number, count: number, offset = 1): number[] {
  expectCount('steps of the schedule', steps);
  expectNumber('offset', offset, { from: 0, whole: true });
  const apart = Math.floor(steps / count);
  const whole = Number.isInteger(count) && count >= 1 && Number.isInteger(offset) && offset >= 0;
  if (!whole || apart < (offset === 0 ? 1 : 2) || (count - 1) * apart + offset >= steps) {
    const most = offset === 0 ? steps : Math.floor(steps / 2);
    throw new Error(`this spacing makes between 1 and ${most} steps, got ${count}`);
  }
  return Array.from({ length: count }, (_, i) => (count - 1 - i) * apart + offset);
}

/**
 * `count` steps that begin at the noisiest, T − 1, each T/count below the last (diffusers' `trailing`; Lin et al. 2024,
 * table 2): 50 of 1,000 are 999, 979, …, 19. Halves round to even, as NumPy's do. Where `count` does not divide T the steps
 * of a path are not all of one length, and a sampler goes from each to the next; diffusers' DDIM takes ⌊T/count⌋ there.
 * @example trailingSteps(1000, 4) // → [999, 749, 499, 249]
 */
export function trailingSteps(steps: number, count: number): number[] {
  expectCount('steps of the schedule', steps);
  if (!(Number.isInteger(count) && count >= 1 && count <= steps))
    throw new Error(`a sampler makes between 1 and ${steps} steps, got ${count}`);
  return Array.from({ length: count }, (_, i) => halfToEven(steps - (i * steps) / count) - 1);
}

function halfToEven(x: number): number {
  const near = Math.round(x);
  return near - x === 0.5 && near % 2 !== 0 ? near - 1 : near;
}

/**
 * The same schedule moved and stretched so that nothing of the picture is left at the last step: √ᾱ keeps its first value
 * and ends at 0 (Lin et al. 2024, algorithm 1). A net that predicts ε has nothing to say there; one that predicts v has.
 * @example zeroTerminal(linearSchedule()).alphaBar.at(-1) // → 0
 */
export function zeroTerminal({ name, steps, alphaBar, end }: NoiseSchedule): NoiseSchedule {
  const root = alphaBar.map(Math.sqrt);
  const [first, last] = [root[0], root[steps - 1]];
  if (!(first > last))
    throw new Error(`expected a schedule of 2 steps or more that falls, got √ᾱ from ${first} to ${last}`);
  const moved = root.map(r => (((r - last) * first) / (first - last)) ** 2);
  const beta = moved.map((now, t) => 1 - now / (t === 0 ? 1 : moved[t - 1]));
  return { name: `${name}, zero at the end`, steps, beta, alphaBar: moved, ...(end === undefined ? {} : { end }) };
}
