/**
 * A run without numbers. What a net of any size gives, how much it computes and how much memory that takes follows from
 * shapes alone; TensorFlow infers them while the run is written down, and nothing is computed. Without TensorFlow's library
 * the lib's own rules infer them (compile/infer.ts).
 * @see notebooks/26-atlas.ipynb
 */
import { type GraphNode, type Ref, reachable, type TensorType } from './compile/graph';
import { tfEngine } from './compile/listen';
import { record } from './compile/recorder';
import { Shapes } from './compile/shapes';
import { onDryBackend } from './dry-backend';
import { DT } from './native';
import { withKey } from './random';
import { binding, isNative, nativeBackend, tf } from './tensorflow';

/** What an input looks like; a tensor will do. */
export interface ShapeLike {
  readonly shape: readonly number[];
  readonly dtype?: string;
}

export interface DryRun {
  /** Shapes of the tensors that come out, in order. */
  outputs: number[][];
  /** Multiplications with an addition each, of matrix products and convolutions. Papers count them as one operation or as two. */
  multiplyAdds: number;
  /** Numbers that all other operations write; each costs one step of arithmetic or a few. */
  elements: number;
  /** Operations that TensorFlow is asked for. */
  operations: number;
  /** What all operations read and write, weights included, bytes. */
  bytesMoved: number;
  /** The most that results hold at once, each freed after its last use, bytes; weights and inputs come on top. */
  peakBytes: number;
}

/**
 * Runs `run` on tensors without numbers. It may use nets made with `shapesOnly`, so that a model of any size needs no memory.
 * @throws Error where `run` looks at a value
 * @example dryRun((x: tf.Tensor) => tf.matMul(x as tf.Tensor2D, tf.ones([3, 5])), [{ shape: [2, 3] }]).multiplyAdds // → 30
 */
export function dryRun(run: (...inputs: never[]) => unknown, inputs: readonly ShapeLike[]): DryRun {
  if (!isNative()) return onDryBackend(() => withKey(() => dryRun(run, inputs)));
  const recording = withWeightsOfShapes(() => record(run, () => inputs.map(zerosLike)));
  tf.dispose([...recording.captures.keys()]);
  const needed = reachable(recording.outputs);
  const kept = new Set(needed);
  const nodes = recording.trail.filter(node => kept.has(node));
  typeConstants(needed);
  const working = nodes.filter(node => !SHARING.has(node.op));
  const results = (node: GraphNode) => sum(node.outputs!.map(sizeOf));
  return {
    outputs: recording.outputs.map(({ node }) => node.type!.shape),
    multiplyAdds: sum(working.map(multiplyAdds)),
    elements: sum(working.filter(node => multiplyAdds(node) === 0).map(results)),
    operations: working.length,
    bytesMoved: sum(working.map(bytesMoved)),
    peakBytes: peakOf(nodes, recording.outputs),
  };
}

const zerosLike = ({ shape, dtype }: ShapeLike): tf.Tensor =>
  tf.zeros([...shape], dtype === 'int32' ? 'int32' : 'float32');

/** Numbers that neither TensorFlow nor a recording gives to a tensor. */
const NOWHERE = -1e9;

/** Weights made with `shapesOnly` lie in the storage of an empty tensor; meanwhile they seem to lie in TensorFlow, whole. */
function withWeightsOfShapes<T>(work: () => T): T {
  const { tensorMap } = nativeBackend();
  const restore = Object.values(tfEngine().registeredVariables).flatMap((variable, i) => {
    if (!tensorMap.has(variable.dataId)) return []; // tfjs has lost it
    const stored = tensorMap.get(variable.dataId);
    if (tf.util.sizeFromShape(stored.shape) === variable.size) return [];
    const before = { ...stored };
    Object.assign(stored, { id: NOWHERE - i, shape: variable.shape, values: null });
    return [() => Object.assign(stored, before)];
  });
  try {
    return work();
  } finally {
    for (const each of restore) each();
  }
}

/** A recording does not note what its constants look like; TensorFlow tells. */
function typeConstants(nodes: readonly GraphNode[]): void {
  const shapes = new Shapes(binding());
  for (const node of nodes) {
    if (node.outputs || node.type) continue;
    const [{ dtype, shape }] = shapes.of(node);
    node.type = { dtype, shape: shape ?? [] };
  }
}

/** Their results are their first input under another shape. */
const SHARING = new Set(['Identity', 'Reshape', 'ExpandDims', 'Squeeze']);

/** They read as much as they write, however large their first input is. */
const READING_PARTS = new Set(['GatherV2', 'Slice', 'StridedSlice']);

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const sizeOf = ({ shape }: TensorType): number => tf.util.sizeFromShape(shape);
const BYTES: Record<number, number> = { [DT.bool]: 1, [DT.int64]: 8, [DT.complex64]: 8 };
const bytesOf = (type: TensorType): number => sizeOf(type) * (BYTES[type.dtype] ?? 4);

/** What an operation reads there. */
const typeOf = ({ node, index }: Ref): TensorType => node.outputs?.[index] ?? node.type!;

const written = ({ outputs }: GraphNode): number => sum(outputs!.map(bytesOf));

const bytesMoved = (node: GraphNode): number =>
  written(node) + (READING_PARTS.has(node.op) ? written(node) : sum(node.inputs.map(ref => bytesOf(typeOf(ref)))));

/** Padding counts as pixels do, and a product with 0 as any other: what is computed, not what could be left out. */
function multiplyAdds({ op, inputs, given, outputs }: GraphNode): number {
  const size = sizeOf(outputs![0]);
  const shape = (i: number) => typeOf(inputs[i]).shape;
  if (/^(Batch)?MatMul/.test(op)) {
    const turned = given!.some(({ name, value }) => (name === 'transpose_a' || name === 'adj_x') && value === true);
    return size * shape(0).at(turned ? -2 : -1)!;
  }
  if (op === 'Conv2D') return size * shape(1)[0] * shape(1)[1] * shape(1)[2];
  if (op === 'Conv2DBackpropInput') return sizeOf(typeOf(inputs[2])) * shape(1)[0] * shape(1)[1] * shape(1)[2];
  if (op === 'DepthwiseConv2dNative') return size * shape(1)[0] * shape(1)[1];
  if (/Conv|MatMul|Einsum/.test(op))
    throw new Error(`a dry run cannot count ${op} yet; write it with matMul or conv2d`);
  return 0;
}

/** Walks through the operations in order; what an operation shares with its input lives as long as either. */
function peakOf(nodes: readonly GraphNode[], outputs: readonly Ref[]): number {
  const owner = (node: GraphNode): GraphNode => (SHARING.has(node.op) ? owner(node.inputs[0].node) : node);
  const lastUse = new Map<GraphNode, number>();
  nodes.forEach((node, i) => {
    for (const ref of node.inputs) lastUse.set(owner(ref.node), i);
  });
  for (const { node } of outputs) lastUse.set(owner(node), Number.POSITIVE_INFINITY);
  const held = new Map<GraphNode, number>();
  let [now, peak] = [0, 0];
  nodes.forEach((node, i) => {
    if (!SHARING.has(node.op)) {
      held.set(node, written(node));
      now += written(node);
    }
    peak = Math.max(peak, now);
    for (const used of new Set(node.inputs.map(ref => owner(ref.node)))) {
      if (lastUse.get(used) !== i) continue;
      now -= held.get(used) ?? 0; // weights and inputs are not held here
      held.delete(used);
    }
  });
  return peak;
}
