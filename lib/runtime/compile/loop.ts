/**
 * Several steps in one native call: TensorFlow's own While around a recorded step.
 * The loop carries the counter, the variables, and the results so far; everything else stands still.
 */
import { DT } from '../native';
import { isNative, tf } from '../tensorflow';
import { notAsync, refuseAsync } from './async';
import { Graph, type Ref, type TensorType } from './graph';
import type { Compiled, CompileOptions } from './index';
import { runInline } from './inline';
import { type Assembled, addFunction, assemble, assembleNodes, freshName, Program } from './program';
import { functionValue, shapesValue, typesValue, typeValue, wholeValue } from './protobuf';
import { mustInline, record } from './recorder';
import type { Recording } from './recording';
import { blanksLike, Traced } from './traced';
import { flatten, mapTree } from './tree';

/**
 * Runs `step` once for each row of a batched argument: `compileLoop(step)({ x })` with x [K, …] calls step with x[0],
 * x[1], …, x[K−1], [...] each, and returns the results stacked, [K, …]. Where nothing is compiled, a plain loop does it.
 * @example
 * const double = compileLoop(({ x }: { x: tf.Tensor }) => ({ y: x.mul(2) }));
 * double({ x: tf.tensor2d([[1], [2]]) }).y // → [[2], [4]]
 */
export function compileLoop<A, R>(
  step: (batch: A) => R,
  { xla = false }: Pick<CompileOptions, 'xla'> = {},
): ((batches: A) => R) & Compiled {
  refuseAsync(step);
  const programs = new Map<string, Traced>();
  const call = (batches: A): R => {
    const leaves: tf.Tensor[] = [];
    const key = flatten(batches, leaves, 'the argument');
    const count = rowsOf(leaves);
    if (!isNative() || mustInline()) return runInline(() => plainLoop(step, batches, count) as R);
    let traced = programs.get(key);
    if (!traced) {
      const blankRow = blanksLike(batches, leaf => leaf.shape.slice(1));
      const shapes = leaves.map(leaf => leaf.shape);
      traced = new Traced(
        first => readingAllWritten(record(step as (...args: never[]) => unknown, () => [blankRow()], first)),
        recording => {
          assignsNone(recording, leaves);
          return new Program(recording, xla, assembleLoop(recording, shapes, count));
        },
      );
      programs.set(key, traced);
    }
    return traced.run(leaves) as R;
  };
  const compiled: Compiled = {
    check() {
      for (const traced of programs.values()) traced.check();
    },
    dispose() {
      for (const traced of programs.values()) traced.dispose();
      programs.clear();
    },
    programs: () => [...programs.values()].map(({ info }) => info),
  };
  return Object.assign(call, compiled);
}

function rowsOf(leaves: tf.Tensor[]): number {
  const count = leaves[0]?.shape[0];
  if (!count || leaves.some(leaf => leaf.shape[0] !== count)) {
    const shapes = leaves.map(leaf => `[${leaf.shape}]`).join(', ') || 'no tensors';
    throw new Error(`a loop needs tensors with one row for each step, all equally many, got ${shapes}; use tf.stack`);
  }
  return count;
}

/** The loop takes its rows from what the batches were before the first step. */
function assignsNone({ updates, captures }: Recording, batches: tf.Tensor[]): void {
  const both = batches.find(batch => updates.has(batch as tf.Variable));
  if (!both) return;
  tf.dispose([...captures.keys()]);
  throw new Error(
    `the step assigns variable ${(both as tf.Variable).name}, whose rows it gets; pass tf.clone(…) of it`,
  );
}

const row = (tensor: tf.Tensor, i: number): tf.Tensor => tf.tidy(() => tf.gather(tensor, tf.scalar(i, 'int32')));

function plainLoop<A, R>(step: (batch: A) => R, batches: A, count: number): unknown {
  const results = Array.from({ length: count }, (_, i) => {
    const leaves: tf.Tensor[] = [];
    const result = step(mapTree(batches, leaf => row(leaf, i)) as A);
    notAsync(result);
    flatten(result, leaves, 'the result');
    return { result, leaves };
  });
  let next = 0;
  return mapTree(results[0].result, () => {
    const position = next++;
    return tf.stack(results.map(({ leaves }) => leaves[position]));
  });
}

/** The loop carries each variable that the step assigns, so it needs the first value also of those that are never read. */
function readingAllWritten(recording: Recording): Recording {
  const { reads, updates } = recording;
  for (const [variable, { node }] of updates) {
    if (reads.has(variable)) continue;
    reads.set(variable, new Graph().placeholder(`variable${reads.size}`, node.type!.dtype, variable.shape));
  }
  return recording;
}

/** Names and types of what the loop carries, in order. */
interface Carried {
  name: string;
  type: TensorType;
}

/** The graph around the step: While(0, variables, captures, batches, room for the results). */
function assembleLoop(recording: Recording, stacked: number[][], count: number): Assembled {
  const { reads, updates, args, captures, outputs } = recording;
  const stepName = freshName('step');
  addFunction(stepName, assemble(recording));
  const typed = (ref: Ref): Carried => ({ name: ref.node.name!, type: ref.node.type! });
  const variables = [...reads.values()].map(typed);
  const held = [...captures.values()].map(typed);
  const batches = args.map((ref, i) => ({
    name: `arg${i}`,
    type: { dtype: ref.node.type!.dtype, shape: stacked[i] },
  }));
  const results = outputs.map((ref, i) => ({
    name: `result${i}`,
    type: { dtype: ref.node.type!.dtype, shape: [count, ...ref.node.type!.shape] },
  }));
  const carried = [{ name: 'i', type: { dtype: DT.int32, shape: [] } }, ...variables, ...held, ...batches, ...results];
  const [condition, body] = [freshName('condition'), freshName('body')];
  addFunction(condition, conditionGraph(carried, count));
  addFunction(body, bodyGraph(recording, stepName, carried, { variables, held, batches, results }));
  const graph = new Graph();
  const inputs = [...batches, ...held, ...variables].map(({ name, type }) =>
    graph.placeholder(name, type.dtype, type.shape),
  );
  const byName = new Map(inputs.map(ref => [ref.node.name, ref]));
  const start = carried.map(
    ({ name, type }) => byName.get(name) ?? (name === 'i' ? graph.ints(0) : zeros(graph, type)),
  );
  const loop = graph.add('StatelessWhile', start, [
    ['T', typeList(carried)],
    ['cond', functionValue(condition)],
    ['body', functionValue(body)],
    ['output_shapes', shapesValue(carried.map(({ type }) => type.shape))],
    ['parallel_iterations', wholeValue(1)],
  ]);
  const at = (index: number): Ref => graph.identity({ node: loop, index }, carried[index].type);
  const order = [...reads.keys()];
  const written = [...updates.keys()].map(variable => at(1 + order.indexOf(variable)));
  const returned = results.map((_, i) => at(carried.length - results.length + i));
  return assembleNodes(inputs, [...written, ...returned], [stepName, condition, body]);
}

function conditionGraph(carried: Carried[], count: number): Assembled {
  const graph = new Graph();
  const inputs = carried.map(({ name, type }) => graph.placeholder(name, type.dtype, type.shape));
  const less = graph.add('Less', [inputs[0], graph.ints(count)], [['T', typeValue(DT.int32)]]);
  return assembleNodes(inputs, [graph.identity({ node: less, index: 0 }, { dtype: DT.bool, shape: [] })]);
}

type Parts = Record<'variables' | 'held' | 'batches' | 'results', Carried[]>;

/** One turn: takes row i of each batch, calls the step, puts its results into row i. */
function bodyGraph(recording: Recording, stepName: string, carried: Carried[], parts: Parts): Assembled {
  const graph = new Graph();
  const inputs = carried.map(({ name, type }) => graph.placeholder(name, type.dtype, type.shape));
  const byName = new Map(inputs.map(ref => [ref.node.name, ref]));
  const get = ({ name }: Carried): Ref => byName.get(name)!;
  const i = inputs[0];
  const rows = parts.batches.map(batch => takeRow(graph, get(batch), i, batch.type.dtype));
  const updates = [...recording.updates];
  const made = [...updates.map(([, ref]) => ref.node.type!), ...recording.outputs.map(ref => ref.node.type!)];
  const given = [...rows, ...parts.held.map(get), ...parts.variables.map(get)];
  const step = graph.add('PartitionedCall', given, [
    ['Tin', typeList([...parts.batches, ...parts.held, ...parts.variables])],
    ['Tout', typesValue(made.map(({ dtype }) => dtype))],
    ['f', functionValue(stepName)],
  ]);
  const order = [...recording.reads.keys()];
  const next = new Map<string, Ref>();
  next.set('i', { node: graph.add('AddV2', [i, graph.ints(1)], [['T', typeValue(DT.int32)]]), index: 0 });
  updates.forEach(([variable], index) => {
    next.set(parts.variables[order.indexOf(variable)].name, { node: step, index });
  });
  parts.results.forEach((result, n) => {
    next.set(result.name, putRow(graph, get(result), i, { node: step, index: updates.length + n }, result.type.dtype));
  });
  return assembleNodes(
    inputs,
    carried.map(each => graph.identity(next.get(each.name) ?? get(each), each.type)),
    [stepName],
  );
}

function takeRow(graph: Graph, batch: Ref, i: Ref, dtype: number): Ref {
  const types: [string, Buffer][] = [
    ['Tparams', typeValue(dtype)],
    ['Tindices', typeValue(DT.int32)],
    ['Taxis', typeValue(DT.int32)],
  ];
  return { node: graph.add('GatherV2', [batch, i, graph.ints(0)], types), index: 0 };
}

function putRow(graph: Graph, into: Ref, i: Ref, value: Ref, dtype: number): Ref {
  const int = typeValue(DT.int32);
  const reshape = (ref: Ref, dims: number[], type: Buffer): Ref => ({
    node: graph.add(
      'Reshape',
      [ref, graph.ints(dims)],
      [
        ['T', type],
        ['Tshape', int],
      ],
    ),
    index: 0,
  });
  const rows = {
    node: graph.add(
      'ExpandDims',
      [value, graph.ints(0)],
      [
        ['T', typeValue(dtype)],
        ['Tdim', int],
      ],
    ),
    index: 0,
  };
  const types: [string, Buffer][] = [
    ['T', typeValue(dtype)],
    ['Tindices', int],
  ];
  return { node: graph.add('TensorScatterUpdate', [into, reshape(i, [1, 1], int), rows], types), index: 0 };
}

function zeros(graph: Graph, { dtype, shape }: TensorType): Ref {
  const width = dtype === DT.bool ? 1 : 4;
  const zero = graph.constant(dtype, [], Buffer.alloc(width));
  const types: [string, Buffer][] = [
    ['T', typeValue(dtype)],
    ['index_type', typeValue(DT.int32)],
  ];
  return { node: graph.add('Fill', [graph.ints(shape), zero], types), index: 0 };
}

const typeList = (carried: Carried[]): Buffer => typesValue(carried.map(({ type }) => type.dtype));
