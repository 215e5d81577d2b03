/**
 * The course's text-to-image model, ready to paint: tokenizer, CLIP, U-Net and auto-encoder with the weights that
 * scripts/train/emoji-*.ts made.
 * @see notebooks/14-text-to-image.ipynb
 */
import { type CaptionTokenizer, captionTokenizer, type EmojiPicture, emojiSplit, emojiTensor } from '../data';
import { cosineSchedule, TextToImage } from '../diffusion';
import { tf } from '../runtime';
import { AutoencoderKL } from './autoencoder-kl';
import { Clip } from './clip';
import { ConditionalUNet } from './conditional-unet';
import { EMOJI_UNET, EMOJI_VAE, emojiClip } from './emoji';
import { inPortions } from './portions';
import { loadPretrained } from './pretrained';

/** A picture 32 × 32, a latent map 8 × 8 × 4. */
const LATENT: [number, number, number] = [8, 8, 4];

/**
 * @example
 * // needs a minute on a processor
 * const painted = await EmojiPainter.load().paint(['red heart']);
 */
export class EmojiPainter extends TextToImage {
  private constructor(
    readonly tokenizer: CaptionTokenizer,
    readonly clip: Clip,
    readonly unet: ConditionalUNet,
    readonly vae: AutoencoderKL,
    /** What the training wrote beside the U-Net's weights. */
    readonly facts: Record<string, string>,
  ) {
    super({
      words: texts => clip.text_model.sequence(tokenizer.encode(texts)),
      net: (x, t, words) => unet.forward(x, t, words),
      vae,
      scale: 1 / Number(facts.deviation),
      schedule: cosineSchedule(),
      prediction: 'v',
      latent: LATENT,
    });
  }

  /** Reads the weights, about 10 MB. */
  static load(): EmojiPainter {
    const tokenizer = captionTokenizer(emojiSplit().train);
    const [vae, clip, unet] = [
      new AutoencoderKL(EMOJI_VAE),
      new Clip(emojiClip(tokenizer.vocab)),
      new ConditionalUNet(EMOJI_UNET),
    ];
    loadPretrained('emoji-vae', vae);
    loadPretrained('emoji-clip', clip);
    return new EmojiPainter(tokenizer, clip, unet, vae, loadPretrained('emoji-diffusion', unet));
  }

  /** CLIP's unit vectors of texts, [N, 64]. */
  embedTexts(texts: readonly string[]): tf.Tensor2D {
    return inPortions(texts, part => this.clip.embedTexts(this.tokenizer.encode(part)));
  }

  /** CLIP's unit vectors of pictures, [N, 32, 32, 3] in −1..1 or from the set → [N, 64]. */
  embedPictures(pictures: readonly EmojiPicture[] | tf.Tensor): tf.Tensor2D {
    if (pictures instanceof tf.Tensor) return tf.tidy(() => this.clip.embedImages(pictures));
    return inPortions(pictures, part => this.clip.embedImages(emojiTensor(part)));
  }

  /** Latents of variance 1 of pictures from the set, [N, 8, 8, 4]. */
  latentsOf(pictures: readonly EmojiPicture[]): tf.Tensor4D {
    return inPortions(pictures, part => this.latents(emojiTensor(part)));
  }
}
