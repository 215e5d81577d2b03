/**
 * GGUF, the files of llama.cpp: a header, key–value pairs (settings and the tokenizer), a list of tensors, then their bytes.
 * Versions 2 and 3, little-endian. Nothing is trusted: each length is checked against the file before it is used.
 * Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
import { type NdArray, sizeOf } from './dtypes';
import { type OpenFile, openFile } from './files';
import { QUANTISATIONS, type Quantisation } from './quantised';

export type GgufValue = number | boolean | string | GgufValue[];

/** A file whose header is read and whose tensors are fetched, and made floats, one at a time. */
export interface OpenGguf {
  metadata: Record<string, GgufValue>;
  /** Shapes by name, the last axis the one that lies together, as in PyTorch. */
  shapes: Record<string, number[]>;
  /** The type that each is kept in: F32, Q4_1 … */
  types: Record<string, string>;
  /** float32, row-major. */
  read(name: string): NdArray;
  close(): void;
}

interface Entry {
  shape: number[];
  kind: Quantisation;
  offset: number;
}

/** ggml's GGML_MAX_DIMS, and lists within lists, which no file needs. */
const MOST_AXES = 4;
const MOST_NESTING = 4;

/**
 * @throws Error naming the file and the field where it is no GGUF, is cut short, or holds a type unknown here
 * @example
 * // needs a GGUF file of your own
 * const gguf = openGguf('model.gguf');
 * Object.keys(gguf.shapes).length
 */
export function openGguf(file: string): OpenGguf {
  const handle = openFile(file, 'GGUF file');
  try {
    const header = new Cursor(handle, file);
    const { tensors, pairs } = readCounts(header, file);
    const metadata = readMetadata(header, file, pairs);
    const entries = readEntries(header, file, tensors);
    const start = align(header.at, alignmentOf(metadata, file));
    for (const [name, entry] of Object.entries(entries)) checkEntry(file, name, entry, handle.size - start, metadata);
    checkApart(file, entries);
    const each = <T>(of: (entry: Entry) => T): Record<string, T> =>
      Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, of(entry)]));
    return {
      metadata,
      shapes: each(({ shape }) => shape),
      types: each(({ kind }) => kind.name),
      read(name) {
        if (!Object.hasOwn(entries, name)) throw new Error(`${file}: no tensor "${name}"`);
        return unpack(handle, start, entries[name]);
      },
      close: handle.close,
    };
  } catch (error) {
    handle.close();
    throw error;
  }
}

const align = (at: number, to: number): number => Math.ceil(at / to) * to;
const bytesOf = ({ shape, kind }: Entry): number => (sizeOf(shape) / kind.block) * kind.bytes;

function unpack(handle: OpenFile, start: number, entry: Entry): NdArray {
  const { shape, kind, offset } = entry;
  const bytes = handle.read(start + offset, bytesOf(entry));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const data = new Float32Array(sizeOf(shape));
  for (let from = 0, at = 0; at < data.length; from += kind.bytes, at += kind.block) kind.unpack(view, from, data, at);
  return { dtype: 'float32', shape, data };
}

function readCounts(header: Cursor, file: string): { tensors: number; pairs: number } {
  const magic = header.text(4, 'the magic number');
  if (magic !== 'GGUF') throw new Error(`${file}: no GGUF file: it begins with ${JSON.stringify(magic)}, not "GGUF"`);
  const version = header.u32('the version');
  if (version !== 2 && version !== 3) throw new Error(`${file}: GGUF version ${version}; versions 2 and 3 are read`);
  const tensors = header.count('the number of tensors', 24); // a tensor's entry takes at least 24 bytes, a pair 13
  return { tensors, pairs: header.count('the number of settings', 13) };
}

function readMetadata(header: Cursor, file: string, pairs: number): Record<string, GgufValue> {
  const metadata: Record<string, GgufValue> = Object.create(null);
  for (let i = 0; i < pairs; i++) {
    const key = header.string(`the name of setting ${i}`);
    if (key in metadata) throw new Error(`${file}: ${key} stands in it twice`);
    metadata[key] = header.value(key, header.u32(key));
  }
  return { ...metadata };
}

function readEntries(header: Cursor, file: string, tensors: number): Record<string, Entry> {
  const entries: Record<string, Entry> = Object.create(null);
  for (let i = 0; i < tensors; i++) {
    const name = header.string(`the name of tensor ${i}`);
    if (name in entries) throw new Error(`${file}: tensor "${name}" stands in it twice`);
    const axes = header.u32(`"${name}"`);
    if (axes > MOST_AXES) throw new Error(`${file}: "${name}" has ${axes} axes; at most ${MOST_AXES} are allowed`);
    const shape = Array.from({ length: axes }, () => header.u64(`the shape of "${name}"`)).reverse();
    const type = header.u32(`the type of "${name}"`);
    const kind = QUANTISATIONS[type];
    if (!kind) {
      const known = Object.entries(QUANTISATIONS).map(([code, each]) => `${each.name} (${code})`);
      throw new Error(`${file}: "${name}" is of type ${type}, which is not supported; known: ${known.join(', ')}`);
    }
    entries[name] = { shape, kind, offset: header.u64(`the place of "${name}"`) };
  }
  return { ...entries };
}

function alignmentOf(metadata: Record<string, GgufValue>, file: string): number {
  const value = metadata['general.alignment'] ?? 32;
  if (typeof value === 'number' && value >= 8 && value % 8 === 0) return value;
  throw new Error(`${file}: general.alignment is ${JSON.stringify(value)}, expected a multiple of 8`);
}

/** Blocks must fill the rows, and bytes lie inside the file, where tensors may begin. */
function checkEntry(file: string, name: string, entry: Entry, size: number, metadata: Record<string, GgufValue>): void {
  const { shape, kind, offset } = entry;
  const row = shape[shape.length - 1] ?? 1;
  if (!Number.isSafeInteger(sizeOf(shape)))
    throw new Error(`${file}: "${name}" of shape [${shape}] has more numbers than can be counted`);
  if (row % kind.block !== 0)
    throw new Error(
      `${file}: "${name}" [${shape}]: rows of ${row} are no whole blocks of ${kind.block} (${kind.name})`,
    );
  if (offset % alignmentOf(metadata, file) !== 0)
    throw new Error(`${file}: "${name}" begins at byte ${offset} of the data, which is not aligned`);
  if (offset + bytesOf(entry) > size)
    throw new Error(
      `${file}: cut short: "${name}" ends at byte ${offset + bytesOf(entry)} of the data, the file has ${Math.max(0, size)}`,
    );
}

/** No two tensors lie on the same bytes: what one of them is read as would be the other's. */
function checkApart(file: string, entries: Record<string, Entry>): void {
  const inOrder = Object.entries(entries)
    .filter(([, entry]) => bytesOf(entry) > 0)
    .sort(([, a], [, b]) => a.offset - b.offset);
  inOrder.slice(1).forEach(([name, { offset }], i) => {
    const [before, entry] = inOrder[i];
    if (offset < entry.offset + bytesOf(entry))
      throw new Error(
        `${file}: "${name}" begins at byte ${offset} of the data, inside "${before}"; the file is damaged`,
      );
  });
}

/** Reads the header from left to right, a megabyte at a time. */
class Cursor {
  at = 0;
  private from = 0;
  private bytes: DataView = new DataView(new ArrayBuffer(0));

  constructor(
    private readonly handle: OpenFile,
    private readonly file: string,
  ) {}

  /** The place, in what was fetched, of the next `length` bytes, which are passed. */
  private take(length: number, field: string): number {
    const { size } = this.handle;
    if (length > size - this.at) throw new Error(`${this.file}: cut short at byte ${size}, inside ${field}`);
    if (this.at + length > this.from + this.bytes.byteLength) {
      const fetched = this.handle.read(this.at, Math.min(size - this.at, Math.max(length, 2 ** 20)));
      this.bytes = new DataView(fetched.buffer, fetched.byteOffset, fetched.length);
      this.from = this.at;
    }
    this.at += length;
    return this.at - length - this.from;
  }

  u32(field: string): number {
    const place = this.take(4, field);
    return this.bytes.getUint32(place, true);
  }

  u64(field: string): number {
    const place = this.take(8, field);
    const value = this.bytes.getBigUint64(place, true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new Error(`${this.file}: ${field} is ${value}, too large`);
    return Number(value);
  }

  /** A number of things of at least `least` bytes each, which must have room in the file. */
  count(field: string, least: number): number {
    const value = this.u64(field);
    const room = Math.floor((this.handle.size - this.at) / least);
    if (value > room) throw new Error(`${this.file}: ${field} is ${value}, and the file has room for ${room}`);
    return value;
  }

  text(length: number, field: string): string {
    const place = this.take(length, field);
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + place, length).toString('utf8');
  }

  string(field: string): string {
    return this.text(this.count(field, 1), field);
  }

  /** A value of GGUF's type number. */
  value(field: string, type: number, nesting = 0): GgufValue {
    if (type === 8) return this.string(field);
    if (type === 9) return this.list(field, nesting);
    const scalar = SCALARS[type];
    if (!scalar) throw new Error(`${this.file}: ${field} is of type ${type}, which GGUF does not know`);
    const place = this.take(scalar.bytes, field);
    return scalar.read(this.bytes, place);
  }

  private list(field: string, nesting: number): GgufValue[] {
    if (nesting >= MOST_NESTING) throw new Error(`${this.file}: ${field}: lists within lists, ${nesting} deep`);
    const type = this.u32(field);
    const length = this.count(`the length of ${field}`, SCALARS[type]?.bytes ?? 8);
    const values: GgufValue[] = [];
    for (let i = 0; i < length; i++) values.push(this.value(field, type, nesting + 1));
    return values;
  }
}

/** By GGUF's number of the type. */
const SCALARS: Record<number, { bytes: number; read(view: DataView, at: number): number | boolean }> = {
  0: { bytes: 1, read: (view, at) => view.getUint8(at) },
  1: { bytes: 1, read: (view, at) => view.getInt8(at) },
  2: { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  3: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  4: { bytes: 4, read: (view, at) => view.getUint32(at, true) },
  5: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  6: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  7: { bytes: 1, read: (view, at) => view.getUint8(at) !== 0 },
  10: { bytes: 8, read: (view, at) => Number(view.getBigUint64(at, true)) },
  11: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  12: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
};
