/** WebAssembly on several cores, where the place where it runs lets it: a page whose host sends COOP and COEP. */
import * as tf from '@tensorflow/tfjs';
import { threadsThatStart } from '../platform';

/** What tfjs's WebAssembly has for it. */
export interface Wasm {
  setThreadsCount(count: number): void;
  getThreadsCount(): number;
}

const FLAG = 'WASM_HAS_MULTITHREAD_SUPPORT';

let running = 1;

/** Threads that WebAssembly spreads one operation over, once it runs. */
export const wasmThreads = (): number => running;

/** Starts WebAssembly with all threads that can be had, with one where they cannot. Resolves to: it computes. */
export async function startWasm(wasm: Wasm): Promise<boolean> {
  const many = await threadsThatStart();
  for (const count of new Set([many, 1])) {
    tf.env().set(FLAG, count > 1);
    wasm.setThreadsCount(count);
    if (!(await tf.setBackend('wasm'))) continue; // where the browser gives no memory that threads could share, too
    running = count > 1 ? wasm.getThreadsCount() : 1;
    return true;
  }
  return false;
}
