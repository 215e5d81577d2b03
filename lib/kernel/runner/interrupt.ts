/**
 * The stop button, inside the process that runs cells. A helper thread sets a flag even while the main thread is busy; loops
 * and awaits of cells and of the lib look at it (compiler/instrument.ts put the calls there).
 */
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { HELPER } from '../compiler/cell-names';
import { endWorkers, watchChildren } from './children';
import { comparing } from './compared';
import { type CellContext, context } from './context';
import { guardedEach } from './each';
import { afterForce, beforeForce } from './force';
import { own } from './timers';

/** What an interrupted cell throws. Named as Jupyter front ends know it. */
export class KeyboardInterrupt extends Error {
  override name = 'KeyboardInterrupt';
  constructor() {
    super('stopped by the reader');
  }
}

/** Main thread → interrupt thread. */
export type ToInterruptThread =
  | { kind: 'here' }
  | { kind: 'spawned'; pid: number; cell: number }
  | { kind: 'exited'; pid: number }
  | { kind: 'end'; cell: number };
/** Interrupt thread → main thread. `gone`: no process is left that the cell had started. */
export type FromInterruptThread = { kind: 'interrupt' } | { kind: 'ping' } | { kind: 'gone'; cell: number };

/** A stopped cell's code has this long to come to an end by itself, in ms. */
const GRACE = 200;
/** Its processes are waited for no longer than this. */
const LONGEST = 1500;

/** [0] the flag, [1] the serial number of the cell that was meant last, [2] of the cell that was started last. */
const shared = new Int32Array(new SharedArrayBuffer(12));
const handlers: (() => boolean)[] = [];
const waiting = new Set<(reason: Error) => void>();
let running: { context: CellContext; abort: (reason: Error) => void; stoppedAt?: number } | undefined;
let thread: Worker;
const gone = new Map<number, () => void>();

/** Registers what an interrupt does; the newest handler is asked first. */
export function onInterrupt(handler: () => boolean): () => void {
  handlers.push(handler);
  return () => {
    const at = handlers.lastIndexOf(handler);
    if (at >= 0) handlers.splice(at, 1);
  };
}

/** Starts the thread that listens to the interrupt pipe (file descriptor 4) and ends the process when the kernel is gone. */
export function startInterruptThread(): void {
  thread = new Worker(path.join(__dirname, 'interrupts.js'), { workerData: { flag: shared.buffer } });
  thread.on('message', (message: FromInterruptThread) => {
    afterForce();
    if (message.kind === 'gone') gone.get(message.cell)?.();
    else if (message.kind === 'ping') {
      if (running?.stoppedAt && performance.now() > running.stoppedAt + GRACE) running.abort(new KeyboardInterrupt());
      tell({ kind: 'here' });
    } else if (shared[0]) interrupt();
  });
  thread.unref();
  watchChildren(thread, tell);
}

const tell = (message: ToInterruptThread): void => thread.postMessage(message);

/** From here to `ended`, an interrupt concerns this cell; `abort` is called when it has not ended by itself. */
export function started(cell: CellContext, abort: (reason: Error) => void): void {
  afterForce();
  running = { context: cell, abort };
  shared[2] = cell.cell;
  shared[0] = shared[1] === cell.cell ? 1 : 0; // the interrupt may have been faster than the cell
}

export function ended(): void {
  shared[0] = 0;
  running = undefined;
}

/** A cell that sends the process the signal of Ctrl-C is stopped as by the button, unless it listens to the signal itself. */
export function interruptOnSignal(): void {
  process.on('SIGINT', () => {
    if (!running || process.listenerCount('SIGINT') > 1) return;
    shared[0] = 1;
    interrupt();
  });
}

/** Ends what a stopped cell had started: processes, also such as it started after the stop, and threads. */
export function endStarted(cell: CellContext, then: () => void): void {
  const once = () => {
    if (gone.delete(cell.cell)) then();
  };
  gone.set(cell.cell, once);
  endWorkers(cell);
  tell({ kind: 'end', cell: cell.cell });
  own.setTimeout(once, LONGEST).unref();
}

/** Asks the handlers; where none takes the interrupt, everything that waits is given up and the cell ends soon, by itself or by force. */
function interrupt(): boolean {
  if (!running?.context.aborted && taken()) {
    shared[0] = 0;
    return false;
  }
  const reason = new KeyboardInterrupt();
  for (const reject of [...waiting]) reject(reason);
  waiting.clear();
  if (!running) {
    shared[0] = 0;
    return true;
  }
  const { context: cell, abort } = running;
  cell.aborted = true; // the flag stays up, so that loops which catch the error stop as well
  running.stoppedAt ??= performance.now();
  endWorkers(cell);
  tell({ kind: 'end', cell: cell.cell });
  own.setTimeout(() => abort(reason), GRACE);
  return true;
}

/** A handler that throws has not taken it. */
function taken(): boolean {
  return handlers
    .slice()
    .reverse()
    .some(handler => {
      try {
        return handler();
      } catch {
        return false;
      }
    });
}

/** What compiled code calls, as a name of each cell and file; the global one serves the interrupt thread. */
export const guards = {
  flag: shared,
  ...comparing,

  /** A loop found the flag up. @throws KeyboardInterrupt unless a handler took the interrupt. */
  stop(): void {
    if (running?.context.aborted || interrupt()) throw new KeyboardInterrupt();
  },

  /** The helper thread is about to end by force what runs now: handlers had their time to answer. */
  disarm(): void {
    if (running) running.context.aborted = true;
    beforeForce();
  },

  /** Stands around the operand of every `await`: gives up when the reader stops the cell. */
  guard<T>(value: T): T | Promise<Awaited<T>> {
    if (shared[0]) guards.stop();
    if (context.getStore()?.aborted) throw new KeyboardInterrupt();
    if (!isThenable(value)) return value;
    return new Promise((resolve, reject) => {
      waiting.add(reject);
      const settle = (act: () => void) => {
        waiting.delete(reject);
        act();
      };
      value.then(
        result => settle(() => resolve(result as Awaited<T>)),
        error => settle(() => reject(error)),
      );
    });
  },

  /** The same for the source of a `for await`. */
  guardEach: <T>(source: AsyncIterable<T> | Iterable<T>): AsyncIterable<T> => guardedEach(source, guards.guard),
};

Object.defineProperty(globalThis, HELPER, { value: guards, configurable: true });

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
