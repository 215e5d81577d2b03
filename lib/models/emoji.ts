/**
 * A small CLIP for 32 × 32 emoji: sizes only. scripts/train/emoji-clip.ts trained it.
 * @see notebooks/18-transformer-family.ipynb
 */
import type { ClipConfig } from './clip';

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
