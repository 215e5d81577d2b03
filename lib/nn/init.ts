/** Where weights start. All draws come from the lab's seeded generator (`random.seed`). */
import { random, tf } from '../runtime';
import { expectNumber } from '../runtime/expect';
import { blank, buildingShapes } from '../runtime/shapes-only';

/**
 * PyTorch's default for linear and convolution layers: uniform in ±1/√fanIn
 * (He et al. 2015, eq. 10 with negative slope √5). `fanIn`: inputs that feed one output.
 * @example kaimingUniform([3, 2], 2).shape // → [3, 2]
 */
export function kaimingUniform(shape: number[], fanIn: number): tf.Tensor {
  const bound = 1 / Math.sqrt(fan('fanIn', fanIn));
  return random.uniform(shape, -bound, bound);
}

/**
 * He et al. 2015, eq. 10: normal with variance 2/fanIn, which keeps the variance through ReLU layers.
 * @example heNormal([3, 2], 2).shape // → [3, 2]
 */
export function heNormal(shape: number[], fanIn: number): tf.Tensor {
  return random.normal(shape, 0, Math.sqrt(2 / fan('fanIn', fanIn)));
}

/**
 * Glorot & Bengio 2010, eq. 16: uniform with variance 2/(fanIn + fanOut), for tanh and sigmoid layers.
 * @example xavierUniform([3, 2], 2, 3).shape // → [3, 2]
 */
export function xavierUniform(shape: number[], fanIn: number, fanOut: number): tf.Tensor {
  const bound = Math.sqrt(6 / (fan('fanIn', fanIn) + fan('fanOut', fanOut)));
  return random.uniform(shape, -bound, bound);
}

const fan = (name: string, value: number): number => expectNumber(name, value, { above: 0 }, 'inputs of one output');

/** How a layer's weights are drawn: shape, inputs per output, outputs per input → values. */
export type Initialiser = (shape: number[], fanIn: number, fanOut: number) => tf.Tensor;

/**
 * All zeros: a layer that adds nothing until training moves it.
 * @example new Linear(4, 2, { init: zeros }).forward(tf.ones([1, 4])) // → [[0, 0]]
 */
export const zeros: Initialiser = shape => tf.zeros(shape);

/**
 * Makes a variable out of a freshly drawn tensor and frees the tensor; within `shapesOnly`, only its shape stays.
 * @example variable(tf.zeros([2])).trainable // → true
 */
export function variable(values: tf.Tensor, trainable = true): tf.Variable {
  const start = buildingShapes() ? blank(values.shape) : values;
  const made = tf.variable(start, trainable);
  start.dispose();
  values.dispose();
  return made;
}
