/** What can be learnt of a value that was thrown. Anything may be thrown, so nothing here may throw itself. */
import { inspect, types } from 'node:util';
import { cut } from '../text';

/** Characters of a message or of a shown value. */
const LONGEST = 20_000;

/** A thrown value, read once: getters may throw, or answer otherwise the next time. */
export interface Thrown {
  /** An Error, or an object that has a message like one. */
  isError: boolean;
  name: string;
  message: string;
  /** Empty where there is none that is text. */
  stack: string;
  hasCause: boolean;
  cause: unknown;
  /** The parts of an AggregateError. */
  errors: unknown[];
}

/** Never throws, whatever `value` is. */
export function readThrown(value: unknown): Thrown {
  const message = read(value, 'message');
  const isError =
    attempt(() => types.isNativeError(value) || value instanceof Error, false) || isLikeError(value, message);
  const name = read(value, 'name');
  const errors = isError ? read(value, 'errors') : undefined;
  const stack = read(value, 'stack');
  return {
    isError,
    name: typeof name === 'string' && name !== '' ? cut(name, 200) : 'Error',
    message: shorten(typeof message === 'string' ? message : message === undefined ? '' : inspectSafely(message)),
    stack: typeof stack === 'string' ? cut(stack, 200_000) : '',
    hasCause: isError && attempt(() => (value as Error).cause !== undefined, false),
    cause: isError ? read(value, 'cause') : undefined,
    errors: attempt(() => (Array.isArray(errors) ? Array.from(errors).slice(0, 10) : []), []),
  };
}

/** The value as Node prints it; words in its place where printing throws. */
export function inspectSafely(value: unknown): string {
  const printed = attempt(() => inspect(value, { maxStringLength: LONGEST }), undefined);
  if (printed !== undefined) return shorten(printed);
  // Its own way of printing, or a getter, throws: without both, Node shows what it can by itself.
  const plain = attempt(
    () => inspect(value, { customInspect: false, getters: false, showProxy: true, depth: 1 }),
    undefined,
  );
  return plain !== undefined ? shorten(plain) : `a ${typeof value} that cannot be shown`;
}

/** Some thrown objects only look like errors: those of other realms, or a library's own. */
function isLikeError(value: unknown, message: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return typeof message === 'string' && attempt(() => 'stack' in value, false);
}

function read(value: unknown, key: string): unknown {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return undefined;
  return attempt(() => (value as Record<string, unknown>)[key], undefined);
}

function attempt<T, E>(act: () => T, otherwise: E): T | E {
  try {
    return act();
  } catch {
    return otherwise;
  }
}

function shorten(text: string): string {
  if (text.length <= LONGEST) return text;
  const beginning = cut(text, LONGEST);
  return `${beginning}\n… ${text.length - beginning.length} more characters`;
}
