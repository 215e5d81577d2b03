/** The numerical tools under probability: sums of logs, integrals, averages with an honest error. */
import { expectNumber } from '../runtime/expect';

/**
 * log Σ exp(x_i), without overflow or underflow: the largest is taken out first. −∞ for an empty list.
 * @example logSumExp([1000, 1000]) // → 1000.6931
 */
export function logSumExp(values: readonly number[]): number {
  const largest = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (!Number.isFinite(largest)) return largest;
  return largest + Math.log(values.reduce((sum, x) => sum + Math.exp(x - largest), 0));
}

/**
 * Σ x_i.
 * @example sum([1, 2, 3]) // → 6
 */
export const sum = (values: readonly number[]): number => values.reduce((total, x) => total + x, 0);

/** Average and its standard error s/√n: two of three times the true mean lies within one standard error. */
export interface Estimate {
  mean: number;
  standardError: number;
  count: number;
}

/**
 * Mean of the values with its standard error. Throws for fewer than two values: they have no spread.
 * @example estimateOf([1, 2, 3]).mean // → 2
 */
export function estimateOf(values: readonly number[]): Estimate {
  const count = values.length;
  if (count < 2) throw new Error(`an estimate with its error needs 2 or more values, got ${count}`);
  const mean = sum(values) / count;
  const variance = values.reduce((total, x) => total + (x - mean) ** 2, 0) / (count - 1);
  return { mean, standardError: Math.sqrt(variance / count), count };
}

/**
 * ∫ f(x) dx from a to b by Simpson's rule on `intervals` equal pieces (even): parabolas through neighbouring points.
 * The error falls with the fourth power of the step for smooth f.
 * @example integrate(x => x * x, 0, 3) // → 9
 */
export function integrate(f: (x: number) => number, a: number, b: number, intervals = 2000): number {
  expectNumber('the lower end', a);
  expectNumber('the upper end', b);
  if (!(Number.isSafeInteger(intervals) && intervals >= 2 && intervals % 2 === 0))
    throw new Error(`Simpson's rule needs an even number of intervals, got ${intervals}`);
  const h = (b - a) / intervals;
  let total = f(a) + f(b);
  for (let i = 1; i < intervals; i++) total += (i % 2 ? 4 : 2) * f(a + i * h);
  return (total * h) / 3;
}

/**
 * P(Z ≤ z) for a standard normal, to 15 digits, in the tails too. Marsaglia 2004 (series), Laplace (tail fraction).
 * @example normalCdf(0) // → 0.5
 */
export function normalCdf(z: number): number {
  if (Number.isNaN(z)) return z;
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (Math.abs(z) > 4) {
    let fraction = 0; // 1/(|z| + 1/(|z| + 2/(|z| + 3/…))), from the inside out
    for (let k = 60; k > 0; k--) fraction = k / (Math.abs(z) + fraction);
    const tail = density / (Math.abs(z) + fraction);
    return z < 0 ? tail : 1 - tail;
  }
  let [term, total] = [z, z]; // z + z³/3 + z⁵/(3·5) + …
  for (let k = 3; Math.abs(term) > 1e-17; k += 2) {
    term *= (z * z) / k;
    total += term;
  }
  return 0.5 + density * total;
}
