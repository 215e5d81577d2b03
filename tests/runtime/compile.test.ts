import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Adam, Dropout, Linear, mse } from '../../lib/nn';
import { compile, random, tf } from '../../lib/runtime';

const numbers = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());

test('arguments and results are nested; new shapes are recorded anew', () => {
  const f = compile((batch: { x: tf.Tensor; pair: tf.Tensor[] }) => ({
    sum: batch.x.add(batch.pair[0]),
    both: [batch.pair[1], batch.x],
    nothing: null,
  }));
  for (let i = 0; i < 4; i++) {
    const x = tf.tensor1d([i, 2]);
    const result = f({ x, pair: [tf.scalar(10), tf.scalar(i, 'int32')] });
    assert.deepEqual(numbers(result.sum), [i + 10, 12]);
    assert.deepEqual(numbers(result.both[0]), [i]);
    assert.equal(result.both[0].dtype, 'int32');
    assert.deepEqual(numbers(result.both[1]), [i, 2]);
    assert.equal(result.nothing, null);
  }
  f({ x: tf.zeros([3]), pair: [tf.scalar(1), tf.scalar(1)] });
  assert.equal(f.programs().length, 2);
});

test('variables are read anew and assigned; recording itself assigns nothing', () => {
  const count = tf.variable(tf.scalar(0), false);
  const rate = tf.variable(tf.scalar(1), false);
  const step = compile(() => {
    count.assign(count.add(rate));
    return count.mul(2);
  });
  const results = [1, 2, 3, 4].map(() => numbers(step())[0]);
  assert.deepEqual(results, [2, 4, 6, 8]);
  rate.assign(tf.scalar(10));
  assert.equal(numbers(step())[0], 28);
  assert.equal(numbers(count)[0], 14);
});

test('a copy of a variable keeps its value when a step assigns the variable', () => {
  const w = tf.variable(tf.tensor1d([1, 2]), false);
  const step = compile(() => {
    w.assign(w.mul(2));
    return w.sum();
  });
  step();
  const copy = tf.clone(w);
  step();
  assert.deepEqual(numbers(copy), [2, 4]);
  assert.deepEqual(numbers(w), [4, 8]);
});

test('the same tensor passed twice is two arguments', () => {
  const f = compile((a: tf.Tensor, b: tf.Tensor) => a.sub(b));
  const x = tf.scalar(3);
  assert.deepEqual(numbers(f(x, x)), [0]);
  assert.deepEqual(numbers(f(x, tf.scalar(1))), [2]);
});

test('random numbers are fresh at each run and those of the eager run', () => {
  const f = compile(() => [random.normal([4]), random.uniform([2], -1, 1), random.integers([3], 0, 10)]);
  random.seed(7);
  const compiled = [1, 2, 3].flatMap(() => f().map(numbers));
  random.seed(7);
  const eager = [1, 2, 3].flatMap(() =>
    [random.normal([4]), random.uniform([2], -1, 1), random.integers([3], 0, 10)].map(numbers),
  );
  assert.deepEqual(compiled, eager);
  assert.notDeepEqual(compiled[0], compiled[3]);
});

test('with XLA the random numbers are the same ones', () => {
  const f = compile(() => random.normal([1000]), { xla: true });
  random.seed(11);
  const compiled = f();
  random.seed(11);
  const worst = numbers(
    compiled
      .sub(random.normal([1000]))
      .abs()
      .max(),
  )[0];
  assert.ok(worst < 1e-4, `XLA's numbers differ by ${worst}`);
});

test('dropout of lib/nn is fresh at each run', () => {
  const dropout = new Dropout(0.5);
  const f = compile((x: tf.Tensor) => dropout.forward(x, true));
  const x = tf.ones([64]);
  assert.notDeepEqual(numbers(f(x)), numbers(f(x)));
});

function regression() {
  random.seed(5);
  const layer = new Linear(8, 4);
  const optimiser = new Adam(layer.parameters(), { learningRate: 0.01 });
  const step = ({ x, y }: { x: tf.Tensor; y: tf.Tensor }) =>
    optimiser.minimize(() => mse(tf.relu(layer.forward(x)), y.add(random.normal(y.shape, 0, 0.1))));
  return { layer, optimiser, step };
}

test('training steps equal eager ones over 50 steps, and memory stays flat', () => {
  const runs = [false, true].map(compiled => {
    const { layer, optimiser, step } = regression();
    const run = compiled ? compile(step) : (batch: { x: tf.Tensor; y: tf.Tensor }) => tf.tidy(() => step(batch));
    const batch = { x: random.normal([16, 8]), y: random.normal([16, 4]) };
    const losses: number[] = [];
    let tensors = 0;
    for (let i = 0; i < 50; i++) {
      if (i === 25) optimiser.learningRate.assign(tf.scalar(0.001)); // the rate is read at each run
      const loss = run(batch);
      losses.push(numbers(loss)[0]);
      loss.dispose();
      if (i === 30) tensors = tf.memory().numTensors;
    }
    assert.equal(tf.memory().numTensors, tensors);
    return [...losses, ...numbers(layer.weight)];
  });
  runs[0].forEach((value, i) => {
    assert.ok(
      Math.abs(value - runs[1][i]) <= 1e-5 * Math.max(1e-2, Math.abs(value)),
      `${value} and ${runs[1][i]} differ`,
    );
  });
});

test('3,000 replays leave neither tensors nor memory behind', () => {
  const { step } = regression();
  const run = compile(step);
  const batch = { x: random.normal([16, 8]), y: random.normal([16, 4]) };
  const once = () => run(batch).dispose();
  for (let i = 0; i < 500; i++) once();
  const before = { tensors: tf.memory().numTensors, rss: process.memoryUsage.rss() };
  for (let i = 0; i < 3000; i++) once();
  assert.equal(tf.memory().numTensors, before.tensors);
  const grown = process.memoryUsage.rss() - before.rss;
  assert.ok(grown < 30e6, `memory grew by ${grown} bytes`);
});

test('large constants become operations, and what nobody reads is dropped', () => {
  const f = compile((x: tf.Tensor) => {
    tf.exp(x); // unused
    const ramp = tf.tensor1d(
      Int32Array.from({ length: 1000 }, (_, i) => 5 + 3 * i),
      'int32',
    );
    return x
      .mul(tf.ones([100, 1000]))
      .add(tf.zeros([100, 1000]))
      .add(ramp.toFloat());
  });
  const result = f(tf.scalar(2));
  assert.equal(numbers(result)[999], 2 + 5 + 3 * 999);
  const [info] = f.programs();
  assert.ok(info.graphBytes < 2000, `the graph takes ${info.graphBytes} bytes`);
  assert.equal(info.recorded, 5);
  assert.ok(info.nodes < 20, `${info.nodes} nodes`);
});

test('recording computes nothing: it takes no memory, and what is too large is no trouble where nobody reads it', () => {
  const f = compile((x: tf.Tensor) => {
    x.reshape([-1, 1]).mul(x.reshape([1, -1])); // 400 GB
    return x.sum();
  });
  const x = tf.ones([316_000]);
  assert.deepEqual(numbers(f(x)), [316_000]);
  assert.equal(f.programs()[0].recorded, 4);
});

test('large tensors from outside become inputs, also when their owner disposes them', () => {
  const table = random.normal([100, 50]);
  const f = compile((i: tf.Tensor) => tf.gather(table, i));
  const expected = numbers(tf.gather(table, [7]));
  assert.deepEqual(numbers(f(tf.tensor1d([7], 'int32'))), expected);
  assert.ok(f.programs()[0].graphBytes < 2000);
});

test('inside a gradient a compiled function runs as written', () => {
  const square = compile((x: tf.Tensor) => x.square());
  const gradient = tf.grad(x => square(x).sum());
  assert.deepEqual(numbers(gradient(tf.tensor1d([1, 2, 3]))), [2, 4, 6]);
  const nested = compile((x: tf.Tensor) => square(x).add(1));
  assert.deepEqual(
    [1, 2, 3].map(() => numbers(nested(tf.scalar(3)))[0]),
    [10, 10, 10],
  );
});

test('dispose frees the functions; calling again records again', () => {
  const big = random.normal([100, 50]);
  const before = tf.memory().numTensors;
  const f = compile((x: tf.Tensor) => big.mul(x).sum());
  f(tf.scalar(1)).dispose();
  f.dispose();
  assert.equal(tf.memory().numTensors, before + 1); // the argument
  f(tf.scalar(1)).dispose();
  f.dispose();
});
