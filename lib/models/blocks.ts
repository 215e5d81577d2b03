/**
 * What the nets for pictures share: the residual block, attention between pixels, halving and doubling.
 * Parameters carry the names of the diffusers library, hence the snake_case fields.
 */
import { attention, Conv2d, GroupNorm, Linear, Module, mergeHeads, silu, splitHeads, upsample2x } from '../nn';
import { tf } from '../runtime';

export interface ResnetOptions {
  /** Groups of the group normalisation; divides every channel count. */
  groups: number;
  /** What keeps the normalisation from dividing by 0. */
  epsilon: number;
  /** Numbers in the time embedding; without it the block isn't told the time. */
  timeWidth?: number;
}

/**
 * Two convolutions around which the input runs along unchanged (He et al. 2016); the time step is added between them
 * (Ho et al. 2020, appendix B). The second starts at zero, so that a fresh block hands its input through.
 */
export class ResnetBlock extends Module {
  norm1: GroupNorm;
  conv1: Conv2d;
  time_emb_proj?: Linear;
  norm2: GroupNorm;
  conv2: Conv2d;
  conv_shortcut?: Conv2d;

  constructor(from: number, to: number, { groups, epsilon, timeWidth }: ResnetOptions) {
    super();
    this.norm1 = new GroupNorm(groups, from, epsilon);
    this.conv1 = new Conv2d(from, to, 3, { padding: 1 });
    if (timeWidth) this.time_emb_proj = new Linear(timeWidth, to);
    this.norm2 = new GroupNorm(groups, to, epsilon);
    this.conv2 = zeroed(new Conv2d(to, to, 3, { padding: 1 }));
    if (from !== to) this.conv_shortcut = new Conv2d(from, to, 1);
  }

  /** x: [B, H, W, from], time: [B, timeWidth] → [B, H, W, to]. */
  forward(x: tf.Tensor, time?: tf.Tensor): tf.Tensor {
    let h = this.conv1.forward(silu(this.norm1.forward(x))); //    [B, H, W, to]
    if (this.time_emb_proj && time) {
      const shift = this.time_emb_proj.forward(silu(time)); //     [B, to]
      h = tf.add(h, tf.reshape(shift, [shift.shape[0], 1, 1, -1]));
    }
    h = this.conv2.forward(silu(this.norm2.forward(h))); //        [B, H, W, to]
    return tf.add(h, this.conv_shortcut ? this.conv_shortcut.forward(x) : x);
  }
}

/** Every pixel looks at every other (one head). At 7 × 7 that is 49 · 49 weights, at 28 × 28 it would be 614,656. */
export class PixelAttention extends Module {
  group_norm: GroupNorm;
  to_q: Linear;
  to_k: Linear;
  to_v: Linear;
  to_out: Linear[];

  constructor(width: number, { groups, epsilon }: ResnetOptions) {
    super();
    this.group_norm = new GroupNorm(groups, width, epsilon);
    this.to_q = new Linear(width, width);
    this.to_k = new Linear(width, width);
    this.to_v = new Linear(width, width);
    this.to_out = [zeroed(new Linear(width, width))];
  }

  /** [B, H, W, C] → [B, H, W, C]. */
  forward(x: tf.Tensor): tf.Tensor {
    const [B, H, W, C] = x.shape;
    const pixels = tf.reshape(this.group_norm.forward(x), [B, H * W, C]); //                      [B, H·W, C]
    const [q, k, v] = [this.to_q, this.to_k, this.to_v].map(to => splitHeads(to.forward(pixels), 1)); // 3 × [B, 1, H·W, C]
    const mixed = mergeHeads(attention(q, k, v)); //                                              [B, H·W, C]
    return tf.add(x, tf.reshape(this.to_out[0].forward(mixed), [B, H, W, C]));
  }
}

/**
 * [B, H, W, C] → [B, H/2, W/2, C]. `edges`: pad only the far edges, as the paper's TensorFlow code does, or all four,
 * as PyTorch's convolution does.
 */
export class Downsample extends Module {
  conv: Conv2d;

  constructor(
    width: number,
    private readonly edges: 'far' | 'all' = 'far',
  ) {
    super();
    this.conv = new Conv2d(width, width, 3, { stride: 2 });
  }

  forward(x: tf.Tensor): tf.Tensor {
    const pad: [number, number] = this.edges === 'far' ? [0, 1] : [1, 1];
    const padded = tf.pad(x, [[0, 0], pad, pad, [0, 0]]); // [B, H+1 or H+2, …, C]
    return this.conv.forward(padded); //                     [B, H/2, W/2, C]
  }
}

/** [B, H, W, C] → [B, 2H, 2W, C]: each pixel becomes four, then a convolution smooths. */
export class Upsample extends Module {
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
export function zeroed<M extends Module>(layer: M): M {
  for (const parameter of layer.parameters()) tf.tidy(() => parameter.assign(tf.zerosLike(parameter)));
  return layer;
}
