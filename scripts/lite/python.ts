/** JupyterLite's own builder, from PyPI: not part of the set-up, fetched once when somebody asks for `npm run lite`. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { venvProgram, workFolder } from '../setup/paths';
import { must } from '../setup/shell';
import { hashFile, writeStamp } from '../setup/steps';

const WANTED = path.join(__dirname, 'requirements.txt');
const FOLDER = path.join(workFolder, 'lite', 'python');

/**
 * Fetches it where it is missing. It stands beside .venv, not in it: whoever only reads notebooks has no use for it, and
 * run by .venv's Python it finds there JupyterLab's extensions, the Chinese menus and the server that lists notebooks.
 */
export async function fetchBuilder(): Promise<void> {
  const stamp = path.join(FOLDER, '.complete');
  const wanted = hashFile(WANTED);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8').trim() === wanted) return;
  rmSync(FOLDER, { recursive: true, force: true });
  const argv = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', FOLDER, '-r', WANTED];
  await must('fetching JupyterLite', venvProgram('python'), argv);
  writeStamp(stamp, wanted);
}

/** `jupyter lite …` in `folder`. @throws SetupError with what it said */
export const lite = (folder: string, ...argv: string[]): Promise<string> =>
  must('building JupyterLite', venvProgram('python'), ['-m', 'jupyterlite_core', ...argv], {
    cwd: folder,
    env: { PYTHONPATH: FOLDER },
  });
