/**
 * Sampling without chance: the way up as an ordinary differential equation. In the scale where the picture keeps its size
 * and noise of standard deviation σ lies on it, x = x0 + σ·ε, the slope of the path is the noise that is seen in x,
 *     dx/dσ = ε̂(x, σ) = −σ·∇ log p_σ(x)
 * (Song et al. 2021, "Score-Based Generative Modeling", eq. 13; Karras et al. 2022, eq. 1 with σ(t) = t).
 * A field says the slope, levels say where it is asked, a solver makes one step: three things that know nothing of each other.
 * @see notebooks/12-diffusion.ipynb
 */
import { compile, tf } from '../runtime';
import { expectCount, expectNumber, expectSame } from '../runtime/expect';
import { type Denoiser, type Prediction, readAnswer } from './prediction';
import { expectTime, type NoiseSchedule } from './schedule';

/** The slope of the path through x [B, ...] at a level, a scalar → [B, ...]. */
export type Field = (x: tf.Tensor, level: tf.Scalar) => tf.Tensor;

/** x [B, ...] after a step, and the picture [B, ...] that was seen at its level, where the step began. */
export interface Reached {
  x: tf.Tensor;
  seen: tf.Tensor;
  level: number;
}

/** One step from a level to a lower one; `before` is what the step before gave, for solvers that look back. */
export type OdeSolver = (
  slopeAt: (x: tf.Tensor, level: number) => tf.Tensor,
  x: tf.Tensor,
  from: number,
  to: number,
  before?: Reached,
) => Reached;

/**
 * Straight on along the slope: first order, one look a step. On a noise field it is DDIM of eta 0, written in another scale
 * (Song et al. 2021, "Denoising Diffusion Implicit Models", eq. 13).
 * @example euler(x => x, tf.tensor1d([8]), 1, 0.5).x // → [4]
 */
export const euler: OdeSolver = (slopeAt, x, from, to) => {
  const slope = slopeAt(x, from); //                                        [B, ...]
  return { x: x.add(slope.mul(to - from)), seen: x.sub(slope.mul(from)), level: from };
};

/**
 * Euler's step, then again with the mean of the slopes at both of its ends: second order, two looks a step. The step to
 * level 0 stays Euler's, since no net was asked there in training (Karras et al. 2022, algorithm 1).
 * @example heun(x => x, tf.tensor1d([8]), 1, 0.5).x // → [5]
 */
export const heun: OdeSolver = (slopeAt, x, from, to) => {
  const slope = slopeAt(x, from); //                                        [B, ...]
  const tried = x.add(slope.mul(to - from)); //                             [B, ...]
  const mean = to === 0 ? slope : slope.add(slopeAt(tried, to)).div(2); //  [B, ...]
  return { x: x.add(mean.mul(to - from)), seen: x.sub(slope.mul(from)), level: from };
};

/**
 * DPM-Solver++(2M): second order with one look a step. The picture that is seen is carried on, along a straight line over
 * log σ, through this look and the one before; given the picture, the noise fades exactly (Lu et al. 2022, algorithm 2, in
 * the scale of σ). The first step and the one to level 0 have no such line. For noise fields, not for flows.
 * @example dpmSolver2M(x => x, tf.tensor1d([8]), 1, 0.5, { x: tf.tensor1d([8]), seen: tf.tensor1d([-2]), level: 2 }).x // → [4.5]
 */
export const dpmSolver2M: OdeSolver = (slopeAt, x, from, to, before) => {
  const seen = x.sub(slopeAt(x, from).mul(from)); //                        [B, ...]
  const fades = to / from; //                                               share of the noise that stays
  if (!before || to === 0) return { x: x.mul(fades).add(seen.mul(1 - fades)), seen, level: from };
  const ahead = Math.log(from / to) / (2 * Math.log(before.level / from)); // half this step, in steps like the last
  const carriedOn = seen.add(seen.sub(before.seen).mul(ahead)); //          [B, ...]
  return { x: x.mul(fades).add(carriedOn.mul(1 - fades)), seen, level: from };
};

/** σ of step t: noise in units of the picture, √((1 − ᾱ)/ᾱ). */
const sigmaAt = ({ alphaBar, steps }: NoiseSchedule, t: number): number =>
  Math.sqrt((1 - alphaBar[expectTime(t, steps)]) / alphaBar[t]);

/**
 * The levels σ = √((1 − ᾱ)/ᾱ) of a falling path of steps, and 0 after them.
 * @throws Error at a step where nothing of the picture is left, σ infinite
 * @example noiseLevels(fromBeta('mine', [0.2, 0.375]), [1, 0]) // → [1, 0.5, 0]
 */
export function noiseLevels(schedule: NoiseSchedule, path: readonly number[]): number[] {
  return [...path.map(t => expectNumber(`σ at t = ${t}`, sigmaAt(schedule, t), {}, 'start lower')), 0];
}

/**
 * `count` levels from `highest` to `lowest`, denser the lower, and 0 after them (Karras et al. 2022, eq. 5).
 * @example karrasLevels(3, 0.01, 1, 2) // → [1, 0.3025, 0.01, 0]
 */
export function karrasLevels(count: number, lowest: number, highest: number, rho = 7): number[] {
  expectCount('levels', count);
  expectNumber('the lowest level', lowest, { above: 0, below: highest });
  expectNumber('rho', rho, { above: 0 }, 'the paper has 7');
  const [top, bottom] = [highest ** (1 / rho), lowest ** (1 / rho)];
  const share = (i: number) => (count === 1 ? 0 : i / (count - 1));
  return [...Array.from({ length: count }, (_, i) => (top + share(i) * (bottom - top)) ** rho), 0];
}

/**
 * The noise that a net sees, as a field over σ. The net gets x/√(1 + σ²), as in training, and the step t of that σ; between
 * two steps t is interpolated over log σ, as diffusers' EulerDiscreteScheduler does.
 * @example
 * const field = noiseField(x => x, linearSchedule()); // takes all that it sees for noise
 * field(tf.tensor2d([[5]]), tf.scalar(0.75)) // → [[4]]
 */
export function noiseField(model: Denoiser, schedule: NoiseSchedule, prediction: Prediction = 'eps'): Field {
  const logs = schedule.alphaBar.flatMap((a, t) => (a > 0 ? [Math.log(sigmaAt(schedule, t))] : [])); // rising
  return (x, level) => {
    const t = interpolated(logs, level.log()).mul(tf.ones([x.shape[0]])); //  [B]
    const signal = level.square().add(1).rsqrt(); //                          √ᾱ
    const noise = level.mul(signal); //                                       √(1 − ᾱ)
    const scaled = x.mul(signal); //                                          [B, ...]
    return readAnswer(prediction, model(scaled, t), scaled, signal, noise).eps;
  };
}

/** Where `value` lies in the rising list: 2.5 is the middle between entries 2 and 3. Bounded by its ends. → scalar */
function interpolated(rising: number[], value: tf.Tensor): tf.Tensor {
  const list = tf.tensor1d(rising);
  const below = tf.lessEqual(list, value).sum().sub(1); //                    scalar, from −1
  const low = tf.clipByValue(below, 0, Math.max(0, rising.length - 2)).toInt();
  const [a, b] = [tf.gather(list, low), tf.gather(list, tf.minimum(low.add(1), rising.length - 1).toInt())];
  const share = tf.clipByValue(value.sub(a).divNoNan(b.sub(a)), 0, 1);
  return low.toFloat().add(share);
}

export interface SolveOptions {
  /** x at the first level, [B, ...]: noise of standard deviation σ, at step t x_t/√ᾱ_t. Not disposed. */
  start: tf.Tensor;
  /** Falling; one step leads from each to the next. */
  levels: readonly number[];
  /** Default Heun's. */
  solver?: OdeSolver;
  /**
   * Parts that stay: where `open` [1, H, W, 1] is 0, x becomes `picture` [B, H, W, C] with `noise` of the level reached on it,
   * after every step.
   */
  keep?: { picture: tf.Tensor; open: tf.Tensor; noise: tf.Tensor };
  /** Sees every step: its number from 1, the level reached, x there and the picture seen before it. Must not keep them. */
  onStep?: (state: { step: number; of: number; level: number; x: tf.Tensor; x0: tf.Tensor }) => void | Promise<void>;
}

/**
 * Follows a field from the first level to the last; the caller disposes the result [B, ...]. The net sees all rows at once.
 * The field is compiled once; between steps other work gets its turn, so that a press on stop arrives.
 * @example
 * const field = noiseField(x => x, linearSchedule());
 * const drawn = await solve(field, { start: tf.ones([2, 1]), levels: karrasLevels(5, 0.01, 10) });
 * drawn.shape // → [2, 1]
 */
export async function solve(field: Field, options: SolveOptions): Promise<tf.Tensor> {
  const { start, levels, solver = heun, keep, onStep } = options;
  checkLevels(levels);
  const slope = compile((x: tf.Tensor, level: tf.Tensor) => field(x, level.asScalar()));
  const slopeAt = (x: tf.Tensor, level: number) => {
    const found = slope(x, tf.scalar(level));
    expectSame({ 'the slope': found, x }, 'a field answers in the shape of its input');
    return found;
  };
  let x = start.clone();
  let before: Reached | undefined;
  try {
    for (let i = 0; i + 1 < levels.length; i++) {
      const [now, last] = [x, before];
      before = tf.tidy(() => solver(slopeAt, now, levels[i], levels[i + 1], last) as Reached & tf.TensorContainer);
      tf.dispose([now, last?.seen]);
      x = keep ? keptIn(before.x, keep, levels[i + 1]) : before.x;
      await onStep?.({ step: i + 1, of: levels.length - 1, level: levels[i + 1], x, x0: before.seen });
      await new Promise(resolve => setImmediate(resolve));
    }
    return x;
  } finally {
    tf.dispose(before?.seen);
    slope.dispose();
  }
}

/** Frees x. */
function keptIn(x: tf.Tensor, { picture, open, noise }: NonNullable<SolveOptions['keep']>, level: number): tf.Tensor {
  return tf.tidy(() => {
    const known = picture.add(noise.mul(level)); //                     [B, H, W, C]
    const mixed = x.mul(open).add(known.mul(tf.sub(1, open))); //       [B, H, W, C]
    x.dispose();
    return mixed;
  });
}

function checkLevels(levels: readonly number[]): void {
  if (levels.length < 2) throw new Error(`levels must be two at the least, got ${levels.length}; the last may be 0`);
  levels.forEach((level, i) => {
    expectNumber(`level ${i}`, level, { from: 0 });
    if (i > 0 && level >= levels[i - 1])
      throw new Error(
        `levels must fall, got ${level} after ${levels[i - 1]} at position ${i}; the noisiest come first`,
      );
  });
}
