/**
 * WebGPU in a page. Its kernels lie in a script of their own, loaded when this device is asked for. What it computes comes
 * back later than it is asked for; for the places that ask at once (`dataSync`) tfjs goes through a canvas, which a browser
 * may falsify against fingerprinting. So that way is tried out first, and errors of the device, which it tells late and
 * answers with zeros, end whatever is read from then on.
 */
import * as tf from '@tensorflow/tfjs';
import { borrowCpuKernels } from './borrowed';
import { addFewAtOnce, sumBackwards } from './webgpu-kernels';

/** Of the browser's WebGPU what is used here. */
interface Gpu {
  requestAdapter(): Promise<object | null>;
}

/** What a page's worker has and Node has not. */
const worker = globalThis as unknown as { navigator?: { gpu?: Gpu }; reportError(error: Error): void };

interface GpuDevice extends EventTarget {
  limits: { maxBufferSize: number; maxStorageBufferBindingSize: number };
  lost: Promise<{ reason: string; message: string }>;
}

interface WebgpuBackend {
  device: GpuDevice;
  bufferManager: { acquireBuffer(size: number, ...how: unknown[]): object };
  hasReadSyncWarned: boolean;
  readSync(dataId: object): tf.backend_util.BackendValues;
  read(dataId: object): Promise<tf.backend_util.BackendValues>;
}

const OTHERS = 'choose another device beside "computes with" and run the cells again';

/** A browser that has not brought a device by then, in ms, has none. */
const PATIENCE = 20_000;

const inTime = <T>(work: Promise<T>): Promise<T | undefined> =>
  Promise.race([work, new Promise<undefined>(resolve => setTimeout(resolve, PATIENCE))]);

/** @throws Error where there is no adapter, where it does not begin, or where its numbers do not come back as they are */
export async function useWebgpu(): Promise<void> {
  const gpu = worker.navigator?.gpu;
  if (!gpu || !(await inTime(gpu.requestAdapter()))) throw new Error(`this browser has no WebGPU; ${OTHERS}`);
  require('@tensorflow/tfjs-backend-webgpu');
  borrowCpuKernels('webgpu');
  addFewAtOnce();
  sumBackwards();
  if (!(await inTime(tf.setBackend('webgpu')))) throw new Error(`WebGPU did not begin; ${OTHERS}`);
  const backend = tf.backend() as unknown as WebgpuBackend;
  backend.hasReadSyncWarned = true; // every lesson reads at once somewhere; docs/browser.md says what it costs
  refuseTooLarge(backend);
  listen(backend);
  await tryReading();
}

/** Said while the cell runs: the device itself would say it when the cell has gone on with zeros. */
function refuseTooLarge({ device, bufferManager }: WebgpuBackend): void {
  const most = Math.min(device.limits.maxBufferSize, device.limits.maxStorageBufferBindingSize);
  const acquire = bufferManager.acquireBuffer.bind(bufferManager);
  bufferManager.acquireBuffer = (size, ...how) => {
    if (size > most)
      throw new Error(`a tensor of ${size} bytes: WebGPU holds at most ${most} of one tensor here; ${OTHERS}`);
    return acquire(size, ...how);
  };
}

/** From its first error on a device's numbers are not believed. */
function listen(backend: WebgpuBackend): void {
  let wrong: Error | undefined;
  const fail = (why: string): void => {
    if (wrong) return;
    wrong = new Error(`WebGPU failed (${why.split('\n')[0]}): numbers computed since are not to be trusted; ${OTHERS}`);
    worker.reportError(wrong); // into the cell that runs, also where it reads nothing
  };
  backend.device.addEventListener('uncapturederror', event =>
    fail((event as Event & { error: { message: string } }).error.message),
  );
  void backend.device.lost.then(({ reason, message }) => reason !== 'destroyed' && fail(message || 'device lost'));
  const [now, later] = [backend.readSync.bind(backend), backend.read.bind(backend)];
  backend.readSync = dataId => {
    if (wrong) throw wrong;
    return now(dataId);
  };
  backend.read = async dataId => {
    const values = await later(dataId).catch(error => {
      throw wrong ?? error;
    });
    if (wrong) throw wrong;
    return values;
  };
}

/** Numbers of all sizes and signs, more than fit into one row of the canvas, and into one canvas. */
async function tryReading(): Promise<void> {
  const count = 70_000;
  const sent = Float32Array.from(
    { length: count },
    (_, i) => (i % 2 ? -1 : 1) * 2 ** ((i % 200) - 100) * (1 + i / count),
  );
  const kept = tf.tidy(() => tf.tensor1d(sent).mul(tf.scalar(1))); // on the device, not where it was written
  const here = (kept.dataSync() as Float32Array).slice();
  const wrong = sent.findIndex((value, i) => value !== here[i]);
  kept.dispose();
  if (wrong >= 0) {
    throw new Error(`this browser reads ${here[wrong]} from WebGPU where ${sent[wrong]} was written; ${OTHERS}`);
  }
}
