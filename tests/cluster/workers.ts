/** Workers for tests: each a process of its own, ended with the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { freePort } from '../../lib/runtime/cluster/worker';
import { inProject } from '../../scripts/setup/paths';

export interface TestWorker {
  address: string;
  port: number;
  process: ChildProcess;
  /** What it has printed. */
  said: () => string;
}

/** Starts one as `npm run worker` does, and waits until it serves. */
export async function startTestWorker(options: string[] = [], port?: number): Promise<TestWorker> {
  const at = port ?? (await freePort('127.0.0.1'));
  const argv = ['--import', 'tsx', path.join('scripts', 'worker.ts'), '--port', String(at), ...options];
  const env = { ...process.env, TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '1' };
  const child = spawn(process.execPath, argv, { cwd: inProject(), env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  const ready = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        if (/In a cell:/.test(text)) resolve();
      });
    }
    child.once('exit', code => reject(new Error(`the worker ended with ${code}: ${text}`)));
  });
  await ready;
  process.once('exit', () => child.kill('SIGKILL'));
  return { address: `localhost:${at}`, port: at, process: child, said: () => text };
}

/** Ends a worker at once, as when the power fails, and waits until it is gone. */
export function kill({ process: child }: TestWorker): Promise<void> {
  return new Promise(resolve => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
