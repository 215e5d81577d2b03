/**
 * One step on several devices: each gets its rows of the batch, gradients are averaged, and the variables change once.
 *
 * The function is recorded once with the whole batch, only to learn the shapes of its random numbers and results, and then
 * once for each replica, its nodes standing on that replica's device. Where it asks for an average, each replica's part
 * ends; what follows is the same for all, and stands once, on this machine.
 */
import { tf } from '../tensorflow';
import type { GraphNode, Ref, TensorType } from './graph';
import { calledFrom } from './origin';
import { currentRecorder, type Recorder, variablesThatAre } from './recorder';
import { fillTree, flatten, mapTree } from './tree';

/** A device that computes one part of each batch; `cluster` lists them. */
export interface Replica {
  /** As a reader knows it: 'host1:2222 CPU:0'. */
  readonly name: string;
  /** As TensorFlow calls it: '/job:worker/replica:0/task:0/device:CPU:0'. */
  readonly device: string;
}

/** What a random tensor is a part of: numbers of shape `whole` are drawn, and those from `begin` on are taken. */
export interface Share {
  whole: number[];
  begin: number[];
}

/** One run of the function during a recording. */
interface Round {
  draw(shape: number[]): Share | undefined;
  average(compute: () => unknown): unknown;
  atHome<T>(f: () => T): T;
}

let round: Round | undefined;

/** The part of the whole batch's numbers that a tensor of this shape is; undefined: all of them. Asked once for each draw. */
export const shareOf = (shape: number[]): Share | undefined => round?.draw(shape);

/** What is the same for all replicas stands on this machine. */
export const atHome = <T>(f: () => T): T => (round ? round.atHome(f) : f());

/**
 * Tensors averaged over the replicas of a step (`compile(step, { replicas })`), each weighted by its rows; elsewhere what
 * `compute` returns. The optimisers of lib/nn ask so for their gradients; an optimiser of your own does it as well.
 * @param compute returns float32 tensors, in arrays and objects
 * @example meanOverReplicas(() => [tf.scalar(3)])[0] // → 3
 */
export function meanOverReplicas<T>(compute: () => T): T {
  return (round ? round.average(compute) : compute()) as T;
}

/** `rows` rows of the batch, from row `from` on. */
interface Part {
  from: number;
  rows: number;
}

/** As equal as can be, the longer ones first; a replica that would get no row is left out. */
export function partsOf(batch: number, replicas: number): Part[] {
  const [least, longer] = [Math.floor(batch / replicas), batch % replicas];
  const parts: Part[] = [];
  for (let k = 0, from = 0; k < replicas && from < batch; k++) {
    const rows = least + (k < longer ? 1 : 0);
    parts.push({ from, rows });
    from += rows;
  }
  return parts;
}

/** A tensor in the graph, its own or averaged. */
interface Held {
  ref: Ref;
  type: TensorType;
}

/** An average: what each replica gives, and the node that becomes the mean when all have. */
interface Cell {
  given: Held[];
  node: GraphNode;
}

/**
 * `fn` as one function over all replicas; it can only be recorded.
 * @param home this machine's device, on which the variables live
 */
export function replicated(
  fn: (...args: never[]) => unknown,
  replicas: readonly Replica[],
  home: string,
): (...args: unknown[]) => unknown {
  return (...args) => {
    const recorder = currentRecorder()!;
    const batch = rowsOf(args);
    const parts = partsOf(batch, replicas.length);
    recorder.standOn(home);
    const start = new Start();
    const whole = new Whole();
    const leaves: tf.Tensor[] = [];
    flatten(
      whole.run(() => fn(...(args as never[]))),
      leaves,
      'the result',
    );
    const shapes = leaves.map(({ shape }) => shape);
    start.restore();
    const cells: Cell[] = [];
    const done = parts.map((part, k) => {
      const own = mapTree(args, leaf => rowsIn(leaf, part)) as never[];
      const one = new One({ recorder, home, whole, cells, batch, part, k, device: replicas[k].device });
      const result = one.run(() => fn(...own));
      const changes = start.changes(recorder);
      start.restore();
      return { result, changes };
    });
    const weights = parts.map(({ rows }) => rows / batch);
    for (const { node, given } of cells) {
      node.inputs = [recorder.refOf(meanOf(recorder, given, weights))];
    }
    assign(
      recorder,
      done.map(({ changes }) => changes),
      weights,
    );
    return together(
      recorder,
      done.map(({ result }) => result),
      { weights, shapes },
    );
  };
}

/** The batch size that all arguments share; scalars go to each replica as they are. */
function rowsOf(args: unknown[]): number {
  const leaves: tf.Tensor[] = [];
  flatten(args, leaves, 'arguments');
  const split = leaves.filter(leaf => leaf.rank > 0 && !(leaf instanceof tf.Variable));
  const batch = split[0]?.shape[0];
  if (batch && split.every(({ shape }) => shape[0] === batch)) return batch;
  const shapes = split.map(({ shape }) => `[${shape}]`).join(', ') || 'no tensors';
  throw new Error(
    `replicas need a batch to split, tensors with equally many rows, got ${shapes}, ${calledFrom()}; what is no part of the batch can be a scalar, or stand outside of the step`,
  );
}

const rowsIn = (leaf: tf.Tensor, { from, rows }: Part): tf.Tensor =>
  leaf.rank === 0 || leaf instanceof tf.Variable
    ? leaf
    : tf.slice(leaf, [from, ...leaf.shape.slice(1).map(() => 0)], [rows, ...leaf.shape.slice(1)]);

/** The values of all variables before the step, to which each round returns. */
class Start {
  private readonly saved = variablesThatAre().map(variable => ({
    variable,
    data: variable.dataId,
    value: tf.clone(variable),
  }));

  restore(): void {
    for (const { variable, data, value } of this.saved) if (variable.dataId !== data) variable.assign(value);
  }

  /** What the round has assigned. */
  changes(recorder: Recorder): Map<tf.Variable, Held> {
    const changed = this.saved.filter(({ variable, data }) => variable.dataId !== data);
    return new Map(changed.map(({ variable }) => [variable, recorder.held(variable)]));
  }
}

/** The function on the whole batch: nothing of it is kept but shapes. */
class Whole implements Round {
  readonly draws: number[][] = [];
  averages = 0;

  run(fn: () => unknown): unknown {
    return during(this, fn);
  }

  draw(shape: number[]): Share | undefined {
    this.draws.push(shape);
    return undefined;
  }

  average(compute: () => unknown): unknown {
    const result = compute();
    const leaves: tf.Tensor[] = [];
    flatten(result, leaves, 'what is averaged');
    for (const leaf of leaves) mustBeFloat(leaf.dtype, 'a tensor that is averaged over the replicas');
    this.averages += leaves.length;
    return result;
  }

  atHome<T>(f: () => T): T {
    return f();
  }
}

interface OneOptions {
  recorder: Recorder;
  home: string;
  whole: Whole;
  cells: Cell[];
  batch: number;
  part: Part;
  k: number;
  device: string;
}

/** The function on one replica's rows. */
class One implements Round {
  private drawn = 0;
  private averaged = 0;

  constructor(private readonly at: OneOptions) {}

  run(fn: () => unknown): unknown {
    const { recorder, device, home, whole } = this.at;
    recorder.standOn(device);
    const result = during(this, fn);
    recorder.standOn(home);
    if (this.drawn !== whole.draws.length || this.averaged !== whole.averages) throw this.differs();
    return result;
  }

  draw(shape: number[]): Share | undefined {
    const { whole, batch, part } = this.at;
    const all = whole.draws[this.drawn++];
    if (all?.length !== shape.length) throw this.differs();
    const axes = shape.map((_, axis) => axis).filter(axis => shape[axis] !== all[axis]);
    if (axes.length === 0) return undefined;
    const [axis] = axes;
    if (axes.length > 1 || shape[axis] * batch !== all[axis] * part.rows) throw this.differs();
    return { whole: all, begin: all.map((size, i) => (i === axis ? (size * part.from) / batch : 0)) };
  }

  average(compute: () => unknown): unknown {
    const { recorder, device, home, cells, k } = this.at;
    recorder.standOn(device);
    const result = compute();
    recorder.standOn(home);
    return mapTree(result, leaf => {
      const held = recorder.held(leaf);
      const index = this.averaged++;
      if (k === 0) cells.push({ given: [], node: recorder.pending(held) });
      if (!cells[index]) throw this.differs();
      cells[index].given.push(held);
      return recorder.tensorOf({ ref: { node: cells[index].node, index: 0 }, type: held.type });
    });
  }

  atHome<T>(f: () => T): T {
    const before = this.at.recorder.standOn(this.at.home);
    try {
      return f();
    } finally {
      this.at.recorder.standOn(before);
    }
  }

  private differs(): Error {
    const { batch, part } = this.at;
    return new Error(
      `the step does something else with ${part.rows} rows than with ${batch}, ${calledFrom()}; replicas need a step that treats each row of a batch alike`,
    );
  }
}

function during(one: Round, fn: () => unknown): unknown {
  const before = round;
  round = one;
  try {
    return fn();
  } finally {
    round = before;
  }
}

const isSame = (a: Held, b: Held): boolean => a.ref.node === b.ref.node && a.ref.index === b.ref.index;

function meanOf(recorder: Recorder, given: Held[], weights: number[]): tf.Tensor {
  const tensors = given.map(held => recorder.tensorOf(held));
  if (tensors.length === 1) return tensors[0];
  if (weights.every(weight => weight === weights[0])) return tf.addN(tensors).mul(weights[0]);
  return tf.addN(tensors.map((tensor, k) => tensor.mul(weights[k])));
}

function mustBeFloat(dtype: string, what: string): void {
  if (dtype !== 'float32') throw new Error(`${what} must be float32, got ${dtype}, ${calledFrom()}; use toFloat first`);
}

/** What all replicas assign alike is assigned once; statistics of the rows are averaged. */
function assign(recorder: Recorder, changes: Map<tf.Variable, Held>[], weights: number[]): void {
  for (const variable of changes[0].keys()) {
    const given = changes.map(each => each.get(variable)).filter((held): held is Held => held !== undefined);
    if (given.length === changes.length && given.every(held => isSame(held, given[0]))) {
      variable.assign(recorder.tensorOf(given[0]));
      continue;
    }
    if (variable.trainable || given.length < changes.length)
      throw new Error(
        `variable ${variable.name} [${variable.shape}] would become something else on each replica, ${calledFrom()}; train it with an optimiser of lib/nn, or average with meanOverReplicas`,
      );
    mustBeFloat(variable.dtype, `variable ${variable.name}, which each replica assigns from its own rows,`);
    variable.assign(meanOf(recorder, given, weights));
  }
}

interface Expected {
  weights: number[];
  /** Of the whole batch's results. */
  shapes: number[][];
}

/** The results of the whole batch: rows put together, means of what has none. */
function together(recorder: Recorder, results: unknown[], { weights, shapes }: Expected): unknown {
  const parts = results.map(result => {
    const leaves: tf.Tensor[] = [];
    flatten(result, leaves, 'the result');
    return leaves;
  });
  let position = 0;
  const form = mapTree(results[0], () => position++);
  return fillTree(form, at => {
    const leaves = parts.map(part => part[at]);
    const held = leaves.map(leaf => recorder.held(leaf));
    if (held.every(each => isSame(each, held[0]))) return leaves[0];
    const axis = leaves[0].shape.findIndex((size, i) => size !== shapes[at][i]);
    if (axis >= 0) return tf.concat(leaves, axis);
    mustBeFloat(leaves[0].dtype, 'a result that is no row of the batch');
    return meanOf(recorder, held, weights);
  });
}
