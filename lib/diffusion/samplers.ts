/**
 * From noise to pictures. Every sampler here takes the same small step,
 *     x_s = a·x̂0 + b·x_t + σ·z,
 * from noise level t to the lower level s: x̂0 is the picture that the net sees in x_t, z fresh noise.
 * Samplers differ only in the three numbers a, b, σ.
 * @see notebooks/12-diffusion.ipynb
 */
import { compile, random, tf } from '../runtime';
import { type Denoiser, type Prediction, readAnswer } from './prediction';
import { type NoiseSchedule, spacedSteps } from './schedule';

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

/**
 * Ancestral sampling: the mean and the variance β̃ of q(x_s | x_t, x0) (Ho et al. 2020, eq. 7, with any s < t).
 */
export const ddpm: Sampler = (schedule, t, s) => {
  const [now, next] = [level(schedule, t), level(schedule, s)];
  const alpha = now / next; // share of the variance that survives from s to t
  const a = (Math.sqrt(next) * (1 - alpha)) / (1 - now);
  const b = (Math.sqrt(alpha) * (1 - next)) / (1 - now);
  const sigma = Math.sqrt(((1 - alpha) * (1 - next)) / (1 - now));
  return { signal: Math.sqrt(now), noise: Math.sqrt(1 - now), a, b, sigma };
};

/**
 * DDIM (Song et al. 2021, eq. 12 and 16). eta = 0: no fresh noise, so the first noise decides everything;
 * eta = 1: the same three numbers as ancestral sampling.
 */
export function ddim(eta = 0): Sampler {
  return (schedule, t, s) => {
    const [now, next] = [level(schedule, t), level(schedule, s)];
    const sigma = eta * Math.sqrt(((1 - next) / (1 - now)) * (1 - now / next));
    const b = Math.sqrt((1 - next - sigma ** 2) / (1 - now)); // keeps the direction of the noise
    const a = Math.sqrt(next) - b * Math.sqrt(now);
    return { signal: Math.sqrt(now), noise: Math.sqrt(1 - now), a, b, sigma };
  };
}

export interface SampleOptions {
  schedule: NoiseSchedule;
  /** [B, H, W, C] */
  shape: [number, number, number, number];
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
  keep?: { picture: tf.Tensor; open: tf.Tensor; noise?: tf.Tensor };
  /** Sees every step: the step's number from 1, its t, x after it and the picture x̂0 seen in it. Must not keep them. */
  onStep?: (state: { step: number; of: number; t: number; x: tf.Tensor; x0: tf.Tensor }) => void | Promise<void>;
}

/**
 * Draws pictures [B, H, W, C]; the caller disposes them. The step is compiled once and run for every t.
 * Between steps other work gets its turn, so that a press on stop arrives.
 */
export async function sample(model: Denoiser, options: SampleOptions): Promise<tf.Tensor4D> {
  const { schedule, shape, sampler = ddim(), prediction = 'eps', from = schedule.steps - 1, onStep } = options;
  const clip = 'clip' in options ? options.clip : ([-1, 1] as const);
  const path = options.path ?? spacedSteps(from + 1, options.steps ?? from + 1);
  const step = compile((x: tf.Tensor, t: tf.Tensor, w: tf.Tensor, z: tf.Tensor) =>
    denoise(inPortions(model), x, t, w, z, prediction, clip),
  );
  let x = options.start ? options.start.clone() : (random.normal(shape) as tf.Tensor);
  for (let i = 0; i < path.length; i++) {
    const { signal, noise, a, b, sigma } = sampler(schedule, path[i], path[i + 1] ?? -1);
    const weights = tf.tensor1d([signal, noise, a, b, sigma]);
    const t = tf.fill([shape[0]], path[i], 'int32'); //                                 [B]
    const z = sigma > 0 ? random.normal(shape) : tf.zeros(shape); //                    [B, H, W, C]
    const next = step(x, t, weights, z);
    tf.dispose([x, t, weights, z]);
    x = options.keep ? putBack(next.x, options.keep, i + 1 < path.length ? level(schedule, path[i + 1]) : 1) : next.x;
    await onStep?.({ step: i + 1, of: path.length, t: path[i], x, x0: next.x0 });
    next.x0.dispose();
    await new Promise(resolve => setImmediate(resolve));
  }
  step.dispose();
  return x as tf.Tensor4D;
}

/** Frees x. */
function putBack(
  x: tf.Tensor,
  { picture, open, noise }: NonNullable<SampleOptions['keep']>,
  alphaBar: number,
): tf.Tensor {
  return tf.tidy(() => {
    const drowning = tf.mul(noise ?? random.normal(x.shape), Math.sqrt(1 - alphaBar)); // [B, H, W, C]
    const known = picture.mul(Math.sqrt(alphaBar)).add(drowning); //          [B, H, W, C]
    const mixed = x.mul(open).add(known.mul(tf.sub(1, open))); //             [B, H, W, C]
    x.dispose();
    return mixed;
  });
}

/** Pictures that the net looks at together; more at once are no quicker and take memory: 1,024 needed 10 GB. */
const PORTION = 128;

/** The same answers, 128 pictures after the other. */
function inPortions(model: Denoiser): Denoiser {
  return (x, t) => {
    const count = x.shape[0];
    if (count <= PORTION) return model(x, t);
    const starts = Array.from({ length: Math.ceil(count / PORTION) }, (_, i) => i * PORTION);
    const answers = starts.map(from => {
      const size = Math.min(PORTION, count - from);
      return tf.tidy(() => model(tf.slice(x, [from], [size]), tf.slice(t, [from], [size]))); // [128, H, W, C]
    });
    return tf.concat(answers); // [B, H, W, C]
  };
}

/** The small step. x, z: [B, H, W, C], t: [B], w: [5] = signal, noise, a, b, sigma. */
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
