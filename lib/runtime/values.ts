/** The values of tensors: when they may be looked at, and what stands for a wrong one where they may not. */
import { isRecording } from './compile/recorder';
import { expectShape, shapeOf } from './expect';
import { tf } from './tensorflow';

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
    const valid = numbers.dtype === 'float32' ? inside.logicalAnd(indices.toFloat().equal(numbers)) : inside;
    return { indices, valid };
  }
  const values = numbers.dataSync();
  const wrong = values.findIndex(value => !(Number.isInteger(value) && value >= 0 && value < count));
  if (wrong < 0) return { indices };
  throw new Error(
    `${name} must be whole numbers from 0 to ${count - 1}, got ${values[wrong]} at position ${wrong} of ${shapeOf(numbers)}`,
  );
}

/** The values, NaN where `valid` is false. Shapes of both are equal. */
export function orNaN(values: tf.Tensor, valid: tf.Tensor | undefined): tf.Tensor {
  return valid ? tf.where(valid, values, tf.fill(values.shape, Number.NaN)) : values;
}

/** As `indicesBelow`, for one number per row. numbers: [B]. */
export function rowIndices(name: string, numbers: tf.Tensor, rows: number | string, count: number): Indices {
  expectShape(name, numbers, [rows], 'one number for each row');
  return indicesBelow(name, numbers, count);
}
