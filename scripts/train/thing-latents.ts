/** The auto-encoders of things that the painter's trials look through; scripts/train/thing-vae.ts trains them. */
import { type ThingPicture, thingSplit, thingTensor } from '../../lib/data';
import type { TextToImageParts } from '../../lib/diffusion';
import { type AutoencoderConfig, AutoencoderKL, type LatentBells } from '../../lib/models/autoencoder-kl';
import { loadPretrained } from '../../lib/models/pretrained';
import { folded, unfolded } from '../../lib/models/thing-painter';
import { Module } from '../../lib/nn';
import { compile, tf } from '../../lib/runtime';

/** 16 × 16 × 12, the pixels as the painter has them, → 8 × 8 × `latent`: at 32 × 32 its steps would cost twice as much. */
const config = (latent: number): AutoencoderConfig => ({
  channels: 12,
  widths: [32, 64],
  blocks: 1,
  latent,
  groups: 8,
});

/** An auto-encoder that folds pictures before it packs them. */
export class ThingVae extends Module {
  readonly inner: AutoencoderKL;

  constructor(latent: number) {
    super();
    this.inner = new AutoencoderKL(config(latent));
  }

  /** [B, 32, 32, 3] → 2 × [B, 8, 8, latent] */
  encode(x: tf.Tensor): LatentBells {
    return this.inner.encode(folded(x));
  }

  /** [B, 8, 8, latent] → [B, 32, 32, 3] */
  decode(z: tf.Tensor): tf.Tensor4D {
    return unfolded(this.inner.decode(z));
  }
}

export const vaeName = (latent: number) => `thing-vae-${latent}`;

/** Pictures that are encoded together. */
const PORTION = 128;

/** [N, 32, 32, 3] → [N, 8, 8, C], the bells' means. */
function encodeAll(vae: ThingVae, pictures: readonly ThingPicture[]): tf.Tensor4D {
  const encode = compile((x: tf.Tensor) => vae.encode(x).mean);
  const parts: tf.Tensor4D[] = [];
  for (let from = 0; from < pictures.length; from += PORTION) {
    const x = thingTensor(pictures.slice(from, from + PORTION)); // [B, 32, 32, 3]
    parts.push(encode(x) as tf.Tensor4D);
    x.dispose();
  }
  const all = tf.concat(parts);
  tf.dispose(parts);
  encode.dispose();
  return all;
}

/** The trained auto-encoder as a painter holds one: over the training set, each channel of its latents has mean 0 and deviation 1. */
export function thingLatents(latent: number): TextToImageParts['vae'] {
  const vae = new ThingVae(latent);
  loadPretrained(vaeName(latent), vae);
  const [mean, deviation] = tf.tidy(() => {
    const { mean, variance } = tf.moments(encodeAll(vae, thingSplit().train), [0, 1, 2]); // 2 × [C]
    return [mean, variance.sqrt()];
  });
  return {
    encode: x => ({ mean: vae.encode(x).mean.sub(mean).div(deviation) as tf.Tensor4D }),
    decode: z => vae.decode(tf.mul(z, deviation).add(mean)),
  };
}
