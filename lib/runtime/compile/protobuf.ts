/** TensorFlow's messages (tensorflow/core/framework and core/protobuf, *.proto), as far as a graph needs them. Only writing. */
import { Root, type Type } from 'protobufjs/light';
import { ATTR, type OpAttr } from '../native';

const many = (type: string, id: number) => ({ rule: 'repeated', type, id });
const one = (type: string, id: number) => ({ type, id });
const map = (type: string, id: number) => ({ keyType: 'string', type, id });

/** Each message's fields with their types and numbers. */
const FIELDS = {
  Dim: { size: one('int64', 1) },
  Shape: { dim: many('Dim', 2) },
  Tensor: { dtype: one('int32', 1), shape: one('Shape', 2), content: one('bytes', 4) },
  Call: { name: one('string', 1) }, // NameAttrList
  List: {
    s: many('string', 2),
    i: many('int64', 3),
    f: many('float', 4),
    b: many('bool', 5),
    type: many('int32', 6),
    shape: many('Shape', 7),
  },
  AttrValue: {
    list: one('List', 1),
    s: one('string', 2),
    i: one('int64', 3),
    f: one('float', 4),
    b: one('bool', 5),
    type: one('int32', 6),
    shape: one('Shape', 7),
    tensor: one('Tensor', 8),
    func: one('Call', 10),
  },
  /** `attr` holds AttrValues, which are bytes already: shape inference asks for them one by one. */
  Node: {
    name: one('string', 1),
    op: one('string', 2),
    input: many('string', 3),
    device: one('string', 4),
    attr: map('bytes', 5),
  },
  Versions: { producer: one('int32', 1) },
  Graph: { node: many('Node', 1), versions: one('Versions', 4) },
  TensorInfo: { name: one('string', 1), dtype: one('int32', 2), shape: one('Shape', 3) },
  Signature: { inputs: map('TensorInfo', 1), outputs: map('TensorInfo', 2), method: one('string', 3) },
  MetaInfo: { tags: many('string', 4), version: one('string', 5) },
  MetaGraph: { info: one('MetaInfo', 1), graph: one('Graph', 2), signatures: map('Signature', 5) },
  SavedModel: { schema: one('int64', 1), graphs: many('MetaGraph', 2) },
};

/** One field of an AttrValue is there, even if it holds 0, false or ''. */
const oneofs = { value: { oneof: Object.keys(FIELDS.AttrValue) } };
const root = Root.fromJSON({
  nested: Object.fromEntries(
    Object.entries(FIELDS).map(([name, fields]) => [name, name === 'AttrValue' ? { fields, oneofs } : { fields }]),
  ),
});
const encoder = (name: keyof typeof FIELDS) => {
  const type: Type = root.lookupType(name);
  return (message: object) => type.encode(message).finish() as Buffer; // a Buffer, in Node
};

export interface ShapeMessage {
  dim: { size: number }[];
}
export interface TensorMessage {
  dtype: number;
  shape: ShapeMessage;
  content: Uint8Array;
}
/** What an attribute may hold; one of them. */
interface Single {
  s: string;
  i: number;
  f: number;
  b: boolean;
  type: number;
  shape: ShapeMessage;
  tensor: TensorMessage;
  func: { name: string };
}
type Value = Partial<Single> & { list?: { [K in keyof Single]?: Single[K][] } };
export interface NodeMessage {
  name: string;
  op: string;
  input: string[];
  device?: string;
  attr: Record<string, Uint8Array>;
}
export interface GraphMessage {
  node: NodeMessage[];
  versions: { producer: number };
}
export interface TensorInfoMessage {
  name: string;
  dtype?: number;
  shape?: ShapeMessage;
}
export interface SignatureMessage {
  inputs: Record<string, TensorInfoMessage>;
  outputs: Record<string, TensorInfoMessage>;
  method: string;
}
export interface SavedModelMessage {
  schema: number;
  graphs: {
    info: { tags: string[]; version: string };
    graph: GraphMessage;
    signatures: Record<string, SignatureMessage>;
  }[];
}

const attribute: (value: Value) => Buffer = encoder('AttrValue');
export const encodeGraph: (graph: GraphMessage) => Buffer = encoder('Graph');
export const encodeSavedModel: (model: SavedModelMessage) => Buffer = encoder('SavedModel');

export const shapeProto = (shape: number[]): ShapeMessage => ({ dim: shape.map(size => ({ size })) });

/** Values as raw little-endian bytes. */
export const tensorProto = (dtype: number, shape: number[], content: Uint8Array): TensorMessage => ({
  dtype,
  shape: shapeProto(shape),
  content,
});

const TYPES = new Map<number, Buffer>();

/** AttrValues: a dtype, a shape, a tensor, a text, a whole number, the name of a function; lists of dtypes and of shapes. */
export const typeValue = (type: number): Buffer => {
  const known = TYPES.get(type) ?? attribute({ type }); // most attributes of a graph are a few dtypes, again and again
  TYPES.set(type, known);
  return known;
};
export const shapeValue = (shape: number[]): Buffer => attribute({ shape: shapeProto(shape) });
export const tensorValue = (tensor: TensorMessage): Buffer => attribute({ tensor });
export const textValue = (s: string): Buffer => attribute({ s });
export const wholeValue = (i: number): Buffer => attribute({ i });
export const functionValue = (name: string): Buffer => attribute({ func: { name } });
export const typesValue = (type: number[]): Buffer => attribute({ list: { type } });
export const shapesValue = (shapes: number[][]): Buffer => attribute({ list: { shape: shapes.map(shapeProto) } });

/** Which field holds an attribute of each kind that tfjs-node hands to TensorFlow, and its value there. */
const KINDS: Record<number, [keyof Single, (value: unknown) => unknown]> = {
  [ATTR.string]: ['s', String],
  [ATTR.int]: ['i', value => Math.trunc(Number(value))],
  [ATTR.float]: ['f', Number],
  [ATTR.bool]: ['b', Boolean],
  [ATTR.type]: ['type', Number],
  [ATTR.shape]: ['shape', value => shapeProto(value as number[])],
};

/** AttrValue of an attribute as tfjs-node hands it to TensorFlow. */
export function attrValue({ name, type, value }: OpAttr): Buffer {
  if (type === ATTR.type && !Array.isArray(value)) return typeValue(Number(value));
  const kind = KINDS[type];
  if (!kind) throw new Error(`attribute ${name} has type ${type}, which no graph can hold`);
  const [field, of] = kind;
  if (Array.isArray(value) && type !== ATTR.shape) return attribute({ list: { [field]: value.map(of) } });
  return attribute({ [field]: of(value) });
}
