/** Windows that slide, and what looks at pictures. */
import { type ShapeLike, tf } from '../../../lib/runtime';
import { back, both, type Call, call, float, int, type Make, only, product } from './call';

type Pad = 'same' | 'valid' | [[0, 0], [number, number], [number, number], [0, 0]];

export function windows(): Call[] {
  const calls: Call[] = [];
  const pads: Pad[] = [
    'same',
    'valid',
    [
      [0, 0],
      [1, 2],
      [0, 3],
      [0, 0],
    ],
  ];
  for (const [pad, stride, dilation, [high, wide]] of product(
    pads,
    [1, 2, [2, 1] as [number, number]],
    [1, 2],
    [
      [3, 3],
      [2, 4],
      [1, 1],
    ],
  )) {
    if (stride !== 1 && dilation !== 1) continue; // tfjs has no such convolutions
    const name = `${pad} by ${stride}, ${dilation} apart`;
    const [image, kernel] = [float(2, 9, 8, 3), float(high, wide, 3, 5)];
    const conv: Make = (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, pad, 'NHWC', dilation);
    const deep: Make = (x, w) => tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, pad, 'NHWC', dilation);
    const there = dilation === 1 && typeof pad === 'string' ? both : only;
    calls.push(...there(`conv2d ${name}`, [image, kernel], conv));
    calls.push(...there(`depthwiseConv2d ${name}`, [image, kernel], deep));
    if (typeof pad === 'string')
      calls.push(
        call(`dilation2d ${name}`, [image, float(high, wide, 3)], (x, w) =>
          tf.dilation2d(x as tf.Tensor4D, w as tf.Tensor3D, stride, pad, dilation),
        ),
      );
    if (typeof pad === 'string' && dilation === 1)
      calls.push(
        call(
          `gradient of dilation2d ${name}`,
          [image, float(high, wide, 3)],
          back((x, w) => tf.dilation2d(x as tf.Tensor4D, w as tf.Tensor3D, stride, pad)),
        ),
      );
    if (typeof pad === 'string' && typeof stride === 'number')
      calls.push(
        ...both(`pool ${name}`, [image], x => [
          tf.maxPool(x as tf.Tensor4D, [high, wide], stride, pad),
          tf.avgPool(x as tf.Tensor4D, [high, wide], stride, pad),
        ]),
        ...both(`pool3d ${name}`, [float(2, 6, 9, 8, 3)], x => [
          tf.maxPool3d(x as tf.Tensor5D, [2, high, wide], stride, pad),
          tf.avgPool3d(x as tf.Tensor5D, [2, high, wide], stride, pad),
        ]),
        ...both(`conv3d ${name}`, [float(2, 6, 9, 8, 3), float(2, high, wide, 3, 4)], (x, w) =>
          tf.conv3d(x as tf.Tensor5D, w as tf.Tensor5D, stride, pad),
        ),
      );
  }
  for (const pad of ['same', 'valid'] as const)
    calls.push(
      call(`conv2d ${pad}, channels first`, [float(2, 3, 9, 8), float(3, 2, 3, 5)], (x, w) =>
        tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, pad, 'NCHW'),
      ),
    );
  calls.push(
    ...both('conv1d', [float(2, 9, 3), float(3, 3, 5)], (x, w) =>
      tf.conv1d(x as tf.Tensor3D, w as tf.Tensor3D, 2, 'same'),
    ),
    ...both('conv2dTranspose', [float(2, 4, 4, 5), float(3, 3, 3, 5)], (x, w) =>
      tf.conv2dTranspose(x as tf.Tensor4D, w as tf.Tensor4D, [2, 8, 8, 3], 2, 'same'),
    ),
    call('conv3dTranspose', [float(2, 2, 4, 4, 5), float(2, 3, 3, 3, 5)], (x, w) =>
      tf.conv3dTranspose(x as tf.Tensor5D, w as tf.Tensor5D, [2, 4, 8, 8, 3], 2, 'same'),
    ),
    call('separableConv2d', [float(2, 9, 8, 3), float(3, 3, 3, 2), float(1, 1, 6, 4)], (x, w, p) =>
      tf.separableConv2d(x as tf.Tensor4D, w as tf.Tensor4D, p as tf.Tensor4D, 1, 'same'),
    ),
    call('pool', [float(2, 9, 8, 3)], x => tf.pool(x as tf.Tensor4D, 2, 'avg', 'valid', 2)),
  );
  return calls;
}

export function pictures(): Call[] {
  const calls: Call[] = [];
  for (const [size, aligned, dtype] of product(
    [
      [3, 7],
      [12, 10],
      [1, 1],
    ] as [number, number][],
    [false, true],
    ['float32', 'int32'] as const,
  )) {
    const given: ShapeLike[] = [{ shape: [2, 6, 5, 3], dtype }];
    const make =
      (name: 'resizeBilinear' | 'resizeNearestNeighbor'): Make =>
      x =>
        tf.image[name](x as tf.Tensor4D, size, aligned, !aligned);
    for (const name of ['resizeBilinear', 'resizeNearestNeighbor'] as const) {
      calls.push(call(`${name} to ${size}`, given, make(name)));
      if (dtype === 'float32' && aligned) calls.push(call(`gradient of ${name} to ${size}`, given, back(make(name))));
    }
    calls.push(
      call(`crops of ${size}`, [...given, float(4, 4), int(4)], (x, boxes, which) =>
        tf.image.cropAndResize(x as tf.Tensor4D, boxes as tf.Tensor2D, which as tf.Tensor1D, size),
      ),
    );
  }
  for (const dtype of ['float32', 'int32'] as const) {
    const of = (...shape: number[]): ShapeLike => ({ shape, dtype });
    calls.push(
      call('spaceToBatch', [of(2, 6, 5, 3)], x =>
        tf.spaceToBatchND(
          x,
          [2, 3],
          [
            [0, 0],
            [1, 0],
          ],
        ),
      ),
      call('spaceToBatch along one axis', [of(2, 6, 5)], x => tf.spaceToBatchND(x, [4], [[1, 1]])),
      call('batchToSpace', [of(12, 6, 5, 3)], x =>
        tf.batchToSpaceND(
          x,
          [2, 3],
          [
            [1, 0],
            [0, 4],
          ],
        ),
      ),
    );
  }
  calls.push(
    ...both('spaceToBatch', [float(2, 6, 6, 3)], x =>
      tf.spaceToBatchND(
        x,
        [2, 3],
        [
          [0, 0],
          [0, 0],
        ],
      ),
    ),
    call('depthToSpace', [float(2, 3, 4, 18)], x => [tf.depthToSpace(x as tf.Tensor4D, 3)]),
    call('depthToSpace, channels first', [float(2, 8, 3, 5)], x => tf.depthToSpace(x as tf.Tensor4D, 2, 'NCHW')),
    call('flip', [float(2, 6, 5, 3)], x => tf.image.flipLeftRight(x as tf.Tensor4D)),
    ...both('batchNorm', [float(2, 6, 5, 3), float(3), float(3)], (x, m, v) =>
      tf.batchNorm(x, m as tf.Tensor1D, v as tf.Tensor1D, tf.zeros([3]), tf.ones([3])),
    ),
    ...both('localResponseNormalization', [float(2, 6, 5, 3)], x => tf.localResponseNormalization(x as tf.Tensor4D)),
    call('batchNorm of all', [float(2, 3), float(2, 3), float(2, 3)], (x, m, v) =>
      tf.batchNorm(x, m as tf.Tensor2D, v as tf.Tensor2D),
    ),
    call('boxes, padded', [float(5, 4), float(5)], (boxes, scores) =>
      Object.values(tf.image.nonMaxSuppressionPadded(boxes as tf.Tensor2D, scores as tf.Tensor1D, 3, 0.5, 0, true)),
    ),
    call('greys and colours', [float(6, 5, 1)], x => tf.image.grayscaleToRGB(x as tf.Tensor3D)),
  );
  return calls;
}
