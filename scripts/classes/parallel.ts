/** Work on many things, a few at once. */
import os from 'node:os';

/** Does `work` for each item, `atOnce` of them at a time, in order; begins no more once `stop` has been called off. */
export async function inParallel<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
  stop?: AbortSignal,
): Promise<void> {
  const left = [...items];
  const one = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined && !stop?.aborted; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, one));
}

/** How many pieces of work fit: one a core, and so many as the free memory holds; at least one. */
export function fits(megabytes: number): number {
  return Math.max(1, Math.min(os.availableParallelism(), Math.floor(os.freemem() / (megabytes * 1e6))));
}

/** The value of an option that counts something. @throws Error naming it */
export function countFrom(options: ReadonlyMap<string, string>, name: string, otherwise: number): number {
  const given = options.get(name);
  if (given === undefined) return otherwise;
  const value = Number(given);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${name} must be a whole number from 1, got ${given || 'nothing'}`);
  return value;
}

/** Calls `leave` at the first Ctrl-C or SIGTERM; gives back how to stop listening. */
export function onStop(leave: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  let told = false;
  const once = () => {
    if (!told) leave();
    told = true;
  };
  for (const name of signals) process.on(name, once);
  return () => {
    for (const name of signals) process.off(name, once);
  };
}
