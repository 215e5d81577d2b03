/** The Fréchet distance against SciPy's sqrtm (frechet_reference.py) and closed forms. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Matrix } from 'ml-matrix';
import { HostRandom, tf } from '../../lib/runtime';
import { featureStatistics, frechetDistance, squareRoot } from '../../lib/training';
import { readPacked } from '../packed';

interface Case {
  a: number[][];
  b: number[][];
  distance: number;
}
const cases = readPacked<Case[]>(__dirname, 'frechet_reference.json');

test('agrees with scipy.linalg.sqrtm, also for singular covariances, and is symmetric', () => {
  for (const { a, b, distance } of cases) {
    const [p, q] = [featureStatistics(a), featureStatistics(b)];
    assert.ok(Math.abs(frechetDistance(p, q) - distance) < 1e-6 * distance, `${frechetDistance(p, q)} vs ${distance}`);
    assert.ok(Math.abs(frechetDistance(q, p) - distance) < 1e-6 * distance);
  }
});

test('a set has distance 0 from itself; a shift by d costs d squared', () => {
  const rows = cases[0].a;
  const own = featureStatistics(rows);
  const moved = featureStatistics(rows.map(row => row.map((v, i) => (i === 0 ? v + 3 : v))));
  assert.ok(frechetDistance(own, own) < 1e-9);
  assert.ok(Math.abs(frechetDistance(own, moved) - 9) < 1e-6);
});

test('one-dimensional Gaussians: (m1 - m2)^2 + (s1 - s2)^2', () => {
  const statistics = (mean: number, std: number) => ({ count: 10, mean: [mean], covariance: new Matrix([[std ** 2]]) });
  assert.ok(Math.abs(frechetDistance(statistics(1, 2), statistics(4, 0.5)) - (9 + 2.25)) < 1e-12);
});

test('statistics come from tensors too; the root squares to the matrix', () => {
  const random = new HostRandom(3);
  const rows = Array.from({ length: 50 }, () => Array.from({ length: 4 }, () => Math.fround(random.normal())));
  const features = tf.tensor2d(rows);
  const fromTensor = featureStatistics(features);
  features.dispose();
  const { mean, covariance } = featureStatistics(rows);
  assert.deepEqual(fromTensor.mean, mean);
  const root = squareRoot(covariance);
  assert.ok(Matrix.sub(root.mmul(root), covariance).norm() < 1e-12);
  const variance = rows.reduce((sum, row) => sum + (row[1] - mean[1]) ** 2, 0) / 49;
  assert.ok(Math.abs(covariance.get(1, 1) - variance) < 1e-12);
});

test('errors say what is wrong', () => {
  assert.throws(() => featureStatistics([[1, 2]]), /at least 2/);
  const narrow = featureStatistics([[1], [2]]);
  const wide = featureStatistics([
    [1, 2],
    [3, 4],
  ]);
  assert.throws(() => frechetDistance(narrow, wide), /one classifier/);
});
