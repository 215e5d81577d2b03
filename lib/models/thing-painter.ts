/**
 * The course's text-to-image model of things: a text encoder that learns together with a U-Net, which paints pixels, no latents.
 * A picture of 32 × 32 × 3 is folded to 16 × 16 × 12, so that the first convolutions are cheap and nothing is lost.
 * scripts/train/thing-painter.ts trained it.
 * @see notebooks/14-text-to-image.ipynb
 */
import { type CaptionTokenizer, thingTokenizer } from '../data';
import { cosineSchedule, TextToImage } from '../diffusion';
import { Embedding, LayerNorm, Module } from '../nn';
import { random, type tf } from '../runtime';
import { expectShape } from '../runtime/expect';
import { ClipEncoder } from './clip-encoder';
import { ConditionalUNet, type ConditionalUNetConfig } from './conditional-unet';
import { loadPretrained } from './pretrained';

export interface CaptionEncoderConfig {
  /** Number of different tokens. */
  vocab: number;
  /** Tokens of a caption, padding included. */
  context: number;
  width: number;
  layers: number;
  heads: number;
}

/**
 * A small Transformer over the words of a caption; every word looks at all others.
 * @example
 * const encoder = new CaptionEncoder({ vocab: 20, context: 8, width: 16, layers: 1, heads: 2 });
 * encoder.forward(tf.zeros([1, 8], 'int32')).shape // → [1, 8, 16]
 */
export class CaptionEncoder extends Module {
  readonly token_embedding: Embedding;
  readonly position_embedding: Embedding;
  readonly encoder: ClipEncoder;
  readonly final_layer_norm: LayerNorm;

  constructor(readonly config: CaptionEncoderConfig) {
    super();
    const init = (shape: number[]) => random.normal(shape, 0, 0.1);
    this.token_embedding = new Embedding(config.vocab, config.width, { init });
    this.position_embedding = new Embedding(config.context, config.width, { init });
    this.encoder = new ClipEncoder(config, 'gelu');
    this.final_layer_norm = new LayerNorm(config.width);
  }

  /** ids: [B, T] int32 → [B, T, W]. */
  forward(ids: tf.Tensor): tf.Tensor3D {
    const { context } = this.config;
    expectShape('token ids', ids, ['B', context], 'CaptionTokenizer.encode makes them');
    const x = this.token_embedding.forward(ids).add(this.position_embedding.weight); // [B, T, W]
    return this.final_layer_norm.forward(this.encoder.forward(x)) as tf.Tensor3D; //    [B, T, W]
  }
}

/** How many pixels high and wide a fold is. */
const FOLD = 2;

export const THING_UNET: ConditionalUNetConfig = {
  channels: 3 * FOLD ** 2,
  widths: [32, 64, 96],
  blocks: 1,
  attention: [2],
  heads: 4,
  context: 96,
  groups: 8,
  pooled: true,
  layout: [4, 4],
};

const textOf = (vocab: number, context: number): CaptionEncoderConfig => ({
  vocab,
  context,
  width: 96,
  layers: 1,
  heads: 4,
});

/**
 * Text encoder and U-Net, which learn together.
 * @example new ThingNet({ vocab: 20, context: 8 }).parameterCount() > 100_000 // → true
 */
export class ThingNet extends Module {
  readonly text: CaptionEncoder;
  readonly unet: ConditionalUNet;

  constructor({ vocab, context }: Pick<CaptionTokenizer, 'vocab' | 'context'>, unet = THING_UNET) {
    super();
    this.text = new CaptionEncoder(textOf(vocab, context));
    this.unet = new ConditionalUNet(unet);
  }
}

/**
 * Pictures [B, H, W, C] → [B, H/f, W/f, f²·C]: each block of f × f pixels becomes one.
 * @example folded(tf.zeros([1, 8, 8, 3]), 2).shape // → [1, 4, 4, 12]
 */
export function folded(x: tf.Tensor, fold = FOLD): tf.Tensor4D {
  const [B, H, W, C] = x.shape;
  expectShape('pictures', x, ['B', 'H', 'W', 'C']);
  if (H % fold || W % fold) throw new Error(`expected sides divisible by ${fold}, got ${H} and ${W}; pad them`);
  const blocks = x.reshape([B, H / fold, fold, W / fold, fold, C]).transpose([0, 1, 3, 2, 4, 5]); // [B, h, w, f, f, C]
  return blocks.reshape([B, H / fold, W / fold, fold * fold * C]) as tf.Tensor4D;
}

/**
 * The inverse of `folded`. [B, h, w, f²·C] → [B, f·h, f·w, C].
 * @example unfolded(tf.zeros([1, 4, 4, 12]), 2).shape // → [1, 8, 8, 3]
 */
export function unfolded(z: tf.Tensor, fold = FOLD): tf.Tensor4D {
  const [B, h, w, C] = z.shape;
  const blocks = z.reshape([B, h, w, fold, fold, C / fold ** 2]).transpose([0, 1, 3, 2, 4, 5]); // [B, h, f, w, f, C]
  return blocks.reshape([B, h * fold, w * fold, C / fold ** 2]) as tf.Tensor4D;
}

/** Pixels have this mean and standard deviation over the set, from −1..1; the net sees them with 0 and 1. */
export const THING_PIXELS = { mean: 0.55, deviation: 0.62 };

/**
 * @example
 * // needs the painter's weights, which come with the course's text-to-image lesson
 * const fox = await ThingPainter.load().paint(['a red fox']);
 */
export class ThingPainter extends TextToImage {
  constructor(
    readonly tokenizer: CaptionTokenizer,
    readonly net: ThingNet,
    /** What the training wrote beside the weights. */
    readonly facts: Record<string, string> = {},
  ) {
    const { mean, deviation } = THING_PIXELS;
    const fold = Math.sqrt(net.unet.config.channels / 3);
    super({
      words: texts => net.text.forward(tokenizer.encode(texts)),
      net: (x, t, words) => net.unet.forward(x, t, words),
      vae: { encode: x => ({ mean: folded(x, fold) }), decode: z => unfolded(z, fold) },
      shift: mean,
      scale: 1 / deviation,
      schedule: cosineSchedule(),
      prediction: 'v',
      latent: [32 / fold, 32 / fold, net.unet.config.channels],
      bounds: [(-1 - mean) / deviation, (1 - mean) / deviation],
    });
  }

  /** Reads the weights. */
  static load(): ThingPainter {
    const tokenizer = thingTokenizer();
    const net = new ThingNet(tokenizer);
    return new ThingPainter(tokenizer, net, loadPretrained('thing-painter', net));
  }
}
