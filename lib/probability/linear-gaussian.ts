/**
 * The one latent-variable model in which everything is known: z ~ N(0, I), x | z ~ N(W z + μ, diag s²). It is factor
 * analysis; with equal s, probabilistic PCA (Tipping & Bishop 1999). Evidence and posterior have closed forms, so that
 * a bound on log p(x) can be held against the truth.
 *
 * Shapes: x has D numbers, z has K, W is [D, K].
 * @see notebooks/09-elbo.ipynb
 */
import type { HostRandom } from '../runtime';
import { expectNumber, expectNumbers } from '../runtime/expect';
import { DiagonalNormal } from './distributions';
import { klMultivariate, MultivariateNormal } from './multivariate';
import { sum } from './numeric';

/** The bound and its two terms, in nats: elbo = reconstruction − kl. */
export interface Bound {
  elbo: number;
  /** E_q[log p(x|z)] */
  reconstruction: number;
  /** KL(q(z|x) ‖ p(z)) */
  kl: number;
}

type Vector = readonly number[];
const dot = (a: Vector, b: Vector): number => sum(a.map((v, i) => v * b[i]));

/**
 * @example new LinearGaussian([[1]], [0], [1]).posterior([2]).mean // → [1]
 */
export class LinearGaussian {
  /** p(z) = N(0, I). */
  readonly prior: MultivariateNormal;
  /** p(x) = N(μ, W Wᵀ + diag s²): z integrated out. */
  readonly evidence: MultivariateNormal;

  constructor(
    /** W, [D, K]: what each latent adds to each number of x. */
    readonly weight: readonly Vector[],
    /** μ, [D] */
    readonly mean: Vector,
    /** s, [D]: standard deviation of the noise on each number of x. */
    readonly std: Vector,
  ) {
    const [D, K] = [weight.length, weight[0]?.length ?? 0];
    if (K === 0 || mean.length !== D || std.length !== D) {
      throw new Error(`weights of ${D} × ${K} need ${D} means and stds, got ${mean.length} and ${std.length}`);
    }
    for (const [d, row] of weight.entries()) expectNumbers(`weights of x[${d}]`, row, K);
    expectNumbers('means', mean);
    for (const [d, s] of std.entries()) expectNumber(`std of x[${d}]`, s, { above: 0 });
    this.prior = MultivariateNormal.diagonal(new Array(K).fill(0), new Array(K).fill(1));
    const covariance = weight.map((a, i) => weight.map((b, j) => dot(a, b) + (i === j ? std[i] ** 2 : 0)));
    this.evidence = new MultivariateNormal(mean, covariance);
  }

  /** p(x|z) = N(W z + μ, diag s²). */
  likelihood(z: Vector): DiagonalNormal {
    expectNumbers('z', z, this.weight[0].length);
    return new DiagonalNormal(
      this.weight.map((row, d) => dot(row, z) + this.mean[d]),
      this.std,
    );
  }

  /** log p(x, z) = log p(z) + log p(x|z). */
  logJoint(x: Vector, z: Vector): number {
    return this.prior.logProb(z) + this.likelihood(z).logProb(x);
  }

  /** What x says about z before it says where: Λ = I + Wᵀ diag(s⁻²) W, the posterior's precision, [K, K]. */
  precision(): number[][] {
    return this.weight[0].map((_, i) =>
      this.weight[0].map(
        (_, j) => sum(this.weight.map((w, d) => (w[i] * w[j]) / this.std[d] ** 2)) + (i === j ? 1 : 0),
      ),
    );
  }

  /** p(z|x) = N(Λ⁻¹ Wᵀ diag(s⁻²) (x − μ), Λ⁻¹): exact (Bishop 2006, eq. 2.116 and 12.42). */
  posterior(x: Vector): MultivariateNormal {
    expectNumbers('x', x, this.weight.length);
    const K = this.weight[0].length;
    const zero = new Array<number>(K).fill(0);
    const byPrecision = new MultivariateNormal(zero, this.precision()); //        solve() multiplies by Λ⁻¹
    const pull = zero.map((_, k) => sum(this.weight.map((w, d) => (w[k] * (x[d] - this.mean[d])) / this.std[d] ** 2))); //                                                                         [K]
    const covariance = zero.map((_, k) => byPrecision.solve(zero.map((_, j) => (j === k ? 1 : 0)))); // [K, K]
    return new MultivariateNormal(byPrecision.solve(pull), covariance);
  }

  /** The q with independent components that comes nearest to p(z|x) in KL(q‖p): its means, and variances 1/Λₖₖ. */
  meanField(x: Vector): MultivariateNormal {
    const std = this.precision().map((row, k) => 1 / Math.sqrt(row[k]));
    return MultivariateNormal.diagonal(this.posterior(x).mean, std);
  }

  /**
   * ELBO of a normal q(z|x), exactly: E_q[log p(x|z)] is the log-likelihood at q's mean, less half of the variance that
   * q brings to each number of x in units of its noise.
   */
  bound(x: Vector, q: MultivariateNormal): Bound {
    expectNumbers('the mean of q', q.mean, this.weight[0].length);
    const blur = this.weight.map(w =>
      dot(
        w,
        q.covariance.map(row => dot(row, w)),
      ),
    ); // diag(W S Wᵀ), [D]
    const spread = sum(blur.map((v, d) => v / this.std[d] ** 2));
    const reconstruction = this.likelihood(q.mean).logProb(x) - 0.5 * spread;
    const kl = klMultivariate(q, this.prior);
    return { elbo: reconstruction - kl, reconstruction, kl };
  }

  /** Two-step generation: z from the prior, then x given z. */
  sample(random: HostRandom): { z: number[]; x: number[] } {
    const z = this.prior.sample(random);
    return { z, x: this.likelihood(z).sample(random) };
  }
}
