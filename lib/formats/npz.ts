/**
 * NumPy's .npz: a zip archive of .npy files. Entries are stored or deflated; encrypted ones and zip64 are refused.
 * Zip layout: PKWARE APPNOTE.TXT, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (its end).
 */
import zlib from 'node:zlib';
import type { NdArray } from './dtypes';
import { readWhole, writeAtomic } from './files';
import { npyParts, parseNpy } from './npy';

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const LIMIT = 0xffffffff;

/** Reads every array of the archive by its name, without the '.npy'. */
export function readNpz(file: string): Record<string, NdArray> {
  const arrays: Record<string, NdArray> = {};
  for (const [name, bytes] of readZip(readWhole(file, '.npz file'), file)) {
    if (name.endsWith('.npy')) arrays[name.slice(0, -4)] = parseNpy(bytes, `${file}: ${name}`);
  }
  return arrays;
}

/** Writes arrays atomically; `numpy.load(file)["name"]` opens them. `compress` deflates, as numpy.savez_compressed. */
export function writeNpz(file: string, arrays: Record<string, NdArray>, { compress = false } = {}): void {
  const entries = Object.entries(arrays).map(([name, array]): [string, Uint8Array] => [
    `${name}.npy`,
    Buffer.concat(npyParts(name, array)),
  ]);
  writeAtomic(file, zipParts(entries, compress));
}

/** Name and unpacked bytes of each entry. The central directory is the truth: local headers may lack the sizes. */
function* readZip(bytes: Uint8Array, name: string): Iterable<[string, Uint8Array]> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let end = file.length - 22;
  while (end >= 0 && file.readUInt32LE(end) !== END) end--;
  if (end < 0) throw new Error(`${name}: not a zip archive, or cut short (its directory at the end is missing)`);
  let at = file.readUInt32LE(end + 16);
  const count = file.readUInt16LE(end + 10);
  if (at === LIMIT || count === 0xffff) throw zip64(name);

  for (let i = 0; i < count; i++) {
    if (at + 46 > end || file.readUInt32LE(at) !== CENTRAL) throw new Error(`${name}: its directory is damaged`);
    const [nameLength, extraLength, noteLength] = [28, 30, 32].map(offset => file.readUInt16LE(at + offset));
    const entry = file.toString('utf8', at + 46, at + 46 + nameLength);
    yield [entry, unpack(file, at, `${name}: ${entry}`)];
    at += 46 + nameLength + extraLength + noteLength;
  }
}

/** Unpacks the entry whose directory record is at `at`, and checks its length and checksum. */
function unpack(file: Buffer, at: number, name: string): Uint8Array {
  const method = file.readUInt16LE(at + 10);
  const [checksum, packed, size] = [16, 20, 24].map(offset => file.readUInt32LE(at + offset));
  const local = file.readUInt32LE(at + 42);
  if (packed === LIMIT || size === LIMIT || local === LIMIT) throw zip64(name);
  if (file.readUInt16LE(at + 8) & 1) throw new Error(`${name}: encrypted entries are not supported`);
  if (method !== 0 && method !== 8)
    throw new Error(`${name}: compression method ${method}; only stored and deflate are read`);
  if (local + 30 > file.length || file.readUInt32LE(local) !== LOCAL) throw new Error(`${name}: its header is damaged`);
  const start = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28);
  const body = file.subarray(start, start + packed);
  let content: Uint8Array;
  try {
    content = method === 0 ? body : zlib.inflateRawSync(body, { maxOutputLength: Math.max(size, 1) });
  } catch (error) {
    throw new Error(`${name}: its compressed data is damaged (${(error as Error).message})`);
  }
  if (content.length !== size) throw new Error(`${name}: ${content.length} bytes of ${size}; the file is cut short`);
  if (zlib.crc32(content) !== checksum) throw new Error(`${name}: the checksum differs; the file is damaged`);
  return content;
}

/** Local header and content of each entry, then the directory and its end. */
function zipParts(entries: [string, Uint8Array][], compress: boolean): Uint8Array[] {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [entry, content] of entries) {
    const name = Buffer.from(entry, 'utf8');
    const body = compress ? zlib.deflateRawSync(content) : content;
    const common = Buffer.alloc(26); // what local header and directory record have in common
    common.writeUInt16LE(20, 0); // version 2.0 reads it
    common.writeUInt16LE(0x0800, 2); // names are UTF-8
    common.writeUInt16LE(compress ? 8 : 0, 4);
    common.writeUInt16LE(0x21, 8); // 1 January 1980, so that equal arrays give equal files
    common.writeUInt32LE(zlib.crc32(content), 10);
    common.writeUInt32LE(body.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    parts.push(word(LOCAL), common, name, body);
    // version made by; then after the common part: note length, disk, attributes (zero), offset
    directory.push(word(CENTRAL), Buffer.from([20, 0]), common, Buffer.alloc(10), word(offset), name);
    offset += 30 + name.length + body.length;
    if (offset >= LIMIT) throw zip64(entry);
  }
  const length = directory.reduce((sum, part) => sum + part.length, 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(END, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(length, 12);
  end.writeUInt32LE(offset, 16);
  return [...parts, ...directory, end];
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

const zip64 = (name: string) =>
  new Error(`${name}: zip64 (an archive or entry of 4 GiB or more) is not supported; split it, or use safetensors`);
