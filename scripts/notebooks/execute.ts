/** Executes a notebook through the real kernel, as JupyterLab would, and reports cell by cell. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import readline from 'node:readline';
import { pythonInVenv } from './command';
import { ROOT } from './notebook';

export interface ExecuteOptions {
  /** Where the notebook with its outputs is written, also when a cell fails. */
  output: string;
  /** Small training budgets (LAB_QUICK=1). */
  quick?: boolean;
  /** For the whole notebook. */
  timeoutSeconds?: number;
  /** Settings of the kernel's process beside, or instead of, this one's. */
  env?: NodeJS.ProcessEnv;
  /** Told the number of the process that drives the kernel. */
  onStart?: (pid: number) => void;
  /** Working directory of the kernel; default: the notebook's folder. */
  folder?: string;
  onEvent?: (event: RunEvent) => void;
}

export type RunEvent =
  | { event: 'start'; cells: number }
  | { event: 'cell'; id: string }
  | { event: 'done'; id: string; seconds: number }
  | Failure;

export interface Failure {
  event: 'failed';
  /** The cell; null where the kernel did not even start. */
  id: string | null;
  name: string;
  message: string;
  traceback: string[];
}

export interface Execution {
  failure?: Failure;
  seconds: number;
  /** Seconds of each cell by id. */
  cells: Record<string, number>;
}

/** Runs all cells of `file`, each for `limit_seconds` of its metadata at most where it has that; a failing cell is a result, not an exception. Throws where Python itself fails. */
export async function executeNotebook(file: string, options: ExecuteOptions): Promise<Execution> {
  const { output, quick = false, timeoutSeconds = 3600, folder = path.dirname(file), onEvent = () => {} } = options;
  const script = path.join(ROOT, 'scripts', 'python', 'execute.py');
  const { LAB_QUICK: _, ...environment } = process.env;
  const started = performance.now();
  const child = spawn(pythonInVenv(), ['-W', 'ignore', script, file, output, folder, String(timeoutSeconds)], {
    env: {
      ...environment,
      ...options.env,
      ...(quick ? { LAB_QUICK: '1' } : {}),
      LAB_CLAIMS: 'strict',
      PYTHONUTF8: '1',
      JUPYTER_PREFER_ENV_PATH: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid) options.onStart?.(child.pid);
  let errors = '';
  child.stderr.on('data', chunk => (errors = (errors + chunk).slice(-20_000)));
  const ended = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  const execution: Execution = { seconds: 0, cells: {} };
  for await (const line of readline.createInterface({ input: child.stdout })) {
    const event = JSON.parse(line) as RunEvent;
    if (event.event === 'done') execution.cells[event.id] = event.seconds;
    if (event.event === 'failed') execution.failure = event;
    onEvent(event);
  }
  const code = await ended;
  execution.seconds = (performance.now() - started) / 1000;
  if (code !== 0 && !execution.failure)
    throw new Error(`running ${path.basename(file)} failed (exit ${code}):\n${errors}`);
  return execution;
}

/** A failure as a reader of a terminal wants it: which cell, what, and where in the code. */
export function failureText(failure: Failure, source = ''): string {
  const title = `cell '${failure.id ?? 'none'}' failed: ${failure.name}: ${failure.message}`;
  const traceback = failure.traceback.filter(line => !line.endsWith(`: ${failure.message}`));
  const code = source.split('\n').map((line, i) => `  ${String(i + 1).padStart(3)} │ ${line}`);
  return [title, ...(traceback.length > 0 ? traceback : code)].join('\n');
}
