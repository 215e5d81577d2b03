/** The Python of the project's own `.venv`. */
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from './notebook';

/** Path of `.venv`'s Python; throws where the set-up has not made it yet. */
export function pythonInVenv(): string {
  const file =
    process.platform === 'win32'
      ? path.join(ROOT, '.venv', 'Scripts', 'python.exe')
      : path.join(ROOT, '.venv', 'bin', 'python');
  if (!fs.existsSync(file)) throw new Error('.venv is not set up yet: run `npm run setup`');
  return file;
}
