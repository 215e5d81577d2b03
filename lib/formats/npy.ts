/**
 * NumPy's .npy: a magic string, a header that is a Python dict literal, then the raw elements.
 * Format 1.0 to 3.0 are read, 1.0 is written (64-byte aligned, as numpy.save does).
 * NumPy Enhancement Proposal 1, https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { checkArray, type DType, decode, encode, LAYOUTS, type NdArray, sizeOf } from './dtypes';
import { readWhole, writeAtomic } from './files';

const MAGIC = '\x93NUMPY';

/**
 * Reads one array. Throws where the file is no .npy, is cut short, or holds objects, text or complex numbers.
 * @example
 * writeNpy('b.npy', { dtype: 'float32', shape: [2], data: Float32Array.from([1, 2]) });
 * readNpy('b.npy').data[1] // → 2
 */
export function readNpy(file: string): NdArray {
  return parseNpy(readWhole(file, '.npy file'), file);
}

/**
 * Writes one array atomically; `numpy.load(file)` opens it. bfloat16 is refused: NumPy has no such type.
 * @example writeNpy('c.npy', fromTensor(tf.ones([2, 3])));
 */
export function writeNpy(file: string, array: NdArray): void {
  writeAtomic(file, npyParts(file, array));
}

/**
 * The bytes of a .npy file → the array. `name` is for messages.
 * @example
 * writeNpy('a.npy', { dtype: 'float32', shape: [2], data: Float32Array.from([1, 2]) });
 * parseNpy(readWhole('a.npy', '.npy file')).shape // → [2]
 */
export function parseNpy(bytes: Uint8Array, name = 'npy'): NdArray {
  const text = (from: number, to: number) => Buffer.from(bytes.subarray(from, to)).toString('latin1');
  if (text(0, 6) !== MAGIC) throw new Error(`${name}: not a .npy file (it must start with \\x93NUMPY)`);
  if (bytes.length > 6 && (bytes[6] < 1 || bytes[6] > 3))
    throw new Error(`${name}: .npy version ${bytes[6]}.${bytes[7]} is unknown; 1.0 to 3.0 are read`);
  const wide = bytes[6] >= 2; // version 1.0 counts the header in 2 bytes, later ones in 4
  const start = wide ? 12 : 10;
  if (bytes.length < start) throw new Error(`${name}: cut short inside the header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = start + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  if (bytes.length < end) throw new Error(`${name}: cut short inside the header; copy the file again`);
  const { dtype, bigEndian, fortran, shape } = parseHeader(text(start, end), name);

  const width = LAYOUTS[dtype].bytes;
  const expected = sizeOf(shape) * width;
  if (!Number.isSafeInteger(expected))
    throw new Error(`${name}: shape [${shape}] has more numbers than can be counted`);
  if (bytes.length - end < expected) {
    throw new Error(
      `${name}: shape [${shape}] of ${dtype} needs ${expected} bytes, the file has ${bytes.length - end}; it is cut short`,
    );
  }
  const body = bytes.subarray(end, end + expected);
  const data = decode(dtype, bigEndian ? swapBytes(body, width) : body);
  return { dtype, shape, data: fortran ? toRowMajor(data, shape) : data };
}

/** Header and body of a .npy file. */
export function npyParts(name: string, array: NdArray): Uint8Array[] {
  checkArray(name, array);
  const { numpy, bytes } = LAYOUTS[array.dtype];
  if (!numpy) throw new Error(`"${name}": NumPy has no ${array.dtype}; write float32, or use safetensors`);
  const shape = array.shape.length === 1 ? `${array.shape[0]},` : array.shape.join(', ');
  const descr = `${bytes > 1 ? '<' : '|'}${numpy}`;
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape}), }`;
  const header = `${dict.padEnd(Math.ceil((10 + dict.length + 1) / 64) * 64 - 11)}\n`;
  const prefix = Buffer.from(`${MAGIC}\x01\x00  `, 'latin1');
  prefix.writeUInt16LE(header.length, 8);
  return [prefix, Buffer.from(header, 'latin1'), encode(array)];
}

interface Header {
  dtype: DType;
  bigEndian: boolean;
  fortran: boolean;
  shape: number[];
}

function parseHeader(header: string, name: string): Header {
  // A Python literal: either kind of quote, any order of keys.
  const descr = /(['"])descr\1\s*:\s*(['"])(?<order>[<>|=])(?<type>\w+)\2/.exec(header)?.groups;
  const order = /(['"])fortran_order\1\s*:\s*(True|False)\b/.exec(header);
  const shape = /(['"])shape\1\s*:\s*\(([\d,\sL]*)\)/.exec(header);
  const dtype = (Object.keys(LAYOUTS) as DType[]).find(
    d => LAYOUTS[d].numpy !== '' && LAYOUTS[d].numpy === descr?.type,
  );
  if (!dtype) {
    const got = descr ? descr.order + descr.type : header.trim();
    throw new Error(
      `${name}: element type ${got} is not supported (numbers and bool are); in Python: numpy.save(file, array.astype("float32"))`,
    );
  }
  if (!order || !shape) throw new Error(`${name}: the header is not NumPy's: ${header.trim()}`);
  const inner = shape[2].trim();
  const sizes = inner === '' ? [] : inner.replace(/,$/, '').split(',');
  if (!sizes.every(part => /^\s*\d+L?\s*$/.test(part)))
    throw new Error(`${name}: the header is not NumPy's: ${header.trim()}`);
  return {
    dtype,
    bigEndian: descr?.order === '>',
    fortran: order[2] === 'True',
    shape: sizes.map(part => Number.parseInt(part, 10)),
  };
}

function swapBytes(bytes: Uint8Array, width: number): Uint8Array {
  const swapped = Buffer.from(bytes); // a copy
  if (width === 2) swapped.swap16();
  else if (width === 4) swapped.swap32();
  else if (width === 8) swapped.swap64();
  return swapped;
}

/** Fortran order keeps the first index fastest; here the last one is. */
function toRowMajor<T extends NdArray['data']>(data: T, shape: readonly number[]): T {
  if (shape.length < 2 || data.length === 0) return data;
  const result = data.slice() as T;
  const strides = shape.map((_, axis) => sizeOf(shape.slice(0, axis)));
  const [last, outer] = [shape.length - 1, shape.slice(0, -1)];
  const index = outer.map(() => 0);
  for (let to = 0; to < result.length; ) {
    let from = index.reduce((sum, n, axis) => sum + n * strides[axis], 0);
    for (let j = 0; j < shape[last]; j++, from += strides[last]) result[to++] = data[from];
    for (let axis = last - 1; axis >= 0 && ++index[axis] === outer[axis]; axis--) index[axis] = 0;
  }
  return result;
}
