/** A number that chance has a hand in, measured with several seeds: what a band and a sentence may say about it. */
import { say } from '../plot/words';
import { DISPLAY, type Displayable, type MimeBundle } from '../runtime/display';

/**
 * What several seeds gave: mean, standard deviation, and a band for one seed.
 * @example String(new Spread([1, 2, 3])) // → 2 ± 1 (n = 3)
 */
export class Spread implements Displayable {
  readonly mean: number;
  /** Of the sample: divided by n − 1. */
  readonly sd: number;

  /** @param values one for each seed, two or more, finite */
  constructor(readonly values: readonly number[]) {
    if (values.length < 2 || !values.every(Number.isFinite))
      throw new Error(`a spread needs two finite numbers or more, got [${values.join(', ')}]; run more seeds`);
    this.mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const squares = values.reduce((sum, value) => sum + (value - this.mean) ** 2, 0);
    this.sd = Math.sqrt(squares / (values.length - 1));
  }

  get n(): number {
    return this.values.length;
  }

  /** The mean with `wide` standard deviations on either side: a band for the value of a single seed. */
  band(wide = 3): [low: number, high: number] {
    return [this.mean - wide * this.sd, this.mean + wide * this.sd];
  }

  toString(): string {
    return `${say(this.mean, 4)} ± ${say(this.sd, 2)} (n = ${this.n})`;
  }

  [DISPLAY](): MimeBundle {
    return { 'text/plain': this.toString() };
  }
}

/**
 * Runs the same experiment with seeds 1 to `count`, one after the other.
 * @param experiment the number that it measures with a seed; everything that it makes it must dispose of itself
 * @example String(await seeds(3, seed => 10 + seed)) // → 12 ± 1 (n = 3)
 */
export async function seeds(count: number, experiment: (seed: number) => number | Promise<number>): Promise<Spread> {
  const values: number[] = [];
  for (let seed = 1; seed <= count; seed++) values.push(await experiment(seed));
  return new Spread(values);
}
