/** Weights to and from safetensors files, under the names and in the layouts of PyTorch. */
import { fromTensor, openSafetensors, readSafetensors, toTensor, writeSafetensors } from '../formats';
import { handOver, tf } from '../runtime';
import type { Module, StateDict } from './module';

/**
 * Writes all weights of a module; the file appears whole or not at all. Metadata values are strings.
 * `half`: in 16 bits each (11 of them for the digits), which is plenty for a net that is only used.
 * @example saveModule('linear.safetensors', new Linear(2, 1), { epochs: '3' });
 */
export function saveModule(
  path: string,
  module: Module,
  metadata: Record<string, string> = {},
  { half = false } = {},
): void {
  const state = module.stateDict();
  const arrays = Object.entries(state).map(([name, tensor]) => [name, fromTensor(tensor)] as const);
  const stored = arrays.map(([name, array]) => [name, half ? { ...array, dtype: 'float16' as const } : array]);
  writeSafetensors(path, Object.fromEntries(stored), metadata);
  tf.dispose(state);
}

/** PyTorch's batch norm counts its batches in a tensor of its own, which nothing here needs: left out on purpose. */
const COUNTER = /(?:^|\.)num_batches_tracked$/;

/**
 * Fills a module from a file, one weight after the other, and returns the file's metadata. Throws when names or shapes
 * differ, changing nothing. `rename`: the file's names → the module's, '' for what is no weight.
 * @example
 * saveModule('saved.safetensors', new Linear(2, 1), { epochs: '3' });
 * loadModule('saved.safetensors', new Linear(2, 1)).epochs // → 3
 */
export function loadModule(path: string, module: Module, rename = (name: string) => name): Record<string, string> {
  const { metadata, shapes, read, close } = openSafetensors(path);
  const weights = Object.keys(shapes).filter(theirs => !COUNTER.test(theirs));
  const named = weights.flatMap(theirs => (rename(theirs) ? [[rename(theirs), theirs]] : []));
  const source = Object.fromEntries(named) as Record<string, string>;
  const twice = named.find(([ours, theirs]) => source[ours] !== theirs);
  const renamed = Object.fromEntries(named.map(([ours, theirs]) => [ours, shapes[theirs]]));
  try {
    if (twice) throw new Error(`${twice[1]} and ${source[twice[0]]} would both become ${twice[0]}; change rename`);
    module.fill(renamed, name => handOver(toTensor(read(source[name]))));
  } catch (error) {
    throw new Error(`${path} does not fit ${module.constructor.name}: ${(error as Error).message}`);
  } finally {
    close();
  }
  return metadata;
}

/**
 * Named tensors → safetensors file.
 * @example writeTensors('codes.safetensors', { codes: tf.ones([2, 3]) });
 */
export function writeTensors(path: string, tensors: StateDict, metadata: Record<string, string> = {}): void {
  const arrays = Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, fromTensor(tensor)]));
  writeSafetensors(path, arrays, metadata);
}

/**
 * Safetensors file → named tensors, which the caller disposes.
 * @example
 * writeTensors('read.safetensors', { codes: tf.ones([2, 3]) });
 * readTensors('read.safetensors').tensors.codes.shape // → [2, 3]
 */
export function readTensors(path: string): { tensors: StateDict; metadata: Record<string, string> } {
  const { tensors, metadata } = readSafetensors(path);
  return {
    tensors: Object.fromEntries(Object.entries(tensors).map(([name, array]) => [name, toTensor(array)])),
    metadata,
  };
}
