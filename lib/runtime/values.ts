/** The values of tensors: when they may be looked at, and what stands for a wrong one where they may not. */
import { isRecording } from './compile/recorder';
import { shapeOf } from './expect';
import { DT, typeAttr } from './native';
import { nativeBackend, tf } from './tensorflow';

/** Whole numbers as an index takes them: `indices` int32; `valid`, where they could not be looked at, is false for wrong ones. */
export interface Indices {
  indices: tf.Tensor;
  valid?: tf.Tensor;
}

/**
 * Numbers that must be 0, 1, …, count − 1, int32 or whole floats. Outside of a compiled step they are looked at, and wrong
 * ones are an error; inside nobody can look, so `orNaN` makes what came of wrong ones NaN, which no reader takes for a
 * result.
 * @throws Error "labels must be whole numbers from 0 to 9, got 10 at position 3"
 */
export function indicesBelow(name: string, numbers: tf.Tensor, count: number): Indices {
  if (numbers.dtype !== 'int32' && numbers.dtype !== 'float32' && numbers.dtype !== 'bool') {
    throw new Error(`${name} must be whole numbers from 0 to ${count - 1}, got a tensor of ${numbers.dtype}`);
  }
  const indices = numbers.toInt();
  if (isRecording()) {
    const inside = indices.greaterEqual(0).logicalAnd(indices.less(count));
    if (numbers.dtype !== 'float32') return { indices, valid: inside };
    const valid = inside.logicalAnd(indices.toFloat().equal(numbers));
    return { indices: tf.where(valid, indices, tf.zerosLike(indices)), valid }; // NaN as an index is −2³¹
  }
  const values = numbers.dataSync();
  const wrong = values.findIndex(value => !(Number.isInteger(value) && value >= 0 && value < count));
  if (wrong < 0) return { indices };
  throw new Error(
    `${name} must be whole numbers from 0 to ${count - 1}, got ${values[wrong]} at position ${wrong} of ${shapeOf(numbers)}`,
  );
}

/** x·y, and 0 where y is 0, whatever x is; only on TensorFlow, and without a gradient. y: a scalar or of x's shape. */
export function mulNoNan(x: tf.Tensor, y: tf.Tensor): tf.Tensor {
  return nativeBackend().executeSingleOutput('MulNoNan', [typeAttr('T', DT.float)], [x, y]);
}

/** The values, NaN where `valid` is false. Shapes of both are equal. */
export function orNaN(values: tf.Tensor, valid: tf.Tensor | undefined): tf.Tensor {
  return valid ? tf.where(valid, values, tf.fill(values.shape, Number.NaN)) : values;
}
