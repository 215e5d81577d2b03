/**
 * The kernel hears of messages, of late errors and of its own end through listeners on `process`. Packages that clean up take
 * all of them away, and the process would answer nobody any more: these stay, the reader's go.
 */
type Listener = (...values: unknown[]) => void;

/** Call when all are there. `process` itself stays, too. */
export function keepListeners(): void {
  const own = new Map(process.eventNames().map(event => [event, new Set(process.rawListeners(event as never))]));
  const { removeListener } = process;
  const isOwn = (event: string | symbol, listener: unknown): boolean => own.get(event)?.has(listener as never) ?? false;
  const remove = function (this: unknown, event: string | symbol, listener: Listener): NodeJS.Process {
    return isOwn(event, listener) ? process : (removeListener.call(process, event, listener) as NodeJS.Process);
  };
  const removeAll = (...events: (string | symbol)[]): NodeJS.Process => {
    for (const event of events.length > 0 ? events : process.eventNames())
      for (const listener of process.rawListeners(event as never)) remove(event, listener as Listener);
    return process;
  };
  Object.assign(process, { removeListener: remove, off: remove, removeAllListeners: removeAll });
  const real = process;
  const ignore = (): void => {}; // a package for browsers brings one of its own
  Object.defineProperty(globalThis, 'process', {
    get: () => real,
    set: ignore,
    configurable: false,
    enumerable: false,
  });
}
