/** A recording made into a TensorFlow function, and the run of it: one native call. */
import { binding, nativeBackend, tf } from '../tensorflow';
import { compareRecordings } from './compare';
import { type GraphNode, graphDef, nameNodes, reachable, refName } from './graph';
import type { Recording } from './recorder';

export interface ProgramInfo {
  /** Operations that the function recorded, and those left after unused ones were dropped. */
  recorded: number;
  nodes: number;
  graphBytes: number;
  variablesRead: number;
  variablesWritten: number;
}

let programs = 0;

export class Program {
  readonly name = `step_${programs++}`;
  readonly info: ProgramInfo;
  calls = 0;
  private readonly reads: tf.Variable[];
  private readonly captures: tf.Tensor[];
  private readonly updates: tf.Variable[];
  private readonly inputs: Int32Array;
  private readonly targets: Int32Array;

  constructor(
    readonly recording: Recording,
    readonly xla: boolean,
  ) {
    this.reads = [...recording.reads.keys()];
    this.captures = [...recording.captures.keys()];
    this.updates = [...recording.updates.keys()];
    const { nodes, inputs, outputs } = assemble(recording);
    const bytes = graphDef(nodes);
    binding().addGraphFunction(this.name, new Uint8Array(bytes), inputs.map(refName), outputs.map(refName), []);
    for (const node of nodes) node.origin = undefined;
    this.inputs = new Int32Array(inputs.length);
    this.targets = new Int32Array(outputs.length).fill(-1);
    this.info = {
      recorded: recording.operations,
      nodes: nodes.length,
      graphBytes: bytes.length,
      variablesRead: this.reads.length,
      variablesWritten: this.updates.length,
    };
  }

  /** @throws Error where a new recording differs, naming the line: something from JavaScript was about to be frozen */
  verify(again: Recording): void {
    try {
      compareRecordings(this.recording, again);
    } finally {
      for (const capture of again.captures.keys()) capture.dispose();
    }
  }

  /** Runs on the tensors among the arguments, in order; updates variables, returns the result. */
  run(args: tf.Tensor[], xla = this.xla): unknown {
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
    const made = binding()
      .runFunction(this.name, xla, inputs, targets)
      .map(info => nativeBackend().createOutputTensor(info));
    this.calls++;
    next = 0;
    for (let i = 0; i < updates.length; i++) {
      if (targets[i] >= 0) continue;
      const value = made[next++];
      updates[i].assign(value);
      value.dispose();
    }
    const results = made.slice(next);
    return mapNumbers(this.recording.result, position => results[position]);
  }

  dispose(): void {
    binding().removeFunction(this.name);
    for (const capture of this.captures) capture.dispose();
  }
}

/** Inputs: arguments, captures, variables read. Outputs: variables written, results. */
export function assemble({ args, captures, reads, updates, outputs }: Recording) {
  const inputs = [...args, ...captures.values(), ...reads.values()];
  const results = [...updates.values(), ...outputs];
  const needed = reachable(results);
  const known = new Set<GraphNode>(needed);
  const nodes = [...inputs.map(input => input.node).filter(node => !known.has(node)), ...needed];
  nameNodes(nodes);
  return { nodes, inputs, outputs: results };
}

/** The tensor's number inside TensorFlow; values still waiting on the host go there first. */
function handle(tensor: tf.Tensor): number {
  const backend = nativeBackend();
  const record = backend.tensorMap.get(tensor.dataId);
  if (!record || tensor.isDisposed) {
    const name = tensor instanceof tf.Variable ? `variable ${tensor.name}` : 'a tensor';
    throw new Error(`${name} [${tensor.shape}] of a compiled step was disposed; compile the step again`);
  }
  return record.values === null ? record.id : backend.getInputTensorIds([tensor])[0];
}

function mapNumbers(form: unknown, replace: (position: number) => tf.Tensor): unknown {
  if (typeof form === 'number') return replace(form);
  if (Array.isArray(form)) return form.map(each => mapNumbers(each, replace));
  if (form && typeof form === 'object') {
    return Object.fromEntries(Object.entries(form).map(([key, each]) => [key, mapNumbers(each, replace)]));
  }
  return form;
}
