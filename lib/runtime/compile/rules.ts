/**
 * What shape an operation gives, of shapes and constants: one rule for each operation that tfjs asks TensorFlow for, and
 * for those that the lib asks for itself. Those that slide windows or look at pictures stand in windows.ts.
 * @see tests/runtime/rules.test.ts, which holds each against TensorFlow's own answer
 */
import { tf } from '../tensorflow';
import { WINDOWS } from './windows';

export type Shape = readonly number[];

/** What a rule may ask about an operation. */
export interface Asked {
  /** Shapes of the inputs. */
  shapes: Shape[];
  /** Numbers of a constant input. */
  values(i: number): number[];
  attr<T>(name: string): T;
}
/** Shapes of all outputs; null for one that depends on values. */
export type Rule = (asked: Asked) => (Shape | null)[];

const words = (text: string): string[] => text.split('|');

/** As large as the only input, or the first. */
const SAME = words(
  'Abs|Acos|Acosh|AddN|Asin|Asinh|Atan|Atanh|Cast|Ceil|ComplexAbs|Cos|Cosh|Cumprod|Cumsum|Elu|EluGrad|Erf|Exp|Expm1|FFT|' +
    'Floor|IFFT|Identity|Imag|IsFinite|IsInf|IsNan|LRN|LRNGrad|LeakyRelu|Log|Log1p|LogicalNot|Ndtri|Neg|OnesLike|Real|' +
    'Reciprocal|Relu|Relu6|ReluGrad|ReverseV2|Round|Rsqrt|Selu|Sigmoid|SigmoidGrad|Sign|Sin|Sinh|Softmax|Softplus|Sqrt|' +
    'Square|Tan|Tanh|TanhGrad|TensorScatterUpdate|ZerosLike',
);
/** As large as both together; of truth values. */
export const COMPARISONS = words('Equal|Greater|GreaterEqual|Less|LessEqual|LogicalAnd|LogicalOr|NotEqual');
const TOGETHER = words(
  'Add|Atan2|BitwiseAnd|Complex|Div|DivNoNan|FloorDiv|FloorMod|Maximum|Minimum|Mul|MulNoNan|Pow|RealDiv|' +
    'SquaredDifference|Sub',
);
const OVER_AXES = words('All|Any|Max|Mean|Min|Prod|Sum');

/** How much these give only their values tell. */
export const BY_VALUES = words('NonMaxSuppressionV3|NonMaxSuppressionV5|UniqueV2|Where');

const together = ([a, b]: Shape[]): Shape => tf.backend_util.assertAndGetBroadcastShape([...a], [...b]);
const from = (shape: Shape, axis: number): number => (axis < 0 ? axis + shape.length : axis);
/** `shape` with what stands at `axis` replaced by `by`. */
const replaced = (shape: Shape, axis: number, ...by: number[]): Shape => [
  ...shape.slice(0, axis),
  ...by,
  ...shape.slice(axis + 1),
];
/** `shape` with `size` before what stands at `axis`; −1 is the end. */
const inserted = (shape: Shape, axis: number, size: number): Shape => {
  const at = axis < 0 ? axis + shape.length + 1 : axis;
  return [...shape.slice(0, at), size, ...shape.slice(at)];
};

const overAxes: Rule = ({ shapes: [shape], values, attr }) => {
  const axes = values(1).map(axis => from(shape, axis));
  if (attr<boolean>('keep_dims')) return [shape.map((size, i) => (axes.includes(i) ? 1 : size))];
  return [shape.filter((_, i) => !axes.includes(i))];
};

const withoutAxis: Rule = ({ shapes: [shape], values }) => [replaced(shape, from(shape, values(1)[0]))];

const padded: Rule = ({ shapes: [shape], values }) => {
  const around = values(1);
  return [shape.map((size, i) => around[2 * i] + size + around[2 * i + 1])];
};

/** Labels of an operand, '…' being the axes that have none. */
function einsum({ shapes, attr }: Asked): Shape[] {
  const [operands, result] = attr<string>('equation').replace(/\s/g, '').replaceAll('...', '…').split('->');
  const sizes = new Map<string, Shape>();
  operands.split(',').forEach((labels, n) => {
    const unnamed = shapes[n].length - (labels.length - 1);
    let axis = 0;
    for (const label of labels) {
      const next = axis + (label === '…' ? unnamed : 1);
      const here = shapes[n].slice(axis, next);
      sizes.set(label, together([here, sizes.get(label) ?? here]));
      axis = next;
    }
  });
  return [[...result].flatMap(label => sizes.get(label) ?? [])];
}

/** As TensorFlow reads x[begin:end:step, …]: each bit of a mask speaks of one place in that list. */
function stridedSlice({ shapes: [shape], values, attr }: Asked): Shape[] {
  const [begin, end, steps] = [1, 2, 3].map(values);
  const marked = (mask: string, i: number): boolean => ((attr<number>(`${mask}_mask`) >> i) & 1) === 1;
  const whole = (i: number): boolean => marked('ellipsis', i);
  const fresh = (i: number): boolean => !whole(i) && marked('new_axis', i);
  const taken = begin.filter((_, i) => !whole(i) && !fresh(i)).length;
  const sizes: number[] = [];
  let axis = 0;
  for (const [i, step] of steps.entries()) {
    if (fresh(i)) sizes.push(1);
    else if (whole(i)) {
      sizes.push(...shape.slice(axis, axis + shape.length - taken));
      axis += shape.length - taken;
    } else {
      const size = shape[axis++];
      const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
      const at = (place: number): number => Math.min(high, Math.max(low, place < 0 ? place + size : place));
      const first = marked('begin', i) ? (step > 0 ? low : high) : at(begin[i]);
      const last = marked('end', i) ? (step > 0 ? high : low) : at(end[i]);
      if (!marked('shrink_axis', i)) sizes.push(Math.max(0, Math.ceil((last - first) / step)));
    }
  }
  return [[...sizes, ...shape.slice(axis)]];
}

export const RULES: Record<string, Rule> = {
  ...WINDOWS,
  ...Object.fromEntries(SAME.map(op => [op, (({ shapes }) => [shapes[0]]) as Rule])),
  ...Object.fromEntries([...COMPARISONS, ...TOGETHER].map(op => [op, (({ shapes }) => [together(shapes)]) as Rule])),
  ...Object.fromEntries(OVER_AXES.map(op => [op, overAxes])),
  ...Object.fromEntries(BY_VALUES.map(op => [op, (() => [null]) as Rule])),
  ArgMax: withoutAxis,
  ArgMin: withoutAxis,
  BatchMatMulV2: ({ shapes: [a, b], attr }) => {
    const rows = a.at(attr<boolean>('adj_x') ? -1 : -2)!;
    const columns = b.at(attr<boolean>('adj_y') ? -2 : -1)!;
    return [[...together([a.slice(0, -2), b.slice(0, -2)]), rows, columns]];
  },
  BiasAddGrad: ({ shapes: [shape] }) => [shape.slice(-1)],
  Bincount: ({ values }) => [values(1)],
  BroadcastArgs: ({ shapes: [[a], [b]] }) => [[Math.max(a, b)]],
  ConcatV2: ({ shapes, values }) => {
    const joined = shapes.slice(0, -1);
    const axis = from(joined[0], values(joined.length)[0]);
    const size = joined.reduce((sum, shape) => sum + shape[axis], 0);
    return [replaced(joined[0], axis, size)];
  },
  Diag: ({ shapes: [shape] }) => [[...shape, ...shape]],
  Einsum: einsum,
  ExpandDims: ({ shapes: [shape], values }) => [inserted(shape, values(1)[0], 1)],
  Fill: ({ values }) => [values(0)],
  GatherNd: ({ shapes: [shape, indices] }) => [[...indices.slice(0, -1), ...shape.slice(indices.at(-1)!)]],
  GatherV2: ({ shapes: [shape, indices], values, attr }) => {
    const axis = from(shape, values(2)[0]);
    return [replaced(shape, axis, ...indices.slice(attr<number>('batch_dims')))];
  },
  LinSpace: ({ values }) => [values(2)],
  MirrorPad: padded,
  Multinomial: ({ shapes: [[rows]], values }) => [[rows, values(1)[0]]],
  NonMaxSuppressionV4: ({ values, attr }) => [attr<boolean>('pad_to_max_output_size') ? values(2) : null, []],
  OneHot: ({ shapes: [shape], values, attr }) => [inserted(shape, attr<number>('axis'), values(1)[0])],
  Pack: ({ shapes, attr }) => [inserted(shapes[0], attr<number>('axis'), shapes.length)],
  PadV2: padded,
  Range: ({ values }) => {
    const [start, end, step] = [0, 1, 2].map(i => values(i)[0]);
    return [[Math.max(0, Math.ceil((end - start) / step))]];
  },
  Reshape: ({ shapes: [shape], values }) => [
    tf.util.inferFromImplicitShape(values(1), tf.util.sizeFromShape([...shape])),
  ],
  ScatterNd: ({ values }) => [values(2)],
  Select: ({ shapes }) => [shapes[1]],
  Slice: ({ shapes: [shape], values }) => {
    const [begin, size] = [values(1), values(2)];
    return [shape.map((whole, i) => (size[i] < 0 ? whole - begin[i] : size[i]))];
  },
  SparseToDense: ({ values }) => [values(1)],
  SplitV: ({ shapes: [shape], values }) => {
    const axis = from(shape, values(2)[0]);
    return values(1).map(size => replaced(shape, axis, size));
  },
  StatelessRandomUniformFullInt: ({ values }) => [values(0)],
  StatelessRandomUniformInt: ({ values }) => [values(0)],
  StridedSlice: stridedSlice,
  Tile: ({ shapes: [shape], values }) => {
    const times = values(1);
    return [shape.map((size, i) => size * times[i])];
  },
  TopKV2: ({ shapes: [shape], values }) => {
    const largest = [...shape.slice(0, -1), values(1)[0]];
    return [largest, largest];
  },
  Transpose: ({ shapes: [shape], values }) => [values(1).map(axis => shape[axis])],
  Unpack: ({ shapes: [shape], attr }) => {
    const axis = from(shape, attr<number>('axis'));
    return Array.from({ length: attr<number>('num') }, () => replaced(shape, axis));
  },
  UnsortedSegmentSum: ({ shapes: [shape, segments], values }) => [[...values(2), ...shape.slice(segments.length)]],
};
