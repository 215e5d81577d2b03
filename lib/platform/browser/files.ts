/**
 * Files as a page's worker has them. Those of the course lie on the site, packed, and are fetched when they are first
 * read; whatever a cell writes stays in memory, above them. Reading waits for the answer, as in Node: a worker may.
 */
import { gunzipSync } from 'fflate';
import { crc32 } from './crc';
import { path } from './path';

export { path };

const ROOT = '/project';

/** A path inside the project. */
export const fromRoot = (...parts: string[]): string => path.join(ROOT, ...parts);

/** A path inside a package, as far as the site has its files. */
export const inPackage = (name: string, ...parts: string[]): string => fromRoot('node_modules', name, ...parts);

/** Bytes by path from the root: what was written, and what was read. */
const present = new Map<string, Uint8Array>();
const gone = new Set<string>();

/** Of a file of the site: its bytes, their CRC-32 in hexadecimal digits, and the bytes that travel, packed. */
export type Listed = readonly [bytes: number, checksum: string, packed: number];

/** What the site has, by path from the root. */
let listed = new Map<string, Listed>();
let address = '';

/** Tells where the site's packed files lie, and which there are, by path from the root. */
export function useSite(base: string, files: Record<string, Listed>): void {
  address = base;
  listed = new Map(Object.entries(files));
}

/** Files that are there to be asked about, and read by other means. */
export function listAlso(files: readonly string[]): void {
  for (const name of files) if (!listed.has(name)) listed.set(name, [0, '', 0]);
}

/** Puts a file there without writing it to anywhere. */
export const mount = (file: string, content: string | Uint8Array): void =>
  void present.set(key(fromRoot(file)), typeof content === 'string' ? new TextEncoder().encode(content) : content);

let changed = (_file: string): void => {};

/** @param told of each file that is written or removed, by its path from the root */
export function watchFiles(told: (file: string) => void): void {
  changed = told;
}

let waiting = (_file: string, _bytes: number): void => {};

/** @param told before a larger file is waited for, and of how many bytes; of '' when the waiting is over */
export function watchFetches(told: (file: string, bytes: number) => void): void {
  waiting = told;
}

/** What was written there, or read from there. */
export const bytesHeld = (file: string): Uint8Array | undefined => present.get(file);

const key = (file: string): string => path.relative(ROOT, path.resolve(String(file)));

/** Files of more bytes than this are read anew each time: whoever needs one twice keeps it. */
const KEPT = 8e6;

function bytesOf(file: string): Uint8Array | undefined {
  const name = key(file);
  const own = present.get(name);
  if (own || gone.has(name) || !listed.has(name)) return own;
  const bytes = fetched(name, listed.get(name)!);
  if (bytes.length < KEPT) present.set(name, bytes);
  return bytes;
}

/** A file that travels in fewer bytes comes without a word. */
const SMALL = 1e6;

/**
 * A file of the site. Its address bears its checksum, so that no cache gives one of an older site for it; where what comes has
 * another, it is asked for once more, past all caches (scripts/site/page/offline.js).
 */
function fetched(name: string, [size, checksum, packed]: Listed): Uint8Array {
  if (packed > SMALL) waiting(name, packed);
  try {
    for (const again of ['', '&again']) {
      const bytes = unpacked(answerOf(name, `${checksum}${again}`), size);
      if (bytes?.length === size && hexOf(crc32(bytes)) === checksum) return bytes;
    }
  } finally {
    if (packed > SMALL) waiting('', 0);
  }
  throw new Error(`${name} has arrived damaged twice, or belongs to another state of the site: reload the page`);
}

function answerOf(name: string, query: string): Uint8Array {
  const request = new XMLHttpRequest();
  request.open('GET', `${address}${encodeURI(name)}.gz?${query}`, false);
  request.responseType = 'arraybuffer';
  request.send();
  if (request.status !== 200) throw new Error(`the site does not answer with ${name} (${request.status})`);
  return new Uint8Array(request.response as ArrayBuffer);
}

/** Undefined where it cannot be unpacked. */
function unpacked(answer: Uint8Array, size: number): Uint8Array | undefined {
  if (answer[0] !== 0x1f || answer[1] !== 0x8b) return answer; // some hosts unpack .gz on the way
  try {
    return gunzipSync(answer, { out: new Uint8Array(size) });
  } catch {
    return undefined;
  }
}

const hexOf = (crc: number): string => crc.toString(16).padStart(8, '0');

function fault(code: string, what: string, call: string, file: string): Error {
  return Object.assign(new Error(`${code}: ${what}, ${call} '${file}'`), { code, path: file, syscall: call });
}
const missing = (call: string, file: string): Error => fault('ENOENT', 'no such file or directory', call, file);

const names = function* (): Iterable<string> {
  yield* present.keys();
  for (const name of listed.keys()) if (!gone.has(name) && !present.has(name)) yield name;
};

const folders = new Set<string>();
function isFolder(file: string): boolean {
  const name = key(file);
  if (name === '' || folders.has(name)) return true;
  for (const other of names()) if (other.startsWith(`${name}/`)) return true;
  return false;
}
const isFile = (file: string): boolean => {
  const name = key(file);
  return present.has(name) || (listed.has(name) && !gone.has(name));
};

class Stat {
  readonly mtimeMs = 0;
  readonly ctimeMs = 0;
  readonly ino = 0;
  readonly mode = 0o644;
  readonly uid = 0;
  constructor(
    readonly name: string,
    readonly size: number,
    private readonly folder: boolean,
  ) {}
  isFile = (): boolean => !this.folder;
  isDirectory = (): boolean => this.folder;
  isSymbolicLink = (): boolean => false;
}

type Encoding = string | { encoding?: string | null } | null;
const encodingOf = (options: Encoding | undefined): BufferEncoding | undefined =>
  ((typeof options === 'string' ? options : options?.encoding) ?? undefined) as BufferEncoding | undefined;

interface Handle {
  file: string;
  bytes: Uint8Array;
  parts?: Uint8Array[];
}
const handles = new Map<number, Handle>();
let lastHandle = 10;

const asBytes = (data: string | Uint8Array, options?: Encoding): Uint8Array =>
  typeof data === 'string' ? Uint8Array.from(Buffer.from(data, encodingOf(options) ?? 'utf8')) : Uint8Array.from(data);

function keep(file: string, bytes: Uint8Array): void {
  if (!isFolder(path.dirname(path.resolve(file)))) throw missing('open', file);
  present.set(key(file), bytes);
  gone.delete(key(file));
  changed(key(file));
}

const concat = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

const files = {
  constants: { F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1 },

  existsSync: (file: string): boolean => isFile(file) || isFolder(file),

  readFileSync(file: string, options?: Encoding): Buffer | string {
    const bytes = bytesOf(file);
    if (!bytes)
      throw isFolder(file) ? fault('EISDIR', 'illegal operation on a directory', 'read', file) : missing('open', file);
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const encoding = encodingOf(options);
    return encoding ? buffer.toString(encoding) : buffer;
  },

  readdirSync(folder: string, options?: { withFileTypes?: boolean; recursive?: boolean }): (string | Stat)[] {
    const inside = key(folder) === '' ? '' : `${key(folder)}/`;
    if (!isFolder(folder)) throw missing('scandir', folder);
    const found = new Set<string>();
    for (const name of [...names(), ...folders]) {
      if (!name.startsWith(inside) || name.length === inside.length) continue;
      const parts = name.slice(inside.length).split('/');
      found.add(parts[0]);
      if (options?.recursive) for (let i = 2; i <= parts.length; i++) found.add(parts.slice(0, i).join('/'));
    }
    const sorted = [...found].sort();
    if (!options?.withFileTypes) return sorted;
    return sorted.map(name => {
      const whole = path.join(folder, name);
      return Object.assign(new Stat(path.basename(name), 0, isFolder(whole)), { parentPath: path.dirname(whole) });
    });
  },

  statSync(file: string, options?: { throwIfNoEntry?: boolean }): Stat | undefined {
    if (isFile(file))
      return new Stat(path.basename(file), present.get(key(file))?.length ?? listed.get(key(file))![0], false);
    if (isFolder(file)) return new Stat(path.basename(file), 0, true);
    if (options?.throwIfNoEntry === false) return undefined;
    throw missing('stat', file);
  },
  lstatSync: (file: string, options?: { throwIfNoEntry?: boolean }) => files.statSync(file, options),
  realpathSync: (file: string): string => path.resolve(file),
  accessSync(file: string): void {
    if (!files.existsSync(file)) throw missing('access', file);
  },

  mkdirSync(folder: string): void {
    for (let name = key(folder); name !== '' && name !== '.'; name = path.dirname(name)) folders.add(name);
  },
  mkdtempSync(prefix: string): string {
    const folder = `${prefix}${Math.random().toString(36).slice(2, 8).padEnd(6, '0')}`;
    files.mkdirSync(folder);
    return folder;
  },

  writeFileSync(file: string | number, data: string | Uint8Array, options?: Encoding): void {
    if (typeof file === 'number') handles.get(file)!.parts!.push(asBytes(data, options));
    else keep(file, asBytes(data, options));
  },
  appendFileSync(file: string, data: string | Uint8Array): void {
    keep(file, concat([bytesOf(file) ?? new Uint8Array(0), asBytes(data)]));
  },
  copyFileSync(from: string, to: string): void {
    keep(to, asBytes(files.readFileSync(from) as Buffer));
  },

  openSync(file: string, mode = 'r'): number {
    const writes = mode.startsWith('w');
    const bytes = writes ? new Uint8Array(0) : isFolder(file) ? new Uint8Array(0) : bytesOf(file);
    if (!bytes) throw missing('open', file);
    handles.set(++lastHandle, { file, bytes, ...(writes ? { parts: [] } : {}) });
    return lastHandle;
  },
  closeSync(handle: number): void {
    const { file, parts } = handles.get(handle)!;
    handles.delete(handle);
    if (parts) keep(file, concat(parts));
  },
  fsyncSync(): void {},
  fstatSync: (handle: number): Stat => new Stat('', handles.get(handle)!.bytes.length, false),
  readSync(handle: number, into: Uint8Array, offset: number, length: number, position: number): number {
    const piece = handles.get(handle)!.bytes.subarray(position, position + length);
    into.set(piece, offset);
    return piece.length;
  },

  renameSync(from: string, to: string): void {
    const bytes = bytesOf(from);
    if (!bytes) throw missing('rename', from);
    keep(to, bytes);
    files.unlinkSync(from);
  },
  unlinkSync(file: string): void {
    if (present.delete(key(file))) changed(key(file));
    if (listed.has(key(file))) gone.add(key(file));
  },
  rmSync(file: string, options?: { force?: boolean; recursive?: boolean }): void {
    if (!files.existsSync(file) && !options?.force) throw missing('rm', file);
    const inside = [...names(), ...folders].filter(name => name.startsWith(`${key(file)}/`));
    for (const name of [key(file), ...inside]) {
      files.unlinkSync(fromRoot(name));
      folders.delete(name);
    }
  },
};

export const fs = files as unknown as typeof import('node:fs');
