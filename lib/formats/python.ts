/** Runs a few lines of Python, so that a lesson can show that NumPy reads what was written here. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** The project's own Python, made by the set-up, else the one on the PATH. */
function interpreter(): string {
  const venv = path.join(__dirname, '..', '..', '.venv');
  const own =
    process.platform === 'win32' ? path.join(venv, 'Scripts', 'python.exe') : path.join(venv, 'bin', 'python');
  return existsSync(own) ? own : 'python3';
}

/**
 * What the program printed, without the last line's end. `args` are its sys.argv[1:].
 * @throws with Python's own message where the program fails or there is no Python
 * @example pythonRun('print(1 + 1)') // → 2
 */
export function pythonRun(code: string, args: readonly string[] = []): string {
  const { status, stdout, stderr, error } = spawnSync(interpreter(), ['-c', code, ...args], { encoding: 'utf8' });
  if (error) throw new Error(`no Python to run: ${error.message}; npm start sets one up`);
  if (status !== 0) throw new Error(`Python stopped: ${stderr.trim().split('\n').pop()}`);
  return stdout.trimEnd();
}
