/** Retrieval against NumPy (retrieval_reference.py), and at its two ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tf } from '../../lib/runtime';
import { retrievalAccuracy } from '../../lib/training';
import { readPacked } from '../packed';

interface Case {
  queries: number[][];
  library: number[][];
  own: number[];
  share: number;
}
const cases = readPacked<Case[]>(__dirname, 'retrieval-reference.json');

test('the share that NumPy finds, also in a library with more than the answers', () => {
  for (const { queries, library, own, share } of cases) {
    assert.ok(share > 0 && share < 1, 'a reference that could not be told from all or nothing');
    const found = retrievalAccuracy(tf.tensor2d(queries), tf.tensor2d(library), own);
    assert.ok(Math.abs(found - share) < 1e-6, `${found} ≠ ${share}`);
  }
});

test('vectors find themselves; vectors that are all the same find one, which is chance', () => {
  const apart = tf.eye(5);
  assert.equal(retrievalAccuracy(apart, apart, [0, 1, 2, 3, 4]), 1);
  assert.equal(retrievalAccuracy(apart, apart, [1, 2, 3, 4, 0]), 0);
  assert.ok(Math.abs(retrievalAccuracy(tf.ones([5, 3]), tf.ones([5, 3]), [0, 1, 2, 3, 4]) - 1 / 5) < 1e-6);
});

test('errors say what is wrong; no tensors stay', () => {
  const [five, wide] = [tf.eye(5), tf.ones([5, 6])];
  const before = tf.memory().numTensors;
  retrievalAccuracy(five, five, [0, 1, 2, 3, 4]);
  assert.equal(tf.memory().numTensors, before);
  assert.throws(
    () => retrievalAccuracy(five, wide, [0]),
    /expected vectors \[N, D\] and \[M, D\], got \[5,5\] and \[5,6\]/,
  );
  assert.throws(() => retrievalAccuracy(five, five, [0]), /5 questions need 5 answers, got 1/);
  assert.throws(() => retrievalAccuracy(five, five, [0, 1, 2, 3, 5]), /rows 0 to 4, got 5 as an answer/);
});
