/** Kernels of tfjs's WebGPU that give wrong numbers, mended. */
import * as tf from '@tensorflow/tfjs';
import type { HostBackend } from './borrowed';
import { replaceKernel } from './kernels';

/** So many buffers may a program have on every card, its output among them. */
const BUFFERS = 8;

/**
 * tfjs gives all that is to be added to one program, which fails with 8 and more: an optimiser adds one number for each of
 * a model's tensors.
 */
export function addFewAtOnce(): void {
  replaceKernel('AddN', 'webgpu', own => ({ inputs, attrs, backend }) => {
    const all = inputs as unknown as tf.TensorInfo[];
    const add = (some: tf.TensorInfo[]): tf.TensorInfo =>
      own({ inputs: some as unknown as tf.NamedTensorInfoMap, attrs, backend }) as tf.TensorInfo;
    let sum = add(all.slice(0, BUFFERS - 1));
    for (let i = BUFFERS - 1; i < all.length; i += BUFFERS - 2) {
      const before = sum;
      sum = add([before, ...all.slice(i, i + BUFFERS - 2)]);
      (backend as HostBackend).disposeData(before.dataId);
    }
    return sum;
  });
}

/**
 * A running sum from the end is one from the start of what was turned round. tfjs writes an axis's length into the program
 * that sums backwards, and takes that program for other lengths as well.
 */
export function sumBackwards(): void {
  const reverse = tf.getKernel('Reverse', 'webgpu');
  if (!reverse) return;
  for (const name of ['Cumsum', 'Cumprod']) {
    replaceKernel(name, 'webgpu', own => ({ inputs, attrs, backend }) => {
      const { axis, exclusive } = attrs as unknown as tf.CumsumAttrs;
      if (!attrs?.reverse) return own({ inputs, attrs, backend });
      const turn = (x: tf.TensorInfo): tf.TensorInfo =>
        reverse.kernelFunc({ inputs: { x }, attrs: { dims: [axis] }, backend }) as tf.TensorInfo;
      const turned = turn(inputs.x as tf.TensorInfo);
      const given = { inputs: { x: turned }, attrs: { axis, exclusive, reverse: false }, backend };
      const summed = own(given) as tf.TensorInfo;
      const result = turn(summed);
      for (const { dataId } of [turned, summed]) (backend as HostBackend).disposeData(dataId);
      return result;
    });
  }
}
