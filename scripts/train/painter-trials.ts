/** The nets that were tried for lesson 14's text-to-image model; docs/painter-trials.md holds what each gave. */

import { type CaptionTokenizer, thingTokenizer } from '../../lib/data';
import {
  cosineSchedule,
  type Denoiser,
  diffusionLoss,
  flowLoss,
  noised,
  TextToImage,
  targetOf,
  weightsAt,
} from '../../lib/diffusion';
import type { ConditionalUNetConfig } from '../../lib/models';
import { THING_UNET, ThingNet, ThingPainter } from '../../lib/models/thing-painter';
import { random, tf } from '../../lib/runtime';
import { ClipThingNet, clipTokenizer } from './clip-words';
import { thingLatents } from './thing-latents';

export interface Trial {
  unet?: Partial<ConditionalUNetConfig>;
  /** Weights of steps: all alike, or min(SNR, 5)/(SNR + 1) (Hang et al. 2023, section 3.4, for v). */
  minSnr?: boolean;
  /** What the net is asked for: the velocity v of diffusion (by default), its noise, or the velocity of a flow. */
  asked?: 'v' | 'eps' | 'flow';
  /** Decay of the average of the weights; 0.99 by default. */
  ema?: number;
  /** The text encoder stays as it was drawn, or as it is loaded, instead of learning with the pictures. */
  fixedWords?: true;
  /** The text half of the course's CLIP stands in the text encoder's place. */
  clip?: true;
  /** The net sees latents of so many channels instead of pixels. */
  latents?: number;
}

const latents = (channels: number): Trial => ({
  latents: channels,
  unet: { channels, widths: [64, 96], attention: [1] },
});

const TRIALS: Record<string, Trial> = {
  'thing-painter': {},
  same: {},
  'no-layout': { unet: { layout: undefined } },
  'words-only': { unet: { layout: undefined, pooled: false } },
  'words-at-8': { unet: { attention: [1, 2] } },
  patches: { unet: { channels: 48, widths: [64, 96], attention: [1] } },
  wider: { unet: { widths: [48, 96, 96] } },
  'min-snr': { minSnr: true },
  noise: { asked: 'eps' },
  flow: { asked: 'flow' },
  'long-average': { ema: 0.997 },
  'fixed-words': { fixedWords: true },
  'clip-words': { clip: true, fixedWords: true },
  'clip-learns': { clip: true },
  'latents-4': latents(4),
  'latents-4-longer': latents(4),
  'latents-8': latents(8),
};

/** A trial by its name. @throws Error where there is none */
export function trialOf(name: string): Trial {
  const trial = TRIALS[name];
  if (trial) return trial;
  throw new Error(`no trial named ${name}; there are ${Object.keys(TRIALS).join(', ')}`);
}

/** A trial's net as it is drawn, and what makes words into its numbers. */
export function trialNet(name: string): { tokenizer: CaptionTokenizer; net: ThingNet } {
  const { unet, clip } = trialOf(name);
  const config: ConditionalUNetConfig = { ...THING_UNET, ...unet };
  const tokenizer = clip ? clipTokenizer() : thingTokenizer();
  return { tokenizer, net: clip ? new ClipThingNet(tokenizer.vocab, config) : new ThingNet(tokenizer, config) };
}

/** A trial's net as a painter, which also says what the net sees of a picture. */
export function trialPainter(name: string, tokenizer: CaptionTokenizer, net: ThingNet): TextToImage {
  const { latents } = trialOf(name);
  if (!latents) return new ThingPainter(tokenizer, net);
  const { parts } = new ThingPainter(tokenizer, net); // of its folds of pixels nothing is left below
  return new TextToImage({
    ...parts,
    vae: thingLatents(latents),
    shift: 0,
    scale: 1,
    latent: [8, 8, latents],
    bounds: undefined,
  });
}

/** The loss that a trial learns from. z: [B, h, w, C] → scalar. */
export function trialLoss(trial: Trial, model: Denoiser, z: tf.Tensor): tf.Scalar {
  const schedule = cosineSchedule();
  if (trial.asked === 'flow') return flowLoss((x, s) => model(x, s.mul(schedule.steps)), z);
  if (!trial.minSnr) return diffusionLoss(model, z, schedule, trial.asked ?? 'v');
  const t = random.integers([z.shape[0]], 0, schedule.steps); // [B]
  const eps = random.normal(z.shape); //                         [B, h, w, C]
  const error = model(noised(z, t, eps, schedule), t)
    .sub(targetOf('v', z, eps, t, schedule))
    .square();
  const weights = schedule.alphaBar.map(a => Math.min(a, 5 * (1 - a))); // min(SNR, 5)/(SNR + 1)
  const weight = tf.gather(tf.tensor1d(weights), t); //          [B]
  return error.mean([1, 2, 3]).mul(weight).mean() as tf.Scalar;
}

/**
 * A trial's answer as the velocity v of diffusion, so that one sampler paints with them all. ε: v = (ε − √(1 − ᾱ) x)/√ᾱ. Flow: what
 * diffusion has as √ᾱ x0 + √(1 − ᾱ) ε lies, divided by the sum of both weights, on the flow's line at s = √(1 − ᾱ)/(√ᾱ + √(1 − ᾱ)).
 */
function asVelocity({ asked = 'v' }: Trial, model: Denoiser): Denoiser {
  const schedule = cosineSchedule();
  if (asked === 'v') return model;
  return (x, t) => {
    const { signal, noise } = weightsAt(schedule, t, x.rank); //        2 × [B, 1, 1, 1]
    if (asked === 'eps') return model(x, t).sub(x.mul(noise)).div(signal);
    const both = signal.add(noise); //                                  [B, 1, 1, 1]
    const [z, s] = [x.div(both), noise.div(both)]; //                   [B, h, w, C], [B, 1, 1, 1]
    const x0 = z.sub(model(z, s.flatten().mul(schedule.steps)).mul(s)); // [B, h, w, C]
    return x.mul(signal).sub(x0).div(noise);
  };
}

/** A painter whose net answers in v, whatever it was asked for in training. */
export function paintingWith(trial: Trial, { parts }: TextToImage): TextToImage {
  return new TextToImage({
    ...parts,
    net: (x, t, words) => asVelocity(trial, (y, s) => parts.net(y, s, words))(x, t),
  });
}
