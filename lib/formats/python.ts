/** Runs a few lines of Python, so that a lesson can show that NumPy reads what was written here. */
import { spawnSync } from '../platform';
import { coursePython } from '../runtime/stack';

/**
 * What the program printed, without the last line's end. `args` are its sys.argv[1:].
 * @throws with Python's own message where the program fails or there is no Python
 * @example pythonRun('print(1 + 1)') // → 2
 */
export function pythonRun(code: string, args: readonly string[] = []): string {
  const { status, stdout, stderr, error } = spawnSync(coursePython(), ['-c', code, ...args], { encoding: 'utf8' });
  if (error) throw new Error(`no Python to run: ${error.message}; npm start sets one up`);
  if (status !== 0) throw new Error(`Python stopped: ${stderr.trim().split('\n').pop()}`);
  return stdout.trimEnd();
}
