/**
 * The stop button in a page, in place of `../runner/interrupt`. A worker hears of it between two turns of its own, at
 * an `await`. Where the host isolates the page, both share a flag, which every turn of a loop looks at; elsewhere, or within
 * one long operation, nothing is heard, and the page ends the worker (client.ts).
 */

import { comparing } from '../runner/compared';
import type { CellContext } from '../runner/context';
import { context as shared } from '../runner/context';
import { guardedEach } from '../runner/each';
import { ASKED, ENDING } from './stop-flag';

/** The page's own AsyncLocalStorage has more: platform/browser/builtins/async_hooks.ts. */
const context = shared as typeof shared & { fallBackTo(value: CellContext | undefined): void };

export class KeyboardInterrupt extends Error {
  override name = 'KeyboardInterrupt';
  constructor() {
    super('stopped by the reader');
  }
}

/** A stopped cell's code has this long to come to an end by itself, in ms. */
const GRACE = 200;

const handlers: (() => boolean)[] = [];
const waiting = new Set<(reason: Error) => void>();

const flag = new Int32Array(globalThis.crossOriginIsolated ? new SharedArrayBuffer(4) : new ArrayBuffer(4));

/** The flag as the page may have it. */
export const stopFlag: Int32Array | undefined = globalThis.crossOriginIsolated ? flag : undefined;

let running: { context: CellContext; abort: (reason: Error) => void } | undefined;

/** Registers what an interrupt does; the newest handler is asked first. */
export function onInterrupt(handler: () => boolean): () => void {
  handlers.push(handler);
  return () => {
    const at = handlers.lastIndexOf(handler);
    if (at >= 0) handlers.splice(at, 1);
  };
}

export function started(cell: CellContext, abort: (reason: Error) => void): void {
  running = { context: cell, abort };
  flag[0] = 0;
  context.fallBackTo(cell);
}

export function ended(): void {
  flag[0] = 0;
  running = undefined;
  context.fallBackTo(undefined);
}

/** A page starts no processes: nothing is to be ended. */
export const endStarted = (_: CellContext, then: () => void): void => then();

/** Word of the stop button; a loop may have seen it before, and what it meant may be over. */
export function hearStop(): void {
  if (!stopFlag || flag[0] === ASKED) interrupt();
}

function interrupt(): void {
  flag[0] = 0;
  if (!running?.context.aborted && [...handlers].reverse().some(taken)) return;
  const reason = new KeyboardInterrupt();
  for (const reject of [...waiting]) reject(reason);
  waiting.clear();
  if (!running) return;
  const { context: cell, abort } = running;
  cell.aborted = true;
  flag[0] = ENDING; // stays up, so that loops which catch the error stop as well
  setTimeout(() => abort(reason), GRACE);
}

/** A handler that throws has not taken it. */
function taken(handler: () => boolean): boolean {
  try {
    return handler();
  } catch {
    return false;
  }
}

/** What compiled code calls, as a name of each cell and of the bundle's lib. */
export const guards = {
  flag,
  ...comparing,

  stop(): void {
    if (flag[0] === ASKED) interrupt();
    if (running?.context.aborted) throw new KeyboardInterrupt();
  },

  disarm(): void {},

  /** Stands around the operand of every `await`: gives up when the reader stops the cell, and hands on whose code it is. */
  guard<T>(value: T): T | Promise<Awaited<T>> {
    const own = context.getStore();
    if (own?.aborted) throw new KeyboardInterrupt();
    if (typeof (value as { then?: unknown } | null | undefined)?.then !== 'function') return value;
    return new Promise((resolve, reject) => {
      waiting.add(reject);
      const settle = (act: () => void): void => {
        waiting.delete(reject);
        context.enterWith(own as CellContext);
        act();
      };
      (value as PromiseLike<Awaited<T>>).then(
        result => settle(() => resolve(result)),
        error => settle(() => reject(error)),
      );
    });
  },

  /** The same for the source of a `for await`. */
  guardEach: <T>(source: AsyncIterable<T> | Iterable<T>): AsyncIterable<T> => guardedEach(source, guards.guard),
};

Object.defineProperty(globalThis, '__lab__', { value: guards, configurable: true });
