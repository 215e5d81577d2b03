import { logSumExp, sum } from './numeric';

/**
 * The importance-weighted bound on log p(x) (Burda, Grosse & Salakhutdinov 2016, eq. 8), log (1/k) Σ wᵢ with
 * wᵢ = p(x, zᵢ) / q(zᵢ|x): k = 1 is the ELBO, k → ∞ is log p(x). The draws are cut into groups of k, one after the
 * other, and their bounds averaged, so that all k use the same draws.
 * @param logWeights log wᵢ of independent draws zᵢ ~ q, at least k of them
 * @see notebooks/09-elbo.ipynb
 * @example importanceBound([-1, -1, -1], 3) // → -1
 */
export function importanceBound(logWeights: ArrayLike<number>, k: number): number {
  const lost = Array.from(logWeights).find(weight => !(weight < Number.POSITIVE_INFINITY));
  if (lost !== undefined) throw new Error(`a log weight must be a number below ∞, got ${lost}`);
  const groups = Math.floor(logWeights.length / k);
  if (!(Number.isInteger(k) && k > 0 && groups > 0)) {
    throw new Error(`k must be 1 to ${logWeights.length}, the number of draws, got ${k}`);
  }
  const draws = Array.from(logWeights);
  const bounds = Array.from({ length: groups }, (_, g) => logSumExp(draws.slice(g * k, (g + 1) * k)) - Math.log(k));
  return sum(bounds) / groups;
}
