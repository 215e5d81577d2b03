/** Timers, in place of `../runner/timers`: they keep whose they are, and those of a stopped cell fall silent. */
import { context } from '../runner/context';

type Callback = (...values: unknown[]) => unknown;

const queue: (() => void)[] = [];
const channel = new MessageChannel();
channel.port1.onmessage = () => queue.shift()?.();

/** After what is already waiting, without the 4 ms that browsers put before a timer. */
function setImmediate(callback: Callback, ...values: unknown[]): void {
  queue.push(() => callback(...values));
  channel.port2.postMessage(0);
}

/** The worker's timers as they are: for the kernel. */
export const own = {
  setTimeout: globalThis.setTimeout.bind(globalThis),
  setImmediate,
  clearTimeout: globalThis.clearTimeout.bind(globalThis) as (timer: unknown) => void,
};

export function installTimers(): void {
  const { setTimeout, setInterval } = globalThis;
  const carried = (callback: unknown): Callback => {
    const store = context.getStore();
    return (...values) => {
      if (store?.aborted) return undefined;
      const act = () => (callback as Callback)(...values);
      return store ? context.run(store, act) : act();
    };
  };
  Object.assign(globalThis, {
    setTimeout: (callback: unknown, ...rest: unknown[]) => setTimeout(carried(callback), ...(rest as [number])),
    setInterval: (callback: unknown, ...rest: unknown[]) => setInterval(carried(callback), ...(rest as [number])),
    setImmediate: (callback: unknown, ...rest: unknown[]) => setImmediate(carried(callback), ...rest),
  });
}
