/** Processes and threads that cells start: noted, so that the stop button ends those of the cell that it stops, and no other. */
import { ChildProcess } from 'node:child_process';
import type { Worker } from 'node:worker_threads';
import { MARK } from '../processes';
import { type CellContext, context } from './context';
import type { ToInterruptThread } from './interrupt';
import { currentCell } from './link';

const workers = new Map<Worker, number>();
/** This runner's part of the mark. */
const runner = (process.env[MARK] ?? '').split(':')[0];

const owner = (): number => context.getStore()?.cell ?? currentCell();
const markOf = (cell: number): string => `${runner}:${cell}`;

/** Processes that are waited for (`execSync`) and such as native code starts carry this cell's mark from now on. */
export function markCell(cell: number): void {
  process.env[MARK] = markOf(cell);
}

/** @param thread our own, which is no cell's */
export function watchChildren(thread: Worker, tell: (message: ToInterruptThread) => void): void {
  markCell(0);
  watchProcesses(tell);
  process.on('worker', worker => {
    if (worker === thread) return;
    workers.set(worker, owner());
    worker.once('exit', () => workers.delete(worker));
    if (context.getStore()?.aborted) void worker.terminate(); // announced late, as the cell was busy
  });
}

/** `spawn`, `exec`, `execFile` and `fork` all come through this method. */
function watchProcesses(tell: (message: ToInterruptThread) => void): void {
  interface Options {
    envPairs?: string[];
  }
  const prototype = ChildProcess.prototype as ChildProcess & { spawn(options: Options): unknown };
  const { spawn } = prototype;
  prototype.spawn = function (options) {
    const cell = owner();
    const others = (options?.envPairs ?? []).filter(pair => !pair.startsWith(`${MARK}=`));
    const result = spawn.call(this, { ...options, envPairs: [...others, `${MARK}=${markOf(cell)}`] });
    const { pid } = this;
    if (pid !== undefined) {
      tell({ kind: 'spawned', pid, cell });
      this.once('exit', () => tell({ kind: 'exited', pid }));
    }
    return result;
  };
}

export function endWorkers({ cell }: CellContext): void {
  for (const [worker, owner] of workers) if (owner === cell) void worker.terminate();
}
