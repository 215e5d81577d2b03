/** Some devices lack some kernels; for these the JavaScript ones step in. */
import * as tf from '@tensorflow/tfjs';

/** The parts of the two backends that a borrowed kernel needs. */
export interface HostBackend {
  readSync(dataId: object): tf.backend_util.TypedArray;
  write(values: tf.backend_util.TypedArray, shape: number[], dtype: tf.DataType): object;
  disposeData(dataId: object, force?: boolean): boolean;
}

/** Registers for `name` every kernel that only 'cpu' has: values are copied over, computed there, and copied back. */
export function borrowCpuKernels(name: 'wasm' | 'webgl' | 'webgpu'): void {
  const own = new Set(tf.getKernelsForBackend(name).map(kernel => kernel.kernelName));
  for (const { kernelName, kernelFunc } of tf.getKernelsForBackend('cpu')) {
    if (own.has(kernelName)) continue;
    tf.registerKernel({
      kernelName,
      backendName: name,
      kernelFunc: ({ inputs, attrs, backend }) => {
        const here = backend as HostBackend;
        const cpu = tf.findBackend('cpu') as unknown as HostBackend;
        const copied = copyAll(inputs, here, cpu);
        const result = kernelFunc({ inputs: copied, attrs, backend: cpu });
        const back = [result].flat().map(info => copy(info, cpu, here));
        return Array.isArray(result) ? back : back[0];
      },
    });
  }
}

function copyAll(inputs: tf.NamedTensorInfoMap, from: HostBackend, to: HostBackend): tf.NamedTensorInfoMap {
  const copied = (Array.isArray(inputs) ? [] : {}) as tf.NamedTensorInfoMap; // einsum has a list of them
  for (const [name, input] of Object.entries(inputs)) {
    if (Array.isArray(input)) copied[name] = input.map(each => each && copy(each, from, to)) as never;
    else if (input) copied[name] = copy(input, from, to);
  }
  return copied;
}

function copy({ dataId, shape, dtype }: tf.TensorInfo, from: HostBackend, to: HostBackend): tf.TensorInfo {
  return { dataId: to.write(from.readSync(dataId), shape, dtype) as tf.DataId, shape, dtype };
}
