/**
 * Shapes and dtypes of operations where TensorFlow isn't there to infer them: a page's run without numbers.
 * @see tests/runtime/infer.test.ts and tests/runtime/rules.test.ts, which hold them against TensorFlow's own answers
 */
import { DT } from '../native';
import type { GraphNode, Ref, TensorType } from './graph';
import { COMPARISONS, RULES } from './rules';

/** Attribute that holds the dtype of what comes out, where it is not T. */
const DTYPE_IN: Record<string, string> = {
  ArgMax: 'output_type',
  ArgMin: 'output_type',
  Cast: 'DstT',
  Complex: 'Tout',
  ComplexAbs: 'Tout',
  FFT: 'Tcomplex',
  GatherNd: 'Tparams',
  GatherV2: 'Tparams',
  IFFT: 'Tcomplex',
  Imag: 'Tout',
  Multinomial: 'output_dtype',
  Range: 'Tidx',
  Real: 'Tout',
  StatelessRandomUniformFullInt: 'dtype',
  StatelessRandomUniformInt: 'dtype',
};

/** Operations that give one dtype whatever they get; of several outputs, one each, undefined being that of the attribute. */
const ALWAYS: Record<string, (number | undefined)[]> = {
  ...Object.fromEntries(
    [...COMPARISONS, 'LogicalNot', 'All', 'Any', 'IsFinite', 'IsInf', 'IsNan'].map(op => [op, [DT.bool]]),
  ),
  CropAndResize: [DT.float],
  NonMaxSuppressionV4: [DT.int32, DT.int32],
  ResizeBilinear: [DT.float],
  TopKV2: [undefined, DT.int32],
};

const typeOf = ({ node, index }: Ref): TensorType =>
  node.outputs?.[index] ?? node.type ?? (infer(node)[index] as TensorType);

/** Numbers of a constant, which a graph may have written as what fills or counts; undefined where only a run would tell. */
function numbersOf({ op, inputs, literal }: GraphNode): number[] | undefined {
  if (literal?.bytes) {
    const numbers = Uint8Array.from(literal.bytes).buffer;
    return Array.from(literal.dtype === DT.float ? new Float32Array(numbers) : new Int32Array(numbers));
  }
  if (op !== 'Fill' && op !== 'Range') return undefined;
  const [first, second, third] = inputs.map(({ node }) => numbersOf(node));
  if (!first || !second) return undefined;
  if (op === 'Fill') return Array.from({ length: first[0] ?? 1 }, () => second[0]);
  return (
    third && Array.from({ length: Math.ceil((second[0] - first[0]) / third[0]) }, (_, i) => first[0] + i * third[0])
  );
}

/**
 * What `node` gives; a shape is null where it depends on values.
 * @throws Error where no rule knows its operation, or a shape depends on values that only a run would tell
 */
export function infer({
  op,
  inputs,
  given = [],
  literal,
  type,
}: GraphNode): { dtype: number; shape: number[] | null }[] {
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
    const numbers = numbersOf(inputs[i].node);
    if (!numbers) throw new Error(`the shape that ${op} gives depends on values; run that outside`);
    return numbers;
  };
  const dtype = attr<number | undefined>(DTYPE_IN[op] ?? 'T') ?? types.at(-1)!.dtype; // a graph's own Fill and Range: of what they hold
  return rule({ shapes: types.map(({ shape }) => shape), values, attr }).map((shape, i) => ({
    dtype: ALWAYS[op]?.[i] ?? dtype,
    shape: shape && [...shape],
  }));
}
