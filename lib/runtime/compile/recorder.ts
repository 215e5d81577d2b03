/**
 * Runs a function once while writing down every operation that it hands to TensorFlow. None of them is computed: their
 * results are tensors without values, of the shapes that TensorFlow infers, so a recording takes little time and memory.
 * Afterwards all variables stand as before: recording leaves no trace but the recording.
 */
import { type Binding, DT, type HostValues, type NodeBackend, type OpAttr } from '../native';
import { nativeBackend, tf } from '../tensorflow';
import { Graph, type Ref } from './graph';
import { here, whereFrom } from './origin';
import type { Recording } from './recording';
import { replace } from './replace';
import { listedInputs, Shapes } from './shapes';
import { flatten, mapTree } from './tree';

/** Engine internals that a recording watches. */
interface Engine {
  registeredVariables: Record<string, tf.Variable>;
  state: { gradientDepth: number };
  makeVariable: unknown;
  disposeVariable: unknown;
}
const tfEngine = (): Engine => tf.engine() as unknown as Engine;

/** Captured tensors up to this many bytes stand in the graph as constants. */
const EMBED = 4096;

let active = false;

/** True while a function is being recorded, or a gradient taken: then a compiled function runs as it was written. */
export const mustInline = (): boolean => active || tfEngine().state.gradientDepth > 0;

/**
 * @param makeArgs makes the arguments; of their tensors only shapes and dtypes matter
 * @throws Error naming the line, where something in `fn` could not be replayed faithfully
 */
export function record(fn: (...args: never[]) => unknown, makeArgs: () => unknown[]): Recording {
  const before = tf.memory().numTensors;
  const recorder = new Recorder();
  active = true;
  let recording!: Recording; // not handed through tidy, which would walk over all of it
  try {
    tf.tidy(() => {
      recording = recorder.run(fn, makeArgs());
    });
  } finally {
    active = false;
  }
  const kept = tf.memory().numTensors - before - recording.captures.size;
  if (kept > 0) {
    throw new Error(
      `the compiled function keeps ${kept} tensors (tf.keep) beyond its call; a replay would not renew them: return them`,
    );
  }
  return recording;
}

class Recorder {
  private readonly backend: NodeBackend = nativeBackend();
  private readonly native: Binding = this.backend.binding;
  private readonly graph = new Graph();
  private readonly shapes = new Shapes(this.native);
  /** Handle number → what made it. */
  private readonly refs = new Map<number, Ref>();
  private readonly constants = new Set<number>();
  /** Data written by JavaScript during the recording. */
  private readonly written = new WeakSet<object>();
  private readonly variables = Object.values(tfEngine().registeredVariables);
  private readonly saved = this.variables.map(variable => ({
    variable,
    data: variable.dataId,
    value: tf.clone(variable),
  }));
  private readonly variableOf = new Map<object, tf.Variable>(this.variables.map(each => [each.dataId, each]));
  private readonly reads = new Map<tf.Variable, Ref>();
  private readonly captures = new Map<tf.Tensor, Ref>();
  private operations = 0;
  /** Tensors without values have negative handle numbers, which TensorFlow never gives (−1 is tfjs's own for 'not yet'). */
  private lastNumber = -1;
  /** The first thing that cannot be recorded and could not be thrown where it happened. */
  private refused?: Error;

  run(fn: (...args: never[]) => unknown, args: unknown[]): Recording {
    const inputs: tf.Tensor[] = [];
    flatten(args, inputs, 'arguments');
    const fresh = inputs.map(tensor => this.standIn(tensor)); // each its own handle, also where one tensor is passed twice
    const placeholders = fresh.map((tensor, i) => this.placeholder(`arg${i}`, tensor));
    let next = 0;
    const copies = mapTree(args, () => fresh[next++]) as never[];
    const release = this.watch();
    try {
      const result = fn(...copies);
      if (this.refused) throw this.refused;
      return this.finish(placeholders, result);
    } catch (error) {
      for (const capture of this.captures.keys()) capture.dispose();
      throw this.refused ?? error;
    } finally {
      release();
      this.rollBack();
    }
  }

  private finish(args: Ref[], result: unknown): Recording {
    if (result instanceof Promise) {
      throw new Error('the function to compile is async; a compiled step cannot wait: await before or after it');
    }
    const leaves: tf.Tensor[] = [];
    flatten(result, leaves, 'the result');
    const outputs = leaves.map(leaf => this.output(leaf));
    const changed = this.saved.filter(({ variable, data }) => variable.dataId !== data);
    const updates = new Map(changed.map(({ variable }) => [variable, this.output(variable)]));
    let position = 0;
    const form = mapTree(result, () => position++);
    const { reads, captures, operations } = this;
    return { args, reads, captures, updates, result: form, outputs, operations };
  }

  /** A node of its own for each output: a function cannot return an input, or one tensor twice. */
  private output(tensor: tf.Tensor): Ref {
    const ref = this.refOf(tensor);
    return this.graph.identity(ref, { dtype: this.backend.tensorMap.get(tensor.dataId).dtype, shape: tensor.shape });
  }

  /** Puts ourselves between tfjs and TensorFlow; returns the function that steps aside again. */
  private watch(): () => void {
    const { backend, native } = this;
    const engine = tfEngine();
    const proxy = Object.create(native) as Binding;
    Object.defineProperties(proxy, {
      createTensor: { value: this.createTensor },
      executeOp: { value: this.executeOp },
    });
    const undo = [
      replace(backend, 'binding', proxy),
      replace(backend, 'getInputTensorIds', this.inputIds(backend.getInputTensorIds)),
      replace(backend as unknown as { move: Move }, 'move', this.move(backend)),
      replace(backend, 'readSync', this.readSync(backend.readSync)),
      replace(backend, 'read', this.read),
      replace(
        engine,
        'makeVariable',
        this.refuse(
          'creates a variable',
          'create it before, and run tfjs optimisers once before compiling, or use those of lib/nn',
        ),
      ),
      replace(engine, 'disposeVariable', this.refuse('disposes a variable', 'dispose it outside')),
      replace(
        Math,
        'random',
        this.refuse(
          'draws random numbers in JavaScript, which would be the same at every replay',
          "use lib/runtime's random, also for what tf.randomNormal, tf.dropout and the like do",
        ),
      ),
    ];
    return () => {
      for (const each of undo) each();
    };
  }

  private rollBack(): void {
    for (const { variable, data, value } of this.saved) {
      if (variable.dataId !== data) variable.assign(value);
      value.dispose();
    }
  }

  private refuse(what: string, remedy: string): () => never {
    return () => {
      this.refused ??= new Error(`the compiled function ${what}, at ${whereFrom(here())}; ${remedy}`);
      throw this.refused;
    };
  }

  private readonly createTensor = (shape: number[], dtype: number, values: HostValues | unknown[]): number => {
    if (Array.isArray(values)) return this.refuse('makes a string tensor', 'a compiled step takes numbers only')();
    const id = this.native.createTensor(shape, dtype, values);
    this.refs.set(id, this.graph.constant(dtype, shape, bytesOf(values), here()));
    this.constants.add(id);
    return id;
  };

  private readonly executeOp = (name: string, attrs: OpAttr[], inputs: number[]) => {
    const from = inputs.map(id => this.known(id));
    const node = this.graph.operation(name, from, attrs, here());
    this.operations++;
    return this.shapes.of(node, listedInputs(attrs)).map(({ dtype, shape }, index) => {
      if (!shape) {
        return this.refuse(
          `uses ${name}, whose result has a shape that depends on values`,
          'run that outside, or choose with tf.where',
        )();
      }
      const id = --this.lastNumber;
      this.refs.set(id, { node, index });
      return { id, dtype, shape };
    });
  };

  private known(id: number): Ref {
    const ref = this.refs.get(id);
    if (!ref) throw new Error(`an operation uses a tensor that the recorder does not know, at ${whereFrom(here())}`);
    return ref;
  }

  private inputIds(original: NodeBackend['getInputTensorIds']): NodeBackend['getInputTensorIds'] {
    return tensors => {
      for (const tensor of tensors) if ('dataId' in tensor) this.refOf(tensor);
      return original.call(this.backend, tensors);
    };
  }

  /** What made this tensor; one from outside becomes an input or a constant of the graph. */
  private refOf(tensor: tf.Tensor): Ref {
    const record = this.backend.tensorMap.get(tensor.dataId);
    if (!record) throw new Error(`tensor [${tensor.shape}] was disposed, at ${whereFrom(here())}`);
    if (record.values !== null) {
      const own = this.written.has(tensor.dataId);
      record.id = (own ? this.backend.binding : this.native).createTensor(record.shape, record.dtype, record.values);
      record.values = null;
    }
    const known = this.refs.get(record.id);
    if (known) return known;
    const ref = this.external(tensor);
    this.refs.set(record.id, ref);
    return ref;
  }

  private external(tensor: tf.Tensor): Ref {
    const variable = this.variableOf.get(tensor.dataId);
    if (variable) {
      const ref = this.placeholder(`variable${this.reads.size}`, variable);
      this.reads.set(variable, ref);
      return ref;
    }
    const { id, shape, dtype } = this.backend.tensorMap.get(tensor.dataId);
    if (dtype === DT.string) return this.refuse('uses a string tensor', 'a compiled step takes numbers only')();
    if (tensor.size * 4 <= EMBED) {
      this.constants.add(id);
      return this.graph.constant(dtype, shape, bytesOf(this.native.tensorDataSync(id)), here());
    }
    const ref = this.placeholder(`capture${this.captures.size}`, tensor);
    ref.node.origin = here();
    this.captures.set(tf.keep(tf.clone(tensor)), ref);
    return ref;
  }

  private placeholder(name: string, tensor: tf.Tensor): Ref {
    const { id, shape, dtype } = this.backend.tensorMap.get(tensor.dataId);
    const ref = this.graph.placeholder(name, dtype, shape);
    this.refs.set(id, ref);
    return ref;
  }

  /** A tensor like this one, without values. */
  private standIn({ dataId, shape }: tf.Tensor): tf.Tensor {
    const { dtype } = this.backend.tensorMap.get(dataId);
    return this.backend.createOutputTensor({ id: --this.lastNumber, shape: [...shape], dtype });
  }

  private move(backend: NodeBackend): Move {
    const original = (backend as unknown as { move: Move }).move;
    return (dataId, ...rest) => {
      this.written.add(dataId);
      original.call(backend, dataId, ...rest);
    };
  }

  private readSync(original: NodeBackend['readSync']): NodeBackend['readSync'] {
    return dataId => {
      const { values, id } = this.backend.tensorMap.get(dataId);
      if (values === null && !this.constants.has(id)) {
        this.refuse(
          'reads a value (dataSync, arraySync, print …)',
          'return the tensor and read it outside; choose with tf.where instead of if',
        )();
      }
      return original.call(this.backend, dataId);
    };
  }

  /** Nobody waits for this promise, so it must not fail; the recording does, when the function has returned. */
  private readonly read: NodeBackend['read'] = async dataId => {
    this.refused ??= new Error(
      `the compiled function reads a value (data, array …), at ${whereFrom(here())}; return the tensor and read it outside`,
    );
    const { values, shape } = this.backend.tensorMap.get(dataId);
    return (values as HostValues | null) ?? new Float32Array(tf.util.sizeFromShape(shape));
  };
}

type Move = (dataId: object, ...rest: unknown[]) => void;

const bytesOf = (values: HostValues): Buffer =>
  Buffer.from(values.buffer.slice(values.byteOffset, values.byteOffset + values.byteLength) as ArrayBuffer);
