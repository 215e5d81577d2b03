/** Kernels of WebAssembly that are slow or copy too much, written anew. A convolution's gradients are in ./convolution, what is wrong in ./wasm-kernels. */
import * as tf from '@tensorflow/tfjs';
import type { HostBackend } from './borrowed';
import { replaceKernel } from './kernels';
import type { Heap } from './wasm-kernels';

/**
 * tfjs's WebAssembly multiplies matrices with XNNPACK only where none is transposed, and else with a plain loop: 5 times
 * slower, and in training every layer's gradients are such products. So what is to be transposed is transposed first.
 */
export function multiplyUntransposed(): void {
  const transpose = tf.getKernel('Transpose', 'wasm');
  if (!transpose) return;
  replaceKernel('BatchMatMul', 'wasm', own => ({ inputs, attrs, backend }) => {
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
    const product = own({ inputs: { ...inputs, a, b }, attrs: plain, backend });
    for (const { dataId } of made) (backend as HostBackend).disposeData(dataId);
    return product;
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

/**
 * A clone lies in the memory of what it is a clone of, as on every other engine; no kernel writes into its inputs. tfjs's
 * WebAssembly copies all of it, and a gradient clones whatever it saves: half of a training step's memory was copies.
 */
export function cloneWithoutCopy(): void {
  replaceKernel('Identity', 'wasm', own => given => {
    const { dataId, shape, dtype } = given.inputs.x as tf.TensorInfo;
    if (dtype === 'string') return own(given);
    (given.backend as tf.KernelBackend).incRef(dataId);
    return { dataId, shape, dtype };
  });
}

/**
 * A tensor laid beside itself again and again, in pieces as long as they come. tfjs's kernel goes number by number, and
 * every optimiser spreads one number over each of its tensors: of a small net's step that was a quarter.
 */
export function tileInPieces(): void {
  replaceKernel('Tile', 'wasm', () => ({ inputs, attrs, backend }) => {
    const x = inputs.x as tf.TensorInfo;
    const { reps } = attrs as unknown as tf.TileAttrs;
    const heap = backend as unknown as Heap;
    const made = heap.makeOutput(
      x.shape.map((size, i) => size * reps[i]),
      x.dtype,
    );
    if (tf.util.sizeFromShape(made.shape) === 0) return made;
    const [from, to] = [heap.typedArrayFromHeap(x), heap.typedArrayFromHeap(made)]; // after what was made: memory that grows moves
    tile(from, to, x.shape, reps);
    return made;
  });
}

type Numbers = Float32Array | Int32Array | Uint8Array;

function tile(from: Numbers, to: Numbers, shape: readonly number[], reps: readonly number[]): void {
  let last = shape.length; // what follows this axis is copied as it lies
  while (last > 0 && reps[last - 1] === 1) last--;
  const piece = tf.util.sizeFromShape(shape.slice(last));
  let [read, written] = [0, 0];
  const write = (axis: number): void => {
    const start = written;
    if (axis === last) {
      if (piece === 1) to[written] = from[read];
      else to.set(from.subarray(read, read + piece), written);
      [read, written] = [read + piece, written + piece];
      return;
    }
    for (let i = 0; i < shape[axis]; i++) write(axis + 1);
    const long = written - start;
    for (let again = 1; again < reps[axis]; again++, written += long) to.copyWithin(written, start, start + long);
  };
  write(0);
}
