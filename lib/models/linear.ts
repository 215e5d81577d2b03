/**
 * What straight lines alone can do, to hold auto-encoders against: principal components, and the best linear map
 * between two sets of codes. Solved in float64 on the host.
 * @see notebooks/08-latent-spaces.ipynb
 */
import { EigenvalueDecomposition, Matrix, SingularValueDecomposition } from 'ml-matrix';
import { tf } from '../runtime';

/** Principal component analysis (Pearson 1901; Hotelling 1933): the flat subspace that keeps most of the data's variance. */
export class PrincipalComponents {
  constructor(
    /** [D] */
    readonly mean: tf.Tensor1D,
    /** Orthonormal directions of the data, the widest spread first: [D, D]. */
    readonly directions: tf.Tensor2D,
    /** Variance along each direction, falling: D numbers. */
    readonly variances: readonly number[],
  ) {}

  /** The first k coordinates. x: [B, D] → [B, k]. */
  encode(x: tf.Tensor, k: number): tf.Tensor2D {
    return tf.tidy(() => tf.matMul(x.sub(this.mean) as tf.Tensor2D, this.first(k)));
  }

  /** Back from k coordinates. z: [B, k] → [B, D]. */
  decode(z: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => tf.matMul(z, this.first(z.shape[1]), false, true).add(this.mean) as tf.Tensor2D);
  }

  /** The best that any linear auto-encoder with k numbers can do. x: [B, D] → [B, D]. */
  reconstruct(x: tf.Tensor, k: number): tf.Tensor2D {
    return tf.tidy(() => this.decode(this.encode(x, k)));
  }

  private first(k: number): tf.Tensor2D {
    const D = this.variances.length;
    if (!(Number.isInteger(k) && k > 0 && k <= D)) throw new Error(`k must be 1 to ${D} components, got ${k}`);
    return this.directions.slice([0, 0], [D, k]); //                             [D, k]
  }
}

/** Principal components of the rows of x: [N, D], N at least 2. */
export function principalComponents(x: tf.Tensor2D): PrincipalComponents {
  const [N, D] = x.shape;
  if (N < 2) throw new Error(`principal components need at least 2 rows, got ${N}`);
  const mean = tf.tidy(() => x.mean(0)) as tf.Tensor1D; //                       [D]
  const covariance = tf.tidy(() => {
    const centred = x.sub(mean) as tf.Tensor2D; //                               [N, D]
    return tf.matMul(centred, centred, true).div(N).arraySync() as number[][]; // [D, D]
  });
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(new Matrix(covariance), {
    assumeSymmetric: true,
  });
  const order = realEigenvalues.map((_, i) => i).sort((a, b) => realEigenvalues[b] - realEigenvalues[a]);
  const directions = tf.tensor2d(columns(eigenvectorMatrix, order), [D, D]); //   widest spread first
  return new PrincipalComponents(
    mean,
    directions,
    order.map(i => Math.max(0, realEigenvalues[i])),
  );
}

const columns = (matrix: Matrix, order: number[]): number[][] =>
  matrix.to2DArray().map(row => order.map(column => row[column]));

/** y ≈ x·weight + bias. */
export interface LinearMap {
  /** [A, B] */
  weight: tf.Tensor2D;
  /** [B] */
  bias: tf.Tensor1D;
}

/**
 * The linear map with the least squared error from the rows of x to those of y; where there are fewer pairs than
 * unknowns, the smallest of the maps that fit. x: [N, A], y: [N, B].
 */
export function linearMap(x: tf.Tensor2D, y: tf.Tensor2D): LinearMap {
  const [N, A] = x.shape;
  if (y.shape[0] !== N) throw new Error(`${N} codes can't be paired with ${y.shape[0]}; give as many of each`);
  const inputs = new Matrix((x.arraySync() as number[][]).map(row => [...row, 1])); // [N, A + 1]
  const targets = new Matrix(y.arraySync() as number[][]); //                         [N, B]
  const solution = new SingularValueDecomposition(inputs, { autoTranspose: true }).solve(targets).to2DArray();
  return { weight: tf.tensor2d(solution.slice(0, A)), bias: tf.tensor1d(solution[A]) };
}
