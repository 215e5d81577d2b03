/**
 * safetensors: 8 bytes of header length, a JSON header, then the tensors' bytes with no gaps. Nothing in it can run
 * code, which is why weights are kept in it and not in Python's pickle.
 * Format: https://huggingface.co/docs/safetensors (the checks here are those of its reference implementation).
 */
import { checkArray, type DType, decode, encode, LAYOUTS, type NdArray, sizeOf } from './dtypes';
import { type OpenFile, openFile, writeAtomic } from './files';

export interface Safetensors {
  tensors: Record<string, NdArray>;
  metadata: Record<string, string>;
}

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

const DTYPES = Object.fromEntries(Object.entries(LAYOUTS).map(([dtype, l]) => [l.safetensors, dtype])) as Record<
  string,
  DType
>;
const MAX_HEADER = 100_000_000;

/** A file whose header is read and whose tensors are fetched one at a time, so that it need not fit into memory twice. */
export interface OpenSafetensors {
  metadata: Record<string, string>;
  /** Shapes by name, in the order of the file. */
  shapes: Record<string, number[]>;
  read(name: string): NdArray;
  close(): void;
}

/**
 * Opens a file of any size. Throws where it is cut short, has gaps or overlaps, or holds a type unknown here.
 * @example
 * writeSafetensors('e.safetensors', { w: fromTensor(tf.ones([2])) });
 * const opened = openSafetensors('e.safetensors');
 */
export function openSafetensors(file: string): OpenSafetensors {
  const handle = openFile(file, 'safetensors file');
  try {
    const { header, start } = readHeader(handle, file);
    const { __metadata__, ...given } = header;
    const metadata = checkMetadata(file, __metadata__);
    const entries = Object.fromEntries(
      Object.entries(given).map(([name, entry]) => [name, checkForm(`${file}: "${name}"`, entry)]),
    );
    // An empty tensor stands at the place where another begins: it comes first, wherever the header names it.
    const inOrder = Object.entries(entries).sort(
      ([, { data_offsets: a }], [, { data_offsets: b }]) => a[0] - b[0] || a[1] - b[1],
    );
    checkEntries(file, inOrder, handle.size - start);
    return {
      metadata,
      shapes: Object.fromEntries(inOrder.map(([name, { shape }]) => [name, shape])),
      read(name) {
        if (!Object.hasOwn(entries, name)) throw new Error(`${file}: no tensor "${name}"`);
        const { dtype: code, shape, data_offsets } = entries[name];
        const bytes = handle.read(start + data_offsets[0], data_offsets[1] - data_offsets[0]);
        return { dtype: DTYPES[code], shape, data: decode(DTYPES[code], bytes) };
      },
      close: handle.close,
    };
  } catch (error) {
    handle.close();
    throw error;
  }
}

/**
 * Reads all tensors, with the checks of `openSafetensors`.
 * @example
 * writeSafetensors('f.safetensors', { w: fromTensor(tf.ones([2])) });
 * readSafetensors('f.safetensors').tensors.w.shape // → [2]
 */
export function readSafetensors(file: string): Safetensors {
  const { metadata, shapes, read, close } = openSafetensors(file);
  try {
    return { metadata, tensors: Object.fromEntries(Object.keys(shapes).map(name => [name, read(name)])) };
  } finally {
    close();
  }
}

/**
 * Writes tensors atomically, in the order of the reference implementation (widest type first, then by name), so that
 * the same tensors give the same bytes as in Python. Metadata values must be strings.
 * @example writeSafetensors('g.safetensors', { w: fromTensor(tf.ones([2])) }, { lesson: '10' });
 */
export function writeSafetensors(
  file: string,
  tensors: Record<string, NdArray>,
  metadata: Record<string, string> = {},
): void {
  const names = Object.keys(tensors).sort(
    (a, b) => rank(tensors[b].dtype) - rank(tensors[a].dtype) || (a < b ? -1 : 1),
  );
  const header: Record<string, unknown> = Object.create(null);
  const strange = [...names, ...Object.entries(metadata).flat()].find(text => /\p{Surrogate}/u.test(String(text)));
  if (strange !== undefined)
    throw new Error(
      `${file}: ${JSON.stringify(strange)} holds half of a character, which other programs cannot read; rename it`,
    );
  if (names.includes('__metadata__'))
    throw new Error(`${file}: "__metadata__" must be no tensor: the file's metadata have that name; rename it`);
  checkMetadata(file, metadata);
  if (Object.keys(metadata).length) header.__metadata__ = metadata;
  const bodies: Uint8Array[] = [];
  let at = 0;
  for (const name of names) {
    checkArray(name, tensors[name]);
    const body = encode(tensors[name]);
    const { dtype, shape } = tensors[name];
    header[name] = { dtype: LAYOUTS[dtype].safetensors, shape, data_offsets: [at, at + body.length] };
    bodies.push(body);
    at += body.length;
  }
  const text = Buffer.from(JSON.stringify(header), 'utf8');
  const padded = Buffer.alloc(Math.ceil(text.length / 8) * 8, ' ');
  text.copy(padded);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  writeAtomic(file, [length, padded, ...bodies]);
}

/** The reference implementation's order of types, narrowest first. */
const ORDER: DType[] = [
  'bool',
  'uint8',
  'int8',
  'int16',
  'uint16',
  'float16',
  'bfloat16',
  'int32',
  'uint32',
  'float32',
  'float64',
  'int64',
  'uint64',
];
const rank = (dtype: DType) => ORDER.indexOf(dtype);

/** The JSON header, and the byte at which the data starts. */
function readHeader(handle: OpenFile, file: string): { header: Record<string, unknown>; start: number } {
  if (handle.size < 8) throw new Error(`${file}: ${handle.size} bytes are too few for a safetensors file`);
  const first = handle.read(0, 8);
  if (Buffer.from(first).toString('latin1') === 'version ') {
    throw new Error(`${file}: a Git LFS pointer, not the file itself; get it with \`git lfs pull\``);
  }
  const length = Number(new DataView(first.buffer).getBigUint64(0, true));
  if (length > MAX_HEADER) throw new Error(`${file}: not a safetensors file (its header would have ${length} bytes)`);
  if (8 + length > handle.size) throw new Error(`${file}: cut short inside the header; copy the file again`);
  return { header: parseHeader(handle.read(8, length), file), start: 8 + length };
}

function parseHeader(bytes: Uint8Array, file: string): Record<string, unknown> {
  const fault = (what: string) => new Error(`${file}: not a safetensors file: ${what}`);
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw fault('its header is no UTF-8 text');
  }
  if (!text.startsWith('{')) throw fault('its header must begin with {');
  try {
    header = JSON.parse(text);
  } catch (error) {
    throw fault(`its header is no JSON (${(error as Error).message})`);
  }
  const twice = firstRepeated(topLevelKeys(text));
  if (twice !== undefined) throw fault(`its header names "${twice}" twice`);
  return header as Record<string, unknown>;
}

/** The keys of a JSON object's own level, repeated ones too, which JSON.parse drops. `text` is valid JSON. */
function topLevelKeys(text: string): string[] {
  const keys: string[] = [];
  let depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"\s*:?|[{}[\]]/g)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else if (depth === 1 && token.endsWith(':')) keys.push(JSON.parse(token.slice(0, -1)));
  }
  return keys;
}

function firstRepeated(names: string[]): string | undefined {
  const seen = new Set<string>();
  return names.find(name => seen.size === seen.add(name).size);
}

function checkMetadata(file: string, metadata: unknown): Record<string, string> {
  if (metadata === undefined) return {};
  const fits = isObject(metadata) && Object.values(metadata).every(value => typeof value === 'string');
  if (!fits)
    throw new Error(`${file}: __metadata__ must hold texts only, got ${JSON.stringify(metadata).slice(0, 100)}`);
  return metadata as Record<string, string>;
}

/** An entry of the header with everything in its place, or an error that says what is not. */
function checkForm(name: string, entry: unknown): Entry {
  const { dtype, shape, data_offsets: offsets }: Record<string, unknown> = isObject(entry) ? entry : {};
  const wholes = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every(each => Number.isSafeInteger(each) && each >= 0);
  const got = (value: unknown) => `got ${JSON.stringify(value)?.slice(0, 100)}`;
  if (typeof dtype !== 'string') throw new Error(`${name}: expected a dtype such as "F32", ${got(dtype)}`);
  if (!wholes(shape)) throw new Error(`${name}: expected a shape of whole numbers from 0 up, ${got(shape)}`);
  if (!wholes(offsets) || offsets.length !== 2 || offsets[0] > offsets[1])
    throw new Error(`${name}: expected data_offsets [begin, end], ${got(offsets)}`);
  if (!Number.isSafeInteger(sizeOf(shape)))
    throw new Error(`${name}: shape [${shape}] has more numbers than can be counted`);
  return { dtype, shape, data_offsets: [offsets[0], offsets[1]] };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Entries must follow each other without a gap and end where the file does. */
function checkEntries(file: string, inOrder: [string, Entry][], size: number): void {
  let at = 0;
  for (const [name, entry] of inOrder) {
    at = checkEntry(`${file}: "${name}"`, entry, at);
    if (at > size) {
      throw new Error(`${file}: cut short: "${name}" ends at byte ${at} of the data, the file has ${size}`);
    }
  }
  if (at !== size) throw new Error(`${file}: ${size - at} bytes after the last tensor; the file is damaged`);
}

/** Checks one header entry against where the last tensor ended; returns where this one ends. */
function checkEntry(name: string, entry: Entry, at: number): number {
  const dtype = Object.hasOwn(DTYPES, entry.dtype) ? DTYPES[entry.dtype] : undefined;
  if (!dtype)
    throw new Error(`${name}: dtype ${entry.dtype} is not supported; known: ${Object.keys(DTYPES).join(', ')}`);
  const [start, end] = entry.data_offsets;
  const expected = sizeOf(entry.shape) * LAYOUTS[dtype].bytes;
  if (end - start !== expected) {
    throw new Error(
      `${name}: [${entry.shape}] of ${entry.dtype} needs ${expected} bytes, the header says ${end - start}`,
    );
  }
  if (start !== at)
    throw new Error(`${name}: starts at byte ${start}, expected ${at}; the file has a gap or an overlap`);
  return end;
}
