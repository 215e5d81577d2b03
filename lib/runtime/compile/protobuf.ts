/** The little of protocol buffers that a TensorFlow graph needs. Only writing. @see docs/compile.md */
import { ATTR, type OpAttr } from '../native';

/** Field `field` holding an integer, an enum or a bool. */
export const varintField = (field: number, value: number): Buffer => Buffer.concat([varint(field * 8), varint(value)]);

/** Field `field` holding bytes, text or a nested message. */
export function bytesField(field: number, content: Uint8Array | string): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return Buffer.concat([varint(field * 8 + 2), varint(bytes.length), bytes]);
}

/** Field `field` holding a 32-bit float. */
export function floatField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([varint(field * 8 + 5), bytes]);
}

/** Base 128, low groups first, the top bit saying that more follow; negative numbers as 64-bit two's complement. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

/** TensorShapeProto. */
export const shapeProto = (shape: number[]): Buffer =>
  Buffer.concat(shape.map(size => bytesField(2, varintField(1, size))));

/** TensorProto with its values as raw little-endian bytes. */
export const tensorProto = (dtype: number, shape: number[], bytes: Uint8Array): Buffer =>
  Buffer.concat([varintField(1, dtype), bytesField(2, shapeProto(shape)), bytesField(4, bytes)]);

/** AttrValue holding a dtype, a shape, a tensor, or the name of a function. */
export const typeValue = (dtype: number): Buffer => varintField(6, dtype);
export const shapeValue = (shape: number[]): Buffer => bytesField(7, shapeProto(shape));
export const tensorValue = (tensor: Buffer): Buffer => bytesField(8, tensor);
export const functionValue = (name: string): Buffer => bytesField(10, bytesField(1, name));
export const listValue = (items: Buffer[]): Buffer => bytesField(1, Buffer.concat(items));

/** AttrValue of an attribute as tfjs-node hands it to TensorFlow. */
export function attrValue({ name, type, value }: OpAttr): Buffer {
  if (Array.isArray(value) && type !== ATTR.shape) return listValue(value.map(each => single(name, type, each)));
  return single(name, type, value);
}

function single(name: string, type: number, value: unknown): Buffer {
  switch (type) {
    case ATTR.string:
      return bytesField(2, String(value));
    case ATTR.int:
      return varintField(3, Math.trunc(Number(value)));
    case ATTR.float:
      return floatField(4, Number(value));
    case ATTR.bool:
      return varintField(5, value ? 1 : 0);
    case ATTR.type:
      return typeValue(Number(value));
    case ATTR.shape:
      return shapeValue(value as number[]);
    default:
      throw new Error(`attribute ${name} has type ${type}, which no graph can hold`);
  }
}
