/**
 * Vision Transformer (Dosovitskiy et al. 2021): a picture becomes a row of patches, a patch becomes a token.
 * Weights are named as in timm, the library that most released ViTs are published for.
 */
import { attention, Conv2d, gelu, LayerNorm, Linear, Module, mergeHeads, splitHeads, variable } from '../nn';
import { random, tf } from '../runtime';
import { expectSizes } from '../runtime/expect';

export interface VitConfig {
  /** Height and width of the picture in pixels. */
  image: number;
  channels?: number;
  /** Side of a patch in pixels. */
  patch: number;
  layers: number;
  heads: number;
  width: number;
  /** 0 for a model that ends in an embedding. */
  classes: number;
}

export const VIT: Record<'base16' | 'base32' | 'large16', VitConfig> = {
  base16: { image: 224, patch: 16, layers: 12, heads: 12, width: 768, classes: 1000 },
  base32: { image: 224, patch: 32, layers: 12, heads: 12, width: 768, classes: 1000 },
  large16: { image: 224, patch: 16, layers: 24, heads: 16, width: 1024, classes: 1000 },
};

class PatchEmbed extends Module {
  readonly proj: Conv2d;

  constructor({ channels = 3, patch, width }: VitConfig) {
    super();
    this.proj = new Conv2d(channels, width, patch, { stride: patch });
  }

  /** [B, H, W, C] → [B, (H/p)·(W/p), width] */
  forward(x: tf.Tensor): tf.Tensor {
    const cells = this.proj.forward(x); // [B, H/p, W/p, width]
    return cells.reshape([cells.shape[0], -1, cells.shape[3] as number]); // [B, N, width]
  }
}

class SelfAttention extends Module {
  readonly qkv: Linear;
  readonly proj: Linear;

  constructor(readonly config: VitConfig) {
    super();
    this.qkv = new Linear(config.width, 3 * config.width);
    this.proj = new Linear(config.width, config.width);
  }

  forward(x: tf.Tensor): tf.Tensor {
    const [q, k, v] = tf.split(this.qkv.forward(x), 3, 2).map(part => splitHeads(part, this.config.heads)); // 3 × [B, H, N, D]
    return this.proj.forward(mergeHeads(attention(q, k, v))); // [B, N, C]
  }
}

class Mlp extends Module {
  readonly fc1: Linear;
  readonly fc2: Linear;

  constructor({ width }: VitConfig) {
    super();
    this.fc1 = new Linear(width, 4 * width);
    this.fc2 = new Linear(4 * width, width);
  }

  forward(x: tf.Tensor): tf.Tensor {
    return this.fc2.forward(gelu(this.fc1.forward(x))); // [B, N, C]
  }
}

class Block extends Module {
  readonly norm1: LayerNorm;
  readonly attn: SelfAttention;
  readonly norm2: LayerNorm;
  readonly mlp: Mlp;

  constructor(config: VitConfig) {
    super();
    this.norm1 = new LayerNorm(config.width, 1e-6);
    this.attn = new SelfAttention(config);
    this.norm2 = new LayerNorm(config.width, 1e-6);
    this.mlp = new Mlp(config);
  }

  forward(x: tf.Tensor): tf.Tensor {
    const attended = x.add(this.attn.forward(this.norm1.forward(x))); // [B, N, C]
    return attended.add(this.mlp.forward(this.norm2.forward(attended))); // [B, N, C]
  }
}

/**
 * @example
 * const vit = new Vit({ image: 8, patch: 4, layers: 1, heads: 2, width: 16, classes: 10 });
 * vit.forward(tf.zeros([1, 8, 8, 3])).shape // → [1, 10]
 */
export class Vit extends Module {
  readonly cls_token: tf.Variable;
  readonly pos_embed: tf.Variable;
  readonly patch_embed: PatchEmbed;
  readonly blocks: Block[];
  readonly norm: LayerNorm;
  readonly head?: Linear;

  constructor(readonly config: VitConfig) {
    super();
    const { image, patch, width, layers, classes } = config;
    expectSizes('a ViT', config, { classes: { from: 0, whole: true } });
    if (image % patch !== 0) throw new Error(`patches of ${patch} do not tile an image of ${image} pixels`);
    const patches = (image / patch) ** 2;
    this.cls_token = variable(tf.zeros([1, 1, width]));
    this.pos_embed = variable(random.normal([1, patches + 1, width], 0, 0.02));
    this.patch_embed = new PatchEmbed(config);
    this.blocks = Array.from({ length: layers }, () => new Block(config));
    this.norm = new LayerNorm(width, 1e-6);
    if (classes > 0) this.head = new Linear(width, classes);
  }

  /** x: [B, image, image, channels] → what the class token has gathered, [B, width]. */
  embed(x: tf.Tensor): tf.Tensor2D {
    const { image, channels = 3, width } = this.config;
    if (String(x.shape.slice(1)) !== String([image, image, channels])) {
      throw new Error(`expected images [B, ${image}, ${image}, ${channels}], got [${x.shape}]`);
    }
    const patches = this.patch_embed.forward(x); // [B, N, C]
    const token = this.cls_token.mul(tf.ones([x.shape[0], 1, 1])); // [B, 1, C]
    let h = tf.concat([token, patches], 1).add(this.pos_embed); // [B, 1+N, C]
    for (const block of this.blocks) h = tf.tidy(() => block.forward(h)); // [B, 1+N, C]
    const first = tf.slice(this.norm.forward(h), [0, 0, 0], [-1, 1, width]); // [B, 1, C]
    return first.reshape([-1, width]) as tf.Tensor2D; // [B, C]
  }

  /** x: [B, image, image, channels] → logits [B, classes], or the embedding [B, width] where there is no head. */
  forward(x: tf.Tensor): tf.Tensor2D {
    const embedding = this.embed(x); // [B, C]
    return this.head ? (this.head.forward(embedding) as tf.Tensor2D) : embedding;
  }
}
