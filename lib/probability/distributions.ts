/**
 * Distributions as plain objects: a log-probability, a way to sample, moments. Logs are natural, so entropies are in nats.
 * @see lesson 03-bayes
 */
import type { HostRandom } from '../runtime';
import { expectNumber } from '../runtime/expect';
import { logSumExp, normalCdf, sum } from './numeric';

/** log p(x), and x drawn from p. For continuous x it is a log-density, which may be above 0. */
export interface Distribution<T> {
  logProb(x: T): number;
  sample(random: HostRandom): T;
}

/**
 * `count` independent draws.
 * @example draw(new Bernoulli(0.5), 3, new HostRandom(1)).length // → 3
 */
export function draw<T>(distribution: Distribution<T>, count: number, random: HostRandom): T[] {
  expectNumber('the number of draws', count, { from: 0, whole: true });
  return Array.from({ length: count }, () => distribution.sample(random));
}

const LOG_2PI = Math.log(2 * Math.PI);

/**
 * Normal (Gaussian) distribution N(mean, std²); std is the standard deviation σ, not the variance.
 * @example new Normal(0, 1).density(0) // → 0.3989
 */
export class Normal implements Distribution<number> {
  constructor(
    readonly mean = 0,
    readonly std = 1,
  ) {
    const whole = `Normal(mean ${mean}, std ${std})`;
    expectNumber(`${whole}: mean`, mean);
    if (!(std > 0 && std < Number.POSITIVE_INFINITY))
      throw new Error(`${whole}: std must be above 0 and finite, got ${std}`);
  }

  get variance(): number {
    return this.std ** 2;
  }

  /** log p(x) = −½((x − μ)/σ)² − log σ − ½ log 2π. */
  logProb(x: number): number {
    return -0.5 * ((x - this.mean) / this.std) ** 2 - Math.log(this.std) - 0.5 * LOG_2PI;
  }

  /** The density p(x), which is above 1 where σ is small. */
  density(x: number): number {
    return Math.exp(this.logProb(x));
  }

  /** P(X ≤ x). */
  cdf(x: number): number {
    return normalCdf((x - this.mean) / this.std);
  }

  /** ½ log(2πe σ²) nats; below 0 where σ < 0.242. */
  entropy(): number {
    return 0.5 * (LOG_2PI + 1) + Math.log(this.std);
  }

  /** μ + σ·ε with ε from N(0, 1). */
  sample(random: HostRandom): number {
    return this.mean + this.std * random.normal();
  }
}

/**
 * Normal distribution of a vector with independent components: mean[i], std[i].
 * @example new DiagonalNormal([0, 0], [1, 1]).logProb([0, 0]) // → -1.8379
 */
export class DiagonalNormal implements Distribution<number[]> {
  private readonly parts: Normal[];

  constructor(
    readonly mean: readonly number[],
    readonly std: readonly number[],
  ) {
    if (mean.length === 0) throw new Error('expected at least one mean and std, got none');
    if (mean.length !== std.length) throw new Error(`${mean.length} means but ${std.length} standard deviations`);
    this.parts = mean.map((m, i) => new Normal(m, std[i]));
  }

  /** Sum of the components' log-densities. */
  logProb(x: readonly number[]): number {
    if (x.length !== this.parts.length) throw new Error(`x has ${x.length} numbers, expected ${this.parts.length}`);
    return sum(this.parts.map((part, i) => part.logProb(x[i])));
  }

  entropy(): number {
    return sum(this.parts.map(part => part.entropy()));
  }

  sample(random: HostRandom): number[] {
    return this.parts.map(part => part.sample(random));
  }
}

/**
 * 1 with probability p, else 0.
 * @example new Bernoulli(0.3).logProb(1) // → -1.204
 */
export class Bernoulli implements Distribution<number> {
  constructor(readonly p: number) {
    if (!(p >= 0 && p <= 1)) throw new Error(`Bernoulli(${p}): a probability must lie between 0 and 1`);
  }

  get mean(): number {
    return this.p;
  }

  get variance(): number {
    return this.p * (1 - this.p);
  }

  logProb(x: number): number {
    if (x !== 0 && x !== 1) throw new Error(`a Bernoulli outcome is 0 or 1, got ${x}`);
    return x === 1 ? Math.log(this.p) : Math.log1p(-this.p);
  }

  entropy(): number {
    return sum([this.p, 1 - this.p].map(q => (q > 0 ? -q * Math.log(q) : 0)));
  }

  sample(random: HostRandom): number {
    return random.uniform() < this.p ? 1 : 0;
  }
}

/**
 * Outcome i of 0 … n − 1 with probability p[i].
 * @example new Categorical([0.5, 0.25, 0.25]).entropy() // → 1.0397
 */
export class Categorical implements Distribution<number> {
  constructor(readonly p: readonly number[]) {
    checkProbabilities(p);
  }

  logProb(i: number): number {
    if (!(Number.isInteger(i) && i in this.p))
      throw new Error(`outcome ${i} does not exist; outcomes are 0 to ${this.p.length - 1}`);
    return Math.log(this.p[i]);
  }

  entropy(): number {
    return sum(this.p.map(q => (q > 0 ? -q * Math.log(q) : 0)));
  }

  /** Walks along the probabilities until a uniform number is used up. */
  sample(random: HostRandom): number {
    let left = random.uniform();
    const last = this.p.length - 1;
    for (let i = 0; i < last; i++) {
      left -= this.p[i];
      if (left < 0) return i;
    }
    return last;
  }
}

/**
 * Draws a component k with probability weights[k], then x from it: p(x) = Σ_k w_k p_k(x).
 * @example new Mixture([0.5, 0.5], [new Normal(-1, 1), new Normal(1, 1)]).logProb(0) // → -1.4189
 */
export class Mixture<T> implements Distribution<T> {
  private readonly choice: Categorical;

  constructor(
    readonly weights: readonly number[],
    readonly components: readonly Distribution<T>[],
  ) {
    if (weights.length !== components.length) {
      throw new Error(`${weights.length} weights for ${components.length} components; give one each`);
    }
    this.choice = new Categorical(weights);
  }

  logProb(x: T): number {
    return logSumExp(
      this.components.flatMap((part, k) => (this.weights[k] > 0 ? [Math.log(this.weights[k]) + part.logProb(x)] : [])),
    );
  }

  density(x: T): number {
    return Math.exp(this.logProb(x));
  }

  sample(random: HostRandom): T {
    return this.components[this.choice.sample(random)].sample(random);
  }
}

/**
 * Throws unless all are 0 or more and they sum to 1 (to 1e-6).
 * @example checkProbabilities([0.2, 0.8])
 */
export function checkProbabilities(p: readonly number[], name = 'probabilities'): void {
  const total = sum(p);
  if (p.length === 0 || p.some(q => !(q >= 0)) || Math.abs(total - 1) > 1e-6) {
    throw new Error(
      `${name} must be 0 or more and sum to 1, got [${p.map(q => +q.toPrecision(4)).join(', ')}], sum ${total}`,
    );
  }
}
