/** What JSON can carry, asked before it is written: `JSON.stringify` drops or changes the rest without a word. */

/** A value that comes back from JSON as it was. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/**
 * Numbers are finite, objects plain, lists without holes, and nothing contains itself.
 * @param name what the value is, for the message
 * @throws Error with the place and the value
 * @example expectJson('a reply', { count: 3 }) // → { count: 3 }
 */
export function expectJson<T>(name: string, value: T): T {
  const fault = faultIn(value, '', new Set());
  if (fault === undefined) return value;
  throw new Error(
    `${name}: expected what JSON carries (null, true, finite numbers, text, lists, plain objects), got ${fault}; turn it into one of these first`,
  );
}

/** The first part that JSON cannot carry, with its place; undefined where there is none. `above`: the objects around it. */
function faultIn(value: unknown, place: string, above: Set<object>): string | undefined {
  const at = place && ` at ${place}`;
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${value}${at}`;
  if (typeof value !== 'object') return `${inWords(value)}${at}`;
  if (above.has(value)) return `an object that contains itself${at}`;
  if (!Array.isArray(value) && !isPlain(value)) return `${value.constructor?.name ?? 'an object of a class'}${at}`;
  const inside = new Set(above).add(value);
  const parts: [string, unknown][] = Array.isArray(value)
    ? Array.from(value, (part, i) => [`[${i}]`, part])
    : Object.entries(value).map(([key, part]) => [`.${key}`, part]);
  for (const [step, part] of parts) {
    const fault = faultIn(part, `${place}${step}`, inside);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

const inWords = (value: unknown): string => {
  if (typeof value === 'bigint') return `${value}n`;
  return typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`;
};

/** Made by `{}`, here or in another context, or without a prototype. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
