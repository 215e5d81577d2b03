/**
 * The U-Net of denoising diffusion (Ho, Jain & Abbeel 2020, appendix B): an image and a time step in, an image of the
 * same shape out. Its layers stand here in the order in which the data meets them; what each block does, in blocks.ts.
 *
 * Parameters carry the names of the diffusers library's `UNet2DModel`, hence the snake_case fields.
 * @see notebooks/12-diffusion.ipynb
 */
import { Conv2d, Embedding, GroupNorm, Module, silu } from '../nn';
import { tf } from '../runtime';
import { expectShape, expectSizes } from '../runtime/expect';
import { Downsample, PixelAttention, ResnetBlock, type ResnetOptions, TimeEmbedding, Upsample, zeroed } from './blocks';

export interface UNetConfig {
  /** Channels of the image, in and out. */
  channels: number;
  /** Channels at full resolution. */
  base: number;
  /** Channels at each resolution, as multiples of `base`; the resolution halves from one to the next. */
  mults: number[];
  /** Residual blocks per resolution on the way down; the way up has one more. */
  blocks: number;
  /** Resolutions (0 = full) whose residual blocks are each followed by attention; the middle always has it. */
  attention: number[];
  /** Groups of the group normalisation; divides every channel count. */
  groups: number;
  /** Classes that a picture can be asked for, one more for "any" among them; without it the net isn't told. */
  classes?: number;
}

/** The small net that this course trains on MNIST, 28 × 28: 636,465 parameters. */
export const MNIST_UNET: UNetConfig = { channels: 1, base: 16, mults: [1, 2, 4], blocks: 1, attention: [], groups: 8 };

/** The same net, told which digit to draw; class 10 stands for "any": 637,169 parameters. */
export const GUIDED_MNIST_UNET: UNetConfig = { ...MNIST_UNET, classes: 11 };

/** The net of the paper's CIFAR-10 experiment: 35,746,307 parameters. */
export const CIFAR10_UNET = { channels: 3, base: 128, mults: [1, 2, 2, 2], blocks: 2, attention: [1], groups: 32 };

/** Of the normalisations. */
const EPSILON = 1e-5;

/**
 * @example new UNet(MNIST_UNET).parameterCount() > 100_000 // → true
 */
export class UNet extends Module {
  conv_in: Conv2d;
  time_embedding: TimeEmbedding;
  class_embedding?: Embedding;
  down_blocks: DownBlock[];
  mid_block: MidBlock;
  up_blocks: UpBlock[];
  conv_norm_out: GroupNorm;
  conv_out: Conv2d;

  constructor(readonly config: UNetConfig) {
    super();
    const { channels, base, mults, groups, classes } = config;
    expectSizes('a U-Net', config, {
      attention: { from: 0, below: mults.length, whole: true },
      classes: { from: 0, whole: true },
    });
    this.conv_in = new Conv2d(channels, base, 3, { padding: 1 });
    this.time_embedding = new TimeEmbedding(base, 4 * base);
    if (classes) this.class_embedding = new Embedding(classes, 4 * base);
    const levels = uShape(...blocksOf(config));
    this.down_blocks = levels.down_blocks;
    this.mid_block = levels.mid_block;
    this.up_blocks = levels.up_blocks;
    this.conv_norm_out = new GroupNorm(groups, base);
    this.conv_out = zeroed(new Conv2d(base, channels, 3, { padding: 1 }));
  }

  /**
   * x: noisy images [B, H, W, C], t: their time steps [B], y: their classes [B], if the net has any; control: what a ControlNet
   * adds → [B, H, W, C]. H and W must be divisible by 2 once for every resolution after the first.
   */
  forward(x: tf.Tensor, t: tf.Tensor, y?: tf.Tensor, control?: Control): tf.Tensor {
    this.check(x, t, y);
    let time = this.time_embedding.forward(t); //                               [B, 4·base]
    if (this.class_embedding && y) time = tf.add(time, this.class_embedding.forward(y));
    let h = this.conv_in.forward(x); //                                         [B, H, W, base]
    const skips = [h];
    for (const block of this.down_blocks) h = block.forward(h, time, skips); // halved at each level
    h = this.mid_block.forward(h, time); //                                     [B, h, w, width]
    if (control) h = steered(h, skips, control); //                             [B, h, w, width]
    for (const block of this.up_blocks) h = block.forward(h, time, skips); //   doubled at each level
    h = silu(this.conv_norm_out.forward(h)); //                                 [B, H, W, base]
    return this.conv_out.forward(h); //                                         [B, H, W, C]
  }

  private check(x: tf.Tensor, t: tf.Tensor, y?: tf.Tensor): void {
    const { channels, mults, classes } = this.config;
    if (!y !== !classes) {
      throw new Error(
        classes ? `this net has ${classes} classes; give it y [B]` : 'this net has no classes; leave out y',
      );
    }
    for (const [name, each] of Object.entries({ 'time steps': t, classes: y })) {
      if (each) expectShape(name, each, [x.shape[0]], 'one for each picture');
    }
    const factor = 2 ** (mults.length - 1);
    const [, height, width, depth] = x.shape;
    if (x.rank !== 4 || depth !== channels || height % factor || width % factor) {
      throw new Error(
        `expected images [B, H, W, ${channels}] with H and W divisible by ${factor}, got [${x.shape.join(', ')}]; pad or crop them`,
      );
    }
  }
}

/** What may follow a residual block: attention, to the picture itself or also to a context that the net is given. */
export interface Attend extends Module {
  forward(x: tf.Tensor, context?: Context): tf.Tensor;
}

/** What a net is told beside the time, e.g. the words of a caption. tokens: [B, S, D]; mask: [B, 1, 1, S], 0 or −10⁹. */
export interface Context {
  tokens: tf.Tensor;
  mask?: tf.Tensor;
}

/** What `uShape` and `downHalf` are to make of a configuration. */
export function blocksOf({ base, mults, blocks, attention, groups }: UNetConfig): Parameters<typeof uShape> {
  const attend = (width: number) => new PixelAttention(width, groups, EPSILON);
  const resnet = { groups, epsilon: EPSILON, timeWidth: 4 * base };
  return [mults.map(mult => base * mult), blocks, attention, resnet, attend];
}

/** What a ControlNet says to the way up: something for each map that was kept on the way down, and for the turn. */
export interface Control {
  skips: tf.Tensor[];
  mid: tf.Tensor;
}

/** Adds it to the kept maps, in place, and to the turn's answer. turn: [B, h, w, width] → the same. */
export function steered(turn: tf.Tensor, kept: tf.Tensor[], { skips, mid }: Control): tf.Tensor {
  if (String(kept.map(k => k.shape)) !== String(skips.map(s => s.shape)))
    throw new Error(
      `expected a ControlNet's answer for ${kept.length} maps, got ${skips.length} or other shapes; make it with ControlNet.of(unet)`,
    );
  for (const [i, steer] of skips.entries()) kept[i] = tf.add(kept[i], steer);
  return tf.add(turn, mid);
}

/**
 * The way down and the turn, which this net, the one for text and ControlNet have in common.
 * widths: channels at each resolution, from full down; attentive: the levels whose residual blocks are each followed by
 * attention, which the turn always has; edges: where the halving pads. `kept`: channels of every map that is kept for the way up.
 */
export function downHalf(
  widths: number[],
  blocks: number,
  attentive: number[],
  resnet: ResnetOptions,
  attention: (width: number, level: number) => Attend,
  edges: 'far' | 'all' = 'far',
): { down_blocks: DownBlock[]; mid_block: MidBlock; kept: number[] } {
  const last = widths.length - 1;
  const kept = [widths[0]];
  const down_blocks = widths.map((width, level) => {
    kept.push(...Array<number>(blocks + (level < last ? 1 : 0)).fill(width));
    const attend = attentive.includes(level) ? (w: number) => attention(w, level) : undefined;
    const options = { resnet, attention: attend, resample: level < last, edges };
    return new DownBlock(widths[Math.max(0, level - 1)], width, blocks, options);
  });
  const mid_block = new MidBlock(widths[last], resnet, width => attention(width, last));
  return { down_blocks, mid_block, kept };
}

/** The way down, the turn and the way up; arguments as those of `downHalf`. */
export function uShape(...[widths, blocks, attentive, resnet, attention, edges = 'far']: Parameters<typeof downHalf>): {
  down_blocks: DownBlock[];
  mid_block: MidBlock;
  up_blocks: UpBlock[];
} {
  const last = widths.length - 1;
  const { kept, ...half } = downHalf(widths, blocks, attentive, resnet, attention, edges);
  const up_blocks = [...widths.keys()].reverse().map(level => {
    const beside = kept.splice(-(blocks + 1)).reverse();
    const attend = attentive.includes(level) ? (w: number) => attention(w, level) : undefined;
    const options = { resnet, attention: attend, resample: level > 0, edges };
    return new UpBlock(widths[Math.min(last, level + 1)], widths[level], beside, options);
  });
  return { ...half, up_blocks };
}

interface LevelOptions {
  resnet: ResnetOptions;
  /** Makes the attention for a width; left out where a level has none. */
  attention?: (width: number) => Attend;
  /** Halves (or doubles) the resolution at the end. */
  resample: boolean;
  edges: 'far' | 'all';
}

/** One resolution on the way down; every map it makes is kept for the way up. */
export class DownBlock extends Module {
  resnets: ResnetBlock[];
  attentions: Attend[];
  downsamplers: Downsample[];

  constructor(from: number, to: number, blocks: number, { resnet, attention, resample, edges }: LevelOptions) {
    super();
    this.resnets = Array.from({ length: blocks }, (_, i) => new ResnetBlock(i ? to : from, to, resnet));
    this.attentions = attention ? this.resnets.map(() => attention(to)) : [];
    this.downsamplers = resample ? [new Downsample(to, edges)] : [];
  }

  forward(x: tf.Tensor, time: tf.Tensor, skips: tf.Tensor[], context?: Context): tf.Tensor {
    let h = x;
    this.resnets.forEach((resnet, i) => {
      h = resnet.forward(h, time); // [B, H, W, to]
      h = this.attentions[i]?.forward(h, context) ?? h;
      skips.push(h);
    });
    for (const downsampler of this.downsamplers) {
      h = downsampler.forward(h); // [B, H/2, W/2, to]
      skips.push(h);
    }
    return h;
  }
}

/** The lowest resolution: block, attention, block. */
export class MidBlock extends Module {
  attentions: Attend[];
  resnets: ResnetBlock[];

  constructor(width: number, resnet: ResnetOptions, attention: (width: number) => Attend) {
    super();
    this.attentions = [attention(width)];
    this.resnets = [0, 1].map(() => new ResnetBlock(width, width, resnet));
  }

  forward(x: tf.Tensor, time: tf.Tensor, context?: Context): tf.Tensor {
    const attended = this.attentions[0].forward(this.resnets[0].forward(x, time), context); // [B, h, w, width]
    return this.resnets[1].forward(attended, time); //                                         [B, h, w, width]
  }
}

/** One resolution on the way up; each block first gets a kept map of the way down beside its input. */
export class UpBlock extends Module {
  resnets: ResnetBlock[];
  attentions: Attend[];
  upsamplers: Upsample[];

  constructor(from: number, to: number, skips: number[], { resnet, attention, resample }: LevelOptions) {
    super();
    this.resnets = skips.map((skip, i) => new ResnetBlock((i ? to : from) + skip, to, resnet));
    this.attentions = attention ? this.resnets.map(() => attention(to)) : [];
    this.upsamplers = resample ? [new Upsample(to)] : [];
  }

  forward(x: tf.Tensor, time: tf.Tensor, skips: tf.Tensor[], context?: Context): tf.Tensor {
    let h = x;
    this.resnets.forEach((resnet, i) => {
      h = resnet.forward(tf.concat([h, skips.pop()!], 3), time); // [B, H, W, to]
      h = this.attentions[i]?.forward(h, context) ?? h;
    });
    for (const upsampler of this.upsamplers) h = upsampler.forward(h); // [B, 2H, 2W, to]
    return h;
  }
}
