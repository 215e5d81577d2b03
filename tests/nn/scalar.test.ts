/** The small automatic differentiation against hand-made derivatives and against TensorFlow's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meanOf, Num, num } from '../../lib/nn';
import { tf } from '../../lib/runtime';

test('a number used twice collects both paths', () => {
  const x = new Num(3);
  const y = x.mul(x).add(x); // x² + x
  y.backward();
  assert.equal(y.value, 12);
  assert.equal(x.grad, 7);
  y.backward();
  assert.equal(x.grad, 7, 'a second pass starts anew');
});

test('gradients equal TensorFlow for every operation', () => {
  const points = [0.3, -0.7, 1.9];
  const cases: [string, (x: Num) => Num, (x: tf.Tensor) => tf.Tensor][] = [
    ['tanh', x => x.tanh(), x => x.tanh()],
    ['relu', x => x.relu(), x => x.relu()],
    ['exp', x => x.exp(), x => x.exp()],
    ['log of 1 + x²', x => x.square().add(1).log(), x => x.square().add(1).log()],
    ['(x − 2)·x', x => x.sub(2).mul(x), x => x.sub(2).mul(x)],
    [
      'a small net',
      x => x.mul(1.5).add(-0.5).tanh().mul(0.8).sub(0.2).square(),
      x => x.mul(1.5).add(-0.5).tanh().mul(0.8).sub(0.2).square(),
    ],
  ];
  for (const [name, ours, theirs] of cases) {
    for (const at of points) {
      const x = new Num(at);
      const y = ours(x);
      y.backward();
      const expected = tf.grad(theirs)(tf.scalar(at)).dataSync()[0];
      assert.ok(Math.abs(x.grad - expected) < 1e-5, `${name} at ${at}: ${x.grad} ≠ ${expected}`);
    }
  }
});

test('the mean and bad inputs', () => {
  const parts = [num(1), num(2), num(6)];
  const mean = meanOf(parts);
  mean.backward();
  assert.equal(mean.value, 3);
  assert.ok(parts.every(p => Math.abs(p.grad - 1 / 3) < 1e-12));
  assert.throws(() => meanOf([]), /mean of no numbers/);
  assert.throws(() => new Num(-1).log(), /positive number, got -1/);
});

test('a sum of 100,000 terms, and a chain as deep, go backwards', () => {
  const x = new Num(2);
  let total = num(0);
  for (let i = 0; i < 100_000; i++) total = total.add(x.mul(i % 2 ? 1 : 2));
  total.backward();
  assert.equal(total.value, 300_000);
  assert.equal(x.grad, 150_000);
});
