/** The loop: what it reports, how it stops, and that a resumed run equals one that was never stopped. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { Adam, Linear } from '../../lib/nn';
import { KERNEL, random, tf } from '../../lib/runtime';
import { budget, evaluate, noProgress, type Observer, progressBar, type TrainOptions, train } from '../../lib/training';
import { newFolder } from '../folder';

/** A small regression with noise drawn inside the step; batches differ per epoch but repeat for the same epoch. */
function task(overrides: Partial<TrainOptions> = {}) {
  random.seed(3);
  const net = new Linear(2, 1);
  const optimiser = new Adam(net.parameters(), { learningRate: 0.05 });
  const options: TrainOptions = {
    step: ({ x, y }) =>
      optimiser.minimize(() => {
        const noisy = net.forward(x).add(random.normal([4, 1], 0, 0.01));
        return { loss: noisy.sub(y).square().mean() as tf.Scalar, bias: net.bias!.sum() as tf.Scalar };
      }),
    *batches(epoch) {
      for (let i = 0; i < 5; i++) {
        const x = tf.tensor2d(
          Array.from({ length: 8 }, (_, k) => Math.sin(1 + k + 8 * (i + 5 * epoch))),
          [4, 2],
        );
        yield { x, y: tf.tidy(() => x.sum(1, true).add(1)) };
      }
    },
    epochs: 20,
    stepsPerEpoch: 5,
    ...overrides,
  };
  return { net, optimiser, options };
}

const weights = (net: Linear) => [...net.weight.dataSync(), ...net.bias!.dataSync()];
const temporary = () => path.join(newFolder('train'), 'run.safetensors');

test('learns, reports every step and epoch, and leaks nothing', async () => {
  const { net, options } = task({ epochs: 60 });
  const seen = { steps: 0, epochs: 0, started: 0, ended: 0 };
  const watcher: Observer = {
    onStart: ({ totalSteps }) => {
      assert.equal(totalSteps, 300);
      seen.started++;
    },
    onStep: report => {
      assert.equal(report.step, ++seen.steps);
      assert.deepEqual(Object.keys(report.metrics).sort(), ['bias', 'loss']);
    },
    onEpoch: report => assert.equal(report.epoch, seen.epochs++),
    onEnd: () => {
      seen.ended++;
    },
  };
  const result = await train({ ...options, observers: [watcher] });
  assert.deepEqual(seen, { steps: 300, epochs: 60, started: 1, ended: 1 });
  assert.equal(result.stopped, 'finished');
  assert.equal(result.tensorsGained, 0);
  assert.ok(result.last() < 0.01, `loss ${result.last()}`);
  for (const value of weights(net)) assert.ok(Math.abs(value - 1) < 0.1, `weight ${value}, expected 1`);
  assert.match(String(result), /^finished: 300 steps in .* tensors gained \+0, peak memory \d+\.\d\d GiB$/);
});

test('compiled and eager runs agree', async () => {
  const compiled = task();
  await train(compiled.options);
  const eager = task({ eager: true });
  await train(eager.options);
  weights(eager.net).forEach((value, i) => {
    assert.ok(Math.abs(value - weights(compiled.net)[i]) <= 1e-5 * Math.max(1, Math.abs(value)));
  });
});

test('stopped in the middle of an epoch and resumed, a run ends with exactly the weights of one never stopped', async () => {
  const whole = task({ epochs: 4 });
  const wholeResult = await train(whole.options);
  const file = temporary();
  const first = task({ epochs: 4 });
  const checkpoint = { path: file, modules: { net: first.net }, optimiser: first.optimiser };
  const halt: Observer = { onStep: ({ step }) => void (step === 12 && process.emit('SIGINT')) };
  const partial = await train({ ...first.options, checkpoint, observers: [halt] });
  assert.equal(partial.stopped, 'interrupted');
  assert.equal(partial.steps, 12);
  const second = task({ epochs: 4 });
  const again = { path: file, modules: { net: second.net }, optimiser: second.optimiser };
  const resumed = await train({ ...second.options, checkpoint: again });
  assert.equal(resumed.steps, 8);
  assert.deepEqual(weights(second.net), weights(whole.net));
  assert.deepEqual(resumed.history, wholeResult.history);
});

test('a crash loses no more than the steps since the last checkpoint', async () => {
  const file = temporary();
  const first = task();
  const checkpoint = { path: file, every: 5, modules: { net: first.net }, optimiser: first.optimiser };
  const crash: Observer = {
    onStep: ({ step }) => {
      if (step === 13) throw new Error('power cut');
    },
  };
  await assert.rejects(train({ ...first.options, checkpoint, observers: [crash] }), /power cut/);
  const second = task({ epochs: 4 });
  const resumed = await train({
    ...second.options,
    checkpoint: { path: file, modules: { net: second.net }, optimiser: second.optimiser },
  });
  assert.equal(resumed.steps, 20 - 10);
});

test('in a kernel, the stop button is taken by the loop, and given back afterwards', async () => {
  let handler: (() => boolean) | undefined;
  let displays = 0;
  const holder = globalThis as unknown as Record<symbol, unknown>;
  holder[KERNEL] = {
    display: () => displays++,
    clearOutput: () => {},
    onInterrupt: (h: () => boolean) => {
      handler = h;
      return () => {
        handler = undefined;
      };
    },
  };
  try {
    const { options } = task();
    const press: Observer = { onStep: ({ step }) => void (step === 3 && assert.equal(handler?.(), true)) };
    const result = await train({ ...options, observers: [progressBar(), press] });
    assert.equal(result.stopped, 'interrupted');
    assert.equal(result.steps, 3);
    assert.equal(handler, undefined);
    assert.ok(displays >= 2, 'the progress bar was drawn');
  } finally {
    delete holder[KERNEL];
  }
});

test('a loss that is no number ends the run as diverged', async () => {
  const { options } = task({ step: () => ({ loss: tf.scalar(Number.NaN) }), eager: true });
  assert.equal((await train(options)).stopped, 'diverged');
});

test('stops when there is no progress for two epochs', async () => {
  const converged = noProgress({ patience: 2, atLeast: 0.1 });
  const history = (values: number[]) => values.map((loss, epoch) => ({ epoch, step: epoch, metrics: { loss } }));
  assert.equal(converged(history([3, 2])), false);
  assert.equal(converged(history([3, 2, 1.5, 1.2])), false);
  assert.equal(converged(history([3, 2, 1.95, 1.93])), true);
  const result = await train({ ...task({ epochs: 50 }).options, stopWhen: noProgress({ atLeast: 1e-3 }) });
  assert.equal(result.stopped, 'converged');
  assert.ok(result.history.length < 50);
});

test('evaluate weighs batches by their size and frees them', async () => {
  const before = tf.memory().numTensors;
  const batches = [tf.tensor1d([1, 2, 3]), tf.tensor1d([9])].map(x => ({ x }));
  const { mean } = await evaluate(({ x }) => ({ mean: x.mean() }), batches);
  assert.equal(mean, (6 + 9) / 4);
  assert.equal(tf.memory().numTensors, before);
});

test('wrong uses are explained', async () => {
  const { options } = task();
  await assert.rejects(train({ ...options, epochs: 0 }), /epochs must be at least 1/);
  await assert.rejects(train({ ...options, batches: () => [] }), /had no batches/);
  await assert.rejects(
    train({ ...options, step: () => ({ cost: tf.scalar(1) }) as never, eager: true }),
    /must return \{ loss/,
  );
  await assert.rejects(train({ ...options, step: () => ({ loss: tf.zeros([2]) }), eager: true }), /must be a scalar/);
});

test('quick mode is one switch', () => {
  const was = process.env.LAB_QUICK;
  process.env.LAB_QUICK = '1';
  assert.equal(budget(10, 1), 1);
  delete process.env.LAB_QUICK;
  assert.equal(budget(10, 1), 10);
  if (was !== undefined) process.env.LAB_QUICK = was;
});

test('what train cannot do without is named, with an example', async () => {
  await assert.rejects(
    train({} as never),
    /train needs step as a function, got undefined; for example step: \(\{ x, y \}\)/,
  );
  await assert.rejects(
    train({ step: () => ({ loss: tf.scalar(1) }), batches: [], epochs: 1 } as never),
    /train needs batches as a function, got object; for example batches: \(\) => \[\{ x, y/,
  );
});
