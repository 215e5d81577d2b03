/**
 * The U-Net of text-to-image (Rombach et al. 2022, section 3.3; Stable Diffusion): the U-Net of diffusion, in which a
 * small Transformer stands where attention stood. Its pixels look at each other, then at the words of the caption.
 *
 * Parameters carry the names of the diffusers library's `UNet2DConditionModel`, hence the snake_case fields.
 * @see notebooks/14-text-to-image.ipynb
 */
import {
  attention,
  attentionMaps,
  Conv2d,
  Dropout,
  GroupNorm,
  gelu,
  LayerNorm,
  Linear,
  Module,
  mergeHeads,
  silu,
  splitHeads,
} from '../nn';
import { tf } from '../runtime';
import { expectShape, expectSizes } from '../runtime/expect';
import { TimeEmbedding, zeroed } from './blocks';
import { type Attend, type Context, type DownBlock, type MidBlock, type UpBlock, uShape } from './unet';

export interface ConditionalUNetConfig {
  /** Channels of the latent map, in and out. */
  channels: number;
  /** Channels at each resolution, from full down; the resolution halves from one to the next. */
  widths: number[];
  /** Residual blocks per resolution on the way down; the way up has one more. */
  blocks: number;
  /** Resolutions (0 = full) whose residual blocks are each followed by a Transformer; the middle always has it. */
  attention: number[];
  /** Attention heads; divides every width that has attention. */
  heads: number;
  /** Numbers in the vector of a word. */
  context: number;
  /** Groups of the group normalisation; divides every width. */
  groups: number;
  /**
   * Whether the mean of the words is also added to the time, so that every block knows the caption as a whole (diffusers'
   * `simple_projection` of class embeddings).
   */
  pooled?: boolean;
  /**
   * Height and width of the smallest map, if the mean of the words is also to be spread out over it: what stands where is
   * then learnt at once, but pictures have one size. Not in diffusers' net.
   */
  layout?: [number, number];
}

/** Stable Diffusion 1.5: latents of 64 × 64 × 4, captions of 77 tokens; 859,520,964 parameters. */
export const SD15_UNET: ConditionalUNetConfig = {
  channels: 4,
  widths: [320, 640, 1280, 1280],
  blocks: 2,
  attention: [0, 1, 2],
  heads: 8,
  context: 768,
  groups: 32,
};

/**
 * @example
 * const unet = new ConditionalUNet(THING_UNET);
 * unet.forward(tf.zeros([1, 16, 16, 12]), tf.zeros([1]), tf.zeros([1, 10, 96])).shape // → [1, 16, 16, 12]
 */
export class ConditionalUNet extends Module {
  readonly conv_in: Conv2d;
  readonly time_embedding: TimeEmbedding;
  readonly class_embedding?: Linear;
  readonly layout_embedding?: Linear;
  readonly down_blocks: DownBlock[];
  readonly mid_block: MidBlock;
  readonly up_blocks: UpBlock[];
  readonly conv_norm_out: GroupNorm;
  readonly conv_out: Conv2d;

  constructor(readonly config: ConditionalUNetConfig) {
    super();
    const { channels, widths, blocks, heads, groups, context } = config;
    expectSizes('a U-Net', config, { attention: { from: 0, below: widths.length, whole: true } });
    const [base] = widths;
    const resnet = { groups, epsilon: 1e-5, timeWidth: 4 * base };
    const attend = (width: number) => new Transformer2D(width, { heads, groups, context });
    this.conv_in = new Conv2d(channels, base, 3, { padding: 1 });
    this.time_embedding = new TimeEmbedding(base, 4 * base, 'latent');
    if (config.pooled) this.class_embedding = new Linear(context, 4 * base);
    if (config.layout) {
      const [h, w] = config.layout;
      this.layout_embedding = new Linear(context, h * w * widths[widths.length - 1]);
    }
    const levels = uShape(widths, blocks, config.attention, resnet, attend, 'all');
    this.down_blocks = levels.down_blocks;
    this.mid_block = levels.mid_block;
    this.up_blocks = levels.up_blocks;
    this.conv_norm_out = new GroupNorm(groups, base);
    this.conv_out = zeroed(new Conv2d(base, channels, 3, { padding: 1 }));
  }

  /**
   * x: noisy latents [B, H, W, C], t: their time steps [B], tokens: one vector per word [B, S, D],
   * mask: 1 where a word stands and 0 where the caption is over [B, S]; all are words where it is left out
   * → [B, H, W, C]. H and W must be divisible by 2 once for every resolution after the first.
   */
  forward(x: tf.Tensor, t: tf.Tensor, tokens: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
    this.check(x, t, tokens);
    if (mask)
      expectShape('a mask of the words', mask, [tokens.shape[0], tokens.shape[1] ?? 0], 'one number for each word');
    const context = { tokens, mask: mask && hiding(mask) };
    let time = this.time_embedding.forward(t); //                                        [B, 4·base]
    if (this.class_embedding) time = tf.add(time, this.class_embedding.forward(meanOf(tokens, mask)));
    let h = this.conv_in.forward(x); //                                                  [B, H, W, base]
    const skips = [h];
    for (const block of this.down_blocks) h = block.forward(h, time, skips, context); // halved at each level
    if (this.layout_embedding) {
      h = tf.add(h, tf.reshape(this.layout_embedding.forward(meanOf(tokens, mask)), h.shape)); // [B, h, w, width]
    }
    h = this.mid_block.forward(h, time, context); //                                     [B, h, w, width]
    for (const block of this.up_blocks) h = block.forward(h, time, skips, context); //   doubled at each level
    return this.conv_out.forward(silu(this.conv_norm_out.forward(h))); //                [B, H, W, C]
  }

  private check(x: tf.Tensor, t: tf.Tensor, tokens: tf.Tensor): void {
    const { channels, widths, context } = this.config;
    const factor = 2 ** (widths.length - 1);
    const [, height, width, depth] = x.shape;
    if (x.rank !== 4 || depth !== channels || height % factor || width % factor) {
      throw new Error(
        `expected latents [B, H, W, ${channels}] with H and W divisible by ${factor}, got [${x.shape}]; pad or crop them`,
      );
    }
    expectShape('time steps', t, [x.shape[0]], 'one for each latent map');
    if (tokens.rank !== 3 || tokens.shape[0] !== x.shape[0] || tokens.shape[2] !== context) {
      throw new Error(`expected one caption [S, ${context}] for each of ${x.shape[0]} latents, got [${tokens.shape}]`);
    }
  }
}

/** Mean of the words that stand, [B, S, D] → [B, D]. mask: [B, S]. */
function meanOf(tokens: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  if (!mask) return tokens.mean(1);
  const standing = mask.toFloat().expandDims(2); //                [B, S, 1]
  return tf.div(tokens.mul(standing).sum(1), standing.sum(1)); // [B, D]
}

/** [B, S] of 1 and 0 → [B, 1, 1, S] of 0 and −10⁹, which the softmax turns into no attention at all. */
function hiding(mask: tf.Tensor): tf.Tensor {
  return tf.reshape(tf.mul(tf.sub(1, tf.cast(mask, 'float32')), -1e9), [mask.shape[0], 1, 1, mask.shape[1]!]);
}

interface TransformerOptions {
  heads: number;
  groups: number;
  context: number;
}

/** The pixels of a map as the tokens of a Transformer; what it finds is added to the map. */
class Transformer2D extends Module implements Attend {
  readonly norm: GroupNorm;
  readonly proj_in: Conv2d;
  readonly transformer_blocks: TransformerBlock[];
  readonly proj_out: Conv2d;

  constructor(width: number, options: TransformerOptions) {
    super();
    this.norm = new GroupNorm(options.groups, width, 1e-6);
    this.proj_in = new Conv2d(width, width, 1);
    this.transformer_blocks = [new TransformerBlock(width, options)];
    this.proj_out = zeroed(new Conv2d(width, width, 1));
  }

  /** [B, H, W, C] → [B, H, W, C]. */
  forward(x: tf.Tensor, context: Context): tf.Tensor {
    const [B, H, W, C] = x.shape;
    let h = tf.reshape(this.proj_in.forward(this.norm.forward(x)), [B, H * W, C]); // [B, H·W, C]
    for (const block of this.transformer_blocks) h = block.forward(h, context); //    [B, H·W, C]
    return tf.add(x, this.proj_out.forward(tf.reshape(h, [B, H, W, C])));
  }
}

/** Pixels look at pixels, pixels look at words, each pixel thinks for itself; the norm stands before each part. */
class TransformerBlock extends Module {
  readonly norm1: LayerNorm;
  readonly attn1: Attention;
  readonly norm2: LayerNorm;
  readonly attn2: Attention;
  readonly norm3: LayerNorm;
  readonly ff: FeedForward;

  constructor(width: number, { heads, context }: TransformerOptions) {
    super();
    this.norm1 = new LayerNorm(width);
    this.attn1 = new Attention(width, width, heads);
    this.norm2 = new LayerNorm(width);
    this.attn2 = new Attention(width, context, heads);
    this.norm3 = new LayerNorm(width);
    this.ff = new FeedForward(width);
  }

  /** x: [B, N, C] → [B, N, C]. */
  forward(x: tf.Tensor, { tokens, mask }: Context): tf.Tensor {
    const normal = this.norm1.forward(x); //                                         [B, N, C]
    const self = tf.add(x, this.attn1.forward(normal, normal)); //                   [B, N, C]
    const told = tf.add(self, this.attn2.forward(this.norm2.forward(self), tokens, mask));
    return tf.add(told, this.ff.forward(this.norm3.forward(told))); //               [B, N, C]
  }
}

/**
 * Where each word of a caption is looked at: the cross-attention of all blocks and heads, averaged and brought to the largest of
 * their resolutions (Hertz et al. 2022, section 3, and Tang et al. 2023, section 3.2, show such maps). Arguments as those of
 * `ConditionalUNet.forward` → [B, h, w, S]; over the words each pixel's numbers sum to 1. The caller disposes them.
 * @example
 * const painter = new ConditionalUNet(THING_UNET);
 * wordMaps(painter, tf.zeros([1, 16, 16, 12]), tf.zeros([1]), tf.zeros([1, 10, 96])).shape[3] // → 10
 */
export function wordMaps(
  net: ConditionalUNet,
  x: tf.Tensor,
  t: tf.Tensor,
  tokens: tf.Tensor,
  mask?: tf.Tensor,
): tf.Tensor4D {
  const all = attentionMaps(() => net.forward(x, t, tokens, mask)); // each block looks at pixels, then at words
  return tf.tidy(() => {
    const [, H, W] = x.shape;
    const maps = all
      .filter((_, i) => i % 2 === 1)
      .map(weights => {
        const [B, , N, S] = weights.shape; //                                            [B, heads, N, S]
        const h = Math.round(Math.sqrt((N * H) / W));
        return weights.mean(1).reshape<tf.Tensor4D>([B, h, N / h, S]);
      });
    tf.dispose(all);
    const h = Math.max(...maps.map(map => map.shape[1]));
    const w = Math.max(...maps.map(map => map.shape[2]));
    const large = maps.map(map => tf.image.resizeNearestNeighbor(map, [h, w])); // [B, h, w, S] each
    return tf.addN(large).div(large.length) as tf.Tensor4D;
  });
}

/** Each of N tokens asks, S tokens answer: questions from one row of vectors, keys and values from another. */
class Attention extends Module {
  readonly to_q: Linear;
  readonly to_k: Linear;
  readonly to_v: Linear;
  readonly to_out: Linear[];

  constructor(
    width: number,
    from: number,
    private readonly heads: number,
  ) {
    super();
    this.to_q = new Linear(width, width, { bias: false });
    this.to_k = new Linear(from, width, { bias: false });
    this.to_v = new Linear(from, width, { bias: false });
    this.to_out = [new Linear(width, width)];
  }

  /** x: [B, N, C], from: [B, S, from], mask: [B, 1, 1, S] → [B, N, C]. */
  forward(x: tf.Tensor, from: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
    const q = splitHeads(this.to_q.forward(x), this.heads); //    [B, heads, N, D]
    const k = splitHeads(this.to_k.forward(from), this.heads); // [B, heads, S, D]
    const v = splitHeads(this.to_v.forward(from), this.heads); // [B, heads, S, D]
    return this.to_out[0].forward(mergeHeads(attention(q, k, v, mask)));
  }
}

/** Two layers, four times as wide inside; between them half of the numbers gate the other half (Shazeer 2020, GEGLU). */
class FeedForward extends Module {
  readonly net: [Geglu, Dropout, Linear];

  constructor(width: number) {
    super();
    const silent = new Dropout(0); // the reference counts a dropout between them: the second layer is number 2
    this.net = [new Geglu(width, 4 * width), silent, new Linear(4 * width, width)];
  }

  forward(x: tf.Tensor): tf.Tensor {
    return this.net[2].forward(this.net[0].forward(x)); // [B, N, C]
  }
}

class Geglu extends Module {
  readonly proj: Linear;

  constructor(width: number, out: number) {
    super();
    this.proj = new Linear(width, 2 * out);
  }

  /** [B, N, width] → [B, N, out]. */
  forward(x: tf.Tensor): tf.Tensor {
    const [value, gate] = tf.split(this.proj.forward(x), 2, 2); // 2 × [B, N, out]
    return tf.mul(value, gelu(gate));
  }
}
