/** A recording made into a TensorFlow function, and the run of it: one native call. */

import { lostWorker, PATIENCE_MS } from '../cluster/lost';
import { addressOf } from '../cluster/members';
import { DT, type NativeTensor } from '../native';
import { plainly } from '../status';
import { binding, nativeBackend, tf } from '../tensorflow';
import { compareRecordings } from './compare';
import { type GraphNode, graphDef, nameNodes, type Ref, reachable, refName } from './graph';
import { calledFrom } from './origin';
import type { Recording } from './recording';
import { fillTree } from './tree';
import { XlaChoice, type XlaOption } from './xla';

export interface ProgramInfo {
  /** Operations that the function recorded, and those left after unused ones were dropped. */
  recorded: number;
  nodes: number;
  graphBytes: number;
  variablesRead: number;
  variablesWritten: number;
  /** With replicas: bytes of tensors that go from one device to another at each call, both ways together. */
  bytesBetweenDevices: number;
  /** Whether XLA runs it, and, with 'auto', why. */
  xla: boolean;
  reason: string;
}

let programs = 0;

/** A graph ready to be handed over: its nodes are named. */
export interface Assembled {
  nodes: GraphNode[];
  inputs: Ref[];
  outputs: Ref[];
  /** Functions that it calls. */
  uses?: string[];
}

/** A name that no function has yet. */
export const freshName = (kind: string): string => `${kind}_${programs++}`;

/** Hands a graph over to TensorFlow as a function. Returns the bytes it takes. */
export function addFunction(name: string, { nodes, inputs, outputs, uses = [] }: Assembled): number {
  const bytes = new Uint8Array(graphDef(nodes));
  binding().addGraphFunction(name, bytes, inputs.map(refName), outputs.map(refName), uses);
  return bytes.length;
}

export class Program {
  readonly name = freshName('step');
  private readonly sizes: Omit<ProgramInfo, 'xla' | 'reason'>;
  private readonly choice: XlaChoice;
  private readonly reads: tf.Variable[];
  private readonly captures: tf.Tensor[];
  private readonly updates: tf.Variable[];
  private readonly uses: string[];
  /** Other machines' servers that take part, as TensorFlow calls them. */
  private readonly workers: string[];
  private readonly inputs: Int32Array;
  private readonly targets: Int32Array;

  constructor(
    readonly recording: Recording,
    xla: XlaOption,
    /** Inputs: arguments, captures, variables read. Outputs: variables written, results. */
    assembled: Assembled = assemble(recording),
  ) {
    this.reads = [...recording.reads.keys()];
    this.captures = [...recording.captures.keys()];
    this.updates = [...recording.updates.keys()];
    const graphBytes = addFunction(this.name, assembled);
    for (const node of recording.trail) node.origin = undefined; // each holds on to a stack
    this.uses = assembled.uses ?? [];
    this.inputs = new Int32Array(assembled.inputs.length);
    this.targets = new Int32Array(assembled.outputs.length).fill(-1);
    this.choice = new XlaChoice(xla);
    this.sizes = {
      recorded: recording.trail.length,
      nodes: assembled.nodes.length,
      graphBytes,
      variablesRead: this.reads.length,
      variablesWritten: this.updates.length,
      bytesBetweenDevices: bytesBetween(assembled.nodes),
    };
    this.workers = workersOf(assembled.nodes);
  }

  get info(): ProgramInfo {
    return { ...this.sizes, xla: this.choice.on, reason: this.choice.reason };
  }

  /** @throws Error where a new recording differs, naming the line: something from JavaScript was about to be frozen */
  verify(record: (first: Recording) => Recording): void {
    for (const variable of this.reads) handle(variable);
    const again = record(this.recording);
    try {
      compareRecordings(this.recording, again);
    } finally {
      for (const capture of again.captures.keys()) capture.dispose();
    }
  }

  /** Runs on the tensors among the arguments, in order; updates variables, returns the result. */
  run(args: tf.Tensor[]): unknown {
    const { inputs, targets, updates } = this;
    const { tensorMap } = nativeBackend();
    let next = 0;
    for (const tensor of args) inputs[next++] = handle(tensor);
    for (const tensor of this.captures) inputs[next++] = handle(tensor);
    for (const variable of this.reads) inputs[next++] = handle(variable);
    for (let i = 0; i < updates.length; i++) {
      handle(updates[i]);
      const record = tensorMap.get(updates[i].dataId);
      targets[i] = record.refCount === 1 ? record.id : -1; // shared with another tensor: that one keeps the old value
    }
    const made = this.choice.run(xla => this.call(xla, args)).map(info => nativeBackend().createOutputTensor(info));
    next = 0;
    for (let i = 0; i < updates.length; i++) {
      if (targets[i] >= 0) continue;
      const value = made[next++];
      updates[i].assign(value);
      value.dispose();
    }
    const results = made.slice(next);
    return fillTree(this.recording.result, position => results[position]);
  }

  private call(xla: boolean, args: tf.Tensor[]): NativeTensor[] {
    try {
      if (this.workers.length === 0) return binding().runFunction(this.name, xla, this.inputs, this.targets);
      const addresses = this.workers.map(worker => addressOf(worker) ?? '');
      return binding().runFunction(this.name, xla, this.inputs, this.targets, this.workers, addresses, PATIENCE_MS);
    } catch (error) {
      throw plainly(
        this.workers.length === 0 ? error : lostWorker(error),
        'a compiled step',
        args.map(({ shape }) => shape),
      );
    }
  }

  dispose(): void {
    for (const name of [this.name, ...this.uses]) binding().removeFunction(name);
    for (const capture of this.captures) capture.dispose();
  }
}

/** The graph of one step. */
export const assemble = ({ args, captures, reads, updates, outputs }: Recording): Assembled =>
  assembleNodes([...args, ...captures.values(), ...reads.values()], [...updates.values(), ...outputs]);

/** The nodes that `outputs` need, and all inputs, each named. */
export function assembleNodes(inputs: Ref[], outputs: Ref[], uses: string[] = []): Assembled {
  const needed = reachable(outputs);
  const known = new Set<GraphNode>(needed);
  const nodes = [...inputs.map(input => input.node).filter(node => !known.has(node)), ...needed];
  nameNodes(nodes);
  return { nodes, inputs, outputs, uses };
}

/** The tensor's number inside TensorFlow; values still waiting on the host go there first. */
function handle(tensor: tf.Tensor): number {
  const backend = nativeBackend();
  if (tensor.isDisposed || !backend.tensorMap.has(tensor.dataId)) {
    const name = tensor instanceof tf.Variable ? `variable ${tensor.name}` : 'a tensor';
    throw new Error(
      `${name} [${tensor.shape}] of a compiled step was disposed, ${calledFrom()}; compile the step again`,
    );
  }
  const record = backend.tensorMap.get(tensor.dataId);
  return record.values === null ? record.id : backend.getInputTensorIds([tensor])[0];
}

/** '/job:worker/replica:0/task:1', for each that computes some of the nodes. */
function workersOf(nodes: GraphNode[]): string[] {
  const tasks = nodes.map(({ device }) => /^\/job:worker\/[^/]*\/task:\d+/.exec(device ?? '')?.[0]);
  return [...new Set(tasks)].filter((task): task is string => task !== undefined);
}

/** A tensor goes once to each device that reads it and is not its own. */
function bytesBetween(nodes: GraphNode[]): number {
  const sent = new Map<GraphNode, Set<string>>();
  let bytes = 0;
  const home = nodes.find(({ op, device }) => op === 'Identity' && device)?.device; // inputs and outputs are at home
  for (const { inputs, device } of nodes) {
    for (const { node, index } of inputs) {
      const [from, to] = [node.device ?? home, device ?? home];
      const type = node.outputs?.[index] ?? node.type;
      const known = sent.get(node) ?? new Set<string>();
      if (from === to || !type || known.has(`${index} ${to}`)) continue;
      sent.set(node, known.add(`${index} ${to}`));
      bytes += type.shape.reduce((a, b) => a * b, 1) * (type.dtype === DT.bool ? 1 : 4);
    }
  }
  return bytes;
}
