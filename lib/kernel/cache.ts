/** Small files that save work the next time: in .lab, or where the project cannot be written, in a folder of this user's own among the temporary files. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CACHE, ROOT } from './paths';

/** The text kept under `name`; undefined where there is none. */
export function readCached(name: string): string | undefined {
  for (const folder of [CACHE, temporaryFolder()]) {
    try {
      if (folder) return fs.readFileSync(path.join(folder, name), 'utf8');
    } catch {
      // not here
    }
  }
  return undefined;
}

/** Keeps a text under `name`, whole or not at all; where nothing can be written, nothing is kept. */
export function writeCached(name: string, text: string): void {
  for (const folder of [CACHE, temporaryFolder()]) {
    try {
      if (!folder) continue;
      const file = path.join(folder, name);
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

let temporary: string | null | undefined;

/** Code is kept there, so it must be this user's, and closed to others; null where it is not. */
function temporaryFolder(): string | null {
  if (temporary !== undefined) return temporary;
  const user = process.getuid?.();
  const project = createHash('sha256').update(ROOT).digest('hex').slice(0, 12);
  const folder = path.join(os.tmpdir(), `latentlab-${user ?? 'cache'}-${project}`);
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    const stat = fs.lstatSync(folder);
    const mine = user === undefined || (stat.uid === user && (stat.mode & 0o022) === 0);
    temporary = stat.isDirectory() && mine ? folder : null;
  } catch {
    temporary = null;
  }
  return temporary;
}
