/** What can compute in a page. */
import { refusal } from './refusal';

/** Names that LAB_DEVICE may have. */
export const DEVICES: readonly string[] = ['webgpu', 'webgl', 'wasm', 'js'];

/** TensorFlow's own library cannot be loaded into a page. */
export const hasNative: boolean = false;

/** @throws Error always: what only that library does is not there. @param what as the sentence's subject */
export function wantNative(what: string): void {
  throw refusal('NeedsTensorFlow', `${what} needs TensorFlow's own library, which a page cannot load`);
}

/** The browser's name and version, for the device line. */
export function hostVersion(): Record<string, string> {
  const found = /(Firefox|Edg|Chrome|Safari)\/(\d+)/.exec(navigator.userAgent);
  return found ? { [found[1]]: found[2] } : {};
}

const WASM = ['', '-simd', '-threaded-simd'].map(kind => `tfjs-backend-wasm${kind}.wasm`);

/** Beside the worker's own file, and of the same state of the site. */
export const wasmFiles = (): Record<string, string> =>
  Object.fromEntries(
    WASM.map(name => [name, new URL(`./wasm/${name}${self.location.search}`, self.location.href).href]),
  );

/** Nothing here needs it. */
export function restoreUtil(): void {}

/** A page cannot call the collector. */
export const garbageCollector = (): (() => void) => () => {};

/** More gain little, and each takes memory. */
const MOST_THREADS = 8;

/** A worker that has not answered by then, in ms, is none. */
const PATIENCE = 5000;

/**
 * Threads that WebAssembly can have here: one for every other core, as tfjs has it, since one that waits for a busy core keeps
 * all others waiting; or LAB_THREADS. They need a host that isolates the page (COOP and COEP) and lets it start workers from
 * within; without, it is 1. Asked first, since tfjs waits for its workers even where they never come.
 */
export async function threadsThatStart(): Promise<number> {
  const wanted = Math.floor(Number(process.env.LAB_THREADS)) || navigator.hardwareConcurrency >> 1;
  const threads = Math.min(Math.max(wanted, 1), MOST_THREADS);
  Object.assign(self, { latentlabThreads: threads }); // for tfjs's own script: scripts/site/bundle.ts
  return threads > 1 && self.crossOriginIsolated && (await workerAnswers()) ? threads : 1;
}

/** Starts a worker in the way in which tfjs starts its own, which a host's rules may forbid. */
function workerAnswers(): Promise<boolean> {
  const address = URL.createObjectURL(new Blob(['onmessage = ({ data }) => postMessage(Atomics.add(data, 0, 1))']));
  return new Promise<boolean>(resolve => {
    const worker = new Worker(address);
    const end = (answers: boolean): void => {
      worker.terminate();
      resolve(answers);
    };
    worker.onmessage = () => end(true);
    worker.onerror = () => end(false);
    setTimeout(end, PATIENCE, false);
    worker.postMessage(new Int32Array(new SharedArrayBuffer(4)));
  })
    .catch(() => false)
    .finally(() => URL.revokeObjectURL(address));
}
