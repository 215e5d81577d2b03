import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tf } from '../../lib/runtime';
import { nearestRows } from '../../lib/training';

/** The same by two loops. */
function slowly(queries: number[][], library: number[][], count: number): number[][] {
  const far = (a: number[], b: number[]) => Math.hypot(...a.map((v, i) => v - b[i]));
  return queries.map(q =>
    library
      .map((row, i) => [far(q, row), i])
      .sort(([a], [b]) => a - b)
      .slice(0, count)
      .map(([, i]) => i),
  );
}

test('the nearest rows and their distances are those of two loops', () => {
  const [queries, library] = [
    [7, 5],
    [40, 5],
  ].map(shape => tf.randomNormal(shape as [number, number], 0, 1, 'float32', shape[0]));
  const found = nearestRows(queries, library, 3);
  const [q, l] = [queries, library].map(t => t.arraySync() as number[][]);
  assert.deepEqual(found.rows, slowly(q, l, 3));
  found.rows.forEach((rows, i) => {
    rows.forEach((row, k) => {
      const distance = Math.hypot(...q[i].map((v, d) => v - l[row][d]));
      assert.ok(Math.abs(found.distances[i][k] - distance) < 1e-4, `${found.distances[i][k]} for ${distance}`);
    });
  });
});

test('a copy lies at distance 0, and nothing is left behind', () => {
  const before = tf.memory().numTensors;
  const library = tf.tensor2d([
    [3, 4],
    [0.1, 0.2],
  ]);
  const found = nearestRows(tf.tensor2d([[0.1, 0.2]]), library);
  assert.deepEqual(found.rows, [[1]]);
  assert.ok(found.distances[0][0] < 1e-3);
  assert.equal(tf.memory().numTensors - before, 2);
});

test('what does not fit is refused', () => {
  assert.throws(() => nearestRows(tf.zeros([2, 3]), tf.zeros([2, 4])), /library/);
  assert.throws(() => nearestRows(tf.zeros([2, 3]), tf.zeros([2, 3]), 3), /the library has 2 rows, got 3 to find/);
});
