/**
 * Shapes and dtypes of operations where TensorFlow isn't there to infer them: those that the course's nets ask for,
 * forwards. `tests/runtime/infer.test.ts` holds every model of the atlas against TensorFlow's own answers.
 */
import { DT } from '../native';
import { tf } from '../tensorflow';
import type { GraphNode, Ref, TensorType } from './graph';

type Shape = readonly number[];

/** What a rule may ask about an operation. */
interface Asked {
  /** Shapes of the inputs. */
  shapes: Shape[];
  /** Numbers of a constant input. */
  values(i: number): number[];
  attr<T>(name: string): T;
}
type Rule = (asked: Asked) => Shape[];

const words = (text: string): string[] => text.split('|');

/** As large as the only input, or the first. */
const SAME = words(
  'Abs|Acos|Asin|Atan|Cast|Ceil|Cos|Cosh|Elu|Erf|Exp|Expm1|Floor|Identity|IsFinite|IsInf|IsNan|LeakyRelu|Log|Log1p|' +
    'LogSoftmax|LogicalNot|Neg|OnesLike|Reciprocal|Relu|Relu6|Rint|Round|Rsqrt|Selu|Sigmoid|Sign|Sin|Sinh|Softmax|' +
    'Softplus|Sqrt|Square|Tan|Tanh|ZerosLike|Cumprod|Cumsum',
);
/** As large as both together. */
const COMPARISONS = words('Equal|Greater|GreaterEqual|Less|LessEqual|LogicalAnd|LogicalOr|NotEqual');
const TOGETHER = words(
  'Add|AddV2|Div|FloorDiv|FloorMod|Maximum|Minimum|Mod|Mul|MulNoNan|Pow|RealDiv|SquaredDifference|Sub|SelectV2',
);
const OVER_AXES = words('All|Any|Max|Mean|Min|Prod|Sum');
/** Attribute that holds the dtype of what comes out, where it is not T. */
const DTYPE_IN: Record<string, string> = {
  Cast: 'DstT',
  ArgMax: 'output_type',
  ArgMin: 'output_type',
  Range: 'Tidx',
  GatherV2: 'Tparams',
};
const OF_TRUTH = new Set([...COMPARISONS, 'LogicalNot', 'All', 'Any', 'IsFinite', 'IsInf', 'IsNan']);

const together = ([a, b]: Shape[]): Shape => tf.backend_util.assertAndGetBroadcastShape([...a], [...b]);
const from = (shape: Shape, axis: number): number => (axis < 0 ? axis + shape.length : axis);
/** `shape` with what stands at `axis` replaced by `by`. */
const replaced = (shape: Shape, axis: number, ...by: number[]): Shape => [
  ...shape.slice(0, axis),
  ...by,
  ...shape.slice(axis + 1),
];

/** Height and width of what a window makes that slides over [B, H, W, C]. */
function slid({ shapes: [image], attr }: Asked, window: Shape): [height: number, width: number] {
  const [steps, padding] = [attr<number[]>('strides'), attr<string>('padding')];
  const around = padding === 'EXPLICIT' ? attr<number[]>('explicit_paddings') : [];
  const along = (axis: 1 | 2): number => {
    if (padding === 'SAME') return Math.ceil(image[axis] / steps[axis]);
    const padded = image[axis] + (around[2 * axis] ?? 0) + (around[2 * axis + 1] ?? 0);
    const reach = (attr<number[] | undefined>('dilations')?.[axis] ?? 1) * (window[axis - 1] - 1) + 1;
    return Math.floor((padded - reach) / steps[axis]) + 1;
  };
  return [along(1), along(2)];
}

const pooled: Rule = asked => {
  const [batch, , , channels] = asked.shapes[0];
  return [[batch, ...slid(asked, asked.attr<number[]>('ksize').slice(1, 3)), channels]];
};

const overAxes: Rule = ({ shapes: [shape], values, attr }) => {
  const axes = values(1).map(axis => from(shape, axis));
  if (attr<boolean>('keep_dims')) return [shape.map((size, i) => (axes.includes(i) ? 1 : size))];
  return [shape.filter((_, i) => !axes.includes(i))];
};

const RULES: Record<string, Rule> = {
  ...Object.fromEntries(SAME.map(op => [op, (({ shapes }) => [shapes[0]]) as Rule])),
  ...Object.fromEntries([...COMPARISONS, ...TOGETHER].map(op => [op, (({ shapes }) => [together(shapes)]) as Rule])),
  ...Object.fromEntries(OVER_AXES.map(op => [op, overAxes])),
  AvgPool: pooled,
  MaxPool: pooled,
  ArgMax: ({ shapes: [shape], values }) => [replaced(shape, from(shape, values(1)[0]))],
  ArgMin: ({ shapes: [shape], values }) => [replaced(shape, from(shape, values(1)[0]))],
  BatchMatMulV2: ({ shapes: [a, b], attr }) => {
    const rows = a.at(attr<boolean>('adj_x') ? -1 : -2)!;
    const columns = b.at(attr<boolean>('adj_y') ? -2 : -1)!;
    return [[...together([a.slice(0, -2), b.slice(0, -2)]), rows, columns]];
  },
  ConcatV2: ({ shapes, values }) => {
    const joined = shapes.slice(0, -1);
    const axis = from(joined[0], values(joined.length)[0]);
    return [
      replaced(
        joined[0],
        axis,
        joined.reduce((sum, shape) => sum + shape[axis], 0),
      ),
    ];
  },
  Conv2D: asked => {
    const [image, kernel] = asked.shapes;
    return [[image[0], ...slid(asked, kernel), kernel[3]]];
  },
  Conv2DBackpropInput: ({ values }) => [values(0)],
  DepthwiseConv2dNative: asked => {
    const [image, kernel] = asked.shapes;
    return [[image[0], ...slid(asked, kernel), kernel[2] * kernel[3]]];
  },
  ExpandDims: ({ shapes: [shape], values }) => {
    const at = values(1)[0];
    const axis = at < 0 ? at + shape.length + 1 : at;
    return [[...shape.slice(0, axis), 1, ...shape.slice(axis)]];
  },
  Fill: ({ values }) => [values(0)],
  GatherV2: ({ shapes: [shape, indices], values, attr }) => {
    const axis = from(shape, values(2)[0]);
    return [replaced(shape, axis, ...indices.slice(attr<number>('batch_dims')))];
  },
  OneHot: ({ shapes: [shape], values }) => [[...shape, values(1)[0]]],
  Pack: ({ shapes, attr }) => {
    const axis = attr<number>('axis');
    return [[...shapes[0].slice(0, axis), shapes.length, ...shapes[0].slice(axis)]];
  },
  PadV2: ({ shapes: [shape], values }) => {
    const around = values(1);
    return [shape.map((size, i) => around[2 * i] + size + around[2 * i + 1])];
  },
  Range: ({ values }) => {
    const [start, end, step] = [0, 1, 2].map(i => values(i)[0]);
    return [[Math.max(0, Math.ceil((end - start) / step))]];
  },
  Reshape: ({ shapes: [shape], values }) => [
    tf.util.inferFromImplicitShape(values(1), tf.util.sizeFromShape([...shape])),
  ],
  Select: ({ shapes }) => [shapes[1]],
  Slice: ({ shapes: [shape], values }) => {
    const [begin, size] = [values(1), values(2)];
    return [shape.map((whole, i) => (size[i] < 0 ? whole - begin[i] : size[i]))];
  },
  SplitV: ({ shapes: [shape], values }) => {
    const axis = from(shape, values(2)[0]);
    return values(1).map(size => replaced(shape, axis, size));
  },
  Tile: ({ shapes: [shape], values }) => {
    const times = values(1);
    return [shape.map((size, i) => size * times[i])];
  },
  Transpose: ({ shapes: [shape], values }) => [values(1).map(axis => shape[axis])],
  Unpack: ({ shapes: [shape], attr }) => {
    const axis = from(shape, attr<number>('axis'));
    return Array.from({ length: attr<number>('num') }, () => replaced(shape, axis));
  },
};

const typeOf = ({ node, index }: Ref): TensorType => node.outputs?.[index] ?? node.type ?? infer(node)[index];

/**
 * What `node` gives.
 * @throws Error where no rule knows its operation, or a shape depends on values that only a run would tell
 */
export function infer({ op, inputs, given = [], literal, type }: GraphNode): TensorType[] {
  if (literal) return [{ dtype: literal.dtype, shape: literal.shape }];
  if (type) return [type];
  const rule = RULES[op];
  if (!rule)
    throw new Error(
      `without TensorFlow nobody knows what shape ${op} gives; run this where npm run doctor shows TensorFlow`,
    );
  const types = inputs.map(typeOf);
  const attr = <T>(name: string): T => given.find(each => each.name === name)?.value as T;
  const values = (i: number): number[] => {
    const { bytes, dtype } = inputs[i].node.literal ?? {};
    if (!bytes) throw new Error(`the shape that ${op} gives depends on values; run that outside`);
    const numbers = Uint8Array.from(bytes).buffer;
    return Array.from(dtype === DT.float ? new Float32Array(numbers) : new Int32Array(numbers));
  };
  const dtype = OF_TRUTH.has(op) ? DT.bool : attr<number>(DTYPE_IN[op] ?? 'T');
  return rule({ shapes: types.map(({ shape }) => shape), values, attr }).map(shape => ({ dtype, shape: [...shape] }));
}
