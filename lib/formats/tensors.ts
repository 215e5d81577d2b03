/** Between arrays as files keep them and TensorFlow's tensors. */
import type { Tensor } from '@tensorflow/tfjs';
import { tf } from '../runtime';
import type { NdArray } from './dtypes';

/**
 * Stored array → tensor: floats become float32, bool stays bool, integers become int32 (an error where they do not fit).
 * @example toTensor({ dtype: 'float32', shape: [2], data: Float32Array.from([1, 2]) }) // → [1, 2]
 */
export function toTensor({ dtype, shape, data }: NdArray): Tensor {
  if (dtype === 'bool') return tf.tensor(data as Uint8Array, shape, 'bool');
  if (dtype.includes('float')) return tf.tensor(new Float32Array(data as Float32Array), shape, 'float32');
  const values = Int32Array.from(data as unknown as ArrayLike<number | bigint>, value => {
    const number = Number(value);
    if (number !== (number | 0)) throw new Error(`${dtype} value ${value} does not fit TensorFlow.js's int32`);
    return number;
  });
  return tf.tensor(values, shape, 'int32');
}

/**
 * Tensor → array to be stored: float32, int32 or bool. Reads the values back from the device.
 * @example fromTensor(tf.ones([2, 3])).shape // → [2, 3]
 */
export function fromTensor(tensor: Tensor): NdArray {
  const { dtype, shape } = tensor;
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
    throw new Error(`a tensor of ${dtype} cannot be stored; cast it to float32, int32 or bool first`);
  }
  const data = tensor.dataSync();
  return {
    dtype,
    shape: shape.slice(),
    data: dtype === 'bool' ? Uint8Array.from(data) : (data.slice() as Float32Array),
  };
}
