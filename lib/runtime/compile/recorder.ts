/**
 * Runs a function once while writing down every operation that it hands to TensorFlow. None of them is computed: their
 * results are tensors without values, of the shapes that TensorFlow infers, so a recording takes little time and memory.
 * Afterwards all variables stand as before: recording leaves no trace but the recording.
 */
import { type Binding, DT, type HostValues, type NodeBackend, type OpAttr, typeAttr } from '../native';
import { copyOf, nativeBackend, tf } from '../tensorflow';
import { notAsync } from './async';
import { Graph, type GraphNode, type Ref, type TensorType } from './graph';
import { type Listener, listen, tfEngine } from './listen';
import { here, whereFrom } from './origin';
import type { Recording } from './recording';
import { Shapes } from './shapes';
import { flatten, mapTree } from './tree';

/** Captured tensors up to this many bytes stand in the graph as constants. */
const EMBED = 4096;

let active: Recorder | undefined;

/** True while a function is being recorded: nobody can look at values then. */
export const isRecording = (): boolean => active !== undefined;

/** Who is recording. */
export const currentRecorder = (): Recorder | undefined => active;

/** True while a function is being recorded, or a gradient taken: then a compiled function runs as it was written. */
export const mustInline = (): boolean => isRecording() || tfEngine().state.gradientDepth > 0;

/**
 * @param makeArgs makes the arguments; of their tensors only shapes and dtypes matter
 * @param first an earlier recording of `fn`: as long as this one is the same, its operations are taken over, which is fast
 * @throws Error naming the line, where something in `fn` could not be replayed faithfully
 */
export function record(fn: (...args: never[]) => unknown, makeArgs: () => unknown[], first?: Recording): Recording {
  ownStorage(variablesThatAre());
  const before = tf.memory().numTensors;
  const recorder = new Recorder(first);
  active = recorder;
  let recording!: Recording; // not handed through tidy, which would walk over all of it
  try {
    tf.tidy(() => {
      recording = recorder.run(fn, makeArgs());
    });
  } finally {
    active = undefined;
  }
  const kept = tf.memory().numTensors - before - recording.captures.size;
  if (kept > 0) {
    const tensors = kept === 1 ? '1 tensor' : `${kept} tensors`;
    throw new Error(
      `the compiled function keeps ${tensors} (tf.keep) beyond its call, at ${recorder.keeper()}; ` +
        'a replay would not renew them: return them',
    );
  }
  return recording;
}

/** All variables but those that tfjs has lost: `v.assign(v)` frees what it assigns. */
export function variablesThatAre(): tf.Variable[] {
  const { tensorMap } = nativeBackend();
  return Object.values(tfEngine().registeredVariables).filter(({ dataId }) => tensorMap.has(dataId));
}

/**
 * A recording tells variables, and variables from tensors, by their storage. Where one shares it, after `a.assign(b)` or
 * `copy = tf.clone(a)`, it gets storage of its own.
 */
function ownStorage(variables: tf.Variable[]): void {
  const { tensorMap } = nativeBackend();
  for (const variable of variables) {
    const { refCount, shape } = tensorMap.get(variable.dataId);
    if (refCount === 1 || String(shape) !== String(variable.shape)) continue; // other shapes: weights that are yet to be filled
    const copy = copyOf(variable);
    variable.assign(copy);
    copy.dispose();
  }
}

export class Recorder implements Listener {
  private readonly backend: NodeBackend = nativeBackend();
  private readonly native: Binding = this.backend.binding;
  private readonly graph: Graph;
  private readonly shapes = new Shapes(this.native);
  /** Handle number → what made it. */
  private readonly refs = new Map<number, Ref>();
  /** Handle number → values, of tensors that JavaScript may read. */
  readonly readable = new Map<number, HostValues>();
  /** Data written by JavaScript during the recording. */
  readonly written = new WeakSet<object>();
  private readonly variables = variablesThatAre();
  private readonly saved = this.variables.map(variable => ({
    variable,
    data: variable.dataId,
    value: tf.clone(variable),
  }));
  private readonly variableOf = new Map<object, tf.Variable>(this.variables.map(each => [each.dataId, each]));
  private readonly reads = new Map<tf.Variable, Ref>();
  private readonly captures = new Map<tf.Tensor, Ref>();
  private readonly trail: GraphNode[] = [];
  /** True until an operation differs from that of the first recording. */
  private following: boolean;
  /** Tensors without values have negative handle numbers, which TensorFlow never gives (−1 is tfjs's own for 'not yet'). */
  private lastNumber = -1;
  /** What asked to outlive the function, and where; a second recording need not know. */
  private readonly asked: { tensor: tf.Tensor; origin: Error }[] = [];
  /** Where nodes have places, equal ones on one device are one. */
  private readonly equal = new Map<string, GraphNode>();
  private readonly numbers = new Map<GraphNode, number>();
  /** The first thing that cannot be recorded and could not be thrown where it happened. */
  private refused?: Error;

  constructor(private readonly first?: Recording) {
    this.graph = first?.graph ?? new Graph();
    this.following = first !== undefined;
  }

  run(fn: (...args: never[]) => unknown, args: unknown[]): Recording {
    const leaves: tf.Tensor[] = [];
    flatten(args, leaves, 'arguments');
    const inputs = leaves.filter(leaf => !(leaf instanceof tf.Variable)); // those are read and assigned like any other variable
    const fresh = inputs.map(tensor => this.standIn(tensor)); // each its own handle, also where one tensor is passed twice
    const placeholders = fresh.map((tensor, i) => this.placeholder(`arg${i}`, tensor, this.first?.args[i]));
    let next = 0;
    const copies = mapTree(args, leaf => (leaf instanceof tf.Variable ? leaf : fresh[next++])) as never[];
    const release = listen(this.backend, this);
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
    notAsync(result);
    const leaves: tf.Tensor[] = [];
    flatten(result, leaves, 'the result');
    const outputs = leaves.map(leaf => this.output(leaf));
    const changed = this.saved.filter(({ variable, data }) => variable.dataId !== data);
    const updates = new Map(changed.map(({ variable }) => [variable, this.output(variable)]));
    let position = 0;
    const form = mapTree(result, () => position++);
    const { reads, captures, trail, graph } = this;
    return { args, reads, captures, updates, result: form, outputs, trail, graph };
  }

  /** A node of its own for each output: a function cannot return an input, or one tensor twice. */
  private output(tensor: tf.Tensor): Ref {
    const ref = this.refOf(tensor);
    return this.graph.identity(ref, { dtype: this.backend.tensorMap.get(tensor.dataId).dtype, shape: tensor.shape });
  }

  private rollBack(): void {
    for (const { variable, data, value } of this.saved) {
      if (variable.dataId !== data) variable.assign(value);
      value.dispose();
    }
  }

  readonly refuse = (what: string, remedy: string): never => {
    this.refuseLater(what, remedy);
    throw this.refused;
  };

  readonly refuseLater = (what: string, remedy: string): void => {
    this.refused ??= new Error(`the compiled function ${what}, at ${whereFrom(here())}; ${remedy}`);
  };

  readonly kept = (tensor: tf.Tensor): void => {
    if (!this.first) this.asked.push({ tensor, origin: here() });
  };

  /** The line that kept a tensor which is still there. */
  keeper(): string {
    return whereFrom(this.asked.find(({ tensor }) => !tensor.isDisposed)?.origin ?? here());
  }

  readonly createTensor = (shape: number[], dtype: number, values: HostValues | unknown[]): number => {
    if (Array.isArray(values)) return this.refuse('uses a string tensor', 'a compiled step takes numbers only');
    const id = --this.lastNumber;
    this.refs.set(id, this.graph.constant(dtype, shape, bytesOf(values), here));
    this.readable.set(id, values);
    return id;
  };

  readonly executeOp = (name: string, attrs: OpAttr[], inputs: number[]) => {
    const from = inputs.map(id => this.known(id));
    const node =
      this.sameAsFirst(name, attrs, from) ??
      (this.graph.device === undefined ? this.newNode(name, attrs, from) : this.placed(name, attrs, from));
    this.trail.push(node);
    return node.outputs!.map(({ dtype, shape }, index) => {
      const id = --this.lastNumber;
      this.refs.set(id, { node, index });
      return { id, dtype, shape };
    });
  };

  private sameAsFirst(name: string, attrs: OpAttr[], from: Ref[]): GraphNode | undefined {
    if (!this.following) return undefined;
    const node = this.first!.trail[this.trail.length];
    if (node && isSame(node, name, attrs, from)) return node;
    this.following = false;
    return undefined;
  }

  /** From now on nodes stand on this device. Returns where they stood. */
  standOn(device: string | undefined): string | undefined {
    const before = this.graph.device;
    this.graph.device = device;
    return before;
  }

  /** What a tensor is in the graph. */
  held(tensor: tf.Tensor): { ref: Ref; type: TensorType } {
    const ref = this.refOf(tensor);
    return { ref, type: { dtype: this.backend.tensorMap.get(tensor.dataId).dtype, shape: tensor.shape } };
  }

  /** A tensor that stands for an output of the graph. */
  tensorOf({ ref, type }: { ref: Ref; type: TensorType }): tf.Tensor {
    const id = --this.lastNumber;
    this.refs.set(id, ref);
    return this.backend.createOutputTensor({ id, dtype: type.dtype, shape: [...type.shape] });
  }

  /** A node of its own that hands its input on; whoever made it may give it another input later. */
  pending({ ref, type }: { ref: Ref; type: TensorType }): GraphNode {
    const node = this.graph.operation('Identity', [ref], [typeAttr('T', type.dtype)], here());
    node.outputs = [type];
    this.trail.push(node);
    return node;
  }

  /** The node on the present device that computes this: a new one, where there is none yet. */
  private placed(name: string, attrs: OpAttr[], from: Ref[]): GraphNode {
    const inputs = from.map(ref => this.graph.near(ref));
    const places = inputs.map(({ node, index }) => `${this.numberOf(node)}:${index}`);
    const key = [name, this.graph.device, places, ...attrs.map(({ name, value }) => `${name}=${value}`)].join('|');
    const node = this.equal.get(key) ?? this.newNode(name, attrs, inputs);
    this.equal.set(key, node);
    return node;
  }

  private numberOf(node: GraphNode): number {
    const number = this.numbers.get(node) ?? this.numbers.size;
    this.numbers.set(node, number);
    return number;
  }

  private newNode(name: string, attrs: OpAttr[], from: Ref[]): GraphNode {
    const node = this.graph.operation(name, from, attrs, here());
    node.outputs = this.shapes.of(node).map(({ dtype, shape }) => {
      if (shape) return { dtype, shape };
      const what = `uses ${name}, whose result has a shape that depends on values`;
      return this.refuse(what, 'run that outside, or choose with tf.where');
    });
    return node;
  }

  private known(id: number): Ref {
    const ref = this.refs.get(id);
    if (!ref) throw new Error(`an operation uses a tensor that the recorder does not know, at ${whereFrom(here())}`);
    return ref;
  }

  /** What made this tensor; one from outside becomes an input or a constant of the graph. */
  refOf(tensor: tf.Tensor): Ref {
    if (!this.backend.tensorMap.has(tensor.dataId)) {
      throw new Error(`tensor [${tensor.shape}] was disposed, at ${whereFrom(here())}`);
    }
    const record = this.backend.tensorMap.get(tensor.dataId);
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
      const ref = this.placeholder(`variable${this.reads.size}`, tensor, this.first?.reads.get(variable));
      this.reads.set(variable, ref);
      return ref;
    }
    const { id, shape, dtype } = this.backend.tensorMap.get(tensor.dataId);
    if (dtype === DT.string) return this.refuse('uses a string tensor', 'a compiled step takes numbers only');
    if (tensor.size * 4 <= EMBED) {
      const values = this.native.tensorDataSync(id);
      this.readable.set(id, values);
      return this.graph.constant(dtype, shape, bytesOf(values), here);
    }
    const known = [...(this.first?.captures ?? [])].find(([capture]) => capture.dataId === tensor.dataId)?.[1];
    const ref = this.placeholder(`capture${this.captures.size}`, tensor, known);
    ref.node.origin = here();
    this.captures.set(tf.keep(tf.clone(tensor)), ref);
    return ref;
  }

  /** Makes an input of the graph stand for `tensor`: `known`, or a new one. */
  private placeholder(name: string, tensor: tf.Tensor, known?: Ref): Ref {
    const { id, shape, dtype } = this.backend.tensorMap.get(tensor.dataId);
    const ref = known ?? this.graph.placeholder(name, dtype, shape);
    this.refs.set(id, ref);
    return ref;
  }

  /** A tensor like this one, without values. */
  private standIn({ dataId, shape }: tf.Tensor): tf.Tensor {
    const { dtype } = this.backend.tensorMap.get(dataId);
    return this.backend.createOutputTensor({ id: --this.lastNumber, shape: [...shape], dtype });
  }
}

function isSame(node: GraphNode, name: string, attrs: OpAttr[], from: Ref[]): boolean {
  return (
    node.op === name &&
    node.inputs.length === from.length &&
    node.inputs.every((ref, i) => ref.node === from[i].node && ref.index === from[i].index) &&
    node.given!.length === attrs.length &&
    node.given!.every((attr, i) => attr.name === attrs[i].name && String(attr.value) === String(attrs[i].value))
  );
}

const bytesOf = (values: HostValues): Buffer =>
  Buffer.from(values.buffer.slice(values.byteOffset, values.byteOffset + values.byteLength) as ArrayBuffer);
