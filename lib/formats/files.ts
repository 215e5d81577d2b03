/** Files that are either the old one or the new one, never half of the new one. */
import { brotliDecompressSync, fromRoot, fs, path } from '../platform';
import { isAlive } from '../runtime/alive';

/**
 * Writes to a temporary file beside the target, flushes it to the disk and renames it: a crash, a full disk or an
 * interrupt leaves the old file as it was. What an earlier write that was killed left behind goes. Folders that are missing
 * are made.
 * @throws Error that names the file and says that the old one is still there
 * @example writeAtomic('notes.txt', 'one line\n');
 */
export function writeAtomic(file: string, parts: Uint8Array | string | readonly (Uint8Array | string)[]): void {
  const folder = path.dirname(path.resolve(file));
  const temporary = path.join(folder, `.${path.basename(file)}.${process.pid}.${Date.now()}.part`);
  try {
    fs.mkdirSync(folder, { recursive: true });
    removeLeftovers(folder, path.basename(file));
    const handle = fs.openSync(temporary, 'w');
    try {
      for (const part of Array.isArray(parts) ? parts : [parts]) fs.writeFileSync(handle, part);
      fs.fsyncSync(handle);
    } finally {
      fs.closeSync(handle);
    }
    fs.renameSync(temporary, file);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw notWritten(file, error as NodeJS.ErrnoException);
  }
  flushFolder(folder);
}

/** The same error, in words. */
function notWritten(file: string, error: NodeJS.ErrnoException): Error {
  const full = error.code === 'ENOSPC' || error.code === 'EDQUOT';
  const why = full ? 'the disk is full: free some space and save again' : error.message;
  const old = fs.existsSync(file) ? '; the old file is as it was' : '';
  return Object.assign(new Error(`can't write ${file}: ${why}${old}`, { cause: error }), { code: error.code });
}

/** Where nobody else writes this long, a temporary file is left over even if its process number is in use again. */
const STALE_MS = 3_600_000;

/** Temporary files of `name` whose writer is no more. */
function removeLeftovers(folder: string, name: string): void {
  for (const entry of fs.readdirSync(folder)) {
    const parts = /^\.(.*)\.(\d+)\.(\d+)\.part$/.exec(entry);
    if (parts?.[1] !== name) continue;
    const writing = isAlive(Number(parts[2])) && Date.now() - Number(parts[3]) < STALE_MS;
    if (!writing) fs.rmSync(path.join(folder, entry), { force: true });
  }
}

/** The new name, too, survives a power cut. Not every system opens folders; there the rename is as safe as it makes it. */
function flushFolder(folder: string): void {
  try {
    const handle = fs.openSync(folder, 'r');
    try {
      fs.fsyncSync(handle);
    } finally {
      fs.closeSync(handle);
    }
  } catch {
    // the file is written all the same
  }
}

/**
 * A whole file, with an error that says what to do where there is none.
 * @example readWhole(inProject('datasets', 'iris.csv'), 'table').length > 1000 // → true
 */
export function readWhole(file: string, what: string): Uint8Array {
  mustExist(file, what);
  return fs.readFileSync(file);
}

export interface OpenFile {
  /** Bytes in it. */
  size: number;
  read(from: number, length: number): Uint8Array;
  close(): void;
}

/** Most bytes that the system hands over at once. */
const PIECE = 2 ** 30;

/** A file to be read in pieces: Node reads no file of 2 GiB or more at once. One packed with Brotli (.br) is unpacked into memory. */
export function openFile(file: string, what: string): OpenFile {
  mustExist(file, what);
  if (file.endsWith('.br')) return inMemory(unpackedFile(file));
  const handle = fs.openSync(file, 'r');
  return {
    size: fs.fstatSync(handle).size,
    read(from, length) {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const got = fs.readSync(handle, bytes, done, Math.min(PIECE, length - done), from + done);
        if (got === 0) throw new Error(`${file}: ends at byte ${from + done}, while it is being read`);
        done += got;
      }
      return bytes;
    },
    close: () => fs.closeSync(handle),
  };
}

function unpackedFile(file: string): Uint8Array {
  const packed = fs.readFileSync(file);
  try {
    return brotliDecompressSync(packed);
  } catch (error) {
    throw new Error(`${file}: can't be unpacked, the file is damaged (${(error as Error).message})`);
  }
}

const inMemory = (bytes: Uint8Array): OpenFile => ({
  size: bytes.length,
  read: (from, length) => bytes.slice(from, from + length), // a copy, as a file gives one: numbers begin at its byte 0
  close: () => undefined,
});

/** What lies there, undefined where nothing does; statSync by itself throws where a folder on the way is a file. */
export const statOf = (file: string) => (fs.existsSync(file) ? fs.statSync(file) : undefined);

function mustExist(file: string, what: string): void {
  const stat = statOf(file);
  if (stat?.isDirectory()) throw new Error(`${file} is a folder, expected a ${what}; name a file in it`);
  if (stat && !stat.isFile()) throw new Error(`${file} is a device or a pipe, expected a ${what}`);
  if (!stat) throw new Error(`no ${what} at ${file}; check the name, or run the cell that writes it`);
}

/**
 * A path inside the project, the same wherever the notebook that asks lies: `inProject('checkpoints', 'a.safetensors')`.
 * @example inProject('datasets', 'iris.csv').endsWith('iris.csv') // → true
 */
export const inProject = (...parts: string[]): string => fromRoot(...parts);
