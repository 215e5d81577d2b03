/**
 * Models without numbers. Stable Diffusion's U-Net takes 3.4 GB and seconds of drawing; to count its parameters, or to
 * fill it from a file, its shapes are enough.
 */
import { tf } from './tensorflow';

let depth = 0;

/** True while `shapesOnly` builds. */
export const buildingShapes = (): boolean => depth > 0;

/**
 * Runs `build` so that nothing is drawn and every variable of `lib/nn` has its shape but no memory. Such a module can be
 * counted, shown, disposed, and filled with `loadModule`; computing with an unfilled one is an error in TensorFlow.
 *
 * @example shapesOnly(() => new ConditionalUNet(SD15_UNET)).parameterCount() // → 859520964
 */
export function shapesOnly<T>(build: () => T): T {
  depth++;
  try {
    return build();
  } finally {
    depth--;
  }
}

/** A tensor of a shape and without numbers: all of them share the storage of one empty tensor. */
export function blank<R extends tf.Rank>(shape: tf.ShapeMap[R]): tf.Tensor<R> {
  const storage = tf.tensor1d([]);
  const engine = tf.engine();
  engine.backend.incRef(storage.dataId); // once more, for the tensor made here
  const tensor = engine.makeTensorFromTensorInfo({ dataId: storage.dataId, shape, dtype: 'float32' });
  storage.dispose();
  return tensor as tf.Tensor<R>;
}
