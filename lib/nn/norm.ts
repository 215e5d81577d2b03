/** Layers that keep activations at mean 0 and variance 1, each over its own set of axes. */
import { tf } from '../runtime';
import { expectCount, expectNumber } from '../runtime/expect';
import { recomputed } from '../runtime/tape';
import { variable } from './init';
import { Layer } from './layers';

/**
 * Over the channels of a group and all positions of one image (Wu & He 2018, eq. 1). x: [B, H, W, C] or [B, T, C].
 * @example new GroupNorm(2, 4).forward(tf.ones([1, 2, 2, 4])).shape // → [1, 2, 2, 4]
 */
export class GroupNorm extends Layer {
  readonly weight: tf.Variable;
  readonly bias: tf.Variable;

  constructor(
    readonly groups: number,
    readonly channels: number,
    readonly epsilon = 1e-5,
  ) {
    super();
    checkNorm({ groups, channels }, epsilon);
    if (channels % groups !== 0) throw new Error(`${channels} channels can't be split into ${groups} equal groups`);
    this.weight = variable(tf.ones([channels]));
    this.bias = variable(tf.zeros([channels]));
  }

  forward(x: tf.Tensor): tf.Tensor {
    const C = x.shape[x.shape.length - 1];
    if (C !== this.channels) throw new Error(`GroupNorm expected [..., ${this.channels}], got [${x.shape}]`);
    return tf.tidy(() => recomputed(y => this.run(y), x, [this.weight, this.bias]));
  }

  private run(x: tf.Tensor): tf.Tensor {
    const pixels = x.reshape([x.shape[0], -1, this.channels]) as tf.Tensor3D; // [B, HW, C]
    const centred = pixels.sub(this.groupMeans(pixels)); // [B, HW, C]
    const variance = this.groupMeans(centred.square() as tf.Tensor3D); // [B, 1, C]
    const scale = variance.add(this.epsilon).rsqrt().mul(this.weight); // [B, 1, C]
    return centred.mul(scale).add(this.bias).reshape(x.shape);
  }

  /**
   * Mean over a group's channels and all positions, written out for each channel. [B, HW, C] → [B, 1, C].
   * First over positions, as a product with 1/HW (on a CPU three times as fast as reducing [B, HW, G, C/G] at once).
   */
  private groupMeans(pixels: tf.Tensor3D): tf.Tensor {
    const [B, N, C] = pixels.shape;
    const perGroup = C / this.groups;
    const channels = tf.matMul(tf.fill([B, 1, N], 1 / N), pixels); // [B, 1, C]
    const groups = channels.reshape([B, this.groups, perGroup]).mean(2, true); // [B, G, 1]
    return groups.mul(tf.ones([1, 1, perGroup])).reshape([B, 1, C]); // [B, 1, C]
  }
}

/**
 * Over the last axis (Ba et al. 2016, eq. 4). x: [..., width].
 * @example new LayerNorm(2).forward(tf.tensor2d([[1, 3]])) // → [[-1, 1]]
 */
export class LayerNorm extends Layer {
  readonly weight?: tf.Variable;
  readonly bias?: tf.Variable;

  constructor(
    readonly width: number,
    readonly epsilon = 1e-5,
    { affine = true, bias = true } = {},
  ) {
    super();
    checkNorm({ width }, epsilon);
    if (!affine) return;
    this.weight = variable(tf.ones([width]));
    if (bias) this.bias = variable(tf.zeros([width]));
  }

  forward(x: tf.Tensor): tf.Tensor {
    const width = x.shape[x.rank - 1];
    if (width !== this.width) throw new Error(`LayerNorm expected [..., ${this.width}], got [${x.shape}]`);
    const weights = [this.weight, this.bias].filter((each): each is tf.Variable => each !== undefined);
    return recomputed(y => this.run(y), x, weights);
  }

  private run(x: tf.Tensor): tf.Tensor {
    const normal = standardise(x, [x.rank - 1], this.epsilon);
    const scaled = this.weight ? normal.mul(this.weight) : normal;
    return this.bias ? scaled.add(this.bias) : scaled;
  }
}

/**
 * Lengths only: x/√(mean x² + ε)·weight over the last axis, no mean taken off, no bias (Zhang & Sennrich 2019, eq. 4). x: [..., width].
 * @example new RmsNorm(2).forward(tf.tensor2d([[3, 3]])) // → [[1, 1]]
 */
export class RmsNorm extends Layer {
  readonly weight: tf.Variable;

  constructor(
    readonly width: number,
    readonly epsilon = 1e-6,
  ) {
    super();
    checkNorm({ width }, epsilon);
    this.weight = variable(tf.ones([width]));
  }

  forward(x: tf.Tensor): tf.Tensor {
    const width = x.shape[x.rank - 1];
    if (width !== this.width) throw new Error(`RmsNorm expected [..., ${this.width}], got [${x.shape}]`);
    const scale = x.square().mean(-1, true).add(this.epsilon).rsqrt(); // [..., 1]
    return x.mul(scale).mul(this.weight);
  }
}

/**
 * Over the batch and all positions, per channel (Ioffe & Szegedy 2015, alg. 1). x: [B, H, W, C].
 * In training the batch's own statistics are used and running ones are updated; otherwise the running ones.
 * @example new BatchNorm2d(3).forward(tf.zeros([2, 4, 4, 3]), true).shape // → [2, 4, 4, 3]
 */
export class BatchNorm2d extends Layer {
  readonly weight: tf.Variable;
  readonly bias: tf.Variable;
  readonly running_mean: tf.Variable;
  readonly running_var: tf.Variable;

  constructor(
    readonly channels: number,
    readonly epsilon = 1e-5,
    readonly momentum = 0.1,
  ) {
    super();
    checkNorm({ channels }, epsilon);
    expectNumber('momentum', momentum, { from: 0, to: 1 }, 'PyTorch has 0.1');
    this.weight = variable(tf.ones([channels]));
    this.bias = variable(tf.zeros([channels]));
    this.running_mean = variable(tf.zeros([channels]), false);
    this.running_var = variable(tf.ones([channels]), false);
  }

  forward(x: tf.Tensor, training = false): tf.Tensor {
    const C = x.shape[x.rank - 1];
    if (C !== this.channels) throw new Error(`BatchNorm2d expected [..., ${this.channels}], got [${x.shape}]`);
    const axes = x.shape.map((_, axis) => axis).slice(0, -1);
    const { mean, variance } = training ? tf.moments(x, axes) : { mean: this.running_mean, variance: this.running_var };
    if (training) this.track(mean, variance, x.size / this.channels);
    const scale = this.weight.mul(variance.add(this.epsilon).rsqrt()); // [C]
    return x.sub(mean).mul(scale).add(this.bias);
  }

  /**
   * running ← (1 − momentum)·running + momentum·batch, with the unbiased variance, as PyTorch does; but a batch of NaN or ∞
   * leaves no trace, as the optimisers of lib/nn let it leave none in the weights.
   */
  private track(mean: tf.Tensor, variance: tf.Tensor, count: number): void {
    const unbiased = variance.mul(count / Math.max(1, count - 1)); // [C]
    const blend = (old: tf.Variable, now: tf.Tensor) => {
      const next = old.mul(1 - this.momentum).add(now.mul(this.momentum)); // [C]
      old.assign(tf.where(tf.isFinite(next), next, old));
    };
    blend(this.running_mean, mean);
    blend(this.running_var, unbiased);
  }
}

function checkNorm(sizes: Record<string, number>, epsilon: number): void {
  for (const [name, size] of Object.entries(sizes)) expectCount(name, size);
  expectNumber('epsilon', epsilon, { above: 0 }, 'it keeps the division from 0');
}

/** (x − mean)/√(variance + ε), with both statistics taken over `axes`. */
function standardise(x: tf.Tensor, axes: number[], epsilon: number): tf.Tensor {
  const centred = x.sub(x.mean(axes, true));
  const variance = centred.square().mean(axes, true);
  return centred.mul(variance.add(epsilon).rsqrt());
}
