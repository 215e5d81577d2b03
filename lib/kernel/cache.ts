/** Small files that save work the next time: in .lab, or where the project cannot be written, in a folder of this user's own among the temporary files. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CACHE, ROOT } from './paths';

/** The text kept under `name`; undefined where there is none. */
export function readCached(name: string): string | undefined {
  for (const folder of [() => CACHE, temporaryFolder]) {
    try {
      const place = folder();
      if (place) return fs.readFileSync(path.join(place, name), 'utf8');
    } catch {
      // not here
    }
  }
  return undefined;
}

/** Keeps a text under `name`, whole or not at all; where nothing can be written, nothing is kept. */
export function writeCached(name: string, text: string): void {
  for (const folder of [() => CACHE, makeTemporaryFolder]) {
    try {
      const place = folder();
      if (!place) continue;
      const file = path.join(place, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      const temporary = `${file}.${process.pid}`;
      fs.writeFileSync(temporary, text);
      fs.renameSync(temporary, file);
      return;
    } catch {
      // read-only, or full: the next folder
    }
  }
}

/** Where this user's own cache would be. */
function temporaryPath(): string {
  const project = createHash('sha256').update(ROOT).digest('hex').slice(0, 12);
  return path.join(os.tmpdir(), `latentlab-${process.getuid?.() ?? 'cache'}-${project}`);
}

/** Code is kept there, so it must be this user's, and closed to others; null where it is not, or is not there. */
function temporaryFolder(): string | null {
  const folder = temporaryPath();
  const stat = fs.lstatSync(folder, { throwIfNoEntry: false });
  const user = process.getuid?.();
  const mine = stat && (user === undefined || (stat.uid === user && (stat.mode & 0o022) === 0));
  return mine && stat.isDirectory() ? folder : null;
}

/** Made only when something is to be kept that the project's own folder does not take. */
function makeTemporaryFolder(): string | null {
  fs.mkdirSync(temporaryPath(), { recursive: true, mode: 0o700 });
  return temporaryFolder();
}
