/** The Python that everything stands on: found, checked, and wrapped in .venv. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root, venv, venvProgram } from './paths';
import { explain } from './remedies.cjs';
import { run, SetupError } from './shell';
import type { Step } from './steps';

/** Versions for which TensorFlow 2.21 has wheels. */
export const PYTHON_RANGE = { oldest: [3, 10], newest: [3, 13] } as const;

export interface Python {
  /** Program and leading arguments, e.g. ['py', '-3']. */
  command: string[];
  version: [number, number, number];
}

/** While this file exists, .venv is being changed; found at a start, it means that an earlier run was interrupted. */
export const unfinished = path.join(venv, '.unfinished');

/** Programs to try, the user's own choice (LAB_PYTHON) before all. */
export function pythonCandidates(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string[][] {
  if (env.LAB_PYTHON) return [[env.LAB_PYTHON]];
  const plain = [['python3'], ['python']];
  const exact = ['3.13', '3.12', '3.11', '3.10'].map(version => [`python${version}`]);
  return platform === 'win32' ? [['py', '-3'], ...plain] : [...plain, ...exact];
}

const PROBE = 'import sys; print(*sys.version_info[:3], sys.maxsize > 2**32)';

/**
 * Finds a Python that fits.
 * @throws SetupError naming what was found instead, and what to install
 */
export async function findPython(): Promise<Python> {
  const seen: string[] = [];
  for (const command of pythonCandidates(process.env, process.platform)) {
    const { code, output } = await run(command[0], [...command.slice(1), '-c', PROBE]);
    const match = code === 0 && /(\d+) (\d+) (\d+) (True|False)/.exec(output);
    if (!match) continue;
    const version: Python['version'] = [Number(match[1]), Number(match[2]), Number(match[3])];
    if (pythonFits(version) && match[4] === 'True') return { command, version };
    seen.push(`${command.join(' ')} is ${version.join('.')}${match[4] === 'True' ? '' : ' (32 bit)'}`);
  }
  throw new SetupError(noPython(seen));
}

export function pythonFits([major, minor]: number[]): boolean {
  return major === 3 && minor >= PYTHON_RANGE.oldest[1] && minor <= PYTHON_RANGE.newest[1];
}

export function noPython(seen: string[]): string {
  const found = seen.length > 0 ? `found ${seen.join(', ')}` : 'none found';
  return [
    `Python 3.10 to 3.13 (64 bit) is needed; ${found}.`,
    '  What to do: install one (Debian and Ubuntu: sudo apt-get install python3 python3-venv; macOS: brew install python@3.12;',
    '  Windows: https://www.python.org), or name one that you have: LAB_PYTHON=/path/to/python3.12 npm start',
  ].join('\n');
}

/** Does .venv work, was the last change to it completed, and was it made for this folder? (Its programs hold the path.) */
export async function venvIsSound(): Promise<boolean> {
  if (!existsSync(path.join(venv, 'pyvenv.cfg')) || existsSync(unfinished)) return false;
  const activate = path.join(path.dirname(venvProgram('python')), 'activate');
  if (
    !existsSync(activate) ||
    !readFileSync(activate, 'utf8').includes(process.platform === 'win32' ? path.basename(venv) : venv)
  )
    return false;
  const { code } = await run(venvProgram('python'), ['-c', 'import ssl, sqlite3, pip']);
  return code === 0;
}

/** Changes .venv under the `unfinished` mark: killed in between, the next start makes .venv anew. */
export async function changingVenv(work: () => Promise<void>): Promise<void> {
  mkdirSync(venv, { recursive: true });
  writeFileSync(unfinished, `${new Date().toISOString()}\n`);
  await work();
  rmSync(unfinished, { force: true });
}

export const venvStep: Step = {
  name: 'Python environment .venv',
  takes: '10 s',
  stamp: path.join(venv, '.lab', 'venv'),
  inputs: () => [root],
  intact: venvIsSound,
  async run() {
    if (await venvIsSound()) return; // made by hand: keep it
    const python = await findPython();
    rmSync(venv, { recursive: true, force: true });
    await changingVenv(() => makeVenv(python));
  },
};

/** `python -m venv`; where Python came without ensurepip, the venv borrows the pip beside it. */
async function makeVenv({ command: [program, ...argv] }: Python): Promise<void> {
  const made = await run(program, [...argv, '-m', 'venv', venv]);
  if (made.code === 0) return;
  const bare = await run(program, [...argv, '-m', 'venv', '--without-pip', venv]);
  const lent = await run(program, [
    ...argv,
    '-m',
    'pip',
    '--python',
    venvProgram('python'),
    'install',
    '--quiet',
    'pip',
  ]);
  if (bare.code !== 0 || lent.code !== 0) throw new SetupError(explain('making the Python environment', made.output));
}
