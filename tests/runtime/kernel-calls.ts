/** Calls of tfjs's functions that together use every kernel of tfjs-node. */
import { tf } from '../../lib/runtime';

const a = tf.tensor2d([0.1, 0.9, -0.4, 0.3, 0.7, -0.2], [2, 3]);
const b = tf.tensor2d([0.5, 0.2, 0.8, 0.6, 0.4, 0.3], [2, 3]);
const list = tf.tensor1d([3, 1, 2, 1]);
const ints = tf.tensor1d([2, 0, 1], 'int32');
const flags = tf.tensor1d([true, false, true], 'bool');
const picture = tf.sin(tf.range(0, 64)).reshape([1, 4, 4, 4]) as tf.Tensor4D;
const filter = tf.cos(tf.range(0, 48)).reshape([2, 2, 4, 3]) as tf.Tensor4D;
const depthwise = tf.cos(tf.range(0, 16)).reshape([2, 2, 4, 1]) as tf.Tensor4D;
const solid = tf.sin(tf.range(0, 128)).reshape([1, 4, 4, 4, 2]) as tf.Tensor5D;
const solidFilter = tf.cos(tf.range(0, 32)).reshape([2, 2, 2, 2, 2]) as tf.Tensor5D;
const flatFilter = tf.cos(tf.range(0, 16)).reshape([2, 2, 4]) as tf.Tensor3D;
const grad = (f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor) => () => tf.grad(y => f(y).square().sum())(x);

const unary = [
  'abs acos acosh asin asinh atan atanh ceil cos cosh elu erf exp expm1 floor isFinite isInf isNaN leakyRelu log log1p',
  'neg onesLike reciprocal relu relu6 round rsqrt selu sigmoid sign sin sinh softplus sqrt square step tan tanh zerosLike',
  'softmax cumsum cumprod all any argMax argMin max mean min prod sum',
]
  .join(' ')
  .split(' ') as 'abs'[];
const binary =
  'add atan2 div divNoNan equal floorDiv greater greaterEqual less lessEqual maximum minimum mod mul notEqual pow prelu squaredDifference sub'.split(
    ' ',
  ) as 'add'[];

/** What reaches TensorFlow from a function of tfjs; together they use every kernel that tfjs-node has. */
export const CALLS: Record<string, () => unknown> = {
  ...Object.fromEntries(
    unary.map(name => [name, () => tf[name](name.startsWith('a') && /^(all|any)$/.test(name) ? flags : a)]),
  ),
  ...Object.fromEntries(binary.map(name => [name, () => tf[name](a, b)])),
  addN: () => tf.addN([a, b, a]),
  avgPool: () => tf.avgPool(picture, 2, 2, 'valid'),
  avgPoolGrad: grad(x => tf.avgPool(x as tf.Tensor4D, 2, 2, 'valid'), picture),
  avgPool3d: () => tf.avgPool3d(solid, 2, 2, 'valid'),
  avgPool3dGrad: grad(x => tf.avgPool3d(x as tf.Tensor5D, 2, 2, 'valid'), solid),
  batchToSpaceND: () =>
    tf.batchToSpaceND(
      picture.reshape([4, 2, 2, 4]),
      [2, 2],
      [
        [0, 0],
        [0, 0],
      ],
    ),
  spaceToBatchND: () =>
    tf.spaceToBatchND(
      picture,
      [2, 2],
      [
        [0, 0],
        [0, 0],
      ],
    ),
  bincount: () => tf.bincount(ints, tf.tensor1d([]), 4),
  cast: () => a.toInt().toBool(),
  clip: () => tf.clipByValue(a, 0, 0.5),
  complex: () => tf.complex(a, b).mul(tf.complex(b, a)),
  complexAbs: () => tf.abs(tf.complex(a, b)),
  concat: () => tf.concat([a, b], 1),
  conv2d: () => tf.conv2d(picture, filter, 1, 'same'),
  conv2dGrad: () =>
    tf.grads((x: tf.Tensor, w: tf.Tensor) =>
      tf
        .conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same')
        .square()
        .sum(),
    )([picture, filter]),
  conv2dTranspose: () => tf.conv2dTranspose(picture, tf.transpose(filter, [0, 1, 3, 2]), [1, 8, 8, 3], 2, 'same'),
  conv3d: () => tf.conv3d(solid, solidFilter, 1, 'same'),
  conv3dGrad: () =>
    tf.grads((x: tf.Tensor, w: tf.Tensor) =>
      tf
        .conv3d(x as tf.Tensor5D, w as tf.Tensor5D, 1, 'same')
        .square()
        .sum(),
    )([solid, solidFilter]),
  cropAndResize: () => tf.image.cropAndResize(picture, tf.tensor2d([[0, 0, 1, 1]]), tf.tensor1d([0], 'int32'), [3, 3]),
  depthToSpace: () => tf.depthToSpace(picture, 2),
  depthwise: () => tf.depthwiseConv2d(picture, depthwise, 1, 'same'),
  depthwiseGrad: () =>
    tf.grads((x: tf.Tensor, w: tf.Tensor) =>
      tf
        .depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same')
        .square()
        .sum(),
    )([picture, depthwise]),
  diag: () => tf.diag(list),
  dilation2d: () => tf.dilation2d(picture, flatFilter, 1, 'same'),
  dilation2dGrad: () =>
    tf.grads((x: tf.Tensor, w: tf.Tensor) =>
      tf
        .dilation2d(x as tf.Tensor4D, w as tf.Tensor3D, 1, 'same')
        .square()
        .sum(),
    )([picture, flatFilter]),
  einsum: () => tf.einsum('ij,kj->ik', a, b),
  eluGrad: grad(tf.elu, a),
  expandDims: () => tf.expandDims(a, 1),
  fft: () => tf.fft(tf.complex(list, list)),
  ifft: () => tf.ifft(tf.complex(list, list)),
  real: () => tf.real(tf.complex(a, b)),
  reluGrad: grad(tf.relu, a),
  sigmoidGrad: grad(tf.sigmoid, a),
  tanhGrad: grad(tf.tanh, a),
  biasGrad: grad(bias => a.add(bias), tf.tensor1d([1, 2, 3])),
  imag: () => tf.imag(tf.complex(a, b)),
  fill: () => tf.fill([2, 2], 7),
  flip: () => tf.image.flipLeftRight(picture),
  batchNorm: () => tf.batchNorm(picture, tf.zeros([4]), tf.ones([4]), tf.ones([4]), tf.ones([4])),
  fusedConv: () =>
    tf.fused.conv2d({ x: picture, filter, strides: 1, pad: 'same', bias: tf.ones([3]), activation: 'relu' }),
  fusedDepthwise: () =>
    tf.fused.depthwiseConv2d({ x: picture, filter: depthwise, strides: 1, pad: 'same', bias: tf.ones([4]) }),
  fusedMatMul: () => tf.fused.matMul({ a, b, transposeB: true, bias: tf.ones([2]), activation: 'relu' }),
  matMul: () => tf.matMul(a, b, false, true),
  gather: () => tf.gather(a, ints, 1),
  gatherND: () =>
    tf.gatherND(
      a,
      tf.tensor2d(
        [
          [0, 1],
          [1, 2],
        ],
        [2, 2],
        'int32',
      ),
    ),
  identity: () => tf.clone(a),
  linspace: () => tf.linspace(0, 1, 5),
  lrn: () => tf.localResponseNormalization(picture),
  lrnGrad: grad(x => tf.localResponseNormalization(x as tf.Tensor4D), picture),
  logical: () => [
    tf.logicalAnd(flags, flags),
    tf.logicalOr(flags, flags),
    tf.logicalNot(flags),
    tf.logicalXor(flags, flags),
  ],
  maxPool: () => tf.maxPool(picture, 2, 2, 'valid'),
  maxPoolGrad: grad(x => tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid'), picture),
  maxPool3d: () => tf.maxPool3d(solid, 2, 2, 'valid'),
  maxPool3dGrad: grad(x => tf.maxPool3d(x as tf.Tensor5D, 2, 2, 'valid'), solid),
  meanOfWholeNumbers: () => [tf.mean(ints), tf.mean(flags), tf.mean(a.toInt(), 1, true)],
  mirrorPad: () =>
    tf.mirrorPad(
      a,
      [
        [1, 1],
        [1, 1],
      ],
      'reflect',
    ),
  pad: () =>
    tf.pad(a, [
      [1, 0],
      [0, 1],
    ]),
  oneHot: () => tf.oneHot(ints, 3),
  stack: () => tf.stack([a, b]),
  unstack: () => tf.unstack(a),
  range: () => tf.range(0, 5),
  reshape: () => a.reshape([3, 2]),
  resizeBilinear: () => tf.image.resizeBilinear(picture, [6, 6]),
  resizeBilinearGrad: grad(x => tf.image.resizeBilinear(x as tf.Tensor4D, [6, 6]), picture),
  resizeNearest: () => tf.image.resizeNearestNeighbor(picture, [8, 8]),
  resizeNearestGrad: grad(x => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [8, 8]), picture),
  reverse: () => tf.reverse(a, 1),
  scatterND: () => tf.scatterND(tf.tensor2d([[1], [3]], [2, 1], 'int32'), tf.tensor1d([5, 6]), [4]),
  where: () => tf.where(a.greater(0), a, b),
  slice: () => tf.slice(a, [0, 1], [2, 2]),
  sparseToDense: () => tf.sparseToDense(tf.tensor1d([1, 3], 'int32'), tf.tensor1d([5, 6]), [4]),
  split: () => tf.split(a, [1, 2], 1),
  stridedSlice: () => tf.stridedSlice(a, [0, 0], [2, 3], [1, 2]),
  tensorScatterUpdate: () => tf.tensorScatterUpdate(list, tf.tensor2d([[1]], [1, 1], 'int32'), tf.tensor1d([9])),
  tile: () => tf.tile(a, [2, 1]),
  topk: () => Object.values(tf.topk(list, 2)),
  transpose: () => tf.transpose(a),
  segmentSum: () => tf.unsortedSegmentSum(tf.tensor1d([1, 2, 3]), tf.tensor1d([0, 0, 1], 'int32'), 2),
  broadcastArgs: () =>
    tf.engine().runKernel('BroadcastArgs', { s0: tf.tensor1d([1, 3], 'int32'), s1: tf.tensor1d([2, 1], 'int32') }),
};
