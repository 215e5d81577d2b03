/**
 * Timers of a stopped cell fall silent, by whatever way they were set: as a name of the cell, through `globalThis` or
 * `node:timers`, by a package, as a promise.
 *
 * What the reader's own code (cells, lib, files) has set does nothing any more. A package's timer may serve later cells, a
 * queue that waits to be emptied, say: where it was set before the stop it still fires once. Intervals end; what a stopped
 * cell's chain sets anew never fires, which is the end of a package's loop. Node's own timers are left alone.
 */
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import promises from 'node:timers/promises';
import { isStopped } from './context';

type Callback = (this: unknown, ...values: unknown[]) => unknown;
type Set = (callback: Callback, ...rest: unknown[]) => unknown;
type Wait = (...values: unknown[]) => Promise<unknown>;
type Named<T> = Record<string, T>;

/** Node's timers as they are: for the kernel, which works on when a cell has been stopped. */
export const own = {
  setTimeout: globalThis.setTimeout,
  setImmediate: globalThis.setImmediate,
  clearTimeout: globalThis.clearTimeout,
};

const never = new Promise<never>(() => {});
const PACKAGE = /[\\/]node_modules[\\/]/;

export function installTimers(): void {
  for (const name of ['setTimeout', 'setInterval', 'setImmediate'] as const) {
    const original = timers[name] as unknown as Set;
    const silenced = { [name]: silencing(original, name === 'setInterval') }[name];
    Object.defineProperties(silenced, withoutName(Object.getOwnPropertyDescriptors(original))); // util.promisify reads one
    (timers as unknown as Named<Set>)[name] = silenced;
    Object.defineProperty(globalThis, name, { value: silenced, writable: true, configurable: true, enumerable: true });
  }
  silencePromises();
  syncBuiltinESMExports();
}

function withoutName({ name: _, length: __, ...others }: PropertyDescriptorMap): PropertyDescriptorMap {
  return others;
}

function silencing(set: Set, repeats: boolean): Set {
  return function silenced(callback, ...rest) {
    if (typeof callback !== 'function') return set(callback, ...rest); // Node says what is wrong
    const where: { stack?: unknown } = {};
    remember(where, silenced);
    const late = isStopped();
    return set(
      function (this: unknown, ...values: unknown[]): unknown {
        if (!isStopped()) return callback.apply(this, values);
        const setBy = callerOf(where);
        if (!setBy.startsWith('node:')) {
          if (repeats) clearInterval(this as NodeJS.Timeout);
          if (repeats || late || !PACKAGE.test(setBy)) return undefined;
        }
        return callback.apply(this, values);
      },
      ...rest,
    );
  };
}

/** Who calls; put into words only when asked for. */
function remember(where: object, above: Set): void {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 1;
  Error.captureStackTrace(where, above);
  Error.stackTraceLimit = limit;
}

function callerOf(where: { stack?: unknown }): string {
  const prepare = Error.prepareStackTrace;
  Error.prepareStackTrace = (_, [site]) => site?.getFileName() ?? '';
  const file = where.stack;
  Error.prepareStackTrace = prepare;
  return typeof file === 'string' ? file : '';
}

/** `node:timers/promises`, and with it `util.promisify(setTimeout)`. */
function silencePromises(): void {
  const module = promises as unknown as Named<Wait> & { scheduler: Named<Wait> };
  for (const name of ['setTimeout', 'setImmediate']) module[name] = waiting(module[name]);
  for (const name of ['wait', 'yield']) module.scheduler[name] = waiting(module.scheduler[name]);
  const each = promises.setInterval;
  promises.setInterval = async function* setInterval<T>(...values: Parameters<typeof each>) {
    for await (const value of each(...values) as AsyncIterable<T>) yield isStopped() ? await never : value;
  };
}

/** In a stopped cell's chain: a promise that never settles, so that nothing follows. */
function waiting(wait: Wait): Wait {
  return function (this: unknown, ...values) {
    return isStopped() ? never : wait.apply(this, values);
  };
}
