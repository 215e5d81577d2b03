/**
 * The U-Net of denoising diffusion (Ho, Jain & Abbeel 2020, appendix B): an image and a time step in, an image of the
 * same shape out. Everything it is made of stands in this file, in the order in which the data meets it.
 *
 * Parameters carry the names of the diffusers library's `UNet2DModel`, hence the snake_case fields.
 * @see notebooks/12-diffusion.ipynb
 */
import { Conv2d, Embedding, GroupNorm, Linear, Module, silu, upsample2x } from '../nn';
import { tf } from '../runtime';

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

export class UNet extends Module {
  conv_in: Conv2d;
  time_embedding: TimeEmbedding;
  class_embedding?: Embedding;
  down_blocks: DownBlock[] = [];
  mid_block: MidBlock;
  up_blocks: UpBlock[] = [];
  conv_norm_out: GroupNorm;
  conv_out: Conv2d;

  constructor(readonly config: UNetConfig) {
    super();
    const { channels, base, mults, blocks, attention, groups, classes } = config;
    const timeWidth = 4 * base;
    const last = mults.length - 1;
    const skips = [base]; // channels of every map that is kept for the way up
    let width = base;

    this.conv_in = new Conv2d(channels, base, 3, { padding: 1 });
    this.time_embedding = new TimeEmbedding(base, timeWidth);
    if (classes) this.class_embedding = new Embedding(classes, timeWidth);
    mults.forEach((mult, level) => {
      const options = { timeWidth, groups, blocks, attention: attention.includes(level), resample: level < last };
      this.down_blocks.push(new DownBlock(width, base * mult, options));
      width = base * mult;
      skips.push(...Array<number>(blocks + (level < last ? 1 : 0)).fill(width));
    });
    this.mid_block = new MidBlock(width, timeWidth, groups);
    for (let level = last; level >= 0; level--) {
      const from = skips.splice(-(blocks + 1)).reverse();
      const options = { timeWidth, groups, attention: attention.includes(level), resample: level > 0 };
      this.up_blocks.push(new UpBlock(width, base * mults[level], from, options));
      width = base * mults[level];
    }
    this.conv_norm_out = new GroupNorm(groups, base);
    this.conv_out = zeroed(new Conv2d(base, channels, 3, { padding: 1 }));
  }

  /**
   * x: noisy images [B, H, W, C], t: their time steps [B], y: their classes [B], if the net has any → [B, H, W, C].
   * H and W must be divisible by 2 once for every resolution after the first.
   */
  forward(x: tf.Tensor, t: tf.Tensor, y?: tf.Tensor): tf.Tensor {
    this.check(x, y);
    let time = this.time_embedding.forward(t); //                               [B, 4·base]
    if (this.class_embedding && y) time = tf.add(time, this.class_embedding.forward(y));
    let h = this.conv_in.forward(x); //                                         [B, H, W, base]
    const skips = [h];
    for (const block of this.down_blocks) h = block.forward(h, time, skips); // halved at each level
    h = this.mid_block.forward(h, time); //                                     [B, h, w, width]
    for (const block of this.up_blocks) h = block.forward(h, time, skips); //   doubled at each level
    h = silu(this.conv_norm_out.forward(h)); //                                 [B, H, W, base]
    return this.conv_out.forward(h); //                                         [B, H, W, C]
  }

  private check(x: tf.Tensor, y?: tf.Tensor): void {
    const { channels, mults, classes } = this.config;
    if (!y !== !classes) {
      throw new Error(
        classes ? `this net has ${classes} classes; give it y [B]` : 'this net has no classes; leave out y',
      );
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

/** Numbers that tell step t apart: sines and cosines of t at `width / 2` frequencies. t: [B] → [B, width]. */
export function sinusoids(t: tf.Tensor, width: number): tf.Tensor {
  const half = width / 2;
  const frequencies = Array.from({ length: half }, (_, i) => Math.exp((-Math.log(10000) * i) / (half - 1)));
  const angles = tf.mul(tf.reshape(tf.cast(t, 'float32'), [-1, 1]), tf.tensor2d([frequencies])); // [B, width/2]
  return tf.concat([tf.sin(angles), tf.cos(angles)], 1); //                                         [B, width]
}

/** Sinusoids, then two layers that turn them into what the blocks use. t: [B] → [B, out]. */
class TimeEmbedding extends Module {
  linear_1: Linear;
  linear_2: Linear;

  constructor(width: number, out: number) {
    super();
    this.linear_1 = new Linear(width, out);
    this.linear_2 = new Linear(out, out);
  }

  forward(t: tf.Tensor): tf.Tensor {
    const hidden = silu(this.linear_1.forward(sinusoids(t, this.linear_1.inputs))); // [B, out]
    return this.linear_2.forward(hidden); //                                           [B, out]
  }
}

/**
 * Two convolutions around which the input runs along unchanged; the time step is added between them.
 * The second starts at zero, so that a fresh block hands its input through.
 */
class ResnetBlock extends Module {
  norm1: GroupNorm;
  conv1: Conv2d;
  time_emb_proj: Linear;
  norm2: GroupNorm;
  conv2: Conv2d;
  conv_shortcut?: Conv2d;

  constructor(from: number, to: number, timeWidth: number, groups: number) {
    super();
    this.norm1 = new GroupNorm(groups, from);
    this.conv1 = new Conv2d(from, to, 3, { padding: 1 });
    this.time_emb_proj = new Linear(timeWidth, to);
    this.norm2 = new GroupNorm(groups, to);
    this.conv2 = zeroed(new Conv2d(to, to, 3, { padding: 1 }));
    if (from !== to) this.conv_shortcut = new Conv2d(from, to, 1);
  }

  /** x: [B, H, W, from], time: [B, timeWidth] → [B, H, W, to]. */
  forward(x: tf.Tensor, time: tf.Tensor): tf.Tensor {
    const shift = this.time_emb_proj.forward(silu(time)); //    [B, to]
    let h = this.conv1.forward(silu(this.norm1.forward(x))); // [B, H, W, to]
    h = tf.add(h, tf.reshape(shift, [shift.shape[0], 1, 1, -1]));
    h = this.conv2.forward(silu(this.norm2.forward(h))); //     [B, H, W, to]
    return tf.add(h, this.conv_shortcut ? this.conv_shortcut.forward(x) : x);
  }
}

/** Every pixel looks at every other (one head). At 7 × 7 that is 49 · 49 weights, at 28 × 28 it would be 614,656. */
class Attention extends Module {
  group_norm: GroupNorm;
  to_q: Linear;
  to_k: Linear;
  to_v: Linear;
  to_out: Linear[];

  constructor(width: number, groups: number) {
    super();
    this.group_norm = new GroupNorm(groups, width);
    this.to_q = new Linear(width, width);
    this.to_k = new Linear(width, width);
    this.to_v = new Linear(width, width);
    this.to_out = [zeroed(new Linear(width, width))];
  }

  /** [B, H, W, C] → [B, H, W, C]. */
  forward(x: tf.Tensor): tf.Tensor {
    const [B, H, W, C] = x.shape;
    const pixels = tf.reshape(this.group_norm.forward(x), [B * H * W, C]); //       [B·H·W, C]
    const [q, k, v] = [this.to_q, this.to_k, this.to_v].map(
      layer => tf.reshape(layer.forward(pixels), [B, H * W, C]), //                 3 × [B, H·W, C]
    );
    const weights = tf.softmax(tf.mul(tf.matMul(q, k, false, true), C ** -0.5)); // [B, H·W, H·W]
    const mixed = tf.reshape(tf.matMul(weights, v), [B * H * W, C]); //             [B·H·W, C]
    return tf.add(x, tf.reshape(this.to_out[0].forward(mixed), [B, H, W, C]));
  }
}

interface LevelOptions {
  timeWidth: number;
  groups: number;
  attention: boolean;
  /** Halve (or double) the resolution at the end. */
  resample: boolean;
}

/** One resolution on the way down; every map it makes is kept for the way up. */
class DownBlock extends Module {
  resnets: ResnetBlock[];
  attentions: Attention[];
  downsamplers: Downsample[];

  constructor(
    from: number,
    to: number,
    { timeWidth, groups, blocks, attention, resample }: LevelOptions & { blocks: number },
  ) {
    super();
    this.resnets = Array.from({ length: blocks }, (_, i) => new ResnetBlock(i ? to : from, to, timeWidth, groups));
    this.attentions = attention ? this.resnets.map(() => new Attention(to, groups)) : [];
    this.downsamplers = resample ? [new Downsample(to)] : [];
  }

  forward(x: tf.Tensor, time: tf.Tensor, skips: tf.Tensor[]): tf.Tensor {
    let h = x;
    this.resnets.forEach((resnet, i) => {
      h = resnet.forward(h, time); // [B, H, W, to]
      h = this.attentions[i]?.forward(h) ?? h;
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
class MidBlock extends Module {
  attentions: Attention[];
  resnets: ResnetBlock[];

  constructor(width: number, timeWidth: number, groups: number) {
    super();
    this.attentions = [new Attention(width, groups)];
    this.resnets = [0, 1].map(() => new ResnetBlock(width, width, timeWidth, groups));
  }

  forward(x: tf.Tensor, time: tf.Tensor): tf.Tensor {
    const attended = this.attentions[0].forward(this.resnets[0].forward(x, time)); // [B, h, w, width]
    return this.resnets[1].forward(attended, time); //                                [B, h, w, width]
  }
}

/** One resolution on the way up; each block first gets a kept map of the way down beside its input. */
class UpBlock extends Module {
  resnets: ResnetBlock[];
  attentions: Attention[];
  upsamplers: Upsample[];

  constructor(from: number, to: number, skips: number[], { timeWidth, groups, attention, resample }: LevelOptions) {
    super();
    this.resnets = skips.map((skip, i) => new ResnetBlock((i ? to : from) + skip, to, timeWidth, groups));
    this.attentions = attention ? this.resnets.map(() => new Attention(to, groups)) : [];
    this.upsamplers = resample ? [new Upsample(to)] : [];
  }

  forward(x: tf.Tensor, time: tf.Tensor, skips: tf.Tensor[]): tf.Tensor {
    let h = x;
    this.resnets.forEach((resnet, i) => {
      h = resnet.forward(tf.concat([h, skips.pop()!], 3), time); // [B, H, W, to]
      h = this.attentions[i]?.forward(h) ?? h;
    });
    for (const upsampler of this.upsamplers) h = upsampler.forward(h); // [B, 2H, 2W, to]
    return h;
  }
}

/** [B, H, W, C] → [B, H/2, W/2, C]. Pads only the far edges, as the paper's TensorFlow code does. */
class Downsample extends Module {
  conv: Conv2d;

  constructor(width: number) {
    super();
    this.conv = new Conv2d(width, width, 3, { stride: 2 });
  }

  forward(x: tf.Tensor): tf.Tensor {
    const far = [0, 1] as [number, number];
    const padded = tf.pad(x, [[0, 0], far, far, [0, 0]]); // [B, H+1, W+1, C]
    return this.conv.forward(padded); //                     [B, H/2, W/2, C]
  }
}

/** [B, H, W, C] → [B, 2H, 2W, C]: each pixel becomes four, then a convolution smooths. */
class Upsample extends Module {
  conv: Conv2d;

  constructor(width: number) {
    super();
    this.conv = new Conv2d(width, width, 3, { padding: 1 });
  }

  forward(x: tf.Tensor): tf.Tensor {
    return this.conv.forward(upsample2x(x));
  }
}

/** Sets all parameters of a layer to zero, so that at the start it adds nothing. */
function zeroed<M extends Module>(layer: M): M {
  for (const parameter of layer.parameters()) tf.tidy(() => parameter.assign(tf.zerosLike(parameter)));
  return layer;
}
