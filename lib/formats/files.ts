/** Files that are either the old one or the new one, never half of the new one. */
import fs from 'node:fs';
import path from 'node:path';

/**
 * Writes to a temporary file beside the target, flushes it to the disk and renames it: a crash, a full disk or an
 * interrupt leaves the old file as it was. Folders that are missing are made.
 */
export function writeAtomic(file: string, parts: Uint8Array | string | readonly (Uint8Array | string)[]): void {
  const folder = path.dirname(path.resolve(file));
  fs.mkdirSync(folder, { recursive: true });
  const temporary = path.join(folder, `.${path.basename(file)}.${process.pid}.${Date.now()}.part`);
  try {
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
    throw error;
  }
}

/** A whole file, with an error that says what to do where there is none. */
export function readWhole(file: string, what: string): Uint8Array {
  if (!fs.existsSync(file)) throw new Error(`no ${what} at ${file}; check the name, or run the cell that writes it`);
  return fs.readFileSync(file);
}
