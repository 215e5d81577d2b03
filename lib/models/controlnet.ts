/**
 * ControlNet (Zhang, Rao & Agrawala 2023, section 3): a finished diffusion net is steered by a second picture, the hint, such as
 * an outline. The net itself is frozen. A copy of its way down and of its turn sees the hint as well, and what the copy finds is
 * added to the maps that the net keeps for its way up. Every door into the net is a convolution of 1 × 1 that starts at zero, so
 * that at the start nothing has changed.
 *
 * Parameters carry the names of the diffusers library's `ControlNetModel`, hence the snake_case fields.
 * @see notebooks/15-lora.ipynb
 */
import { Conv2d, Embedding, Linear, Module, silu } from '../nn';
import { tf } from '../runtime';
import { expectCount, expectShape } from '../runtime/expect';
import { TimeEmbedding, zeroed } from './blocks';
import { type ConditionalUNet, type ConditionalUNetConfig, shapeOfBlocks } from './conditional-unet';
import { blocksOf, type Control, type DownBlock, downHalf, type MidBlock, type UNet, type UNetConfig } from './unet';

export interface HintConfig {
  /** Channels of the hint: 1 for an outline, 3 for a picture. */
  channels: number;
  /** Channels of the layers that read it; its sides are halved once from each to the next. Stable Diffusion: 16, 32, 96, 256. */
  widths: number[];
}

/** A hint in the size of pixels becomes a map in the size and the channels of the net's first one. */
class HintEmbedding extends Module {
  readonly conv_in: Conv2d;
  readonly blocks: Conv2d[];
  readonly conv_out: Conv2d;

  constructor({ channels, widths }: HintConfig, base: number) {
    super();
    this.conv_in = new Conv2d(channels, widths[0], 3, { padding: 1 });
    this.blocks = widths.slice(1).flatMap((width, i) => [
      new Conv2d(widths[i], widths[i], 3, { padding: 1 }),
      new Conv2d(widths[i], width, 3, { padding: 1, stride: 2 }), //  halves the sides
    ]);
    this.conv_out = zeroed(new Conv2d(widths[widths.length - 1], base, 3, { padding: 1 }));
  }

  /** [B, f·H, f·W, channels] → [B, H, W, base], where f is 2 once for every halving. */
  forward(hint: tf.Tensor): tf.Tensor {
    let h = silu(this.conv_in.forward(hint)); //            [B, f·H, f·W, widths[0]]
    for (const block of this.blocks) h = silu(block.forward(h));
    return this.conv_out.forward(h); //                     [B, H, W, base]
  }
}

/**
 * Train `control.parameters()`, nothing else.
 * @example
 * const unet = new UNet(GUIDED_MNIST_UNET), control = ControlNet.of(unet, { channels: 1, widths: [16] });
 * const [x, t, digit] = [tf.zeros([1, 28, 28, 1]), tf.tensor1d([500], 'int32'), tf.tensor1d([3], 'int32')];
 * unet.forward(x, t, digit, control.forward(x, t, digit, tf.ones([1, 28, 28, 1]))).shape // → [1, 28, 28, 1]
 */
export class ControlNet extends Module {
  readonly conv_in: Conv2d;
  readonly time_embedding: TimeEmbedding;
  readonly class_embedding?: Embedding | Linear;
  readonly layout_embedding?: Linear;
  readonly controlnet_cond_embedding: HintEmbedding;
  readonly down_blocks: DownBlock[];
  readonly controlnet_down_blocks: Conv2d[];
  readonly mid_block: MidBlock;
  readonly controlnet_mid_block: Conv2d;

  /** A fresh one for a net of that configuration, told words or classes; `ControlNet.of` begins as a copy. */
  constructor(
    config: ConditionalUNetConfig | UNetConfig,
    private readonly hint: HintConfig,
  ) {
    super();
    expectCount('channels of the hint', hint.channels);
    expectCount('widths of the layers that read the hint', hint.widths.length);
    for (const width of hint.widths) expectCount('a width of the layers that read the hint', width);
    const shape = 'mults' in config ? blocksOf(config) : shapeOfBlocks(config);
    const [base, last] = [shape[0][0], shape[0][shape[0].length - 1]];
    this.conv_in = new Conv2d(config.channels, base, 3, { padding: 1 });
    this.time_embedding = new TimeEmbedding(base, 4 * base, 'mults' in config ? 'ddpm' : 'latent');
    if ('mults' in config) {
      if (config.classes) this.class_embedding = new Embedding(config.classes, 4 * base);
    } else {
      if (config.added)
        throw new Error('a ControlNet for Stable Diffusion XL is not built; take a net without `added`');
      if (config.pooled) this.class_embedding = new Linear(config.context, 4 * base);
      if (config.layout) this.layout_embedding = new Linear(config.context, config.layout[0] * config.layout[1] * last);
    }
    this.controlnet_cond_embedding = new HintEmbedding(hint, base);
    const { down_blocks, mid_block, kept } = downHalf(...shape);
    this.down_blocks = down_blocks;
    this.controlnet_down_blocks = kept.map(width => zeroed(new Conv2d(width, width, 1)));
    this.mid_block = mid_block;
    this.controlnet_mid_block = zeroed(new Conv2d(last, last, 1));
  }

  /** One that begins as a copy of the net's own way down and turn; the net is not touched. */
  static of(unet: ConditionalUNet | UNet, hint: HintConfig): ControlNet {
    const control = new ControlNet(unet.config, hint);
    const [own, given] = [control.stateDict(), unet.stateDict()];
    const copied = Object.keys(own).filter(name => name in given);
    control.loadStateDict({ ...own, ...Object.fromEntries(copied.map(name => [name, given[name]])) });
    tf.dispose([own, given]);
    return control;
  }

  /**
   * x: noisy pictures [B, H, W, C], t: their time steps [B], told: what the net is told of them, words [B, S, D] or classes [B],
   * hint: [B, f·H, f·W, channels] → what the net's `forward` takes as `control`: a map for each that it keeps, and one for the turn.
   */
  forward(x: tf.Tensor, t: tf.Tensor, told: tf.Tensor, hint: tf.Tensor): Control {
    const [B, H, W] = x.shape;
    const f = 2 ** (this.hint.widths.length - 1);
    expectShape('a hint', hint, [B, f * H, f * W, this.hint.channels], `${f} times as high and wide as the map`);
    const whole = told.rank === 3 ? told.mean(1) : told; //                                   [B, D] or [B]
    const context = told.rank === 3 ? { tokens: told } : undefined;
    let time = this.time_embedding.forward(t); //                                            [B, 4·base]
    if (this.class_embedding) time = tf.add(time, this.class_embedding.forward(whole));
    let h = tf.add(this.conv_in.forward(x), this.controlnet_cond_embedding.forward(hint)); // [B, H, W, base]
    const kept = [h];
    for (const block of this.down_blocks) h = block.forward(h, time, kept, context); //       halved at each level
    if (this.layout_embedding) h = tf.add(h, tf.reshape(this.layout_embedding.forward(whole), h.shape));
    h = this.mid_block.forward(h, time, context); //                                          [B, h, w, width]
    return {
      skips: kept.map((map, i) => this.controlnet_down_blocks[i].forward(map)), //            as kept
      mid: this.controlnet_mid_block.forward(h), //                                           [B, h, w, width]
    };
  }
}
