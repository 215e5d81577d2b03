/**
 * The stop button, inside the process that runs cells. A helper thread sets a flag even while the main thread is busy; loops
 * and awaits of cells and of the lib look at it (compiler/instrument.ts put the calls there).
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { CellOutput } from '../../runtime/display';
import { HELPER } from '../compiler/cell-names';

/** What an interrupted cell throws. Named as Jupyter front ends know it. */
export class KeyboardInterrupt extends Error {
  override name = 'KeyboardInterrupt';
  constructor() {
    super('stopped by the reader');
  }
}

/** The cell on whose behalf code runs, also in timers and promises that it started. */
export interface CellContext {
  cell: number;
  count: number;
  aborted: boolean;
  /** Where output goes that is captured for a widget, instead of below the cell. */
  sink?: (output: CellOutput) => void;
}

export const context = new AsyncLocalStorage<CellContext>();

/** [0] the flag, [1] the serial number of the cell that was meant last. */
const shared = new Int32Array(new SharedArrayBuffer(8));
const handlers: (() => boolean)[] = [];
const waiting = new Set<(reason: Error) => void>();
let running: { context: CellContext; abort: (reason: Error) => void } | undefined;

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
  const thread = new Worker(path.join(__dirname, 'interrupts.js'), { workerData: { flag: shared.buffer } });
  thread.on('message', message => {
    if (message === 'ping') thread.postMessage('here');
    else if (message === 'terminated') setImmediate(clearAsyncStack);
    else if (shared[0]) interrupt();
  });
  thread.unref();
}

/** Thrown and ignored: Node forgets the asynchronous calls it believes to be inside of when it handles an uncaught error. */
export const CLEAR_STACK = new Error('nothing happened');

function clearAsyncStack(): void {
  throw CLEAR_STACK;
}

/** From here to `ended`, an interrupt concerns this cell. */
export function started(cell: CellContext, abort: (reason: Error) => void): void {
  running = { context: cell, abort };
  shared[0] = shared[1] === cell.cell ? 1 : 0; // the interrupt may have been faster than the cell
}

export function ended(): void {
  shared[0] = 0;
  running = undefined;
}

/** Asks the handlers; where none takes the interrupt, everything that waits is given up and the cell ends soon, by itself or by force. */
function interrupt(): boolean {
  if (
    handlers
      .slice()
      .reverse()
      .some(handler => handler())
  ) {
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
  setTimeout(() => abort(reason), 200);
  return true;
}

/** What compiled code calls, as a name of each cell and file; the global one serves the interrupt thread. */
export const guards = {
  flag: shared,

  /** A loop found the flag up. @throws KeyboardInterrupt unless a handler took the interrupt. */
  stop(): void {
    if (running?.context.aborted || interrupt()) throw new KeyboardInterrupt();
  },

  /** The helper thread is about to end by force what runs now. */
  disarm(): void {
    context.disable();
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

  /** Stands around the function that a timer calls: one of a stopped cell does nothing any more, and an interval ends. */
  task<T>(callback: T): T {
    if (typeof callback !== 'function') return callback;
    return function (this: NodeJS.Timeout, ...values: unknown[]): unknown {
      if (context.getStore()?.aborted) return clearInterval(this);
      return callback.apply(this, values);
    } as T;
  },

  /** The same for the source of a `for await`. */
  guardEach<T>(source: AsyncIterable<T> | Iterable<T>): AsyncIterable<T> {
    return {
      [Symbol.asyncIterator]() {
        const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
        const synchronous = !(Symbol.asyncIterator in source);
        return {
          async next() {
            const step = await guards.guard(iterator.next());
            return synchronous ? { done: step.done, value: await step.value } : step;
          },
          async return(value?: unknown) {
            await iterator.return?.(value);
            return { done: true, value: undefined };
          },
        } as AsyncIterator<T>;
      },
    };
  },
};

Object.defineProperty(globalThis, HELPER, { value: guards, configurable: true });

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
