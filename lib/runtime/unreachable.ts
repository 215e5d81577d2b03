/**
 * Memory of tensors that nothing reaches any more. tfjs frees what is disposed of; what a cell computes on the way, outside
 * of `tf.tidy`, would stay until the kernel ends, though no name leads to it. When JavaScript's garbage collector has taken
 * what stood for such a tensor, TensorFlow's memory of it goes as well.
 *
 * The collector sees a few bytes where TensorFlow holds megabytes, and would hardly ever come. So it is called when what
 * was made and not disposed of has grown; a training that disposes of what it makes never calls it. `tf.memory()` still
 * counts whatever was not disposed of: its numbers do not depend on when the collector came.
 */
import { garbageCollector } from '../platform';
import type { NodeBackend, TensorRecord } from './native';

/** Bytes, and part of all bytes, by which tensors grow before the collector is called. */
const GROWTH = 32e6;
const PART = 0.25;
/** Tensors of fewer numbers are left alone: they take little, and watching them would take a tenth of an operation's time. */
const SMALL = 4096;
/** Milliseconds until what the collector found has been given to TensorFlow, which frees it. */
const AFTER = 50;

/** Where the backend keeps what it knows of tensors, by their data's identity. */
interface Storage {
  get(dataId: object): TensorRecord;
  set(dataId: object, record: TensorRecord): void;
  delete(dataId: object): boolean;
}

/**
 * @param backend tfjs's own; its tensors are watched from now on
 * @param undisposed bytes of all tensors that were made and not disposed of
 */
export function freeUnreachable(backend: NodeBackend, undisposed: () => number): void {
  const { binding } = backend;
  const storage = backend.tensorMap as unknown as Storage;
  const { set, delete: remove } = storage;
  const collect = garbageCollector();
  const registry = new FinalizationRegistry<TensorRecord>(({ id }) => {
    if (id >= 0) binding.deleteTensor(id); // a negative one stands for numbers that TensorFlow never had
  });
  const clean = () => {
    collect();
    setTimeout(() => binding.releaseMemory(), AFTER).unref();
  };
  let before = 0;
  storage.set = (dataId, record) => {
    set.call(storage, dataId, record);
    if (isSmall(record)) return;
    registry.register(dataId, record, dataId);
    const bytes = undisposed();
    if (bytes < before) before = bytes;
    if (bytes - before < Math.max(GROWTH, PART * before)) return;
    before = bytes;
    process.nextTick(clean);
  };
  storage.delete = dataId => {
    if (!isSmall(storage.get(dataId))) registry.unregister(dataId);
    return remove.call(storage, dataId);
  };
}

function isSmall({ shape }: TensorRecord): boolean {
  let size = 1;
  for (const length of shape) size *= length;
  return size < SMALL;
}
