/** What can compute here. */
import path from 'node:path';
import util from 'node:util';
import v8 from 'node:v8';
import vm from 'node:vm';

/** Names that LAB_DEVICE may have, the best first. */
export const DEVICES: readonly string[] = ['cuda', 'cpu', 'wasm', 'js'];

/** TensorFlow's own library can be loaded, as an addon. */
export const hasNative: boolean = true;

/** @throws nothing: where that library is not loaded, whoever wants it says so itself. @param _ what wants it */
export function wantNative(_: string): void {}

/** What the device line says beside TensorFlow's versions. */
export const hostVersion = (): Record<string, string> => ({ Node: process.versions.node });

/** Where WebAssembly's files lie, with a slash at the end. */
export const wasmFiles = (): string =>
  `${path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'))}/dist/`;

/** Node 23 removed two helpers that tfjs-node still calls. */
export function restoreUtil(): void {
  const legacy = util as unknown as Record<string, (value: unknown) => boolean>;
  legacy.isNullOrUndefined ??= value => value === null || value === undefined;
  legacy.isArray ??= Array.isArray;
}

/** JavaScript's garbage collector, to be called: what nothing reaches is found at once. */
export function garbageCollector(): () => void {
  v8.setFlagsFromString('--expose-gc'); // counts for contexts that are made from now on
  return vm.runInNewContext('gc') as () => void;
}

/** Threads of WebAssembly: tfjs has none for Node. */
export const threadsThatStart = async (): Promise<number> => 1;
