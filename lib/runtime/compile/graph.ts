/** A TensorFlow graph being written down: nodes, constants, and the bytes of its GraphDef. */
import { createHash } from '../../platform';
import { DT, type OpAttr } from '../native';
import {
  attrValue,
  encodeGraph,
  type GraphMessage,
  type NodeMessage,
  shapeValue,
  tensorProto,
  tensorValue,
  typeValue,
} from './protobuf';

/** Output `index` of a node. */
export interface Ref {
  node: GraphNode;
  index: number;
}

export interface GraphNode {
  op: string;
  inputs: Ref[];
  /** Attribute name → AttrValue, serialised. */
  attrs: [string, Buffer][];
  /** Where in the source it came from; an Error whose stack is only written out when asked for. */
  origin?: Error;
  /** The attributes as tfjs handed them over, and what comes out; of recorded operations. */
  given?: OpAttr[];
  outputs?: TensorType[];
  /** Placeholders keep theirs; the others are numbered when the graph is written. */
  name?: string;
  /** Known for placeholders and outputs. */
  type?: TensorType;
  /** Nodes that must have run before. */
  after?: GraphNode[];
  /** Where it runs; undefined: where TensorFlow sees fit. */
  device?: string;
  /** Made of values from JavaScript alone. */
  constant?: true;
  /** What a constant holds; its bytes where they are few, as those that tell other operations their shapes. */
  literal?: TensorType & { bytes?: Buffer };
}

export interface TensorType {
  dtype: number;
  shape: number[];
}

/** A constant up to this size stands in the graph as it is. */
const SMALL = 1024;
/** GraphDef's format version; every TensorFlow 2 reads it. */
const PRODUCER = 1800;

export class Graph {
  private readonly constants = new Map<string, Ref>();
  /** Constants that stand on another device as well: what is known on the spot need not travel. */
  private readonly copies = new Map<GraphNode, Map<string | undefined, GraphNode>>();
  /** Where nodes that are made now run. */
  device?: string;

  add(op: string, inputs: Ref[], attrs: [string, Buffer][], origin?: Error): GraphNode {
    return { op, inputs, attrs, origin, device: this.device };
  }

  operation(op: string, inputs: Ref[], given: OpAttr[], origin?: Error): GraphNode {
    const attrs = given.map((attr): [string, Buffer] => [attr.name, attrValue(attr)]);
    return { op, inputs, attrs, origin, given, device: this.device };
  }

  /** An input of the graph. */
  placeholder(name: string, dtype: number, shape: number[]): Ref {
    const attrs: [string, Buffer][] = [
      ['dtype', typeValue(dtype)],
      ['shape', shapeValue(shape)],
    ];
    return { node: { op: 'Placeholder', inputs: [], attrs, name, type: { dtype, shape } }, index: 0 };
  }

  identity(input: Ref, type: TensorType): Ref {
    const node = this.add('Identity', [input], [['T', typeValue(type.dtype)]]);
    node.type = type;
    return { node, index: 0 };
  }

  /**
   * Values from JavaScript; equal ones are one node. Large ones that repeat or count become operations, so that graphs
   * stay small. `origin` is asked when a node is made.
   */
  constant(dtype: number, shape: number[], bytes: Buffer, origin?: () => Error): Ref {
    const text = bytes.length > SMALL ? createHash('md5').update(bytes).digest('hex') : bytes.toString('latin1');
    const key = `${dtype}|${shape}|${text}|${this.device ?? ''}`;
    let ref = this.constants.get(key);
    if (!ref) {
      const from = origin?.();
      ref =
        (bytes.length > SMALL ? this.filled(dtype, shape, bytes, from) : undefined) ??
        this.literal(dtype, shape, bytes, from);
      ref.node.constant = true;
      this.constants.set(key, ref);
    }
    return ref;
  }

  /** A constant as it stands on the present device; anything else as it is. */
  near(ref: Ref): Ref {
    const { node, index } = ref;
    if (!node.constant || node.device === this.device) return ref;
    const copies = this.copies.get(node) ?? new Map<string | undefined, GraphNode>();
    this.copies.set(node, copies);
    let copy = copies.get(this.device);
    if (!copy) {
      copy = { ...node, inputs: node.inputs.map(each => this.near(each)), device: this.device };
      copies.set(this.device, copy);
    }
    return { node: copy, index };
  }

  private literal(dtype: number, shape: number[], bytes: Buffer, origin?: Error): Ref {
    const attrs: [string, Buffer][] = [
      ['dtype', typeValue(dtype)],
      ['value', tensorValue(tensorProto(dtype, shape, bytes))],
    ];
    const node = this.add('Const', [], attrs, origin);
    node.literal = { dtype, shape, ...(bytes.length <= SMALL ? { bytes } : {}) };
    return { node, index: 0 };
  }

  private filled(dtype: number, shape: number[], bytes: Buffer, origin?: Error): Ref | undefined {
    const count = shape.reduce((a, b) => a * b, 1);
    const width = bytes.length / count;
    if (bytes.subarray(width).equals(bytes.subarray(0, bytes.length - width))) {
      const value = this.literal(dtype, [], bytes.subarray(0, width), origin);
      const types: [string, Buffer][] = [
        ['T', typeValue(dtype)],
        ['index_type', typeValue(DT.int32)],
      ];
      return { node: this.add('Fill', [this.ints(shape), value], types, origin), index: 0 };
    }
    return dtype === DT.int32 && shape.length === 1 ? this.counted(count, bytes, origin) : undefined;
  }

  /** start, start + step, start + 2·step, … */
  private counted(count: number, bytes: Buffer, origin?: Error): Ref | undefined {
    const at = (i: number): number => bytes.readInt32LE(4 * i);
    const step = at(1) - at(0);
    for (let i = 2; i < count; i++) if (at(i) - at(i - 1) !== step) return undefined;
    const limits = [at(0), at(0) + count * step, step].map(each => this.ints(each));
    return { node: this.add('Range', limits, [['Tidx', typeValue(DT.int32)]], origin), index: 0 };
  }

  /** An int32 constant: a list, or a scalar. */
  ints(values: number | number[]): Ref {
    const list = [values].flat();
    const bytes = Buffer.alloc(4 * list.length);
    for (const [i, value] of list.entries()) bytes.writeInt32LE(value, 4 * i);
    return this.constant(DT.int32, Array.isArray(values) ? [list.length] : [], bytes);
  }
}

/** The nodes that `outputs` need, each after its inputs: what nobody reads is left out. */
export function reachable(outputs: Ref[]): GraphNode[] {
  const order: GraphNode[] = [];
  const seen = new Set<GraphNode>();
  const stack: { node: GraphNode; next: number }[] = [];
  const push = (node: GraphNode) => {
    if (!seen.has(node)) stack.push({ node, next: 0 });
    seen.add(node);
  };
  for (const output of outputs) {
    push(output.node);
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (top.next < top.node.inputs.length) push(top.node.inputs[top.next++].node);
      else order.push(stack.pop()!.node);
    }
  }
  return order;
}

/** Gives every node its name. */
export function nameNodes(nodes: GraphNode[]): void {
  nodes.forEach((node, i) => {
    node.name ??= `n${i}`;
  });
}

export const refName = ({ node, index }: Ref): string => `${node.name}:${index}`;

/** A named node. */
const nodeMessage = ({ name, op, inputs, attrs, after = [], device }: GraphNode): NodeMessage => ({
  name: name!,
  op,
  ...(device ? { device } : {}),
  input: [...inputs.map(refName), ...after.map(node => `^${node.name}`)],
  attr: Object.fromEntries(attrs),
});

/** Named nodes as TensorFlow's message. */
export const graphMessage = (nodes: GraphNode[]): GraphMessage => ({
  node: nodes.map(nodeMessage),
  versions: { producer: PRODUCER },
});

/** The GraphDef of named nodes. */
export const graphDef = (nodes: GraphNode[]): Buffer => encodeGraph(graphMessage(nodes));
