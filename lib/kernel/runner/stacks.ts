/**
 * `error.stack` in the reader's own lines, for whoever reads or prints it: console.log, console.trace, util.inspect, the
 * lib. Node asks the function below when a stack is first read.
 */
import { type Frame, framesOfSites, framesOfText, written } from './places';

/** Where errors get their stack from in Firefox, which asks nobody. */
const firefoxStack = Object.getOwnPropertyDescriptor(Error.prototype, 'stack');

/** What was made of an error's stack; the text may have been changed since. */
const made = new WeakMap<object, { text: string; frames: Frame[] }>();

export function installStacks(): void {
  Error.stackTraceLimit = 30;
  Error.prepareStackTrace = (error, sites) => textOf(error, () => framesOfSites(sites));
  if (!firefoxStack?.get) return;
  Object.defineProperty(Error.prototype, 'stack', {
    ...firefoxStack,
    get(this: Error) {
      const raw: unknown = firefoxStack.get!.call(this);
      if (typeof raw !== 'string') return raw;
      return made.get(this)?.text ?? textOf(this, () => framesOfText(raw, false));
    },
  });
}

/** The stack as Node writes it. */
function textOf(error: Error, read: () => Frame[]): string {
  const first = headOf(error);
  try {
    const frames = read();
    const calls = frames.map(frame => (frame.name ? `${frame.name} (${written(frame)})` : written(frame)));
    const text = [first, ...calls].join('\n    at ');
    made.set(error, { text, frames });
    return text;
  } catch {
    return first;
  }
}

/** Frames in the reader's lines, innermost first. `stack` is the text that was read from the error. */
export function framesOf(error: unknown, stack: string): Frame[] {
  const known = (typeof error === 'object' || typeof error === 'function') && error !== null && made.get(error);
  if (known && known.text === stack) return known.frames;
  return framesOfText(stack, Boolean(known));
}

/** As Node begins a stack. Whatever the error's name and message are, or do when they are read. */
function headOf(error: Error): string {
  try {
    const { name, message, code } = error as NodeJS.ErrnoException;
    const isNodes = Object.getOwnPropertySymbols(error).some(({ description }) => description === 'kIsNodeError');
    return isNodes && code ? `${name} [${code}]: ${message}` : Error.prototype.toString.call(error);
  } catch {
    return 'Error';
  }
}
