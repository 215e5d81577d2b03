/**
 * The U-Net of text-to-image (Rombach et al. 2022, section 3.3; Stable Diffusion): the U-Net of diffusion, in which a
 * small Transformer stands where attention stood. Its pixels look at each other, then at the words of the caption.
 *
 * Parameters carry the names of the diffusers library's `UNet2DConditionModel`, hence the snake_case fields.
 * @see notebooks/14-text-to-image.ipynb
 */
import { attentionMaps, Conv2d, GroupNorm, Linear, Module, silu } from '../nn';
import { tf } from '../runtime';
import { expectShape, expectSizes } from '../runtime/expect';
import { sinusoids, TimeEmbedding, zeroed } from './blocks';
import { Transformer2D } from './transformer-2d';
import { type Control, type DownBlock, type MidBlock, steered, type UpBlock, uShape } from './unet';

export interface ConditionalUNetConfig {
  /** Channels of the latent map, in and out. */
  channels: number;
  /** Channels at each resolution, from full down; the resolution halves from one to the next. */
  widths: number[];
  /** Residual blocks per resolution on the way down; the way up has one more. */
  blocks: number;
  /** Resolutions (0 = full) whose residual blocks are each followed by a Transformer; the middle always has it. */
  attention: number[];
  /** Attention heads, of all resolutions or of each; divides every width that has attention. */
  heads: number | number[];
  /** Blocks of the Transformers at each resolution; default 1. The middle has those of the last. */
  depths?: number[];
  /** Whether the Transformers' first and last layers are linear, as in Stable Diffusion 2 and XL; default convolutions of 1 × 1. */
  linear?: boolean;
  /** What XL is told beside the words (Podell et al. 2023, section 2.2): numbers of a text's vector, and sinusoids of each size. */
  added?: { pooled: number; waves: number };
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

/** Sizes that XL is told: height and width of the original, where it was cut (2 numbers), height and width now. */
const TOLD_SIZES = 6;

/** Beside the words. pooled: vectors of the whole texts [B, P]; ids: the six sizes of each picture [B, 6]. */
export interface Added {
  pooled: tf.Tensor;
  ids: tf.Tensor;
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

/** Stable Diffusion XL: latents of 128 × 128 × 4; 2,567,463,684 parameters (Podell et al. 2023, table 1). */
export const SDXL_UNET: ConditionalUNetConfig = {
  channels: 4,
  widths: [320, 640, 1280],
  blocks: 2,
  attention: [1, 2],
  heads: [5, 10, 20],
  depths: [1, 2, 10],
  linear: true,
  context: 2048,
  groups: 32,
  added: { pooled: 1280, waves: 256 },
};

/**
 * @example
 * const unet = new ConditionalUNet(THING_UNET);
 * unet.forward(tf.zeros([1, 16, 16, 12]), tf.zeros([1]), tf.zeros([1, 10, 96])).shape // → [1, 16, 16, 12]
 */
export class ConditionalUNet extends Module {
  readonly conv_in: Conv2d;
  readonly time_embedding: TimeEmbedding;
  readonly add_embedding?: AddedEmbedding;
  readonly class_embedding?: Linear;
  readonly layout_embedding?: Linear;
  readonly down_blocks: DownBlock[];
  readonly mid_block: MidBlock;
  readonly up_blocks: UpBlock[];
  readonly conv_norm_out: GroupNorm;
  readonly conv_out: Conv2d;

  constructor(readonly config: ConditionalUNetConfig) {
    super();
    const { channels, widths, heads, groups, context } = config;
    expectSizes('a U-Net', config, { attention: { from: 0, below: widths.length, whole: true } });
    const [base] = widths;
    for (const [name, list] of Object.entries({ heads, depths: config.depths })) {
      if (Array.isArray(list) && list.length !== widths.length)
        throw new Error(
          `a U-Net: ${name} has ${list.length} numbers, expected one for each of ${widths.length} widths`,
        );
    }
    this.conv_in = new Conv2d(channels, base, 3, { padding: 1 });
    this.time_embedding = new TimeEmbedding(base, 4 * base, 'latent');
    if (config.added) this.add_embedding = new AddedEmbedding(config.added, 4 * base);
    if (config.pooled) this.class_embedding = new Linear(context, 4 * base);
    if (config.layout) {
      const [h, w] = config.layout;
      this.layout_embedding = new Linear(context, h * w * widths[widths.length - 1]);
    }
    const levels = uShape(...shapeOfBlocks(config));
    this.down_blocks = levels.down_blocks;
    this.mid_block = levels.mid_block;
    this.up_blocks = levels.up_blocks;
    this.conv_norm_out = new GroupNorm(groups, base);
    this.conv_out = zeroed(new Conv2d(base, channels, 3, { padding: 1 }));
  }

  /**
   * x: noisy latents [B, H, W, C], t: their time steps [B], tokens: one vector per word [B, S, D],
   * mask: 1 where a word stands and 0 where the caption is over [B, S]; all are words where it is left out
   * added: for XL alone; control: what a ControlNet adds → [B, H, W, C].
   * H and W must be divisible by 2 once for every resolution after the first.
   */
  forward(
    x: tf.Tensor,
    t: tf.Tensor,
    tokens: tf.Tensor,
    mask?: tf.Tensor,
    added?: Added,
    control?: Control,
  ): tf.Tensor {
    this.check(x, t, tokens, added);
    if (mask)
      expectShape('a mask of the words', mask, [tokens.shape[0], tokens.shape[1] ?? 0], 'one number for each word');
    const context = { tokens, mask: mask && hiding(mask) };
    let time = this.time_embedding.forward(t); //                                        [B, 4·base]
    if (this.add_embedding && added) time = tf.add(time, this.add_embedding.forward(added));
    if (this.class_embedding) time = tf.add(time, this.class_embedding.forward(meanOf(tokens, mask)));
    let h = this.conv_in.forward(x); //                                                  [B, H, W, base]
    const skips = [h];
    for (const block of this.down_blocks) h = block.forward(h, time, skips, context); // halved at each level
    if (this.layout_embedding) {
      h = tf.add(h, tf.reshape(this.layout_embedding.forward(meanOf(tokens, mask)), h.shape)); // [B, h, w, width]
    }
    h = this.mid_block.forward(h, time, context); //                                     [B, h, w, width]
    if (control) h = steered(h, skips, control); //                                      [B, h, w, width]
    for (const block of this.up_blocks) h = block.forward(h, time, skips, context); //   doubled at each level
    return this.conv_out.forward(silu(this.conv_norm_out.forward(h))); //                [B, H, W, C]
  }

  private check(x: tf.Tensor, t: tf.Tensor, tokens: tf.Tensor, given?: Added): void {
    const { channels, widths, context, added } = this.config;
    if (!given !== !added)
      throw new Error(
        added
          ? 'this U-Net is told sizes and whole texts; give it added'
          : 'this U-Net is told words alone; leave out added',
      );
    if (given && added) {
      expectShape("the texts' vectors", given.pooled, [x.shape[0], added.pooled], 'one for each latent map');
      expectShape('the told sizes', given.ids, [x.shape[0], TOLD_SIZES], 'six for each latent map');
    }
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

/** What `uShape` and `downHalf` are to make of a configuration. */
export function shapeOfBlocks(config: ConditionalUNetConfig): Parameters<typeof uShape> {
  const { widths, blocks, attention, heads, depths = 1, linear = false, groups, context } = config;
  const at = (value: number | number[], level: number) => (Array.isArray(value) ? value[level] : value);
  const attend = (width: number, level: number) =>
    new Transformer2D(width, { heads: at(heads, level), depth: at(depths, level), linear, groups, context });
  return [widths, blocks, attention, { groups, epsilon: 1e-5, timeWidth: 4 * widths[0] }, attend, 'all'];
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

/** The vector of the whole text and sinusoids of the six sizes, then two layers. */
class AddedEmbedding extends Module {
  readonly linear_1: Linear;
  readonly linear_2: Linear;

  constructor(
    private readonly sizes: { pooled: number; waves: number },
    width: number,
  ) {
    super();
    expectSizes('what a U-Net is told beside the words', sizes);
    this.linear_1 = new Linear(sizes.pooled + TOLD_SIZES * sizes.waves, width);
    this.linear_2 = new Linear(width, width);
  }

  /** pooled: [B, P], ids: [B, 6] → [B, width]. */
  forward({ pooled, ids }: Added): tf.Tensor {
    const waves = sinusoids(tf.reshape(ids, [-1]), this.sizes.waves, 'latent'); //             [B·6, waves]
    const all = tf.concat([pooled, tf.reshape(waves, [pooled.shape[0], -1])], 1); //           [B, P + 6·waves]
    return this.linear_2.forward(silu(this.linear_1.forward(all)));
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
