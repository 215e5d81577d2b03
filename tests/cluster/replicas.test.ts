/** Steps that are split over replicas, here all on this machine's processor: what they compute is what one machine does. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Adam, BatchNorm2d, Linear, mse, Sgd, variable } from '../../lib/nn';
import { cluster, compile, meanOverReplicas, type Replica, random, tf } from '../../lib/runtime';
import { partsOf } from '../../lib/runtime/compile/replicas';
import { TRAINEES } from '../runtime/model-steps';

let here: Replica;
before(async () => {
  [here] = (await cluster([])).replicas;
});

const numbers = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());

/** Losses of some steps from one seed, on two batches in turn. */
function losses(name: string, replicas?: Replica[], steps = 6): number[] {
  random.seed(21);
  const trainee = TRAINEES[name]();
  const step = compile(trainee.step, { replicas });
  const batches = [trainee.batch(), trainee.batch()];
  const said: number[] = [];
  for (let i = 0; i < steps; i++) {
    const values = step(batches[i % 2]);
    const scalars = values instanceof tf.Tensor ? [values] : Object.values(values);
    said.push(...scalars.map(scalar => scalar.dataSync()[0]));
    tf.dispose(scalars);
  }
  step.dispose();
  for (const each of [...trainee.modules, ...trainee.optimisers]) each.dispose();
  tf.dispose(batches);
  return said;
}

/** Nets whose loss is a mean over rows that know nothing of each other. */
const ROW_BY_ROW = [
  ...['vae', 'autoencoder', 'classifier', 'autoencoder of latent diffusion', 'u-net', 'u-net of text-to-image'],
  ...['dit', 'gpt', 'llama', 'vit', 'gru', "clip's text half", 'bert that tells classes'],
];

for (const name of ROW_BY_ROW) {
  test(`${name}: two replicas give the losses of one machine, noise and dropout included`, () => {
    const one = losses(name);
    const two = losses(name, [here, here]);
    assert.notEqual(one[0], one.at(-1));
    one.forEach((value, i) => {
      assert.ok(Math.abs(value - two[i]) <= 1e-5 * Math.abs(value), `loss ${i}: ${value} and ${two[i]}`);
    });
  });
}

test('a batch is split as equally as it can be, and no replica gets nothing', () => {
  const rows = (batch: number, replicas: number) => partsOf(batch, replicas).map(part => [part.from, part.rows]);
  assert.deepEqual(rows(10, 4), [
    [0, 3],
    [3, 3],
    [6, 2],
    [8, 2],
  ]);
  assert.deepEqual(rows(2, 3), [
    [0, 1],
    [1, 1],
  ]);
});

test('rows come back in order, means as means of all rows, also from unequal parts', () => {
  const step = compile(
    ({ x }: { x: tf.Tensor }) => ({ twice: x.mul(2), mean: x.mean(), columns: x.mean(0), long: x.transpose() }),
    { replicas: [here, here, here] },
  );
  const x = tf.tensor2d([
    [1, 2],
    [3, 4],
    [5, 6],
    [7, 9],
  ]);
  const got = step({ x });
  assert.deepEqual(numbers(got.twice), numbers(x.mul(2)));
  assert.deepEqual(numbers(got.long), numbers(x.transpose()));
  assert.ok(Math.abs(numbers(got.mean)[0] - numbers(x.mean())[0]) < 1e-6);
  assert.deepEqual(numbers(got.columns).map(Math.fround), [4, 5.25]);
});

test('random numbers are those of one machine, wherever the batch stands in their shape', () => {
  const draw = ({ x }: { x: tf.Tensor }) => {
    const [b] = x.shape;
    return [random.normal([b, 3]), random.uniform([2, b]), random.integers([b * 2], 0, 99), random.normal([2, 2])];
  };
  const x = tf.zeros([6, 1]);
  const seen = [undefined, [here, here]].map(replicas => {
    random.seed(4);
    const step = compile(draw, { replicas });
    return [step({ x }), step({ x })].flat().map(numbers);
  });
  seen[0].forEach((one, i) => {
    // a vector's last entries are computed by other instructions, which may differ in the last bit
    const apart = one.map((value, j) => Math.abs(value - seen[1][i][j]) / Math.abs(value));
    assert.ok(Math.max(...apart) <= 2e-7);
  });
  assert.notDeepEqual(seen[0][0], seen[0][4]);
});

test('two optimisers in one step: the second sees what the first has changed', () => {
  const run = (replicas?: Replica[]) => {
    random.seed(2);
    const nets = [new Linear(3, 2), new Linear(2, 1)];
    const adams = nets.map(net => new Adam(net.parameters(), { learningRate: 0.1, clipNorm: 1 }));
    const step = compile(
      ({ x }: { x: tf.Tensor }) => {
        const first = adams[0].minimize(() => nets[0].forward(x).square().mean() as tf.Scalar);
        const y = nets[0].forward(x);
        return { first, loss: adams[1].minimize(() => mse(nets[1].forward(y), y.mean(-1, true)) as tf.Scalar) };
      },
      { replicas },
    );
    const x = random.normal([8, 3]);
    return Array.from({ length: 5 }, () => Object.values(step({ x })).map(each => numbers(each)[0])).flat();
  };
  run().forEach((value, i, one) => {
    const other = run([here, here])[i];
    assert.ok(Math.abs(value - other) <= 1e-5 * Math.abs(one[0]), `${value} and ${other}`);
  });
});

test('statistics of a batch are those of the parts, averaged, and every replica leaves the same ones', () => {
  const norm = new BatchNorm2d(1);
  const step = compile(({ x }: { x: tf.Tensor }) => norm.forward(x, true).mean(), { replicas: [here, here] });
  step({ x: tf.tensor4d([0, 2, 10, 12], [4, 1, 1, 1]) });
  assert.ok(Math.abs(numbers(norm.running_mean)[0] - 0.6) < 1e-6);
});

test('what a step may do is still watched: a number from JavaScript that changes is found', () => {
  let factor = 2;
  const step = compile((x: tf.Tensor) => x.mul(factor).mean(), { replicas: [here, here] });
  step(tf.ones([4]));
  factor = 3;
  assert.throws(() => step(tf.ones([4])), /a value from JavaScript changed, at .*replicas\.test\.ts/);
});

test('nothing is left behind by steps', () => {
  const weight = variable(tf.ones([2]));
  const sgd = new Sgd([weight], { learningRate: 0.1, momentum: 0.9 });
  const step = compile(({ x }: { x: tf.Tensor }) => sgd.minimize(() => x.mul(weight).mean() as tf.Scalar), {
    replicas: [here, here],
  });
  const x = tf.ones([4, 2]);
  for (let i = 0; i < 3; i++) step({ x }).dispose();
  const held = tf.memory().numTensors;
  for (let i = 0; i < 12; i++) step({ x }).dispose();
  assert.equal(tf.memory().numTensors, held);
});

test('what cannot be split is refused, with a way out', () => {
  const replicas = [here, here];
  const weight = variable(tf.ones([2]));
  const x = tf.ones([4, 2]);
  const refuse = (fn: (x: tf.Tensor) => unknown, words: RegExp, argument: tf.Tensor = x) =>
    assert.throws(() => compile(fn as (x: tf.Tensor) => tf.Tensor, { replicas })(argument), words);
  refuse(each => each, /need a batch to split.*got no tensors/, tf.scalar(1));
  assert.throws(
    () => compile(({ a, b }: Record<string, tf.Tensor>) => a.add(b.sum()), { replicas })({ a: x, b: tf.ones([3]) }),
    /got \[4,2\], \[3\].*can be a scalar/,
  );
  refuse(each => {
    weight.assign(each.mean(0));
    return each;
  }, /variable .* would become something else on each replica.*meanOverReplicas/);
  refuse(each => each.toInt().sum(), /must be float32, got int32/);
  refuse(each => (each.shape[0] > 2 ? random.normal([2]) : each.mean()), /something else with 2 rows than with 4/);
  assert.throws(() => compile((each: tf.Tensor) => each, { replicas: [] }), /the list is empty/);
  assert.throws(() => compile((each: tf.Tensor) => each, { replicas, xla: true }), /leave one of the two out/);
});

test('an optimiser of your own averages with meanOverReplicas', () => {
  const weight = variable(tf.ones([2]));
  const step = compile(
    (x: tf.Tensor) => {
      const [gradient] = meanOverReplicas(() => [x.mean(0)]);
      weight.assign(weight.sub(gradient));
    },
    { replicas: [here, here] },
  );
  step(
    tf.tensor2d([
      [1, 2],
      [3, 4],
    ]),
  );
  assert.deepEqual(numbers(weight), [-1, -2]);
});
