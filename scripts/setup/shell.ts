/** Runs other programs, keeps what they print in .lab/setup.log, and turns their failures into plain words. */
import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync } from 'node:fs';
import { logFile, root, workFolder } from './paths';
import { explain } from './remedies.cjs';

/** A failure that is already told in plain words; shown without a stack. */
export class SetupError extends Error {}

export interface Outcome {
  /** Exit code; -1 where the program could not be started or was killed. */
  code: number;
  output: string;
}

export interface RunOptions {
  env?: Record<string, string>;
  cwd?: string;
  input?: string;
}

/** Runs a program to its end; never throws. Arguments are passed as they are, so paths may hold spaces and any script. */
export function run(
  program: string,
  argv: string[],
  { env = {}, cwd = root, input }: RunOptions = {},
): Promise<Outcome> {
  return new Promise(resolve => {
    let output = '';
    const child = spawn(program, argv, { cwd, env: { ...process.env, ...env }, stdio: 'pipe' });
    const finish = (code: number) => {
      log(`$ ${[program, ...argv].join(' ')}\n${output}[exit ${code}]\n`);
      resolve({ code, output });
    };
    child.stdout.setEncoding('utf8').on('data', text => (output += text));
    child.stderr.setEncoding('utf8').on('data', text => (output += text));
    child.stdin.on('error', () => {}); // a program that reads nothing
    child.stdin.end(input ?? '');
    child.once('error', error => {
      output += `${error.message}\n`;
      finish(-1);
    });
    child.once('close', code => finish(code ?? -1));
  });
}

/**
 * Runs a program that has to succeed, and returns what it printed.
 * @throws SetupError saying what failed, why, and what to do
 */
export async function must(what: string, program: string, argv: string[], options?: RunOptions): Promise<string> {
  const { code, output } = await run(program, argv, options);
  if (code !== 0) throw new SetupError(explain(what, output));
  return output;
}

/** Appends to the log; a full disk must not hide the failure that is being told. */
function log(text: string): void {
  try {
    mkdirSync(workFolder, { recursive: true });
    appendFileSync(logFile, text);
  } catch {}
}
