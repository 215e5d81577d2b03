/** Nothing that was trained is lost: NaN, infinite metrics, runs that are over, kills, full disks, files that don't fit. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, mock, test } from 'node:test';
import fc from 'fast-check';
import { writeAtomic } from '../../lib/formats';
import { Adam, BatchNorm2d, Ema, Linear, readTensors, writeTensors } from '../../lib/nn';
import { random, tf } from '../../lib/runtime';
import {
  type CheckpointOptions,
  evaluate,
  loadCheckpoint,
  noProgress,
  type Position,
  saveCheckpoint,
  type TrainOptions,
  train,
} from '../../lib/training';
import { newFolder } from '../folder';
import { checkSettings, NO_COUNT } from '../ranges';

const folder = newFolder('lost-work');
afterEach(() => mock.restoreAll());
let files = 0;
const fresh = () => path.join(folder, `run-${++files}.safetensors`);
const parts = () => fs.readdirSync(folder).filter(name => name.endsWith('.part'));
const numbers = (net: Linear) => net.parameters().flatMap(p => [...p.dataSync()]);

/** A run of 4 steps an epoch whose step 6 has a finite loss and a gradient that is none. */
function run(file: string, { bad = Number.POSITIVE_INFINITY, every = 1 } = {}) {
  const net = new Linear(1, 1);
  const optimiser = new Adam(net.parameters(), { learningRate: 0.01 });
  const options: TrainOptions = {
    step: ({ x, at }) =>
      optimiser.minimize(
        () => net.forward(x).square().mean().add(net.weight.mul(at).square().sum().sqrt()) as tf.Scalar,
      ) as never,
    *batches(epoch) {
      for (let i = 0; i < 4; i++) yield { x: tf.ones([2, 1]), at: tf.scalar(4 * epoch + i + 1 >= bad ? 0 : 1) };
    },
    epochs: 3,
    checkpoint: { path: file, every, modules: { net }, optimiser },
  };
  options.step = (step => batch => ({ loss: step(batch) as never }))(options.step);
  return { net, optimiser, options };
}

test('a gradient that is NaN ends the run: weights as before the step, the last good checkpoint stays', async () => {
  for (const eager of [false, true]) {
    const file = fresh();
    const good = run(fresh());
    await train({ ...good.options, epochs: 1, eager });
    const { net, options } = run(file, { bad: 5 });
    net.loadStateDict(run(file).net.stateDict());
    const before = new Linear(1, 1);
    const result = await train({
      ...options,
      eager,
      observers: [{ onStep: () => void before.loadStateDict(net.stateDict()) }],
    });
    assert.equal(result.stopped, 'diverged');
    assert.match(String(result), /loss or a gradient of step 5 is NaN or ∞; the weights are those before it/);
    assert.deepEqual(numbers(net), numbers(before));
    assert.ok(numbers(net).every(Number.isFinite));
    const again = run(file);
    assert.equal(loadCheckpoint(again.options.checkpoint!)?.step, 4);
    assert.deepEqual(numbers(again.net), numbers(net));
  }
});

test('weights that became infinite are not written: those of the last checkpoint come back', async () => {
  const file = fresh();
  const { net, options } = run(file);
  await train({ ...options, epochs: 1 });
  const good = numbers(net);
  const poison = {
    onStep: ({ step }: { step: number }) =>
      void (step === 7 && net.bias!.assign(tf.tensor1d([Number.POSITIVE_INFINITY]))),
  };
  const quiet = { ...options, checkpoint: { ...options.checkpoint!, every: 7 }, observers: [poison] };
  const result = await train(quiet);
  assert.equal(result.stopped, 'diverged');
  assert.match(String(result), /module\.net\/bias holds NaN or ∞; .* stays as it was.*the weights are those of step 4/);
  assert.deepEqual(numbers(net), good);
});

test('an optimiser of tfjs that wrote NaN: the weights of the last checkpoint come back', async () => {
  const file = fresh();
  const net = new Linear(1, 1);
  const sgd = tf.train.sgd(0.1);
  const options: TrainOptions = {
    step: ({ x, at }) => ({
      loss: sgd.minimize(
        () => net.weight.mul(x).square().sum().add(net.weight.mul(at).square().sum().sqrt()) as tf.Scalar,
        true,
        [net.weight],
      )!,
    }),
    batches: () => [1, 1, 0, 1].map(at => ({ x: tf.scalar(1), at: tf.scalar(at) })),
    epochs: 1,
    eager: true,
    checkpoint: { path: file, every: 1, modules: { net } },
  };
  const result = await train(options);
  assert.equal(result.stopped, 'diverged');
  assert.match(String(result), /the weights are those of step 2, from the file/);
  assert.ok(numbers(net).every(Number.isFinite));
});

test('batch norm keeps its running statistics through a batch of NaN', () => {
  const layer = new BatchNorm2d(2);
  layer.forward(
    tf.tensor2d([
      [1, 2],
      [3, 4],
    ]),
    true,
  );
  const before = [layer.running_mean, layer.running_var].map(v => [...v.dataSync()]);
  layer.forward(tf.fill([2, 2], Number.NaN), true);
  assert.deepEqual(
    [layer.running_mean, layer.running_var].map(v => [...v.dataSync()]),
    before,
  );
});

test('metrics of ∞ and NaN come back from a checkpoint as they were', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.double()), fc.array(fc.double()), (sums, losses) => {
      const file = fresh();
      const { options } = run(file);
      const history = losses.map((loss, epoch) => ({ epoch, step: epoch, metrics: { loss: loss + 0 } }));
      const position: Position = { step: 3, epoch: 1, stepInEpoch: 1, sums: { ...sums }, history };
      saveCheckpoint(options.checkpoint!, position);
      const flat = (p: Position) =>
        [...Object.entries(p.sums).flat(), ...p.history.map(h => h.metrics.loss)].map(v => (v === 0 ? 0 : v));
      assert.deepEqual(flat(loadCheckpoint(options.checkpoint!)!), flat(position));
    }),
    { numRuns: 30 },
  );
});

test('a metric of ∞ does not end a resumed run early', async () => {
  const file = fresh();
  const score = (epoch: number) => [Number.POSITIVE_INFINITY, 9, 8, 7, 6, 5][epoch];
  const make = (epochs: number) => {
    const { options } = run(file);
    let epoch = 0;
    return {
      ...options,
      epochs,
      evaluate: () => ({ score: score(epoch) }),
      stopWhen: noProgress({ metric: 'score' }),
      observers: [
        {
          onStep(report: { epoch: number }) {
            epoch = report.epoch;
          },
        },
      ],
    };
  };
  await train(make(3));
  const result = await train(make(6));
  assert.equal(result.stopped, 'finished');
  assert.deepEqual(
    result.history.map(({ metrics }) => metrics.score),
    [0, 1, 2, 3, 4, 5].map(score),
  );
});

test('a run that is over trains nothing more, and says how to train on', async () => {
  const file = fresh();
  const stopWhen = (history: unknown[]) => history.length >= 2;
  const first = run(file);
  assert.equal((await train({ ...first.options, epochs: 9, stopWhen })).history.length, 2);
  const written = fs.statSync(file).mtimeMs;
  for (let i = 0; i < 3; i++) {
    const again = run(file);
    const result = await train({ ...again.options, epochs: 9, stopWhen });
    assert.deepEqual([result.stopped, result.steps, result.history.length], ['converged', 0, 2]);
    assert.match(
      String(result),
      /Nothing was left to train: it had converged after 2 epochs\. To train on, change stopWhen; to start anew, remove .*run-/,
    );
    assert.deepEqual(numbers(again.net), numbers(first.net));
  }
  assert.equal(fs.statSync(file).mtimeMs, written);
  const on = await train({ ...run(file).options, epochs: 3 });
  assert.deepEqual([on.stopped, on.steps], ['finished', 4]);
  const done = await train({ ...run(file).options, epochs: 3 });
  assert.deepEqual([done.stopped, done.steps], ['finished', 0]);
  assert.match(String(done), /3 of 3 epochs were done\. To train on, raise epochs/);
});

test('a checkpoint that holds NaN or ∞, by whoever it was written, is not resumed from', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const path = fresh();
    const options = { path, modules: { net: new Linear(1, 1) } };
    saveCheckpoint(options, { step: 1, epoch: 0, stepInEpoch: 1, sums: {}, history: [] });
    const { tensors, metadata } = readTensors(path);
    writeTensors(path, { ...tensors, 'module.net/bias': tf.tensor1d([value]) }, metadata);
    const net = new Linear(1, 1);
    const before = net.bias!.dataSync()[0];
    assert.throws(() => loadCheckpoint({ path, modules: { net } }), /can't resume.*module\.net\/bias holds NaN or ∞/);
    assert.equal(net.bias!.dataSync()[0], before);
  }
});

test('a resume that throws has overwritten nothing', () => {
  const file = fresh();
  const make = () => {
    const [a, b] = [new Linear(1, 1), new Linear(2, 1)];
    const optimiser = new Adam([...a.parameters(), ...b.parameters()]);
    const checkpoint: CheckpointOptions = { path: file, modules: { a, b }, optimiser, ema: new Ema(a) };
    const state = () =>
      JSON.stringify([
        ...[a, b].map(numbers),
        ...[optimiser, checkpoint.ema!].map(o => Object.values(o.state()).map(t => [...t.dataSync()])),
        random.state(),
      ]);
    return { checkpoint, state };
  };
  saveCheckpoint(make().checkpoint, { step: 1, epoch: 0, stepInEpoch: 1, sums: {}, history: [] });
  const { tensors, metadata } = readTensors(file);
  const names = Object.keys(tensors);
  fc.assert(
    fc.property(
      fc.nat(names.length - 1),
      fc.constantFrom('missing', 'shape', 'extra', 'module', 'position', 'random', 'no random'),
      (at, fault) => {
        const torn = { ...tensors };
        if (fault === 'missing') delete torn[names[at]];
        if (fault === 'shape') torn[names[at]] = tf.zeros([5, 5]);
        if (fault === 'extra') torn[`${names[at]}.more`] = tf.zeros([1]);
        if (fault === 'module') torn['module.c/weight'] = tf.zeros([1]);
        const text = { ...metadata };
        if (fault === 'position') text.position = '{"step":-1}';
        if (fault === 'random') text.random = '[1,2]';
        if (fault === 'no random') delete text.random;
        writeTensors(file, torn, text);
        const { checkpoint, state } = make();
        random.seed(at);
        const before = state();
        assert.throws(() => loadCheckpoint(checkpoint), /can't resume from/);
        assert.equal(state(), before);
      },
    ),
    { numRuns: 60 },
  );
});

/** Runs `save` and lets the nth call of any function that writes to the disk be the last one: with `how` nothing, or half of it, done. */
function killedAt(n: number, half: boolean, save: () => void): boolean {
  let calls = 0;
  let dead = false;
  const real = { writeFileSync: fs.writeFileSync };
  for (const name of [
    'openSync',
    'writeFileSync',
    'fsyncSync',
    'closeSync',
    'renameSync',
    'rmSync',
    'mkdirSync',
  ] as const) {
    const original = fs[name] as (...args: unknown[]) => unknown;
    mock.method(fs, name, (...args: unknown[]) => {
      if (dead || calls++ === n) {
        if (!dead && half && name === 'writeFileSync')
          real.writeFileSync(args[0] as number, Buffer.from(args[1] as Uint8Array).subarray(0, 7));
        dead = true;
        throw new Error('killed'); // what comes after a kill does nothing either
      }
      return original.apply(fs, args);
    });
  }
  try {
    save();
  } catch {
    // dead
  }
  mock.restoreAll();
  return dead;
}

test('a kill at any moment of a save leaves the old file or the new one, and the next save clears up', () => {
  const file = fresh();
  const { net, options } = run(file);
  const at = (step: number): Position => ({ step, epoch: 0, stepInEpoch: step, sums: {}, history: [] });
  const set = (value: number) => net.bias!.assign(tf.tensor1d([value]));
  set(1);
  saveCheckpoint(options.checkpoint!, at(1));
  let step = 1;
  for (const half of [false, true]) {
    for (let n = 0, dead = true; dead; n++) {
      const other = run(file);
      step++;
      set(step);
      dead = killedAt(n, half, () => saveCheckpoint(options.checkpoint!, at(step)));
      const loaded = loadCheckpoint(other.options.checkpoint!)!.step;
      assert.ok(loaded === step || (dead && loaded === step - 1), `killed at ${n}: ${loaded} of ${step}`);
      assert.equal(other.net.bias!.dataSync()[0], loaded);
      for (const name of parts())
        fs.renameSync(path.join(folder, name), path.join(folder, name.replace(`.${process.pid}.`, '.999999999.')));
      saveCheckpoint(options.checkpoint!, at(step)); // by another process: the killed one is no more
      assert.deepEqual(parts(), []);
    }
  }
});

test('a temporary file of a process that writes now stays; those of processes that are no more go', () => {
  const file = fresh();
  const name = path.basename(file);
  const [living, dead, old, foreign] = [
    `.${name}.${process.ppid}.${Date.now()}.part`,
    `.${name}.999999999.${Date.now()}.part`,
    `.${name}.${process.ppid}.${Date.now() - 7_200_000}.part`,
    `.other.999999999.1.part`,
  ];
  for (const each of [living, dead, old, foreign]) fs.writeFileSync(path.join(folder, each), 'half');
  writeAtomic(file, 'whole');
  assert.deepEqual(parts().sort(), [living, foreign].sort());
  for (const each of parts()) fs.rmSync(path.join(folder, each));
});

test('a process that is killed with -9 while it saves again and again leaves a whole file', async () => {
  const file = fresh();
  const code = `const { writeAtomic } = require(${JSON.stringify(path.join(__dirname, '../../lib/formats/files'))});
    for (let i = 0; ; i++) { writeAtomic(${JSON.stringify(file)}, [Buffer.alloc(1e6, i % 250), Buffer.alloc(1e6, i % 250)]); if (i === 0) console.log('begun'); }`;
  for (let round = 0; round < 3; round++) {
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=commonjs', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: path.join(__dirname, '../..'),
    });
    await new Promise(resolve => child.stdout.once('data', resolve));
    await new Promise(resolve => setTimeout(resolve, 37 * (round + 1)));
    child.kill('SIGKILL');
    await new Promise(resolve => child.once('exit', resolve));
    const bytes = fs.readFileSync(file);
    assert.equal(bytes.length, 2e6);
    assert.ok(bytes.every(byte => byte === bytes[0]));
  }
  writeAtomic(file, 'next');
  assert.deepEqual(parts(), []);
});

test('a full disk leaves the old file, is said in words, and costs a run nothing but that checkpoint', async () => {
  const file = fresh();
  const { options, net } = run(file, { every: 2 });
  await train({ ...options, epochs: 1 });
  const was = fs.readFileSync(file);
  const full = () => {
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  };
  mock.method(fs, 'fsyncSync', full);
  assert.throws(
    () => saveCheckpoint(options.checkpoint!, { step: 9, epoch: 9, stepInEpoch: 0, sums: {}, history: [] }),
    /can't write .*: the disk is full: free some space and save again; the old file is as it was/,
  );
  mock.restoreAll();
  assert.deepEqual(fs.readFileSync(file), was);
  assert.deepEqual(parts(), []);
  const warn = mock.method(console, 'warn', () => {});
  let calls = 0;
  const original = fs.fsyncSync;
  mock.method(fs, 'fsyncSync', (handle: number) => (calls++ === 0 ? full() : original(handle)));
  const result = await train({ ...options, epochs: 3 });
  assert.equal(result.stopped, 'finished');
  assert.match(String(warn.mock.calls[0].arguments[0]), /disk is full.*training goes on/);
  mock.restoreAll();
  const again = run(file);
  assert.equal(loadCheckpoint(again.options.checkpoint!)?.step, 12);
  assert.deepEqual(numbers(again.net), numbers(net));
});

test('settings of a training', async () => {
  const { options } = run(fresh());
  const bare = { ...options, checkpoint: undefined };
  await checkSettings([
    { name: 'epochs', use: epochs => train({ ...bare, epochs }), wrong: NO_COUNT, right: [1] },
    {
      name: 'stepsPerEpoch',
      use: stepsPerEpoch => train({ ...bare, epochs: 1, stepsPerEpoch }),
      wrong: NO_COUNT,
      right: [4],
    },
    {
      name: 'every',
      use: every => train({ ...options, epochs: 1, checkpoint: { ...options.checkpoint!, every } }),
      wrong: NO_COUNT,
      right: [2],
    },
    { name: 'patience', use: patience => noProgress({ patience }), wrong: NO_COUNT, right: [1, 3] },
    { name: 'atLeast', use: atLeast => noProgress({ atLeast }), wrong: [-1], right: [0, 0.1] },
  ]);
  assert.throws(
    () => noProgress({ metric: 'other' })([{ epoch: 0, step: 1, metrics: { loss: 1 } }]),
    /no metric other to stop by; there are loss/,
  );
  await assert.rejects(
    evaluate(({ x }) => ({ x }), [{ x: tf.ones([3]) }]),
    /measure x must be a scalar, got \[3\]/,
  );
  await assert.rejects(
    train({ ...bare, evaluate: () => ({ score: tf.scalar(1) as never }) }),
    /metric score must be a number/,
  );
  await assert.rejects(
    train({ ...bare, eager: true, step: (async () => ({ loss: tf.scalar(1) })) as never }),
    /got a promise/,
  );
});
