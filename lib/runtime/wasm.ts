/** WebAssembly lacks some kernels, among them a convolution's gradient; for these the JavaScript ones step in. */
import * as tf from '@tensorflow/tfjs';

/** The parts of the two backends that a borrowed kernel needs. */
interface HostBackend {
  readSync(dataId: object): tf.backend_util.TypedArray;
  write(values: tf.backend_util.TypedArray, shape: number[], dtype: tf.DataType): object;
  disposeData(dataId: object, force?: boolean): boolean;
}

/** Registers for 'wasm' every kernel that only 'cpu' has: values are copied over, computed there, and copied back. */
export function borrowCpuKernels(): void {
  const own = new Set(tf.getKernelsForBackend('wasm').map(kernel => kernel.kernelName));
  for (const { kernelName, kernelFunc } of tf.getKernelsForBackend('cpu')) {
    if (own.has(kernelName)) continue;
    tf.registerKernel({
      kernelName,
      backendName: 'wasm',
      kernelFunc: ({ inputs, attrs, backend }) => {
        const wasm = backend as HostBackend;
        const cpu = tf.findBackend('cpu') as unknown as HostBackend;
        const copied = copyAll(inputs, wasm, cpu);
        const result = kernelFunc({ inputs: copied, attrs, backend: cpu });
        const back = [result].flat().map(info => copy(info, cpu, wasm));
        return Array.isArray(result) ? back : back[0];
      },
    });
  }
}

function copyAll(inputs: tf.NamedTensorInfoMap, from: HostBackend, to: HostBackend): tf.NamedTensorInfoMap {
  const copied: tf.NamedTensorInfoMap = {};
  for (const [name, input] of Object.entries(inputs)) {
    if (Array.isArray(input)) copied[name] = input.map(each => each && copy(each, from, to)) as never;
    else if (input) copied[name] = copy(input, from, to);
  }
  return copied;
}

function copy({ dataId, shape, dtype }: tf.TensorInfo, from: HostBackend, to: HostBackend): tf.TensorInfo {
  return { dataId: to.write(from.readSync(dataId), shape, dtype) as tf.DataId, shape, dtype };
}
