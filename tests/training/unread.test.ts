/** Losses that are read together, as a graphics card in a page wants it: the same run, the same reports, later. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { mse } from '../../lib';
import { Adam, Linear } from '../../lib/nn';
import { random, tf } from '../../lib/runtime';
import { type Observer, type StepReport, type TrainOptions, train } from '../../lib/training';
import { ASYNCHRONOUS } from '../../lib/training/unread';

/** Times that a tensor was read while JavaScript waited. */
let waits = 0;
const { dataSync } = tf.Tensor.prototype;
before(() => {
  tf.Tensor.prototype.dataSync = function (this: tf.Tensor) {
    waits++;
    return dataSync.call(this);
  } as typeof dataSync;
});
after(() => {
  tf.Tensor.prototype.dataSync = dataSync;
});

/** Trains as on a back end that answers later, or as on this one. */
async function run(together: boolean, overrides: Partial<TrainOptions> & { late?: boolean } = {}) {
  random.seed(1);
  const net = new Linear(1, 1);
  const adam = new Adam(net.parameters(), { learningRate: 0.1 });
  const reports: StepReport[] = [];
  const watch: Observer = { late: overrides.late ?? true, onStep: report => void reports.push(report) };
  if (together) ASYNCHRONOUS.add(tf.getBackend());
  try {
    waits = 0;
    const result = await train({
      step: ({ x, y }) => ({ loss: adam.minimize(() => mse(net.forward(x), y)) }),
      *batches() {
        for (let i = 0; i < 40; i++) yield { x: tf.tensor2d([[i % 3]]), y: tf.tensor2d([[2 * (i % 3)]]) };
      },
      epochs: 2,
      observers: [watch],
      eager: true,
      ...overrides,
    });
    return { result, waits, weight: dataSync.call(net.weight)[0], reports };
  } finally {
    ASYNCHRONOUS.delete(tf.getBackend());
  }
}

const bare = (reports: StepReport[]) => reports.map(({ step, epoch, metrics }) => ({ step, epoch, ...metrics }));

test('the same weights, reports and means, and nobody waits for a loss', async () => {
  const [one, many] = [await run(false), await run(true)];
  assert.deepEqual(bare(many.reports), bare(one.reports));
  assert.equal(many.reports.length, 80);
  assert.deepEqual(many.result.history, one.result.history);
  assert.equal(many.weight, one.weight);
  assert.equal(many.result.tensorsGained, 0);
  assert.ok(one.waits >= 80 && many.waits <= one.waits - 80, `${many.waits} waits, ${one.waits} when read one by one`);
});

test('an observer that may look at the weights hears of each step at once', async () => {
  const [one, each] = [await run(false), await run(true, { late: false })];
  assert.equal(each.waits, one.waits);
});

test('a loss that is no number ends the run at its own step, and what was done since is said', async () => {
  let step = 0;
  const { result, reports } = await run(true, { step: () => ({ loss: tf.scalar(++step === 5 ? Number.NaN : 1) }) });
  assert.equal(result.stopped, 'diverged');
  assert.equal(reports.length, 4);
  assert.equal(result.tensorsGained, 0);
  const beyond = step - 5;
  assert.ok(beyond > 0 && beyond <= 32);
  assert.ok(String(result).includes(`of step 5 is NaN or ∞; ${beyond} steps more were done before it was read`));
});
