/**
 * Two small nets for 32 × 32 emoji, an auto-encoder and a CLIP: sizes only. scripts/train/emoji-*.ts trained them.
 * @see notebooks/18-transformer-family.ipynb
 */
import type { AutoencoderConfig } from './autoencoder-kl';
import type { ClipConfig } from './clip';

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
