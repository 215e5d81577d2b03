/**
 * What straight lines alone can do, to hold auto-encoders against: principal components, and the best linear map
 * between two sets of codes. Solved in float64 on the host.
 * @see notebooks/08-latent-spaces.ipynb
 */
import { EigenvalueDecomposition, Matrix, QrDecomposition, SingularValueDecomposition } from 'ml-matrix';
import { HostRandom, tf } from '../runtime';
import { expectShape } from '../runtime/expect';

/**
 * Principal component analysis (Pearson 1901; Hotelling 1933): the flat subspace that keeps most of the data's variance.
 * @example
 * const found: PrincipalComponents = principalComponents(tf.tensor2d([[0, 0], [1, 1], [2, 2]]), 1);
 * found.mean // → [1, 1]
 */
export class PrincipalComponents {
  constructor(
    /** [D] */
    readonly mean: tf.Tensor1D,
    /** Orthonormal directions of the data, the widest spread first: [D, K]. */
    readonly directions: tf.Tensor2D,
    /** Variance along each direction, falling: K numbers. */
    readonly variances: readonly number[],
  ) {}

  /** The first k coordinates. x: [B, D] → [B, k]. */
  encode(x: tf.Tensor, k: number): tf.Tensor2D {
    expectShape('x', x, ['B', this.mean.size]);
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
    const [D, K] = this.directions.shape;
    if (!(Number.isInteger(k) && k > 0 && k <= K)) throw new Error(`k must be 1 to ${K} components, got ${k}`);
    return this.directions.slice([0, 0], [D, k]); //                             [D, k]
  }
}

/**
 * The first K principal components of the rows of x: [N, D]. Orthogonal iteration (Golub & Van Loan, §8.2.4) on a block a
 * little wider than K: multiply by the covariance, make the columns orthonormal, again and again; then the small
 * eigenproblem inside of the block.
 * @example
 * const components = principalComponents(tf.tensor2d([[0, 0], [1, 1], [2, 2]]), 1);
 * components.encode(tf.tensor2d([[1, 1]]), 1) // → [[0]]
 */
export function principalComponents(x: tf.Tensor2D, K: number): PrincipalComponents {
  expectShape('x', x, ['N', 'D'], 'one row for each example');
  const [N, D] = x.shape;
  if (N < 2) throw new Error(`principal components need at least 2 rows, got ${N}`);
  if (!(Number.isInteger(K) && K > 0 && K <= D)) throw new Error(`K must be 1 to ${D} components, got ${K}`);
  const mean = tf.tidy(() => x.mean(0)) as tf.Tensor1D; //                       [D]
  const covariance = tf.tidy(() => {
    const centred = x.sub(mean) as tf.Tensor2D; //                               [N, D]
    return tf.matMul(centred, centred, true).div(N) as tf.Tensor2D; //           [D, D]
  });
  const times = (block: Matrix) =>
    new Matrix(tf.tidy(() => tf.matMul(covariance, tf.tensor2d(block.to2DArray())).arraySync() as number[][]));
  const dice = new HostRandom(1);
  let block = orthonormal(
    new Matrix(Array.from({ length: D }, () => Array.from({ length: Math.min(D, K + 12) }, () => dice.normal()))),
  );
  for (let i = 0; i < 15; i++) block = orthonormal(times(block)); //             [D, K + 12]
  const small = block.transpose().mmul(times(block)); //                         [K + 12, K + 12]
  covariance.dispose();
  const { realEigenvalues: values, eigenvectorMatrix } = new EigenvalueDecomposition(small, { assumeSymmetric: true });
  const order = values
    .map((_, i) => i)
    .sort((a, b) => values[b] - values[a])
    .slice(0, K);
  const directions = block.mmul(eigenvectorMatrix).subMatrixColumn(order).to2DArray(); // [D, K]
  return new PrincipalComponents(
    mean,
    tf.tensor2d(directions),
    order.map(i => values[i]),
  );
}

const orthonormal = (columns: Matrix): Matrix => new QrDecomposition(columns).orthogonalMatrix;

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
 * @example linearMap(tf.tensor2d([[0], [1], [2]]), tf.tensor2d([[1], [3], [5]]))
 */
export function linearMap(x: tf.Tensor2D, y: tf.Tensor2D): LinearMap {
  expectShape('x', x, ['N', 'A'], 'one row for each pair');
  expectShape('y', y, ['N', 'B'], 'one row for each pair');
  const [N, A] = x.shape;
  if (y.shape[0] !== N) throw new Error(`${N} codes can't be paired with ${y.shape[0]}; give as many of each`);
  const inputs = new Matrix((x.arraySync() as number[][]).map(row => [...row, 1])); // [N, A + 1]
  const targets = new Matrix(y.arraySync() as number[][]); //                         [N, B]
  const solver =
    N > A + 1 ? new QrDecomposition(inputs) : new SingularValueDecomposition(inputs, { autoTranspose: true });
  const solution = solver.solve(targets).to2DArray(); //                              [A + 1, B]
  return { weight: tf.tensor2d(solution.slice(0, A)), bias: tf.tensor1d(solution[A]) };
}
