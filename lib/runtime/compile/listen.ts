/** Stands between tfjs and TensorFlow, and at the doors by which a function could do what no replay would repeat. */
import type { Binding, HostValues, NativeTensor, NodeBackend, OpAttr } from '../native';
import { tf } from '../tensorflow';
import { replace } from './replace';

/** Engine internals that a recording watches. */
interface Engine {
  registeredVariables: Record<string, tf.Variable>;
  state: { gradientDepth: number };
  keep: (tensor: tf.Tensor) => tf.Tensor;
  makeVariable: unknown;
  disposeVariable: unknown;
}
export const tfEngine = (): Engine => tf.engine() as unknown as Engine;

export interface Listener {
  createTensor(shape: number[], dtype: number, values: HostValues | unknown[]): number;
  executeOp(name: string, attrs: OpAttr[], inputs: number[]): NativeTensor[];
  /** An operation is about to use this tensor. */
  refOf(tensor: tf.Tensor): unknown;
  /** Data written by JavaScript. */
  written: WeakSet<object>;
  /** Values that JavaScript may read, by handle number. */
  readable: Map<number, HostValues>;
  /** A tensor that is to outlive the function; gradients dispose theirs again. */
  kept(tensor: tf.Tensor): void;
  /** Ends the function with an error; `refuseLater`, when it has returned. */
  refuse(what: string, remedy: string): never;
  refuseLater(what: string, remedy: string): void;
}

const READS = 'return the tensor and read it outside; choose with tf.where instead of if';
const CREATES = 'create it before, and run tfjs optimisers once before compiling, or use those of lib/nn';
const DRAWS = "use lib/runtime's random, also for what tf.randomNormal, tf.dropout and the like do";

/** From now on `listener` answers tfjs; the returned function brings TensorFlow back. */
export function listen(backend: NodeBackend, listener: Listener): () => void {
  const engine = tfEngine();
  const proxy = Object.create(backend.binding) as Binding;
  Object.defineProperties(proxy, {
    createTensor: { value: listener.createTensor },
    executeOp: { value: listener.executeOp },
  });
  const refuse = (what: string, remedy: string) => () => listener.refuse(what, remedy);
  const undo = [
    replace(backend, 'binding', proxy),
    replace(backend, 'getInputTensorIds', inputIds(backend, listener)),
    replace(backend as unknown as { move: Move }, 'move', move(backend, listener)),
    replace(backend, 'readSync', readSync(backend, listener)),
    replace(backend, 'read', read(backend, listener)),
    replace(engine, 'keep', keep(engine, listener)),
    replace(engine, 'makeVariable', refuse('creates a variable', CREATES)),
    replace(engine, 'disposeVariable', refuse('disposes a variable', 'dispose it outside')),
    replace(
      Math,
      'random',
      refuse('draws random numbers in JavaScript, which would be the same at every replay', DRAWS),
    ),
  ];
  return () => {
    for (const each of undo) each();
  };
}

function inputIds(backend: NodeBackend, listener: Listener): NodeBackend['getInputTensorIds'] {
  const original = backend.getInputTensorIds;
  return tensors => {
    for (const tensor of tensors) if ('dataId' in tensor) listener.refOf(tensor);
    return original.call(backend, tensors);
  };
}

type Move = (dataId: object, values: unknown, shape: number[], dtype: tf.DataType, count: number) => void;

function move(backend: NodeBackend, listener: Listener): Move {
  const original = (backend as unknown as { move: Move }).move;
  return (dataId, values, shape, dtype, count) => {
    if (dtype === 'string') listener.refuse('makes a string tensor', 'a compiled step takes numbers only');
    listener.written.add(dataId);
    original.call(backend, dataId, values, shape, dtype, count);
  };
}

function keep(engine: Engine, listener: Listener): Engine['keep'] {
  const original = engine.keep;
  return tensor => {
    listener.kept(tensor);
    return original.call(engine, tensor);
  };
}

function readSync(backend: NodeBackend, listener: Listener): NodeBackend['readSync'] {
  const original = backend.readSync;
  return dataId => {
    const { values, id } = backend.tensorMap.get(dataId);
    if (values !== null) return original.call(backend, dataId);
    return listener.readable.get(id)?.slice() ?? listener.refuse('reads a value (dataSync, arraySync, print …)', READS);
  };
}

/** Nobody waits for this promise, so it must not fail; the recording does, when the function has returned. */
function read(backend: NodeBackend, listener: Listener): NodeBackend['read'] {
  return async dataId => {
    listener.refuseLater('reads a value (data, array …)', 'return the tensor and read it outside');
    const { values, shape } = backend.tensorMap.get(dataId);
    return (values as HostValues | null) ?? new Float32Array(tf.util.sizeFromShape(shape));
  };
}
