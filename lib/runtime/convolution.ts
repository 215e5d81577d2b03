/**
 * A convolution's gradients on WebAssembly, as matrix products over the patches of the image (im2col: Chellapilla, Puri and
 * Simard, 2006). tfjs has a plain loop for the one by the input and none at all for the one by the filter.
 */
import * as tf from '@tensorflow/tfjs';

interface Backend {
  makeOutput(shape: number[], dtype: 'float32'): tf.TensorInfo;
  typedArrayFromHeap(info: tf.TensorInfo): Float32Array;
  disposeData(dataId: object): boolean;
}
type Info = tf.backend_util.Conv2DInfo;
type Shape4 = [number, number, number, number];
type Attributes = Omit<tf.Conv2DBackpropFilterAttrs, 'filterShape'> & { filterShape?: Shape4; inputShape?: Shape4 };

/** Patches of so many numbers at a time, 4 MB: they stay in the processor's cache while they are multiplied. */
const AT_ONCE = 1 << 20;

/** Puts these kernels into the place of those that 'wasm' has, or lacks. */
export function convolveByProducts(): void {
  replace('Conv2DBackpropFilter', (x, dy, info, backend) => filterGradient(x, dy, info, backend));
  replace('Conv2DBackpropInput', (dy, filter, info, backend) => {
    const { filterHeight, filterWidth, padInfo, strideHeight, strideWidth } = info;
    const turns = strideHeight * strideWidth === 1 && padInfo.top < filterHeight && padInfo.left < filterWidth;
    return (turns ? convolvedBack : scatteredBack)(dy, filter, info, backend);
  });
}

type Gradient = (a: tf.TensorInfo, b: tf.TensorInfo, info: Info, backend: Backend) => tf.TensorInfo;

function replace(kernelName: 'Conv2DBackpropFilter' | 'Conv2DBackpropInput', gradient: Gradient): void {
  if (tf.getKernel(kernelName, 'wasm')) tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({
    kernelName,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs, backend }) => {
      const { strides, pad, dimRoundingMode, dataFormat, ...shapes } = attrs as unknown as Attributes;
      if (dataFormat !== 'NHWC') throw new Error(`a convolution on WebAssembly takes NHWC, got ${dataFormat}`);
      const { x, dy, filter } = inputs as Record<'x' | 'dy' | 'filter', tf.TensorInfo>;
      const images = shapes.inputShape ?? (x.shape as Shape4);
      const kernel = shapes.filterShape ?? (filter.shape as Shape4);
      const info = tf.backend_util.computeConv2DInfo(images, kernel, strides, 1, pad, dimRoundingMode, false);
      const [a, b] = kernelName === 'Conv2DBackpropInput' ? [dy, filter] : [x, dy];
      return gradient(a, b, info, backend as unknown as Backend);
    },
  });
}

function runKernel(
  name: string,
  inputs: tf.NamedTensorInfoMap,
  attrs: tf.NamedAttrMap,
  backend: Backend,
): tf.TensorInfo {
  return tf.getKernel(name, 'wasm').kernelFunc({ inputs, attrs, backend }) as tf.TensorInfo;
}

const product = (a: tf.TensorInfo, b: tf.TensorInfo, backend: Backend): tf.TensorInfo =>
  runKernel('BatchMatMul', { a, b }, { transposeA: false, transposeB: false }, backend);

/** Images whose patches are multiplied at once. */
const imagesAtOnce = ({ batchSize, outHeight, outWidth, filterHeight, filterWidth, inChannels }: Info): number =>
  Math.min(
    batchSize,
    Math.max(1, Math.floor(AT_ONCE / (outHeight * outWidth * filterHeight * filterWidth * inChannels))),
  );

/** Rows `from`… of a matrix as a matrix of its own: XNNPACK keeps what it has packed as long as a tensor lives. */
function rowsOf(whole: tf.TensorInfo, from: number, rows: number, width: number, backend: Backend): tf.TensorInfo {
  const made = backend.makeOutput([rows, width], 'float32');
  const all = backend.typedArrayFromHeap(whole); // after what was made: memory that grows moves
  backend.typedArrayFromHeap(made).set(all.subarray(from * width, (from + rows) * width));
  return made;
}

/** [patch, position] × [position, outChannel], summed over the batch: [filterHeight, filterWidth, inChannels, outChannels] */
function filterGradient(x: tf.TensorInfo, dy: tf.TensorInfo, info: Info, backend: Backend): tf.TensorInfo {
  const { filterHeight, filterWidth, inChannels, outChannels, outHeight, outWidth, batchSize } = info;
  const patch = filterHeight * filterWidth * inChannels;
  const place = outHeight * outWidth;
  const together = imagesAtOnce(info);
  const sum = new Float32Array(patch * outChannels);
  for (let first = 0; first < batchSize; first += together) {
    const count = Math.min(together, batchSize - first);
    const patches = backend.makeOutput([patch, count * place], 'float32');
    const errors = rowsOf(dy, first * place, count * place, outChannels, backend);
    fillPatches(backend.typedArrayFromHeap(patches), backend.typedArrayFromHeap(x), first, count, info);
    const part = product(patches, errors, backend);
    backend.typedArrayFromHeap(part).forEach((value, i) => {
      sum[i] += value;
    });
    for (const { dataId } of [patches, errors, part]) backend.disposeData(dataId);
  }
  const out = backend.makeOutput(info.filterShape, 'float32');
  backend.typedArrayFromHeap(out).set(sum);
  return out;
}

/** One row for each place in the filter and each channel: what lies under it at each position of each image. */
function fillPatches(into: Float32Array, x: Float32Array, first: number, count: number, info: Info): void {
  const { filterHeight, filterWidth, inChannels, outHeight, outWidth, strideHeight, strideWidth } = info;
  const { padded, height, width } = channelsFirst(x, first, count, info);
  let to = 0;
  for (let row = 0; row < filterHeight; row++)
    for (let column = 0; column < filterWidth; column++)
      for (let plane = 0; plane < inChannels * count; plane++)
        for (let y = 0; y < outHeight; y++) {
          const from = (plane * height + y * strideHeight + row) * width + column;
          for (let i = 0; i < outWidth; i++) into[to++] = padded[from + i * strideWidth];
        }
}

/** [channel, image, y, x] with zeros around, as far as the filter reaches. */
function channelsFirst(
  x: Float32Array,
  first: number,
  count: number,
  info: Info,
): { padded: Float32Array; height: number; width: number } {
  const { inChannels, inHeight, inWidth, padInfo } = info;
  const [height, width] = reach(info);
  const padded = new Float32Array(inChannels * count * height * width);
  let from = first * inHeight * inWidth * inChannels;
  for (let n = 0; n < count; n++)
    for (let y = 0; y < inHeight; y++)
      for (let column = 0; column < inWidth; column++) {
        const to = (n * height + y + padInfo.top) * width + column + padInfo.left;
        for (let c = 0; c < inChannels; c++) padded[to + c * count * height * width] = x[from++];
      }
  return { padded, height, width };
}

/** Height and width of an image with its padding, where the last rows may lie under no filter. */
const reach = (info: Info): [height: number, width: number] => [
  Math.max(info.padInfo.top + info.inHeight, (info.outHeight - 1) * info.strideHeight + info.filterHeight),
  Math.max(info.padInfo.left + info.inWidth, (info.outWidth - 1) * info.strideWidth + info.filterWidth),
];

/** By steps of 1 the gradient is itself a convolution, of dy with the filter turned by half a turn. */
function convolvedBack(dy: tf.TensorInfo, filter: tf.TensorInfo, info: Info, backend: Backend): tf.TensorInfo {
  const { filterHeight, filterWidth, inHeight, inWidth, outHeight, outWidth, padInfo } = info;
  const half = runKernel('Reverse', { x: filter }, { dims: [0, 1] }, backend);
  const turned = runKernel('Transpose', { x: half }, { perm: [0, 1, 3, 2] }, backend);
  const [top, left] = [filterHeight - 1 - padInfo.top, filterWidth - 1 - padInfo.left];
  const [bottom, right] = [inHeight - outHeight + padInfo.top, inWidth - outWidth + padInfo.left];
  const pad = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  const attrs = { strides: [1, 1], dilations: [1, 1], pad, dataFormat: 'NHWC' };
  const out = runKernel('Conv2D', { x: dy, filter: turned }, attrs, backend);
  for (const { dataId } of [half, turned]) backend.disposeData(dataId);
  return out;
}

/** By longer steps: [position, outChannel] × [outChannel, patch], each patch added to where it lies in the image. */
function scatteredBack(dy: tf.TensorInfo, filter: tf.TensorInfo, info: Info, backend: Backend): tf.TensorInfo {
  const { filterHeight, filterWidth, inChannels, outChannels, outHeight, outWidth, batchSize } = info;
  const place = outHeight * outWidth;
  const flat = { ...filter, shape: [filterHeight * filterWidth * inChannels, outChannels] };
  const turned = runKernel('Transpose', { x: flat }, { perm: [1, 0] }, backend);
  const together = imagesAtOnce(info);
  const sum = new Float32Array(tf.util.sizeFromShape(info.inShape));
  for (let first = 0; first < batchSize; first += together) {
    const count = Math.min(together, batchSize - first);
    const errors = rowsOf(dy, first * place, count * place, outChannels, backend);
    const patches = product(errors, turned, backend);
    addPatches(sum, backend.typedArrayFromHeap(patches), first, count, info);
    for (const { dataId } of [errors, patches]) backend.disposeData(dataId);
  }
  backend.disposeData(turned.dataId);
  const out = backend.makeOutput(info.inShape, 'float32');
  backend.typedArrayFromHeap(out).set(sum);
  return out;
}

function addPatches(into: Float32Array, patches: Float32Array, first: number, count: number, info: Info): void {
  const { filterHeight, filterWidth, inChannels, inHeight, inWidth, outHeight, outWidth, padInfo } = info;
  let from = 0;
  for (let n = first; n < first + count; n++)
    for (let at = 0; at < outHeight * outWidth; at++) {
      const top = Math.floor(at / outWidth) * info.strideHeight - padInfo.top;
      const left = (at % outWidth) * info.strideWidth - padInfo.left;
      for (let row = top; row < top + filterHeight; row++)
        for (let column = left; column < left + filterWidth; column++, from += inChannels) {
          if (row < 0 || row >= inHeight || column < 0 || column >= inWidth) continue;
          const to = ((n * inHeight + row) * inWidth + column) * inChannels;
          for (let c = 0; c < inChannels; c++) into[to + c] += patches[from + c];
        }
    }
}
