/**
 * What settings and shapes must be, said in one form: the value, what was expected, a way out. Whoever takes a number or
 * a tensor asks here, so that a wrong one ends in an error and not in a plausible result.
 */
import type * as tf from '@tensorflow/tfjs';

/** Where a number must lie; it is always finite. */
export interface Range {
  above?: number;
  from?: number;
  below?: number;
  to?: number;
  whole?: boolean;
}

/**
 * @returns the value
 * @throws Error "eta must be at least 0 and at most 1, got 2; …" where it is no number, NaN, infinite or out of range
 */
export function expectNumber(name: string, value: number, range: Range = {}, wayOut?: string): number {
  const { above, from, below, to, whole } = range;
  const fits =
    Number.isFinite(value) &&
    !(whole && !Number.isSafeInteger(value)) &&
    (above === undefined || value > above) &&
    (from === undefined || value >= from) &&
    (below === undefined || value < below) &&
    (to === undefined || value <= to);
  if (fits) return value;
  throw new Error(`${name} must be ${inWords(range)}, got ${shown(value)}${wayOut ? `; ${wayOut}` : ''}`);
}

/** A count: 1, 2, 3 …, up to `to`. */
export const expectCount = (name: string, value: number, to?: number, wayOut?: string): number =>
  expectNumber(name, value, { whole: true, from: 1, to }, wayOut);

/** β of a divergence, from 0 up; above 0 it needs what the policy is held to. @throws Error */
export function expectReference(beta: number, reference: unknown): void {
  expectNumber('beta', beta, { from: 0 });
  if (beta > 0 && !reference)
    throw new Error(`beta must come with a reference that it holds the policy to, got ${beta} without one`);
}

/** Every number of a config, also in lists, is a count, unless `ranges` says what else it may be. */
export function expectSizes(what: string, config: object, ranges: Record<string, Range> = {}): void {
  for (const [name, value] of Object.entries(config)) {
    const numbers = Array.isArray(value) ? value : [value];
    numbers.forEach((each, i) => {
      const where = `${what}: ${name}${Array.isArray(value) ? `[${i}]` : ''}`;
      if (typeof each === 'number') expectNumber(where, each, ranges[name] ?? { whole: true, from: 1 });
    });
  }
}

/** Finite numbers only, as many as `count` says. */
export function expectNumbers(name: string, values: ArrayLike<number>, count = values.length): void {
  if (values.length !== count) throw new Error(`expected ${count} numbers for ${name}, got ${values.length}`);
  const wrong = Array.from(values).findIndex(value => !Number.isFinite(value));
  if (wrong >= 0) throw new Error(`${name} must be finite numbers, got ${shown(values[wrong])} at position ${wrong}`);
}

/**
 * @param dims a number must be met, a letter stands for any size: `['B', 28, 28, 1]`
 * @throws Error "expected images [B, 28, 28, 1], got [128, 784]; reshape first"
 */
export function expectShape(
  name: string,
  tensor: tf.Tensor,
  dims: readonly (number | string)[],
  wayOut?: string,
): void {
  const { shape } = tensor;
  const fits = shape.length === dims.length && dims.every((dim, i) => typeof dim === 'string' || dim === shape[i]);
  if (!fits)
    throw new Error(`expected ${name} [${dims.join(', ')}], got ${shapeOf(tensor)}${wayOut ? `; ${wayOut}` : ''}`);
}

/** Throws unless the named tensors have one shape: nothing is broadcast without a word. */
export function expectSame(tensors: Record<string, tf.Tensor>, wayOut = 'reshape first'): void {
  const entries = Object.entries(tensors);
  const [, first] = entries[0];
  if (entries.every(([, tensor]) => String(tensor.shape) === String(first.shape))) return;
  const list = (items: string[]) => items.join(' and ');
  throw new Error(
    `expected ${list(entries.map(([name]) => name))} of one shape, ` +
      `got ${list(entries.map(([, tensor]) => shapeOf(tensor)))}; ${wayOut}`,
  );
}

/** Throws unless the tensor stands for all of `shape`: each of its sizes is met, or 1, counted from the last. */
export function expectFitting(name: string, tensor: tf.Tensor, shape: readonly number[], wayOut = 'reshape it'): void {
  const from = shape.length - tensor.rank;
  if (from >= 0 && tensor.shape.every((size, i) => size === 1 || size === shape[from + i])) return;
  throw new Error(`expected ${name} that broadcasts to ${shapeOf({ shape })}, got ${shapeOf(tensor)}; ${wayOut}`);
}

/** '[2, 3]' */
export const shapeOf = ({ shape }: { shape: readonly number[] }): string => `[${shape.join(', ')}]`;

function inWords({ above, from, below, to, whole }: Range): string {
  const parts = [
    above === 0 ? 'positive' : above === undefined ? '' : `above ${above}`,
    from === undefined ? '' : to === undefined ? `at least ${from}` : `between ${from} and ${to}`,
    below === undefined ? '' : `below ${below}`,
    to === undefined || from !== undefined ? '' : `at most ${to}`,
    whole ? 'whole' : '',
  ].filter(Boolean);
  if (parts.length === 0) return 'finite';
  if (parts.length === 1) return whole ? 'a whole number' : `${parts[0]}${to === undefined ? ' and finite' : ''}`;
  return `${parts.slice(0, -1).join(', ')} and ${parts[parts.length - 1]}`;
}

const shown = (value: unknown): string =>
  typeof value === 'object' && value !== null ? `a ${value.constructor?.name ?? 'thing'}` : String(value);
