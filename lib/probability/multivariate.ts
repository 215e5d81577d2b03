/**
 * Normal distributions of vectors whose components depend on each other. Float64 on the host.
 * @see notebooks/09-elbo.ipynb
 */
import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import type { HostRandom } from '../runtime';
import { expectNumber, expectNumbers } from '../runtime/expect';
import type { Distribution } from './distributions';

const LOG_2PI = Math.log(2 * Math.PI);

/**
 * N(mean, covariance) in D dimensions; the covariance is symmetric and positive definite.
 * @example new MultivariateNormal([0, 0], [[1, 0], [0, 1]]).logProb([0, 0]) // → -1.8379
 */
export class MultivariateNormal implements Distribution<number[]> {
  readonly covariance: number[][];
  /** log det covariance, from its triangular root. */
  readonly logDeterminant: number;
  private readonly cholesky: CholeskyDecomposition;
  /** L with L Lᵀ = covariance. */
  private readonly root: number[][];

  constructor(
    readonly mean: readonly number[],
    covariance: readonly (readonly number[])[],
  ) {
    const D = mean.length;
    if (D === 0) throw new Error('expected at least one mean, got none');
    expectNumbers('means', mean);
    for (const [i, row] of covariance.entries()) expectNumbers(`row ${i} of the covariance`, row, row.length);
    if (covariance.length !== D || covariance.some(row => row.length !== D)) {
      throw new Error(`${D} means need a covariance of ${D} × ${D}, got rows of ${covariance.map(row => row.length)}`);
    }
    this.covariance = covariance.map((row, i) => row.map((v, j) => symmetric(v, covariance[j][i])));
    this.cholesky = new CholeskyDecomposition(new Matrix(this.covariance));
    if (!this.cholesky.isPositiveDefinite()) {
      throw new Error('this covariance is not positive definite: no direction may have variance 0 or less');
    }
    this.root = this.cholesky.lowerTriangularMatrix.to2DArray();
    this.logDeterminant = 2 * this.root.reduce((total, row, i) => total + Math.log(row[i]), 0);
  }

  /** Independent components: mean[i], std[i]. */
  static diagonal(mean: readonly number[], std: readonly number[]): MultivariateNormal {
    expectNumbers('standard deviations', std, mean.length);
    for (const s of std) expectNumber('a standard deviation', s, { above: 0 });
    return new MultivariateNormal(
      mean,
      std.map((s, i) => mean.map((_, j) => (i === j ? s * s : 0))),
    );
  }

  /** covariance⁻¹ v, without an inverse. */
  solve(v: readonly number[]): number[] {
    expectNumbers('the vector', v, this.mean.length);
    return this.cholesky.solve(Matrix.columnVector([...v])).to1DArray();
  }

  /** log p(x) = −½ (x − μ)ᵀ Σ⁻¹ (x − μ) − ½ log det Σ − ½ D log 2π. */
  logProb(x: readonly number[]): number {
    if (x.length !== this.mean.length) throw new Error(`x has ${x.length} numbers, expected ${this.mean.length}`);
    const apart = x.map((v, i) => v - this.mean[i]);
    return -0.5 * (dot(apart, this.solve(apart)) + this.logDeterminant + x.length * LOG_2PI);
  }

  /** ½ (D log 2πe + log det Σ) nats. */
  entropy(): number {
    return 0.5 * (this.mean.length * (LOG_2PI + 1) + this.logDeterminant);
  }

  /** μ + L ε with L the triangular root of Σ and ε from N(0, I). */
  sample(random: HostRandom): number[] {
    const eps = this.mean.map(() => random.normal());
    return this.mean.map((m, i) => m + dot(this.root[i], eps));
  }
}

/**
 * D_KL(p‖q) between two normals of D dimensions, in closed form:
 * ½ (tr(Σ_q⁻¹ Σ_p) + (μ_q − μ_p)ᵀ Σ_q⁻¹ (μ_q − μ_p) − D + log det Σ_q − log det Σ_p).
 * @example
 * const standard = new MultivariateNormal([0, 0], [[1, 0], [0, 1]]);
 * klMultivariate(new MultivariateNormal([1, 0], [[1, 0], [0, 1]]), standard) // → 0.5
 */
export function klMultivariate(p: MultivariateNormal, q: MultivariateNormal): number {
  const D = p.mean.length;
  if (q.mean.length !== D) throw new Error(`p has ${D} dimensions, q has ${q.mean.length}; they must be the same ones`);
  const trace = p.covariance.reduce((total, column, i) => total + q.solve(column)[i], 0); // Σ_p is symmetric
  const apart = p.mean.map((m, i) => q.mean[i] - m);
  return 0.5 * (trace + dot(apart, q.solve(apart)) - D + q.logDeterminant - p.logDeterminant);
}

/** The mean of two numbers that differ by rounding at most. */
function symmetric(a: number, b: number): number {
  if (!(Math.abs(a - b) <= 1e-8 * Math.max(1, Math.abs(a)))) {
    throw new Error(`a covariance is symmetric, this one has ${a} on one side of the diagonal and ${b} on the other`);
  }
  return (a + b) / 2;
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((total, v, i) => total + v * b[i], 0);
