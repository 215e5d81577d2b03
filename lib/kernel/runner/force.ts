/**
 * What an interrupt by force leaves behind in Node: JavaScript ends wherever it is (interrupt-thread.ts), so the list of
 * asynchronous calls that Node believes to be inside of (AsyncLocalStorage makes it keep one, before Node 24) is not taken
 * down. Node ends the whole process when it finds the list unbalanced while anybody listens to it. So nobody listens, and
 * nothing is checked, from shortly before the end until the list has been cleared.
 */

interface Bookkeeping {
  async_hook_fields: Uint32Array;
  clearAsyncIdStack(): void;
  constants: { kTotals: number; kCheck: number };
}

const books = bookkeeping();
let kept: { listeners: number; checks: number } | undefined;
let forced = false;
/** What has to be put in order afterwards: no `catch` and no `finally` of the code that was ended has run. */
const repairs: (() => void)[] = [];

export const whenForced = (repair: () => void): void => void repairs.push(repair);

/** Node's own name for it; other versions may have none, and need none. */
function bookkeeping(): Bookkeeping | undefined {
  const { noDeprecation } = process;
  process.noDeprecation = true;
  try {
    const found = (process as unknown as { binding(name: string): Partial<Bookkeeping> }).binding('async_wrap');
    const { async_hook_fields: fields, clearAsyncIdStack, constants } = found;
    const known = fields instanceof Uint32Array && typeof clearAsyncIdStack === 'function' && constants;
    return known && typeof constants.kTotals === 'number' ? (found as Bookkeeping) : undefined;
  } catch {
    return undefined;
  } finally {
    process.noDeprecation = noDeprecation;
  }
}

/** What runs now is about to be ended. */
export function beforeForce(): void {
  forced = true;
  if (!books || kept) return;
  const { async_hook_fields: fields, constants } = books;
  kept = { listeners: fields[constants.kTotals], checks: fields[constants.kCheck] };
  fields[constants.kTotals] = 0;
  fields[constants.kCheck] = 0;
}

/** It has ended; called from the event loop. */
export function afterForce(): void {
  if (!forced) return;
  forced = false;
  for (const repair of repairs) repair();
  if (!books || !kept) return;
  const { async_hook_fields: fields, constants } = books;
  books.clearAsyncIdStack();
  fields[constants.kTotals] ||= kept.listeners;
  fields[constants.kCheck] += kept.checks;
  kept = undefined;
}
