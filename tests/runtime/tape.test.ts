/** Gradients that free on their way what they no longer need: the same numbers, and little is held in the end. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { freeOnTheWayBack, recomputed } from '../../lib/runtime/tape';

/** Bytes that are there when the way back comes to its end: the gradient of the first operation is asked for last. */
function bytesAtTheEnd(): number {
  let bytes = 0;
  const first = tf.customGrad(x => ({
    value: (x as tf.Tensor).clone(),
    gradFunc: dy => {
      bytes = tf.memory().numBytes;
      return dy;
    },
  }));
  const deep = (x: tf.Tensor): tf.Tensor => {
    let h = first(x);
    for (let i = 0; i < 20; i++) h = h.mul(1.01).tanh(); // each saves what it has made
    return h;
  };
  tf.tidy(() => tf.grad(deep)(tf.linspace(-1, 1, 1000)));
  return bytes;
}

/** Gradients of many kinds, as numbers. */
function several(): number[][] {
  return tf.tidy(() => {
    const x = tf.tensor2d([0.3, -0.7, 1.2, 0.1, 0.5, -0.2], [2, 3]);
    const w = tf.tensor2d([0.5, -0.4, 0.2, 0.9, -1, 0.3], [3, 2]);
    const twice = (a: tf.Tensor) => a.add(a).mul(a); // one tensor, three times
    const parts = (a: tf.Tensor) => {
      const [left, , right] = tf.split(a, 3, 1); // the middle has no gradient
      return tf.concat([left, right.square()], 1).softmax().log();
    };
    const both = tf.grads((a: tf.Tensor, b: tf.Tensor) => tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D).relu());
    const given = tf.ones([2, 2]);
    const straight = tf.customGrad(a => ({ value: (a as tf.Tensor).round(), gradFunc: dy => dy })); // hands on what it got
    const theirs = tf.ones([2, 3]);
    const constant = tf.customGrad(a => ({ value: (a as tf.Tensor).clone(), gradFunc: () => theirs })); // and what it did not make
    const image = tf.linspace(-1, 1, 2 * 5 * 5 * 2).reshape([2, 5, 5, 2]) as tf.Tensor4D;
    const kernel = tf.linspace(-1, 1, 3 * 3 * 2 * 3).reshape([3, 3, 2, 3]) as tf.Tensor4D;
    const convolved = tf.grads((a: tf.Tensor, k: tf.Tensor) =>
      tf.maxPool(tf.conv2d(a as tf.Tensor4D, k as tf.Tensor4D, 1, 'same'), 2, 1, 'valid').mean(),
    );
    const inner = (a: tf.Tensor) => tf.grad((b: tf.Tensor) => b.pow(3).sum())(a); // a gradient's gradient
    const results = [
      tf.grad(twice)(x),
      tf.grad(parts)(x),
      ...both([x, w], given),
      given,
      tf.grad((a: tf.Tensor) => straight(a).mul(straight(a)).sum())(x),
      tf.grad((a: tf.Tensor) => inner(a).square().sum())(x),
      tf.grad((a: tf.Tensor) => constant(a.mul(2)).sum())(x),
      theirs,
      ...convolved([image, kernel]),
      tf.valueAndGrad((a: tf.Tensor) => a.div(tf.moments(a, 0).variance.add(1e-3).sqrt()).sum())(x).grad,
    ];
    return results.map(result => Array.from(result.dataSync()));
  });
}

before(() => tf.setBackend('cpu'));

test('the same gradients, to the last bit, from a quarter of the memory and less; nothing is left', () => {
  const look = () => {
    const before = tf.memory().numTensors;
    const [numbers, bytes] = [several(), bytesAtTheEnd()];
    return { numbers, bytes, left: tf.memory().numTensors - before };
  };
  const plain = look();
  freeOnTheWayBack();
  const freed = look();
  assert.deepEqual(freed.numbers, plain.numbers);
  assert.ok(freed.bytes < plain.bytes / 4, `${freed.bytes} bytes at the end of the way back, ${plain.bytes} before`);
  assert.equal(freed.left, plain.left); // tfjs itself keeps one of a gradient's gradient
});

test('what is made again on the way back gives the same gradients, of the input and of the weights, from less memory', () => {
  const before = tf.memory().numTensors;
  const weight = tf.variable(tf.tensor1d([0.5, -2, 1.5]));
  const layer = (x: tf.Tensor): tf.Tensor => x.sub(x.mean(1, true)).mul(weight).sigmoid().mul(x); // each saves something
  const again = (x: tf.Tensor): tf.Tensor => recomputed(layer, x, [weight]);
  const kept = (one: (x: tf.Tensor) => tf.Tensor): { numbers: number[][]; bytes: number } =>
    tf.tidy(() => {
      const x = tf.linspace(-1, 1, 3000).reshape([1000, 3]);
      let bytes = 0;
      const deep = (y: tf.Tensor): tf.Scalar => {
        let h = y;
        for (let i = 0; i < 5; i++) {
          const from = h;
          h = tf.tidy(() => one(from));
        }
        bytes = tf.memory().numBytes;
        return h.sum();
      };
      const { value, grads } = tf.variableGrads(() => deep(x), [weight]);
      const byInput = tf.grad(deep)(x);
      return { numbers: [value, ...Object.values(grads), byInput].map(each => Array.from(each.dataSync())), bytes };
    });
  const [plain, less] = [kept(layer), kept(again)];
  assert.deepEqual(less.numbers, plain.numbers);
  assert.ok(less.bytes < plain.bytes / 2, `${less.bytes} bytes before the way back, ${plain.bytes} otherwise`);
  const second = (one: (x: tf.Tensor) => tf.Tensor): number[] =>
    tf.tidy(() => {
      const inner = (x: tf.Tensor) =>
        tf
          .grad((y: tf.Tensor) => one(y).sum())(x)
          .square()
          .sum();
      return Array.from(
        tf
          .grad(inner)(tf.tensor2d([[0.3, -0.7, 1.2]]))
          .dataSync(),
      );
    });
  const [once, twice] = [second(layer), second(again)];
  assert.deepEqual(twice, once);
  assert.ok(once.some(value => Math.abs(value) > 1e-3));
  weight.dispose();
  assert.ok(tf.memory().numTensors - before <= 2); // tfjs keeps one of each gradient's gradient
});
