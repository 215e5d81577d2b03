/**
 * The nets of latent diffusion on MNIST digits, sizes only; scripts/train/digit-*.ts trained them.
 * Digits have a margin of 2 pixels, so that their side, 32, can be halved again and again.
 * @see notebooks/13-latent-diffusion.ipynb
 */
import type { LoraOptions } from '../nn';
import type { AutoencoderConfig } from './autoencoder-kl';
import type { DitConfig } from './dit';
import type { UNetConfig } from './unet';

/** 32 × 32 × 1 → 8 × 8 × 4, a quarter of the numbers. */
export const DIGIT_VAE: AutoencoderConfig = { channels: 1, widths: [8, 16, 32], blocks: 1, latent: 4, groups: 8 };

/** The U-Net in the latent map: 8 × 8 × 4 in and out, told which digit to draw (10 = any). */
export const DIGIT_LATENT_UNET: UNetConfig = {
  channels: 4,
  base: 32,
  mults: [1, 2],
  blocks: 1,
  attention: [],
  groups: 8,
  classes: 11,
};

/** The DiT in the same map: 16 patches of 2 × 2 × 4 numbers. */
export const DIGIT_DIT: DitConfig = {
  size: 8,
  channels: 4,
  patch: 2,
  width: 96,
  layers: 6,
  heads: 4,
  classes: 10,
  learnSigma: false,
};

/**
 * What teaches that DiT to draw in a few steps: adapters beside all of its linear layers, `latent-dit-few-steps`. Guidance of
 * 1.5 is part of what they learnt, so the net is asked once a step, along `trailingSteps`.
 */
export const FEW_STEPS_LORA: LoraOptions = {
  rank: 4,
  layers: /^(blocks|final_layer|t_embedder)\..*(qkv|proj|fc\d|linear|\.\d)$/,
};
