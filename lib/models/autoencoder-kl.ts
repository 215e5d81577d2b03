/**
 * The auto-encoder of latent diffusion (Rombach et al. 2022, section 3.1): a picture becomes a small map of latents and
 * comes back. Diffusion then happens in the map, which has far fewer numbers: 512 · 512 · 3 → 64 · 64 · 4, one 48th.
 *
 * Parameters carry the names of the diffusers library's `AutoencoderKL`, so that the files published for it load.
 * @see notebooks/13-latent-diffusion.ipynb
 */
import { Conv2d, GroupNorm, Module, silu } from '../nn';
import { random, tf } from '../runtime';
import { expectSizes } from '../runtime/expect';
import { Downsample, PixelAttention, ResnetBlock, Upsample } from './blocks';

export interface AutoencoderConfig {
  /** Channels of the picture. */
  channels: number;
  /** Channels at each resolution, from full down; the resolution halves from one to the next. */
  widths: number[];
  /** Residual blocks per resolution in the encoder; the decoder has one more. */
  blocks: number;
  /** Channels of the latent map. */
  latent: number;
  /** Groups of the group normalisation; divides every width. */
  groups: number;
}

/** Stable Diffusion's: 512 × 512 × 3 → 64 × 64 × 4; 83,653,863 parameters. */
export const SD_VAE: AutoencoderConfig = {
  channels: 3,
  widths: [128, 256, 512, 512],
  blocks: 2,
  latent: 4,
  groups: 32,
};

/** Of the normalisations, everywhere in this net. */
const EPSILON = 1e-6;

/** The encoder's answer: one bell per latent, q(z|x) = N(mean, exp(logVar)). Both [B, H/f, W/f, latent]. */
export interface LatentBells {
  mean: tf.Tensor4D;
  logVar: tf.Tensor4D;
}

/**
 * @example
 * const vae = new AutoencoderKL(DIGIT_VAE);
 * vae.encode(tf.zeros([1, 32, 32, 1])).mean.shape // → [1, 8, 8, 4]
 */
export class AutoencoderKL extends Module {
  readonly encoder: Encoder;
  readonly decoder: Decoder;
  readonly quant_conv: Conv2d;
  readonly post_quant_conv: Conv2d;
  /** How many pixels, in height and width, become one latent. */
  readonly factor: number;

  constructor(readonly config: AutoencoderConfig) {
    super();
    const { latent, widths, groups } = config;
    expectSizes('an auto-encoder', config);
    const odd = widths.find(width => width % groups !== 0);
    if (odd !== undefined) throw new Error(`width ${odd} can't be split into ${groups} groups; change one of them`);
    this.factor = 2 ** (widths.length - 1);
    this.encoder = new Encoder(config);
    this.decoder = new Decoder(config);
    this.quant_conv = new Conv2d(2 * latent, 2 * latent, 1);
    this.post_quant_conv = new Conv2d(latent, latent, 1);
  }

  /** Pack: pictures [B, H, W, channels] with values in −1..1 → a bell for each latent. */
  encode(x: tf.Tensor): LatentBells {
    const { channels } = this.config;
    const [, height, width, depth] = x.shape;
    if (x.rank !== 4 || depth !== channels || height % this.factor || width % this.factor) {
      throw new Error(
        `encode expected pictures [B, H, W, ${channels}] with H and W divisible by ${this.factor}, got [${x.shape}]`,
      );
    }
    const moments = this.quant_conv.forward(this.encoder.forward(x)); // [B, H/f, W/f, 2·latent]
    const [mean, logVar] = tf.split(moments, 2, 3) as tf.Tensor4D[]; //  2 × [B, H/f, W/f, latent]
    return { mean, logVar: tf.clipByValue(logVar, -30, 20) };
  }

  /** Unpack: latents [B, h, w, latent] → pictures [B, h·f, w·f, channels], about −1..1. */
  decode(z: tf.Tensor): tf.Tensor4D {
    const { latent } = this.config;
    if (z.rank !== 4 || z.shape[3] !== latent) {
      throw new Error(`decode expected latents [B, h, w, ${latent}], got [${z.shape}]`);
    }
    return this.decoder.forward(this.post_quant_conv.forward(z)) as tf.Tensor4D;
  }

  /** One draw from each bell, z = μ + σ·ε. x: [B, H, W, channels] → [B, H/f, W/f, latent]. */
  sample(x: tf.Tensor): tf.Tensor4D {
    return tf.tidy(() => {
      const { mean, logVar } = this.encode(x); //                       2 × [B, h, w, latent]
      const eps = random.normal(mean.shape);
      return mean.add(logVar.mul(0.5).exp().mul(eps));
    });
  }
}

class Encoder extends Module {
  readonly conv_in: Conv2d;
  readonly down_blocks: DownBlock[];
  readonly mid_block: MidBlock;
  readonly conv_norm_out: GroupNorm;
  readonly conv_out: Conv2d;

  constructor({ channels, widths, blocks, latent, groups }: AutoencoderConfig) {
    super();
    const last = widths.length - 1;
    this.conv_in = new Conv2d(channels, widths[0], 3, { padding: 1 });
    this.down_blocks = widths.map(
      (width, i) => new DownBlock(widths[Math.max(0, i - 1)], width, { blocks, groups, resample: i < last }),
    );
    this.mid_block = new MidBlock(widths[last], groups);
    this.conv_norm_out = new GroupNorm(groups, widths[last], EPSILON);
    this.conv_out = new Conv2d(widths[last], 2 * latent, 3, { padding: 1 });
  }

  /** [B, H, W, channels] → [B, H/f, W/f, 2·latent]. */
  forward(x: tf.Tensor): tf.Tensor {
    let h = this.conv_in.forward(x); //                            [B, H, W, widths[0]]
    for (const block of this.down_blocks) h = block.forward(h); // halved at each level but the last
    h = this.mid_block.forward(h); //                              [B, H/f, W/f, width]
    return this.conv_out.forward(silu(this.conv_norm_out.forward(h)));
  }
}

class Decoder extends Module {
  readonly conv_in: Conv2d;
  readonly mid_block: MidBlock;
  readonly up_blocks: UpBlock[];
  readonly conv_norm_out: GroupNorm;
  readonly conv_out: Conv2d;

  constructor({ channels, widths, blocks, latent, groups }: AutoencoderConfig) {
    super();
    const rising = [...widths].reverse(); // widths from the latent map up
    const last = widths.length - 1;
    this.conv_in = new Conv2d(latent, rising[0], 3, { padding: 1 });
    this.mid_block = new MidBlock(rising[0], groups);
    this.up_blocks = rising.map(
      (width, i) => new UpBlock(rising[Math.max(0, i - 1)], width, { blocks: blocks + 1, groups, resample: i < last }),
    );
    this.conv_norm_out = new GroupNorm(groups, widths[0], EPSILON);
    this.conv_out = new Conv2d(widths[0], channels, 3, { padding: 1 });
  }

  /** [B, h, w, latent] → [B, h·f, w·f, channels]. */
  forward(z: tf.Tensor): tf.Tensor {
    let h = this.mid_block.forward(this.conv_in.forward(z)); //  [B, h, w, width]
    for (const block of this.up_blocks) h = block.forward(h); // doubled at each level but the last
    return this.conv_out.forward(silu(this.conv_norm_out.forward(h)));
  }
}

interface LevelOptions {
  blocks: number;
  groups: number;
  /** Halve (or double) the resolution at the end. */
  resample: boolean;
}

/** `blocks` residual blocks, the first of which changes the width. */
const resnets = (from: number, to: number, { blocks, groups }: LevelOptions): ResnetBlock[] =>
  Array.from({ length: blocks }, (_, i) => new ResnetBlock(i ? to : from, to, { groups, epsilon: EPSILON }));

/** [B, H, W, from] → [B, H/2, W/2, to], or [B, H, W, to] at the last level. */
class DownBlock extends Module {
  readonly resnets: ResnetBlock[];
  readonly downsamplers: Downsample[];

  constructor(from: number, to: number, options: LevelOptions) {
    super();
    this.resnets = resnets(from, to, options);
    this.downsamplers = options.resample ? [new Downsample(to)] : [];
  }

  forward(x: tf.Tensor): tf.Tensor {
    return [...this.resnets, ...this.downsamplers].reduce((h, layer) => layer.forward(h), x);
  }
}

/** [B, h, w, from] → [B, 2h, 2w, to], or [B, h, w, to] at the last level. */
class UpBlock extends Module {
  readonly resnets: ResnetBlock[];
  readonly upsamplers: Upsample[];

  constructor(from: number, to: number, options: LevelOptions) {
    super();
    this.resnets = resnets(from, to, options);
    this.upsamplers = options.resample ? [new Upsample(to)] : [];
  }

  forward(x: tf.Tensor): tf.Tensor {
    return [...this.resnets, ...this.upsamplers].reduce((h, layer) => layer.forward(h), x);
  }
}

/** At the smallest size: block, attention, block. [B, h, w, width] → the same. */
class MidBlock extends Module {
  readonly attentions: PixelAttention[];
  readonly resnets: ResnetBlock[];

  constructor(width: number, groups: number) {
    super();
    const options = { groups, epsilon: EPSILON };
    this.attentions = [new PixelAttention(width, groups, EPSILON)];
    this.resnets = [0, 1].map(() => new ResnetBlock(width, width, options));
  }

  forward(x: tf.Tensor): tf.Tensor {
    const attended = this.attentions[0].forward(this.resnets[0].forward(x)); // [B, h, w, width]
    return this.resnets[1].forward(attended);
  }
}
