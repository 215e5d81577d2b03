/**
 * What the nets for pictures share: the residual block, attention between pixels, halving and doubling.
 * Parameters carry the names of the diffusers library, hence the snake_case fields.
 */
import { Conv2d, GroupNorm, Linear, Module, silu, upsample2x } from '../nn';
import { tf } from '../runtime';
import { expectNumber, expectShape } from '../runtime/expect';
import { blank, buildingShapes } from '../runtime/shapes-only';

/**
 * Numbers that tell step t apart: sines and cosines of t at `width / 2` frequencies, from 1 down to 1/10,000.
 * Two conventions are about: 'ddpm' (Ho et al. 2020) puts sines first and reaches 1/10,000 with the last frequency;
 * 'latent' (Rombach et al. 2022, Peebles & Xie 2023) puts cosines first and stops one frequency short of it.
 * t: [B] → [B, width].
 */
export function sinusoids(t: tf.Tensor, width: number, convention: 'ddpm' | 'latent' = 'ddpm'): tf.Tensor {
  expectShape('time steps', t, ['B'], 'one for each picture');
  expectNumber(
    'half the width',
    width / 2,
    { above: convention === 'ddpm' ? 1 : 0, whole: true },
    'sines and cosines share it',
  );
  const half = width / 2;
  const last = convention === 'ddpm' ? half - 1 : half;
  const frequencies = Array.from({ length: half }, (_, i) => Math.exp((-Math.log(10000) * i) / last));
  const angles = tf.mul(tf.reshape(tf.cast(t, 'float32'), [-1, 1]), tf.tensor2d([frequencies])); // [B, width/2]
  const [sines, cosines] = [tf.sin(angles), tf.cos(angles)]; //                                     2 × [B, width/2]
  return tf.concat(convention === 'ddpm' ? [sines, cosines] : [cosines, sines], 1); //              [B, width]
}

/** Sinusoids, then two layers that turn them into what the blocks use. t: [B] → [B, out]. */
export class TimeEmbedding extends Module {
  linear_1: Linear;
  linear_2: Linear;

  constructor(
    width: number,
    out: number,
    private readonly convention: 'ddpm' | 'latent' = 'ddpm',
  ) {
    super();
    this.linear_1 = new Linear(width, out);
    this.linear_2 = new Linear(out, out);
  }

  forward(t: tf.Tensor): tf.Tensor {
    const waves = sinusoids(t, this.linear_1.inputs, this.convention); // [B, width]
    return this.linear_2.forward(silu(this.linear_1.forward(waves))); //  [B, out]
  }
}

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

  /** x: [B, H, W, from], time: [B, timeWidth] → [B, H, W, to]. What is made in between goes at once. */
  forward(x: tf.Tensor, time?: tf.Tensor): tf.Tensor {
    return tf.tidy(() => this.run(x, time));
  }

  private run(x: tf.Tensor, time?: tf.Tensor): tf.Tensor {
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

  constructor(width: number, groups: number, epsilon: number) {
    super();
    this.group_norm = new GroupNorm(groups, width, epsilon);
    this.to_q = new Linear(width, width);
    this.to_k = new Linear(width, width);
    this.to_v = new Linear(width, width);
    this.to_out = [zeroed(new Linear(width, width))];
  }

  /** [B, H, W, C] → [B, H, W, C]. */
  forward(x: tf.Tensor): tf.Tensor {
    return tf.tidy(() => this.run(x));
  }

  private run(x: tf.Tensor): tf.Tensor {
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

/** x·(1 + scale) + shift: what the weights of a norm would do, but chosen anew for each picture. All broadcast to x. */
export const modulate = (x: tf.Tensor, shift: tf.Tensor, scale: tf.Tensor): tf.Tensor => x.mul(scale.add(1)).add(shift);

/**
 * Where each patch lies: sines and cosines of its column, then of its row, a quarter of the width each → [1, side², width].
 * `step`: how far neighbours lie apart, 1 unless the grid is finer than the one of training.
 */
export function gridPositions(side: number, width: number, step = 1): tf.Tensor {
  if (buildingShapes()) return blank([1, side * side, width]);
  const quarter = width / 4;
  const frequencies = Array.from({ length: quarter }, (_, i) => 10000 ** (-i / quarter));
  return tf.tidy(() => {
    const angles = tf.tensor2d(Array.from({ length: side }, (_, at) => frequencies.map(f => at * step * f))); // [side, W/4]
    const waves = tf.concat([angles.sin(), angles.cos()], 1); //                             [side, W/2]
    const grid = [side, side, 2 * quarter];
    const columns = waves.reshape([1, side, 2 * quarter]).broadcastTo(grid); //              [side, side, W/2]
    const rows = waves.reshape([side, 1, 2 * quarter]).broadcastTo(grid); //                 [side, side, W/2]
    return tf.concat([columns, rows], 2).reshape([1, side * side, width]);
  });
}

/** Each patch's numbers back to their pixels: [B, rows·columns, p·p·C] → [B, rows·p, columns·p, C]. */
export function fromPatches(patches: tf.Tensor, rows: number, columns: number, p: number): tf.Tensor4D {
  const [B, , numbers] = patches.shape as [number, number, number];
  const C = numbers / (p * p);
  const grid = patches.reshape([B * rows, columns, p, p * C]); // rows of patches, their pixels last
  return grid.transpose([0, 2, 1, 3]).reshape([B, rows * p, columns * p, C]);
}

/** Sets all parameters of a layer to zero, so that at the start it adds nothing. */
export function zeroed<M extends Module>(layer: M): M {
  if (buildingShapes()) return layer;
  for (const parameter of layer.parameters()) tf.tidy(() => parameter.assign(tf.zerosLike(parameter)));
  return layer;
}
