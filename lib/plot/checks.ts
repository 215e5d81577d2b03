/** What a figure asks of its caller, said before anything is drawn. */

/** The values as numbers. @throws at the first that is none, by its place */
export function numbersOf(what: string, values: ArrayLike<number>): number[] {
  return Array.from(values, (value: unknown, i) => {
    if (typeof value === 'number') return value;
    if (typeof value === 'bigint') return Number(value);
    throw new Error(`${what}: expected numbers, got ${said(value)} at index ${i}; ${wayOut(value)}`);
  });
}

const said = (value: unknown): string =>
  typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : value instanceof Date ? 'a date' : String(value);
const wayOut = (value: unknown): string =>
  value instanceof Date ? 'use date.getTime()' : typeof value === 'string' ? 'use Number(text)' : 'use NaN for a hole';

/** Two finite ends of an axis, which differ; above 0 where the axis is logarithmic. */
export function checkEnds(what: string, ends: readonly [number, number] | undefined, log = false): void {
  if (!ends) return;
  const [low, high] = ends;
  const fits = (v: unknown) => typeof v === 'number' && Math.abs(v) <= 1e300 && (!log || v > 0);
  if (fits(low) && fits(high) && Math.abs(high - low) > Math.max(1e-280, 1e-12 * Math.abs(high))) return;
  const asked = log ? 'two different numbers above 0, since the axis is logarithmic' : 'two different finite numbers';
  throw new Error(`${what}: expected ${asked}, got [${low}, ${high}]`);
}

/** A whole number within bounds. */
export function checkCount(what: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new Error(`${what}: expected a whole number from ${least} to ${most.toLocaleString('en-US')}, got ${value}`);
}
