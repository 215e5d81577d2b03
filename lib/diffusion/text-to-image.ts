/**
 * Latent diffusion from the outside (Rombach et al. 2022): words in, picture out. The text encoder turns a prompt into
 * vectors, the U-Net makes latents out of noise while it looks at them, the decoder makes a picture out of the latents.
 * The nets are handed in, so the course's own small ones and Stable Diffusion's run through the same lines.
 * @see notebooks/14-text-to-image.ipynb
 */
import { compile, HostRandom, tf } from '../runtime';
import { expectCount, expectNumber } from '../runtime/expect';
import { type Condition, conditioned, guided, type Told } from './guidance';
import { noiseField, noiseLevels, type OdeSolver, solve } from './ode';
import type { Prediction } from './prediction';
import { ddim, type SampleOptions, type Sampler, sample } from './samplers';
import { type NoiseSchedule, noised, type Spacing, spacedSteps } from './schedule';

/** C: what the net is told of each text, vectors [B, S, D] or several tensors by name. */
export interface TextToImageParts<C extends Condition = tf.Tensor3D> {
  /** Texts → what the net is told of them. */
  words(texts: readonly string[]): C;
  /** The same where nothing is to be kept away from; default the words of empty texts. */
  nothing?(count: number): C;
  net: Told<C extends tf.Tensor ? tf.Tensor : C>;
  /** Pictures in −1..1 [B, H, W, 3] ↔ latents [B, H/f, W/f, C]. */
  vae: { encode(x: tf.Tensor): { mean: tf.Tensor4D }; decode(z: tf.Tensor): tf.Tensor4D };
  /** What latents are multiplied by so that their variance is 1: 0.18215 in Stable Diffusion. */
  scale: number;
  /** What is taken from latents before that; default 0. */
  shift?: number;
  schedule: NoiseSchedule;
  prediction: Prediction;
  /** Which of the schedule's steps are made; default `spacedSteps`. */
  spacing?: Spacing;
  /** Height, width and channels of the latent map. */
  latent: [number, number, number];
  /**
   * What inpainting keeps is put back under noise after every step: always the noise of the seed, as Stable Diffusion's
   * pipelines do, or fresh noise (Lugmayr et al. 2022), which is the default.
   */
  oneNoise?: boolean;
  /** Bounds for the picture that the net sees at each step, where it works on pixels; latents have none. */
  bounds?: readonly [number, number];
}

export interface PaintOptions {
  /** What to move away from; nothing in particular where it is left out. */
  negative?: string;
  /** How far to go beyond the plain answer, which is 1. */
  guidance?: number;
  steps?: number;
  sampler?: Sampler;
  /**
   * Follows the path as a differential equation instead (`solve`): same steps, same first noise, no fresh noise, and the picture
   * seen on the way is not held within `bounds`. The path ends at a picture without noise, whatever the schedule's `end` is.
   */
  solver?: OdeSolver;
  /** Picture i starts from the noise of seed + i. */
  seed?: number;
  onStep?: SampleOptions['onStep'];
}

export interface InpaintOptions extends PaintOptions {
  strength?: number;
  resample?: number;
}

/** Latents that the net looks at together. */
const PORTION = 32;

/**
 * @example
 * // needs the painter's weights, which come with the course's text-to-image lesson
 * const painter: TextToImage = ThingPainter.load();
 * const pictures = await painter.paint(['a red fox']);
 */
export class TextToImage<C extends Condition = tf.Tensor3D> {
  constructor(readonly parts: TextToImageParts<C>) {}

  /** Text-to-image: one picture [H, W, 3] in −1..1 for each prompt. → [B, H, W, 3], which the caller disposes. */
  async paint(prompts: readonly string[], options: PaintOptions = {}): Promise<tf.Tensor4D> {
    const noise = this.noise(prompts.length, options.seed);
    const z = await this.denoise(prompts, noise, options);
    return this.finish(z, noise);
  }

  /**
   * Image-to-image (Meng et al. 2022): the picture is noised as far as `strength` says, 0 leaves it as it is, 1 leaves
   * nothing of it, and is then denoised under the prompt. Of `steps` steps, the last ⌊strength · steps⌋ are made.
   */
  async repaint(
    pictures: tf.Tensor,
    prompts: readonly string[],
    { strength = 0.8, steps = 30, ...options }: PaintOptions & { strength?: number } = {},
  ): Promise<tf.Tensor4D> {
    const path = this.lastSteps(steps, strength);
    const clean = this.latents(pictures); //                                     [B, h, w, C]
    if (path.length === 0) return this.finish(clean);
    const noise = this.noise(prompts.length, options.seed); //                   [B, h, w, C]
    const start = this.noisedTo(path[0], clean, noise); //                       [B, h, w, C]
    const z = await this.denoise(prompts, start, { ...options, path });
    return this.finish(z, clean, noise, start);
  }

  /**
   * Inpainting: only where `mask` is 1 something new appears. mask: [1, H, W, 1] of 0 and 1, in pixels; what it leaves is
   * put back, at the right noise level, after every step (Lugmayr et al. 2022, eq. 8), and pixel by pixel at the end.
   * strength: 1 starts from nothing but noise inside the mask, less from what was there, as in `repaint`.
   * resample: how often each step is made, so that new and old fit together (`Kept.resample`); the time grows with it.
   */
  async inpaint(
    pictures: tf.Tensor,
    mask: tf.Tensor,
    prompts: readonly string[],
    { strength = 1, steps = 30, resample = 1, ...options }: InpaintOptions = {},
  ): Promise<tf.Tensor4D> {
    const [h, w] = this.parts.latent;
    const path = this.lastSteps(steps, strength);
    if (path.length === 0) return pictures.clone() as tf.Tensor4D;
    const open = tf.tidy(() => blockMax(mask, h, w)); //                                      [1, h, w, 1]
    const picture = this.latents(pictures); //                                                [B, h, w, C]
    const noise = this.noise(prompts.length, options.seed); //                                [B, h, w, C]
    const start = strength < 1 ? this.noisedTo(path[0], picture, noise) : noise.clone(); //   [B, h, w, C]
    const keep = { picture, open, noise: this.parts.oneNoise ? noise : undefined, resample };
    const z = await this.denoise(prompts, start, { ...options, path, keep });
    const painted = this.finish(z, noise, picture, open, start); //                           [B, H, W, 3]
    const whole = tf.tidy(() => painted.mul(mask).add(tf.mul(pictures, tf.sub(1, mask)))); // [B, H, W, 3]
    painted.dispose();
    return whole as tf.Tensor4D;
  }

  /** Pictures [B, H, W, 3] → latents of variance 1, [B, h, w, C]. */
  latents(pictures: tf.Tensor): tf.Tensor4D {
    const { vae, scale, shift = 0 } = this.parts;
    return once(x => vae.encode(x).mean.sub(shift).mul(scale) as tf.Tensor4D, pictures);
  }

  /** Latents [B, h, w, C] → pictures in −1..1, [B, H, W, 3]. */
  pictures(z: tf.Tensor): tf.Tensor4D {
    const { vae, scale, shift = 0 } = this.parts;
    return once(x => vae.decode(tf.div(x, scale).add(shift)).clipByValue(-1, 1) as tf.Tensor4D, z);
  }

  /** Noise of a seed for each latent map, the same whatever was drawn before and however many are asked for. */
  noise(count: number, seed = 0): tf.Tensor4D {
    expectCount('the number of pictures', count, undefined, 'give one prompt for each');
    expectNumber('seed', seed, { whole: true });
    const size = this.parts.latent[0] * this.parts.latent[1] * this.parts.latent[2];
    const values = Array.from({ length: count }, (_, i) => {
      const draw = new HostRandom(seed + i);
      return Float32Array.from({ length: size }, () => draw.normal());
    });
    return tf.tidy(() => tf.stack(values.map(v => tf.tensor3d(v, this.parts.latent))) as tf.Tensor4D);
  }

  /** From noise to latents, a portion after the other. */
  private async denoise(
    prompts: readonly string[],
    start: tf.Tensor,
    options: PaintOptions & Pick<SampleOptions, 'path' | 'keep'>,
  ): Promise<tf.Tensor> {
    const { negative = '', guidance = 3, steps = 30, sampler = ddim(), solver, onStep, keep } = options;
    const { path = this.path(steps) } = options;
    const { words, nothing, schedule, prediction, latent, bounds } = this.parts;
    const net = this.parts.net as Told<C>;
    const finished: tf.Tensor[] = [];
    for (let first = 0; first < prompts.length; first += PORTION) {
      const texts = prompts.slice(first, first + PORTION);
      const told = tf.tidy(() => words(texts)); //                                               [b, S, D]
      const empty = () => (negative === '' && nothing ? nothing(texts.length) : words(texts.map(() => negative)));
      const without = tf.tidy(empty);
      const part = (x: tf.Tensor) => (x.shape[0] === 1 ? x.clone() : tf.slice(x, [first], [texts.length]));
      const begin = part(start);
      const kept = keep && { ...keep, picture: part(keep.picture), noise: keep.noise && part(keep.noise) };
      const shape: [number, number, number, number] = [texts.length, ...latent];
      const how = { schedule, shape, sampler, path, prediction, clip: bounds, start: begin, onStep };
      const toldThat = { condition: told, negative: without, guidance, keep: kept };
      finished.push(
        await (solver ? this.followed(solver, { ...how, ...toldThat }) : sample(net, { ...how, ...toldThat })),
      );
      tf.dispose([told, without]);
      tf.dispose([begin, kept?.picture, kept?.noise]);
    }
    return tf.tidy(() => {
      const all = tf.concat(finished);
      tf.dispose(finished);
      return all;
    });
  }

  /** The same with a solver: in the scale of σ, where the picture keeps its size. → latents [b, h, w, C]. */
  private async followed(solver: OdeSolver, { path, start, keep, onStep, ...told }: Followed<C>): Promise<tf.Tensor> {
    const { schedule, prediction } = this.parts;
    const net = this.parts.net as Told<C>;
    const { condition, negative, guidance } = told;
    const denoiser = guidance === 1 ? conditioned(net, condition) : guided(net, condition, negative, guidance);
    if (keep && (keep.resample ?? 1) > 1) throw new Error('a solver makes each step once; leave out resample');
    if (keep && !keep.noise) throw new Error('a solver keeps parts under one noise; take a painter with oneNoise');
    const begin = tf.div(start, Math.sqrt(schedule.alphaBar[path[0]])); //           [b, h, w, C], x0 + σ·ε
    const z = await solve(noiseField(denoiser, schedule, prediction), {
      start: begin,
      levels: noiseLevels(schedule, path),
      solver,
      keep: keep && { ...keep, noise: keep.noise! },
      onStep: ({ step, of, x, x0 }) => onStep?.({ step, of, t: path[step - 1], x, x0 }),
    });
    begin.dispose();
    return z;
  }

  private path(steps: number): number[] {
    const { schedule, spacing = spacedSteps } = this.parts;
    return spacing(schedule.steps, steps);
  }

  /** The last ⌊strength · steps⌋ of the steps. */
  private lastSteps(steps: number, strength: number): number[] {
    expectNumber('strength', strength, { from: 0, to: 1 }, '0 keeps the picture, 1 nothing of it');
    return this.path(steps).slice(steps - Math.floor(strength * steps));
  }

  /** Latents and noise mixed as at step t. Both [B, h, w, C] → [B, h, w, C]. */
  private noisedTo(t: number, clean: tf.Tensor, noise: tf.Tensor): tf.Tensor {
    return tf.tidy(() => noised(clean, tf.fill([noise.shape[0]], t, 'int32'), noise, this.parts.schedule));
  }

  private finish(z: tf.Tensor, ...used: tf.Tensor[]): tf.Tensor4D {
    const pictures = this.pictures(z);
    tf.dispose([z, ...used]);
    return pictures;
  }
}

/** What is to be followed, a portion of it. */
interface Followed<C extends Condition> extends Pick<SampleOptions, 'keep' | 'onStep'> {
  path: number[];
  start: tf.Tensor;
  condition: C;
  negative: C;
  guidance: number;
}

/**
 * f(x), compiled though it runs but once: TensorFlow then frees what lies between as soon as it is used, where a tidy
 * keeps all of it to the end.
 */
function once(f: (x: tf.Tensor) => tf.Tensor4D, x: tf.Tensor): tf.Tensor4D {
  const compiled = compile(f);
  const y = compiled(x);
  compiled.dispose();
  return y;
}

/** A latent is open where any of its pixels is. mask: [1, H, W, 1] → [1, h, w, 1]. */
function blockMax(mask: tf.Tensor, h: number, w: number): tf.Tensor {
  const [, H, W] = mask.shape;
  if (mask.rank !== 4 || mask.shape[0] !== 1 || mask.shape[3] !== 1 || H % h || W % w) {
    throw new Error(`expected a mask [1, H, W, 1] with H a multiple of ${h} and W of ${w}, got [${mask.shape}]`);
  }
  const [least, most] = [mask.min(), mask.max()].map(t => t.dataSync()[0]);
  if (!(least >= 0 && most <= 1))
    throw new Error(`a mask must hold 0 (keep) and 1 (paint), got ${least} to ${most}; divide it`);
  return mask.reshape([1, h, H / h, w, W / w, 1]).max([2, 4]); // [1, h, w, 1]
}
