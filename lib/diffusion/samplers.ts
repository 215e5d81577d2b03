/**
 * From noise to pictures. Every sampler here takes the same small step,
 *     x_s = a·x̂0 + b·x_t + σ·z,
 * from noise level t to the lower level s: x̂0 is the picture that the net sees in x_t, z fresh noise.
 * Samplers differ only in the three numbers a, b, σ.
 * @see notebooks/12-diffusion.ipynb
 */
import { compile, random, tf } from '../runtime';
import { expectCount, expectFitting, expectNumber, expectShape, shapeOf } from '../runtime/expect';
import { type Condition, conditioned, guided, partOf, type Told } from './guidance';
import { type Denoiser, type Prediction, readAnswer } from './prediction';
import { expectTime, type NoiseSchedule, spacedSteps } from './schedule';

/** Weights of one step; √ᾱ_t and √(1 − ᾱ_t) read the net's answer. */
export interface StepWeights {
  signal: number;
  noise: number;
  a: number;
  b: number;
  sigma: number;
}

/** Weights of the step from t to s; s = −1 is the finished picture, ᾱ = 1 or what the schedule says. */
export type Sampler = (schedule: NoiseSchedule, t: number, s: number) => StepWeights;

const level = ({ alphaBar, end = 1 }: NoiseSchedule, t: number) => (t < 0 ? end : alphaBar[t]);

/** ᾱ before and after a step from t to s, which must be lower. */
function levels(schedule: NoiseSchedule, t: number, s: number): [number, number] {
  expectTime(t, schedule.steps);
  expectTime(s, schedule.steps, true);
  if (s >= t)
    throw new Error(`a step must lead to a lower noise level, got one from t = ${t} to ${s}; let the path fall`);
  return [level(schedule, t), level(schedule, s)];
}

/**
 * Ancestral sampling: the mean and the variance β̃ of q(x_s | x_t, x0) (Ho et al. 2020, eq. 7, with any s < t).
 * @example ddpm(linearSchedule(), 10, 9).sigma > 0 // → true
 */
export const ddpm: Sampler = (schedule, t, s) => {
  const [now, next] = levels(schedule, t, s);
  const alpha = now / next; // share of the variance that survives from s to t
  const a = (Math.sqrt(next) * (1 - alpha)) / (1 - now);
  const b = (Math.sqrt(alpha) * (1 - next)) / (1 - now);
  const sigma = Math.sqrt(((1 - alpha) * (1 - next)) / (1 - now));
  return { signal: Math.sqrt(now), noise: Math.sqrt(1 - now), a, b, sigma };
};

/**
 * DDIM (Song et al. 2021, eq. 12 and 16). eta = 0: no fresh noise, so the first noise decides everything;
 * eta = 1: the same three numbers as ancestral sampling.
 * @example
 * const drawn = await sample(x => tf.zerosLike(x), { schedule: linearSchedule(), shape: [1, 4, 4, 1], sampler: ddim(), steps: 5 });
 * drawn.shape // → [1, 4, 4, 1]
 */
export function ddim(eta = 0): Sampler {
  expectNumber('eta', eta, { from: 0, to: 1 }, '0 draws no fresh noise, 1 as much as ancestral sampling');
  return (schedule, t, s) => {
    const [now, next] = levels(schedule, t, s);
    const sigma = eta * Math.sqrt(((1 - next) / (1 - now)) * (1 - now / next));
    const b = Math.sqrt(Math.max(0, 1 - next - sigma ** 2) / (1 - now)); // keeps the direction of the noise
    const a = Math.sqrt(next) - b * Math.sqrt(now);
    return { signal: Math.sqrt(now), noise: Math.sqrt(1 - now), a, b, sigma };
  };
}

export interface Kept {
  /** [B, H, W, C] */
  picture: tf.Tensor;
  /** [1, H, W, 1] of 0 and 1. */
  open: tf.Tensor;
  /** [B, H, W, C] */
  noise?: tf.Tensor;
  /**
   * How often each step is made, default 1: before each repetition x is noised back to where the step began, so that what is
   * new gets used to what stays, and no seam is left (Lugmayr et al. 2022, section 4.2, with jumps of one step).
   */
  resample?: number;
}

export interface SampleOptions {
  schedule: NoiseSchedule;
  /** [B, ...] of any rank; pictures are [B, H, W, C]. */
  shape: number[];
  sampler?: Sampler;
  /** How many of the schedule's steps are made, evenly spread; default all. */
  steps?: number;
  /** The first t; default T − 1. Lower where the top is too noisy to read, with a fitting `start`. */
  from?: number;
  /** The steps themselves, falling, where they aren't spread evenly; then `steps` and `from` say nothing. */
  path?: number[];
  prediction?: Prediction;
  /** Bounds for x̂0, as pixels have them; undefined leaves it free. Default [−1, 1]. */
  clip?: readonly [number, number] | undefined;
  /** The noise to start from, [B, H, W, C]; default fresh. Not disposed. */
  start?: tf.Tensor;
  /**
   * Parts of a picture that stay: where `open` [1, H, W, 1] is 0, x becomes `picture` [B, H, W, C], noised to the level
   * reached, after every step (Lugmayr et al. 2022, eq. 8): with `noise` [B, H, W, C], or with fresh noise each time.
   */
  keep?: Kept;
  /** Sees every step: the step's number from 1, its t, x after it and the picture x̂0 seen in it. Must not keep them. */
  onStep?: (state: { step: number; of: number; t: number; x: tf.Tensor; x0: tf.Tensor }) => void | Promise<void>;
}

/** What a net is told: the pictures are drawn in portions, and this is divided with them. */
export interface SampleCondition<C extends Condition> {
  /** One row for each picture: labels [B], words [B, S, D], or several by name; the net's third argument. */
  condition?: C;
  /** How far to go beyond the plain answer to `condition`, which is 1, away from `negative`; see `guided`. */
  guidance?: number;
  /** What guidance moves away from, of the same shape: the class "any", the empty text, a negative prompt. */
  negative?: C;
}

/**
 * Draws data [B, ...]; the caller disposes them. The step is compiled once and run for every t. Between steps other work
 * gets its turn, so that a press on stop arrives.
 *
 * The net sees 128 rows at a time. What it should know of each row goes into `condition`, which is divided likewise: a
 * closure over labels of 256 pictures would not be.
 * @example
 * const schedule = linearSchedule(100);
 * const pictures = await sample((x, t) => tf.zerosLike(x), { schedule, shape: [2, 8, 8, 1], steps: 10 });
 * pictures.shape // → [2, 8, 8, 1]
 */
export function sample<C extends Condition = tf.Tensor>(
  model: Told<C>,
  options: SampleOptions & SampleCondition<C> & { shape: [number, number, number, number] },
): Promise<tf.Tensor4D>;
export function sample<C extends Condition = tf.Tensor>(
  model: Told<C>,
  options: SampleOptions & SampleCondition<C>,
): Promise<tf.Tensor>;
export async function sample<C extends Condition>(
  model: Told<C>,
  options: SampleOptions & SampleCondition<C>,
): Promise<tf.Tensor> {
  const { schedule, shape, sampler = ddim(), prediction = 'eps', onStep } = options;
  const clip = 'clip' in options ? options.clip : ([-1, 1] as const);
  const path = pathOf(options);
  checkOptions(options, clip);
  const denoiser = inPortions(denoiserOf(model, options), shape[0]);
  const step = compile((x: tf.Tensor, t: tf.Tensor, w: tf.Tensor, z: tf.Tensor) =>
    denoise(denoiser, x, t, w, z, prediction, clip),
  );
  let x = options.start ? options.start.clone() : (random.normal(shape) as tf.Tensor);
  const times = options.keep?.resample ?? 1;
  try {
    for (let i = 0; i < path.length; i++) {
      const s = path[i + 1] ?? -1;
      const plan = checkWeights(sampler(schedule, path[i], s), prediction, path[i]);
      for (let time = 1; time <= times; time++) {
        const before = x;
        const next = tf.tidy(() => oneStep(step, before, path[i], plan));
        before.dispose();
        x = options.keep ? putBack(next.x, options.keep, s < 0 ? 1 : level(schedule, s)) : next.x;
        const again = time < times && s >= 0;
        if (again) x = noisedBack(x, level(schedule, path[i]) / level(schedule, s));
        else await onStep?.({ step: i + 1, of: path.length, t: path[i], x, x0: next.x0 });
        next.x0.dispose();
        await new Promise(resolve => setImmediate(resolve));
        if (!again) break;
      }
    }
  } finally {
    step.dispose();
  }
  return x;
}

type CompiledStep = (x: tf.Tensor, t: tf.Tensor, w: tf.Tensor, z: tf.Tensor) => { x: tf.Tensor; x0: tf.Tensor };

/** The step from t with a sampler's weights. x: [B, ...] → x after it and x̂0, both [B, ...]. Within tf.tidy. */
function oneStep(step: CompiledStep, x: tf.Tensor, t: number, { signal, noise, a, b, sigma }: StepWeights) {
  const z = sigma > 0 ? random.normal(x.shape) : tf.zeros(x.shape); // [B, ...]
  return step(x, tf.fill([x.shape[0]], t, 'int32'), tf.tensor1d([signal, noise, a, b, sigma]), z);
}

/** From level s back up to t. x: [B, ...], freed; share: ᾱ_t/ᾱ_s, what survives of the variance → [B, ...]. */
function noisedBack(x: tf.Tensor, share: number): tf.Tensor {
  return tf.tidy(() => {
    const noisier = x.mul(Math.sqrt(share)).add(random.normal(x.shape).mul(Math.sqrt(1 - share)));
    x.dispose();
    return noisier;
  });
}

/** The net without its condition. */
function denoiserOf<C extends Condition>(
  model: Told<C>,
  { condition, guidance = 1, negative }: SampleCondition<C>,
): Denoiser {
  expectNumber('guidance', guidance, { from: 0 }, 'to move away from something, give it as `negative`');
  if (condition === undefined) {
    if (guidance !== 1 || negative)
      throw new Error('guidance and negative must come with a `condition`; or hand over guided(…)');
    return model as unknown as Denoiser;
  }
  if (guidance === 1) return conditioned(model, condition);
  if (!negative)
    throw new Error(`guidance ${guidance} must know what to move away from; give \`negative\`, e.g. the class "any"`);
  return guided(model, condition, negative, guidance);
}

/** The steps that are made, which must fall. */
function pathOf({ schedule, from = schedule.steps - 1, steps, path }: SampleOptions): number[] {
  if (path === undefined) {
    expectTime(from, schedule.steps);
    return spacedSteps(from + 1, steps ?? from + 1);
  }
  if (path.length === 0) throw new Error('a path must have one step at the least, got none; start is the result then');
  path.forEach((t, i) => {
    expectTime(t, schedule.steps);
    if (i > 0 && t >= path[i - 1])
      throw new Error(`a path must fall, got ${t} after ${path[i - 1]} at position ${i}; sort it, the noisiest first`);
  });
  return path;
}

function checkOptions({ shape, start, keep }: SampleOptions, clip: SampleOptions['clip']): void {
  if (shape.length === 0) throw new Error('expected a shape [B, ...], got []; give the number of rows first');
  for (const [i, size] of shape.entries()) expectCount(`shape[${i}]`, size);
  if (start) expectShape('a start', start, shape);
  if (keep) {
    const { resample = 1, ...tensors } = keep;
    expectCount('keep.resample', resample);
    for (const [name, tensor] of Object.entries(tensors)) if (tensor) expectFitting(`keep.${name}`, tensor, shape);
    const [least, most] = tf.tidy(() => [keep.open.min(), keep.open.max()].map(each => each.dataSync()[0]));
    if (!(least >= 0 && most <= 1))
      throw new Error(`keep.open must hold 0 (keep) and 1 (paint), got ${least} to ${most}; divide it`);
  }
  if (!clip) return;
  for (const bound of clip) expectNumber('a bound of clip', bound);
  if (!(clip[0] < clip[1])) throw new Error(`clip must be [low, high] with low below high, got [${clip}]`);
}

/** Numbers all, and such that the net's answer says something of the picture. */
function checkWeights(weights: StepWeights, prediction: Prediction, t: number): StepWeights {
  for (const [name, weight] of Object.entries(weights)) expectNumber(`the sampler's ${name} at t = ${t}`, weight);
  if (weights.signal > 0 || prediction !== 'eps') return weights;
  throw new Error(
    `a net must predict v or x0 to start at t = ${t}, where nothing of the picture is left, got eps; start lower`,
  );
}

/** Frees x. */
function putBack(x: tf.Tensor, { picture, open, noise }: Kept, alphaBar: number): tf.Tensor {
  return tf.tidy(() => {
    const drowning = tf.mul(noise ?? random.normal(x.shape), Math.sqrt(1 - alphaBar)); // [B, H, W, C]
    const known = picture.mul(Math.sqrt(alphaBar)).add(drowning); //          [B, H, W, C]
    const mixed = x.mul(open).add(known.mul(tf.sub(1, open))); //             [B, H, W, C]
    x.dispose();
    return mixed;
  });
}

/** Rows that the net looks at together; more at once are no quicker and take memory: 1,024 pictures needed 10 GB. */
const PORTION = 128;

/** The same answers, 128 rows after the other. */
function inPortions(model: Denoiser, count: number): Denoiser {
  if (count <= PORTION) return model;
  const starts = Array.from({ length: Math.ceil(count / PORTION) }, (_, i) => i * PORTION);
  return (x, t) => {
    const answers = starts.map(from => {
      const size = Math.min(PORTION, count - from);
      return tf.tidy(() => {
        const part = partOf(model, from, size) ?? ((xs, ts) => answerOf(model, xs, ts, count));
        return part(tf.slice(x, [from], [size]), tf.slice(t, [from], [size])); // [128, ...]
      });
    });
    return tf.concat(answers); // [B, ...]
  };
}

/** A net that fails on a portion, or answers with more rows, most likely closes over what belongs to all of them. */
function answerOf(model: Denoiser, x: tf.Tensor, t: tf.Tensor, count: number): tf.Tensor {
  const hint = `sample() hands the net ${x.shape[0]} of ${count} rows at a time; what belongs to the rows goes into \`condition\``;
  let answer: tf.Tensor;
  try {
    answer = model(x, t);
  } catch (error) {
    throw new Error(`${(error as Error).message}; ${hint}`, { cause: error });
  }
  if (String(answer.shape) === String(x.shape)) return answer;
  throw new Error(`expected an answer ${shapeOf(x)}, got ${shapeOf(answer)}; ${hint}`);
}

/** The small step. x, z: [B, ...], t: [B], w: [5] = signal, noise, a, b, sigma. */
function denoise(
  model: Denoiser,
  x: tf.Tensor,
  t: tf.Tensor,
  w: tf.Tensor,
  z: tf.Tensor,
  prediction: Prediction,
  clip: readonly [number, number] | undefined,
): { x: tf.Tensor; x0: tf.Tensor } {
  const [signal, noise, a, b, sigma] = tf.unstack(w); //                     5 scalars
  const seen = readAnswer(prediction, model(x, t), x, signal, noise).x0; //   [B, H, W, C]
  const x0 = clip ? tf.clipByValue(seen, clip[0], clip[1]) : seen;
  return { x: x0.mul(a).add(x.mul(b)).add(z.mul(sigma)), x0 };
}
