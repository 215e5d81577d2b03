/**
 * Entropy, cross-entropy and Kullback–Leibler divergence: of lists of probabilities, of normals, of anything that can
 * be sampled. Everything is in nats (natural logs); divide by ln 2 for bits.
 * @see lesson 04-entropy-kl
 */
import type { HostRandom } from '../runtime';
import { expectNumber, expectNumbers } from '../runtime/expect';
import { checkProbabilities, type Distribution, draw, type Normal } from './distributions';
import { type Estimate, estimateOf, integrate, sum } from './numeric';

/** Nats in a bit: ln 2. */
export const BIT = Math.LN2;

/**
 * H(p) = −Σ p log p: the mean surprise of outcomes from p. 0 log 0 counts as 0.
 * @example entropy([0.5, 0.5]) // → 0.6931
 */
export function entropy(p: readonly number[]): number {
  checkProbabilities(p);
  return sum(p.map(a => (a > 0 ? -a * Math.log(a) : 0)));
}

/**
 * H(p, q) = −Σ p log q: the mean surprise of one who expects q where p is true. ∞ where q rules out what p allows.
 * @example crossEntropy([1, 0], [0.5, 0.5]) // → 0.6931
 */
export function crossEntropy(p: readonly number[], q: readonly number[]): number {
  checkPair(p, q);
  return sum(p.map((a, i) => (a > 0 ? -a * Math.log(q[i]) : 0)));
}

/**
 * D_KL(p‖q) = Σ p log(p/q) = H(p, q) − H(p): 0 where they are equal, else above 0.
 * @example klDivergence([0.5, 0.5], [0.9, 0.1]) // → 0.5108
 */
export function klDivergence(p: readonly number[], q: readonly number[]): number {
  checkPair(p, q);
  return sum(p.map((a, i) => (a > 0 ? a * Math.log(a / q[i]) : 0)));
}

/**
 * D_KL(p‖q) between two normals, in closed form:
 * log(σ_q/σ_p) + (σ_p² + (μ_p − μ_q)²) / (2σ_q²) − ½.
 * @example klNormal(new Normal(1, 1), new Normal(0, 1)) // → 0.5
 */
export function klNormal(p: Normal, q: Normal): number {
  return Math.log(q.std / p.std) + (p.variance + (p.mean - q.mean) ** 2) / (2 * q.variance) - 0.5;
}

/**
 * D_KL(N(μ, diag σ²)‖N(0, I)) = −½ Σ (1 + log σ² − μ² − σ²), summed over the dimensions: the second term of a VAE's loss
 * (Kingma & Welling 2014, appendix B). Takes log σ², as an encoder gives it.
 * @example klStandardNormal([1, 1], [0, 0]) // → 1
 */
export function klStandardNormal(mean: readonly number[], logVar: readonly number[]): number {
  expectNumbers('means', mean);
  expectNumbers('log-variances', logVar, mean.length);
  return sum(mean.map((m, i) => -0.5 * (1 + logVar[i] - m * m - Math.exp(logVar[i]))));
}

/**
 * D_KL(p‖q) of two densities on a line, by quadrature over [from, to], which must hold nearly all of p.
 * @example klQuadrature(new Normal(1, 1), new Normal(0, 1), [-8, 10]) // → 0.5
 */
export function klQuadrature(
  p: Distribution<number>,
  q: Distribution<number>,
  [from, to]: readonly [number, number],
  intervals = 4000,
): number {
  const integrand = (x: number) => {
    const logP = p.logProb(x);
    return !(logP <= -700) ? Math.exp(logP) * (logP - q.logProb(x)) : 0; // below e^−700 a density underflows to 0
  };
  if (!(from < to)) throw new Error(`expected a range [from, to] that rises, got [${from}, ${to}]`);
  const mass = integrate(x => Math.exp(p.logProb(x)), from, to, intervals);
  if (Math.abs(mass - 1) > 0.01)
    throw new Error(
      `expected a range that holds nearly all of p in steps that it is smooth in, got a sum of ${mass}; change it`,
    );
  return integrate(integrand, from, to, intervals);
}

/**
 * D_KL(p‖q) as the mean of log p(x) − log q(x) over x drawn from p, with its standard error. Needs no formula.
 * @example klMonteCarlo(new Normal(0, 1), new Normal(0, 1), 100, new HostRandom(1)).mean // → 0
 */
export function klMonteCarlo<T>(p: Distribution<T>, q: Distribution<T>, count: number, random: HostRandom): Estimate {
  expectNumber('the number of draws', count, { from: 2, whole: true });
  return estimateOf(draw(p, count, random).map(x => p.logProb(x) - q.logProb(x)));
}

function checkPair(p: readonly number[], q: readonly number[]): void {
  if (p.length !== q.length)
    throw new Error(`p has ${p.length} outcomes, q has ${q.length}; they must be the same ones`);
  checkProbabilities(p, 'p');
  checkProbabilities(q, 'q');
}
