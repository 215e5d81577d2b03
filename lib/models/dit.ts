/**
 * DiT (Peebles & Xie 2023, "Scalable Diffusion Models with Transformers"): diffusion without a U-Net. The latent map is
 * cut into patches, a Transformer works on them, and time and class steer every block through its norms (adaLN-Zero).
 *
 * Parameters carry the names of the authors' code (facebookresearch/DiT), hence snake_case.
 * B batch, N patches, W width of a patch's vector.
 * @see notebooks/13-latent-diffusion.ipynb
 */
import {
  attention,
  Conv2d,
  Embedding,
  geluTanh,
  LayerNorm,
  Linear,
  Module,
  mergeHeads,
  Sequential,
  silu,
  splitHeads,
  variable,
  xavierUniform,
  zeros,
} from '../nn';
import { random, tf } from '../runtime';
import { expectShape, expectSizes } from '../runtime/expect';
import { fromPatches, gridPositions, modulate, sinusoids } from './blocks';

export interface DitConfig {
  /** Height and width of the latent map. */
  size: number;
  /** Channels of the latent map. */
  channels: number;
  /** Side of a patch; divides `size`. */
  patch: number;
  width: number;
  layers: number;
  heads: number;
  /** Classes that can be asked for; one more, number `classes`, stands for "any" and is what guidance compares with. */
  classes: number;
  /** Also answer how unsure each number is; the answer then has twice the channels. */
  learnSigma: boolean;
}

/** Of 256 × 256 ImageNet: latents of 32 × 32 × 4. */
const IMAGENET = { size: 32, channels: 4, patch: 2, classes: 1000, learnSigma: true };

/** Table 1 of the paper, at patch 2: 32,865,056, 130,315,808, 457,840,672 and 674,834,720 parameters. */
export const DIT: Record<'small' | 'base' | 'large' | 'xlarge', DitConfig> = {
  small: { ...IMAGENET, width: 384, layers: 12, heads: 6 },
  base: { ...IMAGENET, width: 768, layers: 12, heads: 12 },
  large: { ...IMAGENET, width: 1024, layers: 24, heads: 16 },
  xlarge: { ...IMAGENET, width: 1152, layers: 28, heads: 16 },
};

/** Sinusoids that tell a time step apart. */
const FREQUENCIES = 256;

/**
 * @example
 * const dit = new Dit(DIGIT_DIT);
 * dit.parameterCount() > 100_000 // → true
 */
export class Dit extends Module {
  readonly x_embedder: PatchEmbed;
  readonly t_embedder: TimestepEmbedder;
  readonly y_embedder: LabelEmbedder;
  /** Where each patch lies, [1, N, W]; fixed. */
  readonly pos_embed: tf.Variable;
  readonly blocks: DitBlock[];
  readonly final_layer: FinalLayer;

  constructor(readonly config: DitConfig) {
    super();
    const { size, patch, width, layers } = config;
    expectSizes('a DiT', config, { classes: { from: 0, whole: true } });
    if (size % patch !== 0) throw new Error(`patches of ${patch} do not tile a map of ${size}; change one of them`);
    if (width % 4 !== 0) throw new Error(`width must be divisible by 4 for the positions, got ${width}`);
    this.x_embedder = new PatchEmbed(config);
    this.t_embedder = new TimestepEmbedder(width);
    this.y_embedder = new LabelEmbedder(config);
    this.pos_embed = variable(gridPositions(size / patch, width), false);
    this.blocks = Array.from({ length: layers }, () => new DitBlock(config));
    this.final_layer = new FinalLayer(config);
  }

  /**
   * x: noisy latents [B, size, size, C], t: their time steps [B], y: their classes [B] → [B, size, size, C], or with
   * `learnSigma` [B, size, size, 2C], the noise first. A fresh net answers exactly 0.
   */
  forward(x: tf.Tensor, t: tf.Tensor, y: tf.Tensor): tf.Tensor4D {
    const { size, channels, patch } = this.config;
    if (String(x.shape.slice(1)) !== String([size, size, channels])) {
      throw new Error(`expected latents [B, ${size}, ${size}, ${channels}], got [${x.shape}]`);
    }
    expectShape('time steps', t, [x.shape[0]], 'one for each latent map');
    expectShape('classes', y, [x.shape[0]], 'one for each latent map');
    const told = this.t_embedder.forward(t).add(this.y_embedder.forward(y)); //  [B, W]
    let h = this.x_embedder.forward(x).add(this.pos_embed); //                        [B, N, W]
    for (const block of this.blocks) h = tf.tidy(() => block.forward(h, told)); //     [B, N, W]
    const patches = this.final_layer.forward(h, told); //                             [B, N, p·p·C]
    return fromPatches(patches, size / patch, size / patch, patch);
  }

  /** As `forward`, but only the noise, [B, size, size, C]: what a sampler asks for. */
  denoise(x: tf.Tensor, t: tf.Tensor, y: tf.Tensor): tf.Tensor4D {
    return tf.slice(this.forward(x, t, y), [0, 0, 0, 0], [-1, -1, -1, this.config.channels]);
  }
}

class PatchEmbed extends Module {
  readonly proj: Conv2d;

  constructor({ channels, patch, width }: DitConfig) {
    super();
    const init = (shape: number[]) => xavierUniform(shape, channels * patch ** 2, width);
    this.proj = new Conv2d(channels, width, patch, { stride: patch, init });
  }

  /** [B, size, size, C] → [B, N, W]. */
  forward(x: tf.Tensor): tf.Tensor {
    const cells = this.proj.forward(x); // [B, size/p, size/p, W]
    return cells.reshape([cells.shape[0], -1, this.proj.outputs]);
  }
}

const smallNormal = (shape: number[]) => random.normal(shape, 0, 0.02);

/** t: [B] → [B, W]. */
class TimestepEmbedder extends Module {
  readonly mlp: Sequential;

  constructor(width: number) {
    super();
    const [first, second] = [FREQUENCIES, width].map(inputs => new Linear(inputs, width, { init: smallNormal }));
    this.mlp = new Sequential(first, silu, second);
  }

  forward(t: tf.Tensor): tf.Tensor {
    return this.mlp.forward(sinusoids(t, FREQUENCIES, 'latent'));
  }
}

/** y: [B] → [B, W]; the last row is the vector of "any". */
class LabelEmbedder extends Module {
  readonly embedding_table: Embedding;

  constructor({ classes, width }: DitConfig) {
    super();
    this.embedding_table = new Embedding(classes + 1, width, { init: smallNormal });
  }

  forward(y: tf.Tensor): tf.Tensor {
    return this.embedding_table.forward(y);
  }
}

/** How time and class reach a block: [B, W] → [B, parts·W], all 0 in a fresh net. */
const modulation = (width: number, parts: number) =>
  new Sequential(silu, new Linear(width, parts * width, { init: zeros }));

/** Its answer, part by part: parts × [B, 1, W]. */
const vectors = (layer: Sequential, told: tf.Tensor, parts: number): tf.Tensor[] =>
  tf.split(layer.forward(told).reshape([told.shape[0], 1, -1]), parts, 2);

/** A Transformer block whose two parts are shifted, scaled and let through by what the net is told (adaLN-Zero). */
class DitBlock extends Module {
  readonly norm1: LayerNorm;
  readonly attn: SelfAttention;
  readonly norm2: LayerNorm;
  readonly mlp: Mlp;
  readonly adaLN_modulation: Sequential;

  constructor({ width, heads }: DitConfig) {
    super();
    this.norm1 = new LayerNorm(width, 1e-6, { affine: false });
    this.attn = new SelfAttention(width, heads);
    this.norm2 = new LayerNorm(width, 1e-6, { affine: false });
    this.mlp = new Mlp(width);
    this.adaLN_modulation = modulation(width, 6);
  }

  /** x: [B, N, W], told: [B, W] → [B, N, W]. With gates of 0, as at the start, x itself. */
  forward(x: tf.Tensor, told: tf.Tensor): tf.Tensor {
    const [shift1, scale1, gate1, shift2, scale2, gate2] = vectors(this.adaLN_modulation, told, 6); // 6 × [B, 1, W]
    const attended = this.attn.forward(modulate(this.norm1.forward(x), shift1, scale1)); //        [B, N, W]
    const h = x.add(attended.mul(gate1)); //                                                       [B, N, W]
    return h.add(this.mlp.forward(modulate(this.norm2.forward(h), shift2, scale2)).mul(gate2));
  }
}

class SelfAttention extends Module {
  readonly qkv: Linear;
  readonly proj: Linear;

  constructor(
    width: number,
    private readonly heads: number,
  ) {
    super();
    this.qkv = new Linear(width, 3 * width, { init: xavierUniform });
    this.proj = new Linear(width, width, { init: xavierUniform });
  }

  forward(x: tf.Tensor): tf.Tensor {
    const [q, k, v] = tf.split(this.qkv.forward(x), 3, 2).map(part => splitHeads(part, this.heads)); // 3 × [B, heads, N, D]
    return this.proj.forward(mergeHeads(attention(q, k, v))); // [B, N, W]
  }
}

class Mlp extends Module {
  readonly fc1: Linear;
  readonly fc2: Linear;

  constructor(width: number) {
    super();
    this.fc1 = new Linear(width, 4 * width, { init: xavierUniform });
    this.fc2 = new Linear(4 * width, width, { init: xavierUniform });
  }

  forward(x: tf.Tensor): tf.Tensor {
    return this.fc2.forward(geluTanh(this.fc1.forward(x))); // [B, N, W]
  }
}

/** [B, N, W] → [B, N, p·p·C]. Starts at zero. */
class FinalLayer extends Module {
  readonly norm_final: LayerNorm;
  readonly linear: Linear;
  readonly adaLN_modulation: Sequential;

  constructor({ width, patch, channels, learnSigma }: DitConfig) {
    super();
    this.norm_final = new LayerNorm(width, 1e-6, { affine: false });
    this.linear = new Linear(width, patch ** 2 * channels * (learnSigma ? 2 : 1), { init: zeros });
    this.adaLN_modulation = modulation(width, 2);
  }

  forward(x: tf.Tensor, told: tf.Tensor): tf.Tensor {
    const [shift, scale] = vectors(this.adaLN_modulation, told, 2); // 2 × [B, 1, W]
    return this.linear.forward(modulate(this.norm_final.forward(x), shift, scale));
  }
}
