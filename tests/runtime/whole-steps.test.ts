import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Adam, Linear, mse } from '../../lib/nn';
import { compile, compileLoop, random, saveStep, tf } from '../../lib/runtime';
import { newFolder } from '../folder';

const numbers = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());

/** A training step with noise, and a large tensor from outside. */
function regression() {
  random.seed(5);
  const layer = new Linear(8, 4);
  const optimiser = new Adam(layer.parameters(), { learningRate: 0.01 });
  const table = random.normal([50, 50]);
  const step = ({ x, y }: { x: tf.Tensor; y: tf.Tensor }) => {
    const loss = () => mse(tf.relu(layer.forward(x)), y.add(random.normal(y.shape, 0, 0.1)));
    return { loss: optimiser.minimize(() => loss().add(table.mean()) as tf.Scalar), sums: [x.sum(0), x.sum()] };
  };
  random.seed(6);
  return { layer, step };
}

function close(a: number[], b: number[], tolerance = 1e-5): void {
  assert.equal(a.length, b.length);
  a.forEach((value, i) => {
    assert.ok(
      Math.abs(value - b[i]) <= tolerance * Math.max(1, Math.abs(value)),
      `${value} and ${b[i]} differ at ${i}`,
    );
  });
}

for (const xla of [false, true]) {
  test(`six steps in one call equal six calls${xla ? ', with XLA' : ''}`, () => {
    random.seed(1);
    const x = random.normal([6, 16, 8]);
    const y = random.normal([6, 16, 4]);
    const one = regression();
    const expected: number[] = [];
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 6; i++) {
        const { loss } = tf.tidy(() => one.step({ x: tf.gather(x, i), y: tf.gather(y, i) }));
        expected.push(numbers(loss)[0]);
      }
    }
    const other = regression();
    const loop = compileLoop(other.step, { xla });
    const rounds = [1, 2, 3].map(() => loop({ x, y }));
    close(
      rounds.flatMap(({ loss }) => numbers(loss)),
      expected,
    );
    assert.deepEqual(rounds[0].sums[0].shape, [6, 8]);
    close(numbers(rounds[2].sums[0]), numbers(x.sum(1)));
    close(numbers(rounds[2].sums[1]), numbers(x.sum([1, 2])));
    close(numbers(other.layer.weight), numbers(one.layer.weight));
    loop.dispose();
  });
}

test('a loop carries variables that are only written, and keeps memory flat', () => {
  const last = tf.variable(tf.zeros([2]), false);
  const loop = compileLoop((row: tf.Tensor) => {
    last.assign(row.mul(2));
    return row.sum();
  });
  const rows = tf.tensor2d([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  loop(rows).dispose();
  const before = tf.memory().numTensors;
  const sums = loop(rows);
  assert.deepEqual(numbers(sums), [3, 7, 11]);
  sums.dispose();
  assert.deepEqual(numbers(last), [10, 12]);
  assert.equal(tf.memory().numTensors, before);
  assert.throws(() => loop(tf.scalar(1)), /one row for each step.*\[\].*tf\.stack/);
});

test("'auto' tries XLA and says what it chose, or why it cannot", () => {
  const x = random.normal([2, 4, 4, 3]) as tf.Tensor4D;
  const gradient = tf.grad((y: tf.Tensor) =>
    tf.image
      .resizeNearestNeighbor(y as tf.Tensor4D, [8, 8])
      .square()
      .sum(),
  );
  const impossible = compile((y: tf.Tensor) => gradient(y), { xla: 'auto' });
  const results = Array.from({ length: 8 }, () => numbers(impossible(x)));
  assert.deepEqual(results[7], results[0]);
  assert.equal(impossible.programs()[0].xla, false);
  assert.match(impossible.programs()[0].reason, /XLA cannot compile it.*ResizeNearestNeighborGrad/s);
  const possible = compile((y: tf.Tensor) => y.mul(2).add(1), { xla: 'auto' });
  for (let i = 0; i < 8; i++) possible(x);
  assert.match(possible.programs()[0].reason, /ms with XLA, .* ms without/);
  const wanted = compile((y: tf.Tensor) => gradient(y), { xla: true });
  assert.throws(() => wanted(x), /ResizeNearestNeighborGrad/);
});

const python = path.join(__dirname, '..', '..', '.venv', 'bin', 'python');
test('Python loads a saved step and trains on with the same numbers', {
  skip: !existsSync(python) && 'no .venv',
}, () => {
  const folder = newFolder('step');
  const { step } = regression();
  const batch = { x: tf.ones([3, 8]), y: tf.ones([3, 4]) };
  assert.deepEqual(saveStep(folder, step, [batch]), { inputs: ['x', 'y'], outputs: ['loss', 'sums_0', 'sums_1'] });
  const compiled = compile(step);
  const ours = [1, 2, 3, 4].map(() => compiled(batch));
  const printed = execFileSync(python, [path.join(__dirname, 'programs', 'load_step.py'), folder], {
    encoding: 'utf8',
  });
  const theirs = JSON.parse(printed.trim().split('\n').pop()!) as { loss: number; sums_0: number[] }[];
  close(
    theirs.map(({ loss }) => loss),
    ours.map(({ loss }) => numbers(loss)[0]),
  );
  close(theirs[3].sums_0, numbers(ours[3].sums[0]));
});
