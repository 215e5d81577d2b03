/** Where tests write: folders below one that goes when the process of the test file ends. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

let top: string | undefined;

/** A new, empty folder, its links resolved (macOS's temporary folder is one): `newFolder('weights')`. */
export function newFolder(name: string): string {
  if (top === undefined) {
    const made = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'latentlab-tests-')));
    process.on('exit', () => remove(made));
    top = made;
  }
  return mkdtempSync(path.join(top, `${name}-`));
}

function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  } catch {
    // something still writes there: `npm test` removes the rest with its own folder
  }
}
