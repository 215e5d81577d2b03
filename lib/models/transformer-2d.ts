/**
 * The Transformer between the convolutions of text-to-image's U-Net (Rombach et al. 2022, section 3.3): its pixels look at each
 * other, then at the words of the caption. Names are those of diffusers.
 */
import { attention, Conv2d, Dropout, GroupNorm, gelu, LayerNorm, Linear, Module, mergeHeads, splitHeads } from '../nn';
import { tf } from '../runtime';
import { zeroed } from './blocks';
import type { Attend, Context } from './unet';

export interface TransformerOptions {
  heads: number;
  depth: number;
  linear: boolean;
  groups: number;
  context: number;
}

/** The pixels of a map as the tokens of a Transformer; what it finds is added to the map. */
export class Transformer2D extends Module implements Attend {
  readonly norm: GroupNorm;
  readonly proj_in: Conv2d | Linear;
  readonly transformer_blocks: TransformerBlock[];
  readonly proj_out: Conv2d | Linear;

  constructor(width: number, options: TransformerOptions) {
    super();
    this.norm = new GroupNorm(options.groups, width, 1e-6);
    const layer = () => (options.linear ? new Linear(width, width) : new Conv2d(width, width, 1));
    this.proj_in = layer();
    this.transformer_blocks = Array.from({ length: options.depth }, () => new TransformerBlock(width, options));
    this.proj_out = zeroed(layer());
  }

  /** [B, H, W, C] → [B, H, W, C]. */
  forward(x: tf.Tensor, context: Context): tf.Tensor {
    const [B, H, W, C] = x.shape;
    let h = tf.reshape(this.proj_in.forward(this.norm.forward(x)), [B, H * W, C]); // [B, H·W, C]
    for (const block of this.transformer_blocks) h = tf.tidy(() => block.forward(h, context)); // [B, H·W, C]
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
