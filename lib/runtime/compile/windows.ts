/** Shapes of what slides windows over pictures, rows or bodies, of its gradients, and of what looks at pictures in blocks. */
import type { Asked, Rule, Shape } from './rules';

/** Where an input's axes of space begin, and where its channels lie: [B, H, W, C], or [B, C, H, W]. */
function axesOf({ shapes: [image], attr }: Asked): { first: number; channels: number } {
  const channelsFirst = attr<string | undefined>('data_format')?.startsWith('NC') ?? false;
  return channelsFirst ? { first: 2, channels: 1 } : { first: 1, channels: image.length - 1 };
}

/** The input's shape with other sizes in space and other channels. */
function laidOut(asked: Asked, space: Shape, channels: number): Shape {
  const [batch] = asked.shapes[0];
  return axesOf(asked).first === 1 ? [batch, ...space, channels] : [batch, channels, ...space];
}

/** What a window of these sizes makes that slides over the input's axes of space. */
function slid(asked: Asked, window: Shape): Shape {
  const { shapes, attr } = asked;
  const [steps, padding] = [attr<number[]>('strides'), attr<string>('padding')];
  const around = padding === 'EXPLICIT' ? attr<number[]>('explicit_paddings') : [];
  const apart = attr<number[] | undefined>('dilations') ?? attr<number[] | undefined>('rates');
  return window.map((size, i) => {
    const axis = axesOf(asked).first + i;
    const whole = shapes[0][axis];
    if (padding === 'SAME') return Math.ceil(whole / steps[axis]);
    const padded = whole + (around[2 * axis] ?? 0) + (around[2 * axis + 1] ?? 0);
    const reach = (apart?.[axis] ?? 1) * (size - 1) + 1;
    return Math.max(0, Math.floor((padded - reach) / steps[axis]) + 1);
  });
}

const pooled: Rule = asked => [
  laidOut(asked, slid(asked, asked.attr<number[]>('ksize').slice(1, -1)), asked.shapes[0][axesOf(asked).channels]),
];
const convolved: Rule = asked => {
  const kernel = asked.shapes[1];
  return [laidOut(asked, slid(asked, kernel.slice(0, -2)), kernel.at(-1)!)];
};

const like =
  (input: number): Rule =>
  ({ shapes }) => [shapes[input]];
const told =
  (input: number): Rule =>
  ({ values }) => [values(input)];

/** Another height and width. */
const resized: Rule = ({ shapes: [[batch, , , channels]], values }) => [[batch, ...values(1), channels]];

/** `into` is what each size along a block becomes. */
const blocks =
  (
    into: (size: number, block: number, before: number, after: number) => number,
    ofBatch: (count: number) => number,
  ): Rule =>
  ({ shapes: [[batch, ...rest]], values }) => {
    const [block, around] = [values(1), values(2)];
    const sizes = block.map((size, i) => into(rest[i], size, around[2 * i], around[2 * i + 1]));
    const count = block.reduce((a, b) => a * b, 1);
    return [[batch * ofBatch(count), ...sizes, ...rest.slice(block.length)]];
  };

export const WINDOWS: Record<string, Rule> = {
  AvgPool: pooled,
  AvgPool3D: pooled,
  AvgPool3DGrad: told(0),
  AvgPoolGrad: told(0),
  BatchToSpaceND: blocks(
    (size, block, before, after) => size * block - before - after,
    count => 1 / count,
  ),
  Conv2D: convolved,
  Conv2DBackpropFilter: told(1),
  Conv2DBackpropInput: told(0),
  Conv3D: convolved,
  Conv3DBackpropFilterV2: told(1),
  Conv3DBackpropInputV2: told(0),
  CropAndResize: ({ shapes: [image, [boxes]], values }) => [[boxes, ...values(3), image[3]]],
  DepthToSpace: asked => {
    const { first, channels } = axesOf(asked);
    const [image, block] = [asked.shapes[0], asked.attr<number>('block_size')];
    const space = [image[first] * block, image[first + 1] * block];
    return [laidOut(asked, space, image[channels] / block ** 2)];
  },
  DepthwiseConv2dNative: asked => {
    const [height, width, channels, times] = asked.shapes[1];
    return [laidOut(asked, slid(asked, [height, width]), channels * times)];
  },
  DepthwiseConv2dNativeBackpropFilter: told(1),
  DepthwiseConv2dNativeBackpropInput: told(0),
  Dilation2D: asked => [laidOut(asked, slid(asked, asked.shapes[1].slice(0, 2)), asked.shapes[0][3])],
  Dilation2DBackpropFilter: like(1),
  Dilation2DBackpropInput: like(0),
  FusedBatchNorm: ({ shapes: [image, scale] }) => [image, scale, scale, scale, scale],
  MaxPool: pooled,
  MaxPool3D: pooled,
  MaxPool3DGrad: like(0),
  MaxPoolGrad: like(0),
  ResizeBilinear: resized,
  ResizeBilinearGrad: like(1),
  ResizeNearestNeighbor: resized,
  ResizeNearestNeighborGrad: resized,
  SpaceToBatchND: blocks(
    (size, block, before, after) => (before + size + after) / block,
    count => count,
  ),
};
