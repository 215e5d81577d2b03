/** What can compute in a page. */
import { refusal } from './refusal';

/** Names that LAB_DEVICE may have. */
export const DEVICES: readonly string[] = ['webgl', 'wasm', 'js'];

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

/** Beside the worker's own file. */
export const wasmFolder = (): string => new URL('./wasm/', self.location.href).href;

/** Nothing here needs it. */
export function restoreUtil(): void {}

/** A page cannot call the collector. */
export const garbageCollector = (): (() => void) => () => {};
