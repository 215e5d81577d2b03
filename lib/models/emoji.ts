/**
 * The three nets of the course's own text-to-image model, which draws 32 × 32 emoji: sizes only, the nets are those of
 * latent diffusion in small. scripts/train/emoji-*.ts trained them.
 * @see notebooks/14-text-to-image.ipynb
 */
import type { AutoencoderConfig } from './autoencoder-kl';
import type { ClipConfig } from './clip';
import type { ConditionalUNetConfig } from './conditional-unet';

/** 32 × 32 × 3 → 8 × 8 × 4, a twelfth of the numbers. */
export const EMOJI_VAE: AutoencoderConfig = { channels: 3, widths: [16, 32, 64], blocks: 1, latent: 4, groups: 8 };

/**
 * A picture is 16 patches, a text 16 tokens; both become 64 numbers. `vocab` is that of `captionTokenizer(emojiSplit().train …)`.
 * @example emojiClip(100).embedding // → 64
 */
export const emojiClip = (vocab: number): ClipConfig => ({
  text: { vocab, context: 16, width: 96, layers: 3, heads: 4 },
  vision: { image: 32, patch: 8, width: 96, layers: 3, heads: 4 },
  embedding: 64,
  activation: 'gelu',
});

/** 2,515,748 parameters; 64 pixels of the latent map at the top, 16 below, where they look at the words. */
export const EMOJI_UNET: ConditionalUNetConfig = {
  channels: 4,
  widths: [64, 96],
  blocks: 1,
  attention: [1],
  heads: 4,
  context: 96,
  groups: 8,
};
