/** Runs the project's Python, so that its NumPy and safetensors can judge our files. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(__dirname, '../..');
const python = ['.venv/bin/python', '.venv/Scripts/python.exe']
  .map(p => path.join(root, p))
  .find(p => fs.existsSync(p));

/** Runs a program; its arguments are sys.argv[1:]. Returns what it printed; throws with its traceback. */
export function runPython(program: string, ...args: string[]): string {
  if (!python) throw new Error('no .venv in the project; run: npm run setup');
  const { status, stdout, stderr } = spawnSync(python, ['-c', program, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`Python failed:\n${stderr}`);
  return stdout.trim();
}
