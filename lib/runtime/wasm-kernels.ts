/** Kernels of tfjs's WebAssembly that give wrong numbers, written anew. */
import * as tf from '@tensorflow/tfjs';
import { replaceKernel } from './kernels';

/** Of the backend what is used here. */
export interface Heap {
  makeOutput(shape: number[], dtype: tf.DataType): tf.TensorInfo;
  typedArrayFromHeap(info: tf.TensorInfo): Float32Array | Int32Array | Uint8Array;
}

/**
 * The gradient of a window's largest number goes to where that number stands, to the first where there are two. tfjs's kernel
 * drops it where all numbers of the window are negative.
 */
export function poolGradients(): void {
  replaceKernel('MaxPoolGrad', 'wasm', () => ({ inputs, attrs, backend }) => {
    const { dy, input } = inputs as Record<'dy' | 'input', tf.TensorInfo>;
    const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as tf.MaxPoolGradAttrs;
    const shape = input.shape as [number, number, number, number];
    const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
    const heap = backend as unknown as Heap;
    const made = heap.makeOutput(shape, 'float32');
    const [x, out, to] = [input, dy, made].map(each => heap.typedArrayFromHeap(each)); // after what was made: memory that grows moves
    to.fill(0);
    const { outHeight, outWidth, inHeight, inWidth, inChannels: channels } = info;
    const best = new Float32Array(channels);
    const place = new Int32Array(channels);
    for (let cell = 0; cell < info.batchSize * outHeight * outWidth; cell++) {
      const column = (cell % outWidth) * info.strideWidth - info.padInfo.left;
      const row = (Math.floor(cell / outWidth) % outHeight) * info.strideHeight - info.padInfo.top;
      const picture = Math.floor(cell / (outWidth * outHeight)) * inHeight;
      best.fill(Number.NEGATIVE_INFINITY);
      place.fill(-1);
      for (let i = Math.max(0, row); i < Math.min(inHeight, row + info.filterHeight); i++) {
        for (let j = Math.max(0, column); j < Math.min(inWidth, column + info.filterWidth); j++) {
          const from = ((picture + i) * inWidth + j) * channels;
          for (let c = 0; c < channels; c++) {
            if (place[c] >= 0 && x[from + c] <= best[c]) continue;
            best[c] = x[from + c];
            place[c] = from + c;
          }
        }
      }
      for (let c = 0; c < channels; c++) to[place[c]] += out[cell * channels + c];
    }
    return made;
  });
}

/** Whatever is not 0 is true. tfjs's kernel cuts to a whole number of one byte: 0.5 is false, and 2 is 2. */
export function castToTruth(): void {
  replaceKernel('Cast', 'wasm', own => given => {
    const x = given.inputs.x as tf.TensorInfo;
    if (given.attrs?.dtype !== 'bool' || x.dtype === 'bool') return own(given);
    const heap = given.backend as unknown as Heap;
    const made = heap.makeOutput(x.shape, 'bool');
    const [from, to] = [x, made].map(each => heap.typedArrayFromHeap(each));
    for (let i = 0; i < to.length; i++) to[i] = from[i] === 0 ? 0 : 1;
    return made;
  });
}
