/**
 * How far apart two sets of pictures are, as sets: Gaussians are fitted to their features and compared.
 * With features of the Inception network this is the FID (Heusel et al. 2017); with any others it is a number of its own,
 * which compares with nothing but itself.
 * @see notebooks/12-diffusion.ipynb
 */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { tf } from '../runtime';
import { expectNumbers, expectShape } from '../runtime/expect';

/** Mean and covariance of N feature vectors of D numbers, in float64. */
export interface FeatureStatistics {
  count: number;
  /** [D] */
  mean: number[];
  /** [D, D], divided by N − 1 */
  covariance: Matrix;
}

/**
 * Statistics of features [N, D], a tensor or rows of numbers. N must be at least 2.
 * @example featureStatistics([[0, 0], [2, 2]]).mean // → [1, 1]
 */
export function featureStatistics(features: tf.Tensor | ArrayLike<number>[]): FeatureStatistics {
  if (features instanceof tf.Tensor) expectShape('features', features, ['N', 'D'], 'one row for each picture');
  const rows = features instanceof tf.Tensor ? (features.arraySync() as number[][]) : features;
  const count = rows.length;
  if (count < 2) throw new Error(`statistics need at least 2 feature vectors, got ${count}`);
  const width = rows[0].length;
  for (const [i, row] of rows.entries()) expectNumbers(`feature vector ${i}`, row, width);
  const mean = new Array<number>(width).fill(0);
  for (const row of rows) for (let i = 0; i < width; i++) mean[i] += row[i] / count;
  const covariance = Matrix.zeros(width, width);
  const centred = new Float64Array(width);
  for (const row of rows) {
    for (let i = 0; i < width; i++) centred[i] = row[i] - mean[i];
    for (let i = 0; i < width; i++) {
      for (let j = i; j < width; j++) covariance.set(i, j, covariance.get(i, j) + centred[i] * centred[j]);
    }
  }
  for (let i = 0; i < width; i++) {
    for (let j = i; j < width; j++) {
      covariance.set(i, j, covariance.get(i, j) / (count - 1));
      covariance.set(j, i, covariance.get(i, j));
    }
  }
  return { count, mean, covariance };
}

/**
 * Squared Fréchet distance of N(m₁, C₁) and N(m₂, C₂): ‖m₁ − m₂‖² + tr(C₁ + C₂ − 2 (C₁C₂)^½) (Dowson & Landau 1982; FID's formula).
 * The trace of the root comes from the eigenvalues of C₁^½ C₂ C₁^½, which is symmetric and has the same ones as C₁C₂.
 * @example
 * const real = featureStatistics([[0, 0], [2, 2], [0, 2]]);
 * frechetDistance(real, real) // → 0
 */
export function frechetDistance(a: FeatureStatistics, b: FeatureStatistics): number {
  if (a.mean.length !== b.mean.length) {
    throw new Error(`features of ${a.mean.length} and ${b.mean.length} numbers can't be compared; use one classifier`);
  }
  const apart = a.mean.reduce((sum, m, i) => sum + (m - b.mean[i]) ** 2, 0);
  const root = squareRoot(a.covariance); //                                        C₁^½ [D, D]
  const sandwich = symmetric(root.mmul(b.covariance).mmul(root)); //               C₁^½ C₂ C₁^½
  const eigen = new EigenvalueDecomposition(sandwich, { assumeSymmetric: true }).realEigenvalues;
  const overlap = eigen.reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0);
  return Math.max(0, apart + a.covariance.trace() + b.covariance.trace() - 2 * overlap);
}

/**
 * The positive semi-definite root of a positive semi-definite matrix; eigenvalues below 0 by rounding count as 0.
 * @example squareRoot(featureStatistics([[0, 0], [2, 2], [0, 2]]).covariance).rows // → 2
 */
export function squareRoot(matrix: Matrix): Matrix {
  const { realEigenvalues, eigenvectorMatrix: V } = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  const scaled = V.clone();
  for (const [i, value] of realEigenvalues.entries()) scaled.mulColumn(i, Math.sqrt(Math.max(0, value)));
  return scaled.mmul(V.transpose());
}

/** Rounding makes a product of three slightly lopsided: the mean of the matrix and its transpose. */
function symmetric(matrix: Matrix): Matrix {
  return Matrix.add(matrix, matrix.transpose()).mul(0.5);
}
