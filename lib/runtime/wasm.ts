/** WebAssembly lacks some kernels; for these the JavaScript ones step in. A convolution's gradients are in ./convolution. */
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

/**
 * tfjs's WebAssembly multiplies matrices with XNNPACK only where none is transposed, and else with a plain loop: 5 times
 * slower, and in training every layer's gradients are such products. So what is to be transposed is transposed first.
 */
export function multiplyUntransposed(): void {
  const own = tf.getKernel('BatchMatMul', 'wasm');
  const transpose = tf.getKernel('Transpose', 'wasm');
  if (!own || !transpose) return;
  tf.unregisterKernel('BatchMatMul', 'wasm');
  tf.registerKernel({
    ...own,
    kernelFunc: ({ inputs, attrs, backend }) => {
      const made: tf.TensorInfo[] = [];
      const straight = (x: tf.TensorInfo, turned: unknown): tf.TensorInfo => {
        if (!turned) return x;
        const rank = x.shape.length;
        const perm = Array.from({ length: rank }, (_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i)); // the last two change places
        made.push(transpose.kernelFunc({ inputs: { x }, attrs: { perm }, backend }) as tf.TensorInfo);
        return made.at(-1)!;
      };
      const { transposeA, transposeB } = attrs as { transposeA?: boolean; transposeB?: boolean };
      const [a, b] = [straight(inputs.a as tf.TensorInfo, transposeA), straight(inputs.b as tf.TensorInfo, transposeB)];
      const plain = { ...attrs, transposeA: false, transposeB: false };
      const product = own.kernelFunc({ inputs: { ...inputs, a, b }, attrs: plain, backend });
      for (const { dataId } of made) (backend as HostBackend).disposeData(dataId);
      return product;
    },
  });
}

/**
 * Rows of `x` added up by segment, as the gradient of a lookup (`tf.gather`) does it. tfjs's JavaScript kernel passes over all
 * rows once for every segment, so that a table of 3000 rows takes 3000 passes; this one passes once.
 */
export function sumSegmentsInOnePass(): void {
  if (tf.getKernel('UnsortedSegmentSum', 'wasm')) tf.unregisterKernel('UnsortedSegmentSum', 'wasm');
  tf.registerKernel({
    kernelName: 'UnsortedSegmentSum',
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs, backend }) => {
      const { x, segmentIds } = inputs as Record<'x' | 'segmentIds', tf.TensorInfo>;
      const { numSegments } = attrs as unknown as tf.UnsortedSegmentSumAttrs;
      const wasm = backend as HostBackend;
      const [rows, ids] = [wasm.readSync(x.dataId), wasm.readSync(segmentIds.dataId)];
      const shape = [numSegments, ...x.shape.slice(segmentIds.shape.length)];
      const width = tf.util.sizeFromShape(shape.slice(1));
      const sums = x.dtype === 'float32' ? new Float32Array(numSegments * width) : new Int32Array(numSegments * width);
      ids.forEach((id, row) => {
        if (id < 0 || id >= numSegments) return; // TensorFlow drops them
        for (let i = 0; i < width; i++) sums[id * width + i] += rows[row * width + i];
      });
      return { dataId: wasm.write(sums, shape, x.dtype) as tf.DataId, shape, dtype: x.dtype };
    },
  });
}
