/** Where things lie. Everything that set-up makes is inside the project's folder. */
import path from 'node:path';

export const root = path.resolve(__dirname, '..', '..');
const windows = process.platform === 'win32';

/** A path inside the project. */
export const inProject = (...parts: string[]): string => path.join(root, ...parts);

export const venv = inProject('.venv');
/** A program of the virtual environment: `venvProgram('python')`. */
export const venvProgram = (name: string): string =>
  path.join(venv, windows ? 'Scripts' : 'bin', windows ? `${name}.exe` : name);

/** Logs, object files and locks: never committed, safe to delete. */
export const workFolder = inProject('.lab');
export const logFile = path.join(workFolder, 'setup.log');

export const tfjsNode = inProject('node_modules', '@tensorflow', 'tfjs-node-gpu');
export const addon = path.join(tfjsNode, 'lib', 'napi-v8', 'tfjs_binding.node');
