/** Layers with weights. Images are [B, H, W, C]; weights have PyTorch's names, and its layouts in `stateDict()`. */
import { random, tf } from '../runtime';
import { expectCount, expectNumber } from '../runtime/expect';
import { indicesBelow, orNaN } from '../runtime/values';
import { type Initialiser, kaimingUniform, variable } from './init';
import { layoutInTorch, Module } from './module';

/**
 * A module that maps one tensor to one tensor; `training` switches dropout and batch statistics on.
 * @example
 * class Double extends Layer {
 *   forward(x: tf.Tensor): tf.Tensor {
 *     return x.mul(2);
 *   }
 * }
 * new Double().forward(tf.ones([1])) // → [2]
 */
export abstract class Layer extends Module {
  abstract forward(x: tf.Tensor, training?: boolean): tf.Tensor;
}

/** PyTorch's default start draws the bias too; with any other start it begins at zero. */
const startBias = (init: Initialiser, outputs: number, fanIn: number): tf.Variable =>
  variable(init === kaimingUniform ? kaimingUniform([outputs], fanIn) : tf.zeros([outputs]));

/**
 * y = x Wᵀ + b over the last axis. x: [..., in] → [..., out]; weight [out, in].
 * @example new Linear(3, 2).forward(tf.ones([5, 3])).shape // → [5, 2]
 */
export class Linear extends Layer {
  readonly weight: tf.Variable;
  readonly bias?: tf.Variable;

  constructor(
    readonly inputs: number,
    readonly outputs: number,
    { bias = true, init = kaimingUniform as Initialiser } = {},
  ) {
    super();
    expectCount('inputs', inputs);
    expectCount('outputs', outputs);
    this.weight = variable(init([outputs, inputs], inputs, outputs));
    if (bias) this.bias = startBias(init, outputs, inputs);
  }

  forward(x: tf.Tensor): tf.Tensor {
    const width = x.shape[x.shape.length - 1];
    if (width !== this.inputs) throw new Error(`Linear expected [..., ${this.inputs}], got [${x.shape}]`);
    const rows = x.rank === 2 ? x : x.reshape([-1, width]);
    const product = tf.matMul(rows as tf.Tensor2D, this.weight as tf.Tensor2D, false, true);
    const y = this.bias ? product.add(this.bias) : product;
    return x.rank === 2 ? y : y.reshape([...x.shape.slice(0, -1), this.outputs]);
  }
}

/** How a convolution moves over the picture; padding is on both sides, as in PyTorch. */
export interface ConvOptions {
  stride?: number;
  padding?: number;
  bias?: boolean;
  init?: Initialiser;
}

/**
 * Output length of a convolution or pooling: ⌊(n + 2p − d(k−1) − 1)/s⌋ + 1.
 * @example convOut(32, 3, { stride: 2, padding: 1 }) // → 16
 */
export function convOut(n: number, kernel: number, { stride = 1, padding = 0, dilation = 1 } = {}): number {
  checkConv({ 'the length': n, kernel, stride, dilation, padding });
  return Math.floor((n + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
}

/** Whole numbers from 1 on; a padding may be 0. */
function checkConv({ padding, ...sizes }: Record<string, number>): void {
  for (const [name, size] of Object.entries(sizes)) expectCount(name, size);
  expectNumber('padding', padding, { from: 0, whole: true });
}

/**
 * x: [B, H, W, in] → [B, H', W', out] with H' by `convOut`. The kernel is kept [k, k, in, out].
 * @example new Conv2d(1, 8, 3, { padding: 1 }).forward(tf.zeros([1, 28, 28, 1])).shape // → [1, 28, 28, 8]
 */
export class Conv2d extends Layer {
  readonly weight: tf.Variable;
  readonly bias?: tf.Variable;
  readonly stride: number;
  readonly padding: number;

  constructor(
    readonly inputs: number,
    readonly outputs: number,
    readonly kernel: number,
    { stride = 1, padding = 0, bias = true, init = kaimingUniform }: ConvOptions = {},
  ) {
    super();
    checkConv({ inputs, outputs, kernel, stride, padding });
    const fanIn = inputs * kernel * kernel;
    this.stride = stride;
    this.padding = padding;
    this.weight = layoutInTorch(
      variable(init([kernel, kernel, inputs, outputs], fanIn, outputs * kernel ** 2)),
      [3, 2, 0, 1],
    );
    if (bias) this.bias = startBias(init, outputs, fanIn);
  }

  forward(x: tf.Tensor): tf.Tensor {
    if (x.rank !== 4 || x.shape[3] !== this.inputs) {
      throw new Error(`Conv2d expected images [B, H, W, ${this.inputs}], got [${x.shape}]`);
    }
    const keepsSize = this.stride === 1 && 2 * this.padding === this.kernel - 1;
    const p: [number, number] = [this.padding, this.padding];
    const padded = keepsSize || this.padding === 0 ? x : tf.pad(x, [[0, 0], p, p, [0, 0]]);
    const kernel = this.weight as tf.Tensor4D;
    const y = tf.conv2d(padded as tf.Tensor4D, kernel, this.stride, keepsSize ? 'same' : 'valid');
    return this.bias ? y.add(this.bias) : y;
  }
}

/**
 * The transpose of a convolution: x: [B, H, W, in] → [B, (H−1)·s − 2p + k, …, out]. Kernel kept [k, k, out, in].
 * @example new ConvTranspose2d(8, 1, 4, { stride: 2, padding: 1 }).forward(tf.zeros([1, 7, 7, 8])).shape // → [1, 14, 14, 1]
 */
export class ConvTranspose2d extends Layer {
  readonly weight: tf.Variable;
  readonly bias?: tf.Variable;
  readonly stride: number;
  readonly padding: number;

  constructor(
    readonly inputs: number,
    readonly outputs: number,
    readonly kernel: number,
    { stride = 1, padding = 0, bias = true, init = kaimingUniform }: ConvOptions = {},
  ) {
    super();
    checkConv({ inputs, outputs, kernel, stride, padding });
    const fanIn = outputs * kernel * kernel; // PyTorch counts the axis that it sums over in the other direction
    this.stride = stride;
    this.padding = padding;
    this.weight = layoutInTorch(
      variable(init([kernel, kernel, outputs, inputs], fanIn, inputs * kernel ** 2)),
      [3, 2, 0, 1],
    );
    if (bias) this.bias = startBias(init, outputs, fanIn);
  }

  forward(x: tf.Tensor): tf.Tensor {
    if (x.rank !== 4 || x.shape[3] !== this.inputs) {
      throw new Error(`ConvTranspose2d expected images [B, H, W, ${this.inputs}], got [${x.shape}]`);
    }
    const [B, H, W] = x.shape;
    const { stride: s, padding: p, kernel: k } = this;
    const height = (H - 1) * s + k;
    const width = (W - 1) * s + k;
    const full = tf.conv2dTranspose(
      x as tf.Tensor4D,
      this.weight as tf.Tensor4D,
      [B, height, width, this.outputs],
      s,
      'valid',
    );
    const y = p === 0 ? full : tf.slice(full, [0, p, p, 0], [B, height - 2 * p, width - 2 * p, this.outputs]);
    return this.bias ? y.add(this.bias) : y;
  }
}

/**
 * A learnt row per symbol: ids [...] int32 → [..., width]; weight [count, width].
 * @example new Embedding(10, 4).forward(tf.tensor1d([1, 2], 'int32')).shape // → [2, 4]
 */
export class Embedding extends Layer {
  readonly weight: tf.Variable;

  constructor(
    readonly count: number,
    readonly width: number,
    { init = (shape: number[]) => random.normal(shape) }: { init?: Initialiser } = {},
  ) {
    super();
    expectCount('symbols', count);
    expectCount('width', width);
    this.weight = variable(init([count, width], count, width));
  }

  /** @throws Error where an id is no whole number from 0 to count − 1; inside a compiled step its row becomes NaN */
  forward(ids: tf.Tensor): tf.Tensor {
    const { indices, valid } = indicesBelow('ids', ids, this.count);
    const rows = tf.gather(this.weight, indices); // [..., width]
    return valid ? rows.add(orNaN(tf.zeros(ids.shape), valid).expandDims(-1)) : rows;
  }
}

/**
 * Zeroes each value with probability `rate` in training and scales the rest by 1/(1 − rate) (Srivastava et al. 2014).
 * @example new Dropout(0.5).forward(tf.ones([3]), false) // → [1, 1, 1]
 */
export class Dropout extends Layer {
  constructor(readonly rate: number) {
    super();
    expectNumber('dropout rate', rate, { from: 0, below: 1 }, '0 drops nothing');
  }

  forward(x: tf.Tensor, training = false): tf.Tensor {
    if (!training || this.rate === 0) return x;
    const keep = random.uniform(x.shape).greaterEqual(this.rate).toFloat(); // [...] of 0 and 1
    return x.mul(keep).div(1 - this.rate);
  }
}

/**
 * Layers one after the other; plain functions may stand between them. Weights are named by position: `0.weight`.
 * @example new Sequential(new Linear(4, 8), tf.relu, new Linear(8, 2)).forward(tf.ones([1, 4])).shape // → [1, 2]
 */
export class Sequential extends Layer {
  constructor(...layers: (Layer | ((x: tf.Tensor) => tf.Tensor))[]) {
    super();
    Object.assign(this, layers); // fields '0', '1', …, which the walk over weights finds
  }

  forward(x: tf.Tensor, training = false): tf.Tensor {
    const layers = Object.values(this) as (Layer | ((x: tf.Tensor) => tf.Tensor))[];
    return layers.reduce((y, layer) => (layer instanceof Layer ? layer.forward(y, training) : layer(y)), x);
  }
}
