/** A compiled step cannot wait: async functions are refused, and nothing of theirs is heard of later. */
import { calledFrom } from './origin';

const AsyncFunction = (async () => {}).constructor;

/** @throws Error naming the line, where `fn` is declared async; it isn't called */
export function refuseAsync(fn: (...args: never[]) => unknown): void {
  if (fn instanceof AsyncFunction) throw refusal();
}

/** @throws Error naming the line, where `result` is a promise; what becomes of it is nobody's concern any more */
export function notAsync(result: unknown): void {
  const { then } = (result ?? {}) as PromiseLike<unknown>;
  if (typeof then !== 'function') return;
  Promise.resolve(result).catch(() => {});
  throw refusal();
}

const refusal = () =>
  new Error(`the function to compile is async, ${calledFrom()}; a compiled step cannot wait: await before or after it`);
