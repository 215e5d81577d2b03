import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tf } from '../../lib/runtime';

const numbers = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
const at = [-2, -0.5, 0.3, 1.7];

type Elementwise = (x: tf.Tensor) => tf.Tensor;
const first = (f: Elementwise): number[] => numbers(tf.grad(f)(tf.tensor1d(at)));
/** (tfjs has no second derivatives through functions that save their output, such as sigmoid.) */
const second = (f: Elementwise): number[] => first(y => tf.grad(f)(y));

function close(actual: number[], expected: number[]): void {
  actual.forEach((value, i) => {
    assert.ok(Math.abs(value - expected[i]) < 1e-5, `${actual} and ${expected}`);
  });
}

const sigma = (x: number): number => 1 / (1 + Math.exp(-x));

test('relu, sigmoid and tanh', () => {
  close(
    first(tf.relu),
    at.map(x => (x > 0 ? 1 : 0)),
  );
  close(second(tf.relu), [0, 0, 0, 0]);
  close(
    second(x => tf.relu(x).square()),
    at.map(x => (x > 0 ? 2 : 0)),
  );
  close(
    first(tf.sigmoid),
    at.map(x => sigma(x) * (1 - sigma(x))),
  );
  close(
    first(tf.tanh),
    at.map(x => 1 - Math.tanh(x) ** 2),
  );
});

test('a bias gets the sum over all other axes, in both orders of the sum', () => {
  const x = tf.randomNormal([2, 3, 4, 5]);
  const w = tf.randomNormal([2, 3, 4, 5]);
  const b = tf.randomNormal([5]);
  const [dx, db] = tf.grads((a: tf.Tensor, c: tf.Tensor) => a.add(c).mul(w))([x, b]);
  close(numbers(dx), numbers(w));
  close(numbers(db), numbers(w.sum([0, 1, 2])));
  const [db2, dx2] = tf.grads((c: tf.Tensor, a: tf.Tensor) => c.add(a).mul(w))([b, x]);
  close(numbers(dx2), numbers(w));
  close(numbers(db2), numbers(w.sum([0, 1, 2])));
  const small = tf.tensor1d([2]); // one number for all
  close(numbers(tf.grads((a: tf.Tensor, c: tf.Tensor) => a.add(c).mul(w))([x, small])[1]), numbers(w.sum()));
  const twice = tf.grad(c =>
    tf
      .grad((d: tf.Tensor) => x.add(d).square())(c)
      .mul(tf.tensor1d([1, 2, 3, 4, 5])),
  );
  close(
    numbers(twice(b)),
    [1, 2, 3, 4, 5].map(k => 2 * 24 * k),
  );
});
