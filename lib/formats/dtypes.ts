/** The element types that .npy, .npz and .safetensors files share, and how each lies in memory here. */

export type DType =
  | 'bool'
  | 'uint8'
  | 'int8'
  | 'uint16'
  | 'int16'
  | 'uint32'
  | 'int32'
  | 'uint64'
  | 'int64'
  | 'float16'
  | 'bfloat16'
  | 'float32'
  | 'float64';

export type TypedArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

/**
 * An array as files keep it, row-major ("C order"). `data` has one element for each of the shape's product:
 * bool → Uint8Array of 0 and 1, the two 16-bit floats → Float32Array (widened without loss), int64 → BigInt64Array.
 */
export interface NdArray {
  dtype: DType;
  shape: number[];
  data: TypedArray;
}

interface Layout {
  /** Bytes of one element in the file. */
  bytes: number;
  /** NumPy's letter and size; '' where NumPy has no such type. */
  numpy: string;
  safetensors: string;
  array: {
    new (length: number): TypedArray;
    new (buffer: ArrayBufferLike, offset: number, length: number): TypedArray;
  };
}

export const LAYOUTS: Record<DType, Layout> = {
  bool: { bytes: 1, numpy: 'b1', safetensors: 'BOOL', array: Uint8Array },
  uint8: { bytes: 1, numpy: 'u1', safetensors: 'U8', array: Uint8Array },
  int8: { bytes: 1, numpy: 'i1', safetensors: 'I8', array: Int8Array },
  uint16: { bytes: 2, numpy: 'u2', safetensors: 'U16', array: Uint16Array },
  int16: { bytes: 2, numpy: 'i2', safetensors: 'I16', array: Int16Array },
  uint32: { bytes: 4, numpy: 'u4', safetensors: 'U32', array: Uint32Array },
  int32: { bytes: 4, numpy: 'i4', safetensors: 'I32', array: Int32Array },
  uint64: { bytes: 8, numpy: 'u8', safetensors: 'U64', array: BigUint64Array },
  int64: { bytes: 8, numpy: 'i8', safetensors: 'I64', array: BigInt64Array },
  float16: { bytes: 2, numpy: 'f2', safetensors: 'F16', array: Float32Array },
  bfloat16: { bytes: 2, numpy: '', safetensors: 'BF16', array: Float32Array },
  float32: { bytes: 4, numpy: 'f4', safetensors: 'F32', array: Float32Array },
  float64: { bytes: 8, numpy: 'f8', safetensors: 'F64', array: Float64Array },
};

/** Number of elements of a shape: the product, 1 for a scalar []. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** Throws unless the array's data has the type and the length that its dtype and shape promise. */
export function checkArray(name: string, array: NdArray): void {
  const layout = LAYOUTS[array.dtype];
  if (!layout)
    throw new Error(`"${name}": dtype ${array.dtype} is unknown; use one of ${Object.keys(LAYOUTS).join(', ')}`);
  if (!array.shape.every(n => Number.isSafeInteger(n) && n >= 0)) {
    throw new Error(`"${name}": shape [${array.shape}] must hold whole numbers of 0 or more`);
  }
  if (!(array.data instanceof layout.array)) {
    throw new Error(`"${name}": ${array.dtype} is kept in ${layout.array.name}, got ${array.data?.constructor?.name}`);
  }
  if (array.dtype === 'float16') {
    const lost = (array.data as Float32Array).find(value => Number.isFinite(value) && Math.abs(value) >= 65520);
    if (lost !== undefined)
      throw new Error(`"${name}": float16 holds numbers up to 65504, got ${lost}, which would become ∞; write float32`);
  }
  const expected = sizeOf(array.shape);
  if (array.data.length !== expected) {
    throw new Error(`"${name}": shape [${array.shape}] needs ${expected} elements, got ${array.data.length}`);
  }
}

/** Bytes from a file → elements. `bytes` is little-endian; its length must be a multiple of the element's. */
export function decode(dtype: DType, bytes: Uint8Array): TypedArray {
  const { bytes: width, array } = LAYOUTS[dtype];
  const own = new Uint8Array(bytes); // a copy: aligned, and it does not keep the whole file alive
  const length = own.length / width;
  if (dtype === 'float16') return widenHalves(new Uint16Array(own.buffer, 0, length));
  if (dtype === 'bfloat16') {
    const wide = new Uint32Array(length);
    new Uint16Array(own.buffer, 0, length).forEach((bits, i) => {
      wide[i] = bits << 16;
    });
    return new Float32Array(wide.buffer);
  }
  if (dtype === 'bool') for (let i = 0; i < length; i++) own[i] = own[i] === 0 ? 0 : 1; // as NumPy takes any other byte
  return new array(own.buffer, 0, length);
}

/** Elements → the little-endian bytes of the file. The 16-bit floats are rounded to the nearest, ties to even. */
export function encode({ dtype, data }: NdArray): Uint8Array {
  if (dtype === 'float16' || dtype === 'bfloat16') {
    const round = dtype === 'float16' ? numberToHalf : numberToBrain;
    const bits = Uint16Array.from(data as Float32Array, round);
    return new Uint8Array(bits.buffer);
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** IEEE 754 half precision: 1 sign, 5 exponent (bias 15), 10 fraction bits. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Every half-precision number, once it is needed: looking one up is ten times as fast as computing it. */
let halves: Float32Array | undefined;

function widenHalves(bits: Uint16Array): Float32Array {
  halves ??= Float32Array.from({ length: 65536 }, (_, each) => halfToNumber(each));
  const wide = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) wide[i] = halves[bits[i]];
  return wide;
}

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

/** Nearest half-precision number, ties to even; 65,520 and above become infinity. */
export function numberToHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  const exponent = Math.max(Math.floor(Math.log2(size || 2 ** -24)), -14); // −14: below it numbers are subnormal
  const steps = size / 2 ** (exponent - 10); // distance from 0 in units of the last fraction bit
  let rounded = Math.round(steps);
  if (Math.abs(steps - Math.trunc(steps)) === 0.5 && rounded % 2 === 1) rounded -= 1;
  return sign | (exponent === -14 ? rounded : ((exponent + 14) << 10) + rounded);
}

/** Nearest bfloat16 (a float32 cut to 16 bits), ties to even. */
export function numberToBrain(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0;
  scratch[0] = value;
  const bits = scratchBits[0];
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}
