/** A net looking at a wide map through windows of the size that it knows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ConditionalDenoiser, guided, hill, windowed } from '../../lib/diffusion';
import { random, tf } from '../../lib/runtime';

/** Answers with x times the word, plus the column within the window, plus t: so a window can be recognised. */
const net: ConditionalDenoiser = (x, t, words) => {
  const width = x.shape[2] ?? 0;
  const columns = tf.range(0, width).reshape([1, 1, width, 1]);
  return x
    .mul(words.reshape([-1, 1, 1, 1]))
    .add(columns)
    .add(t.reshape([-1, 1, 1, 1]));
};
const words = tf.tensor3d([[[2]], [[3]]]); // [2, 1, 1]
const t = tf.tensor1d([10, 20], 'int32');
const largest = (a: tf.Tensor, b: tf.Tensor) => tf.tidy(() => a.sub(b).abs().max().dataSync()[0]);

test('weights of a window: a hill above 0, the same from both ends', () => {
  const weights = hill(8);
  assert.ok(weights.every(w => w > 0 && w < 1));
  for (const [i, w] of weights.entries()) assert.ok(Math.abs(w - weights[7 - i]) < 1e-12);
  assert.ok(weights[0] < weights[1] && weights[2] < weights[3]);
});

test('on a map of one window the answer is the net its own', () => {
  const x = random.normal([2, 3, 4, 1]);
  assert.ok(largest(windowed(net, 4)(x, t, words), net(x, t, words)) < 1e-5);
});

test('on a wider map every column is the weighted mean of the windows over it, each picture with its own words and t', () => {
  const [W, width] = [7, 4];
  const x = random.normal([2, 3, W, 1]);
  const answer = windowed(net, width)(x, t, words);
  assert.deepEqual(answer.shape, [2, 3, W, 1]);
  const weights = hill(width);
  const column = Array.from({ length: W }, (_, place) => {
    const over = Array.from({ length: W - width + 1 }, (_, s) => place - s).filter(c => c >= 0 && c < width);
    const total = over.reduce((sum, c) => sum + weights[c], 0);
    return over.reduce((sum, c) => sum + weights[c] * c, 0) / total; // mean of the column's number within its windows
  });
  const expected = x
    .mul(words.reshape([2, 1, 1, 1]))
    .add(tf.tensor1d(column).reshape([1, 1, W, 1]))
    .add(t.reshape([2, 1, 1, 1]));
  assert.ok(largest(answer, expected) < 1e-5);
});

test('guidance takes it like any net', () => {
  const x = random.normal([1, 2, 6, 1]);
  const [one, told, without] = [tf.tensor1d([5], 'int32'), tf.tensor3d([[[2]]]), tf.tensor3d([[[1]]])];
  const wide = windowed(net, 4);
  const answer = guided(wide, told, without, 3)(x, one);
  const [a, b] = [wide(x, one, without), wide(x, one, told)];
  assert.ok(largest(answer, a.add(b.sub(a).mul(3))) < 1e-4);
});

test('a map narrower than a window is refused', () => {
  assert.throws(() => windowed(net, 8)(tf.zeros([1, 8, 6, 4]), t, words), /at least 8 wide, got \[1,8,6,4\]/);
});
