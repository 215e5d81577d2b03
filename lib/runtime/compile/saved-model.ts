/**
 * A step as a SavedModel, TensorFlow's own format: Python loads it with `tf.saved_model.load(folder)` and calls
 * `loaded.signatures['step'](x=…)`. Variables become TensorFlow's variables, starting from their values now.
 */
import { fs, path, wantNative } from '../../platform';
import type { HostValues } from '../native';
import { binding, isNative, nativeBackend, tf } from '../tensorflow';
import { Graph, type GraphNode, graphMessage, nameNodes, type Ref, reachable, refName, type TensorType } from './graph';
import {
  encodeSavedModel,
  type SignatureMessage,
  shapeProto,
  shapeValue,
  type TensorInfoMessage,
  tensorProto,
  tensorValue,
  textValue,
  typeValue,
} from './protobuf';
import { record } from './recorder';
import type { Recording } from './recording';

const INIT = '__saved_model_init_op';

/**
 * Writes what `step` does to `example` arguments of the same shapes into `folder`/saved_model.pb. Tensors among the
 * arguments become inputs, those of the result outputs, named by their path: `x` for step({ x }), `arg0` for step(x, y).
 * @throws Error where `compile` would refuse the step
 * @example saveStep('step', (x: tf.Tensor) => x.square(), [tf.zeros([2])])
 */
export function saveStep(
  folder: string,
  step: (...args: never[]) => unknown,
  example: unknown[],
): { inputs: string[]; outputs: string[] } {
  if (!isNative()) {
    wantNative('a SavedModel');
    throw new Error('a SavedModel can only be written where TensorFlow computes; see npm run doctor');
  }
  const recording = record(step, () => example);
  try {
    const inputs = namesOf(example.length === 1 ? example[0] : { ...example }, 'arg', 'arg');
    const outputs = namesOf(recording.result, 'result', 'result');
    const bytes = savedModel(recording, inputs, outputs);
    fs.mkdirSync(path.join(folder, 'variables'), { recursive: true });
    const file = path.join(folder, 'saved_model.pb');
    fs.writeFileSync(`${file}.part`, bytes);
    fs.renameSync(`${file}.part`, file);
    return { inputs, outputs };
  } finally {
    for (const capture of recording.captures.keys()) capture.dispose();
  }
}

/** The graph, with variables as TensorFlow's own, and the two signatures: `step`, and the one that sets first values. */
function savedModel(recording: Recording, inputs: string[], outputs: string[]): Buffer {
  const graph = new Graph();
  const variables = new Map(
    [...recording.reads.keys(), ...recording.updates.keys()].map(v => [v, addVariable(graph, v)]),
  );
  for (const [variable, ref] of recording.reads) become(ref.node, readOf(variables.get(variable)!));
  for (const [tensor, ref] of recording.captures) become(ref.node, constantOf(graph, tensor).node);
  const reads = [...recording.reads.values()].map(({ node }) => node);
  const assigned = [...recording.updates].map(([variable, value]) =>
    assign(graph, variables.get(variable)!, value, reads),
  );
  const results = recording.outputs.map(ref => {
    const result = graph.identity(ref, ref.node.type!);
    result.node.after = assigned; // whoever fetches a result makes the whole step
    return result;
  });
  const init = graph.add('NoOp', [], []);
  init.after = [...variables.values()].map(each => each.initialise);
  const roots = [
    ...results,
    ...[...assigned, ...init.after, init, ...recording.args.map(({ node }) => node)].map(node => ({ node, index: 0 })),
  ];
  const nodes = reachable(roots);
  nameNodes(nodes);
  const signatures = {
    step: signature(entries(inputs, recording.args), entries(outputs, results)),
    [INIT]: signature([], [[INIT, { node: init, index: 0 }]]),
  };
  // one graph, with the tag that Python looks for
  const info = { tags: ['serve'], version: binding().TF_Version };
  return encodeSavedModel({ schema: 1, graphs: [{ info, graph: graphMessage(nodes), signatures }] });
}

interface SavedVariable {
  handle: Ref;
  type: TensorType;
  initialise: GraphNode;
}

function addVariable(graph: Graph, variable: tf.Variable): SavedVariable {
  const first = constantOf(graph, variable);
  const type = first.node.type!;
  const attrs: [string, Buffer][] = [
    ['dtype', typeValue(type.dtype)],
    ['shape', shapeValue(type.shape)],
    ['shared_name', textValue(variable.name)],
  ];
  const handle = { node: graph.add('VarHandleOp', [], attrs), index: 0 };
  const initialise = graph.add('AssignVariableOp', [handle, first], [['dtype', typeValue(type.dtype)]]);
  return { handle, type, initialise };
}

const readOf = ({ handle, type }: SavedVariable): GraphNode => ({
  op: 'ReadVariableOp',
  inputs: [handle],
  attrs: [['dtype', typeValue(type.dtype)]],
});

function assign(graph: Graph, { handle, type }: SavedVariable, value: Ref, after: GraphNode[]): GraphNode {
  const node = graph.add('AssignVariableOp', [handle, value], [['dtype', typeValue(type.dtype)]]);
  node.after = after; // every value is read before any is replaced
  return node;
}

/** The tensor's values, standing in the graph. */
function constantOf(graph: Graph, tensor: tf.Tensor): Ref {
  const [id] = nativeBackend().getInputTensorIds([tensor]);
  const { dtype } = nativeBackend().tensorMap.get(tensor.dataId);
  const values: HostValues = binding().tensorDataSync(id);
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  const node = graph.add(
    'Const',
    [],
    [
      ['dtype', typeValue(dtype)],
      ['value', tensorValue(tensorProto(dtype, tensor.shape, bytes))],
    ],
  );
  node.type = { dtype, shape: tensor.shape };
  return { node, index: 0 };
}

/** Turns a placeholder into another node, for all who use it. */
function become(node: GraphNode, other: GraphNode): void {
  Object.assign(node, { op: other.op, inputs: other.inputs, attrs: other.attrs });
}

/** Where each tensor stands, as a name that Python takes: `loss`, `pair_1`; a lone one is called `alone`. */
function namesOf(tree: unknown, alone: string, unnamed: string): string[] {
  const names: string[] = [];
  const walk = (part: unknown, at: string): void => {
    if (part instanceof tf.Variable) return; // one of the variables, not an input
    if (part instanceof tf.Tensor || typeof part === 'number') names.push(/^\d/.test(at) ? unnamed + at : at || alone);
    else if (part && typeof part === 'object')
      for (const [key, each] of Object.entries(part)) walk(each, at ? `${at}_${key}` : key);
  };
  walk(tree, '');
  return names;
}

const entries = (names: string[], refs: Ref[]): [string, Ref][] => names.map((name, i) => [name, refs[i]]);

function signature(inputs: [string, Ref][], outputs: [string, Ref][]): SignatureMessage {
  const infos = (list: [string, Ref][]) => Object.fromEntries(list.map(([key, ref]) => [key, tensorInfo(ref)]));
  return { inputs: infos(inputs), outputs: infos(outputs), method: 'latentlab/step' };
}

function tensorInfo(ref: Ref): TensorInfoMessage {
  const { type } = ref.node;
  if (!type) return { name: ref.node.name! }; // an operation, not a tensor
  return { name: refName(ref), dtype: type.dtype, shape: shapeProto(type.shape) };
}
