/** Diffusion of any rank; no shape, time or setting that would give a plausible wrong picture. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as diffusion from '../../lib/diffusion';
import { compile, random, tf } from '../../lib/runtime';
import { checkSettings, checkShapes, NO_COUNT } from '../ranges';

const {
  cosineSchedule,
  ddim,
  ddpm,
  diffusionLoss,
  guided,
  linearSchedule,
  noised,
  noiseStep,
  readAnswer,
  sample,
  targetOf,
  weightsAt,
} = diffusion;
const schedule = linearSchedule(100, 1e-3, 0.1);
const times = (...t: number[]) => tf.tensor1d(t, 'int32');
const z = (...shape: number[]) => tf.zeros(shape);
const largest = (a: tf.Tensor, b: tf.Tensor) => tf.tidy(() => a.sub(b).abs().max().dataSync()[0]);
const zero = (x: tf.Tensor) => tf.zerosLike(x);

test('data of every rank: x_t by hand, and every kind of answer gives the data back', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 5 }),
      fc.nat(97),
      (shape, first) => {
        tf.tidy(() => {
          const [x0, eps] = [random.normal(shape), random.normal(shape)];
          const t = Array.from({ length: shape[0] }, (_, i) => first + i);
          const x = noised(x0, times(...t), eps, schedule);
          assert.deepEqual(x.shape, shape);
          const row = x.size / shape[0];
          const by = t.flatMap(s => Array<number>(row).fill(schedule.alphaBar[s]));
          const [a, b] = [x0.dataSync(), eps.dataSync()];
          for (const [i, value] of x.dataSync().entries()) {
            assert.ok(Math.abs(value - (Math.sqrt(by[i]) * a[i] + Math.sqrt(1 - by[i]) * b[i])) < 1e-5);
          }
          const { signal, noise } = weightsAt(schedule, times(...t), x.rank);
          for (const kind of ['eps', 'x0', 'v'] as const) {
            const read = readAnswer(kind, targetOf(kind, x0, eps, times(...t), schedule), x, signal, noise);
            assert.ok(largest(read.x0, x0) < 1e-3 && largest(read.eps, eps) < 1e-3, kind);
          }
        });
      },
    ),
    { numRuns: 25 },
  );
});

test('schedules that cannot be moved, masks that are none, maps that fit no window', async () => {
  const { fromBeta, windowed, zeroTerminal } = diffusion;
  const told = (open: tf.Tensor) =>
    sample(zero, { schedule, shape: [1, 2, 2, 1], steps: 2, keep: { picture: z(1, 2, 2, 1), open } });
  const net = windowed(x => x, 2);
  await checkShapes({
    'one step': () => zeroTerminal(fromBeta('one', [0.5])),
    'a schedule that stays': () => zeroTerminal({ name: 'flat', steps: 2, beta: [0.5, 0], alphaBar: [0.5, 0.5] }),
    'a mask of bytes': () => told(tf.fill([1, 2, 2, 1], 255)),
    'a mask of −1 to 1': () => told(tf.fill([1, 2, 2, 1], -1)),
    'a mask of NaN': () => told(tf.fill([1, 2, 2, 1], Number.NaN)),
    'windows, words of one text': () => net(z(2, 2, 4, 1), z(2), z(1, 1, 1)),
    'windows, words without a batch': () => net(z(1, 2, 4, 1), z(1), z(1, 1)),
    'windows, one step for all': () => net(z(1, 2, 4, 1), tf.scalar(0), z(1, 1, 1)),
    'windows, a net of another size': () => windowed(x => tf.slice(x, [0], [1]), 2)(z(1, 2, 4, 1), z(1), z(1, 1, 1)),
  });
  assert.equal(zeroTerminal({ ...schedule, end: 0.9 }).end, 0.9);
});

test('flat data have the loss of their numbers, and samplers give them back', async () => {
  random.seed(1);
  for (const shape of [[4096], [512, 8], [64, 8, 8]]) {
    for (const kind of ['eps', 'v'] as const) {
      const loss = tf.tidy(() => diffusionLoss(zero, random.normal(shape), schedule, kind).dataSync()[0]);
      assert.ok(Math.abs(loss - 1) < 0.1, `${shape}: ${loss}`);
    }
  }
  const x0 = random.uniform([5, 3], -0.9, 0.9);
  for (const sampler of [ddim(), ddim(1), ddpm]) {
    const x = await sample(() => x0.clone(), { schedule, shape: [5, 3], steps: 10, prediction: 'x0', sampler });
    assert.deepEqual(x.shape, [5, 3]);
    assert.ok(largest(x, x0) < 1e-3);
  }
});

test('shapes that would be broadcast are refused', async () => {
  const how = { schedule, shape: [2, 3], steps: 2 };
  await checkShapes({
    'noised, t [2, 1]': () => noised(z(2, 2), tf.zeros([2, 1], 'int32'), z(2, 2), schedule),
    'noised, a scalar t': () => noised(z(2, 2), tf.scalar(1, 'int32'), z(2, 2), schedule),
    'noised, too many t': () => noised(z(2, 2), times(0, 1, 2), z(2, 2), schedule),
    'noised, noise of one row': () => noised(z(2, 2), times(0, 1), z(1, 2), schedule),
    'noised, noise of another rank': () => noised(z(2, 2), times(0, 1), z(2), schedule),
    'noised, picture of other channels': () => noised(z(2, 4, 4, 1), times(0, 1), z(2, 4, 4, 3), schedule),
    'noised, scalars': () => noised(tf.scalar(0), times(0), tf.scalar(0), schedule),
    noiseStep: () => noiseStep(z(2, 2), 1, z(2), schedule),
    'weightsAt, t [2, 2]': () => weightsAt(schedule, tf.zeros([2, 2], 'int32')),
    'targetOf, eps': () => targetOf('eps', z(2, 2), z(2), times(0, 1), schedule),
    'targetOf, t': () => targetOf('x0', z(2, 2), z(2, 2), times(0), schedule),
    'readAnswer, the answer': () => readAnswer('eps', z(2, 1), z(2, 2), tf.scalar(1), tf.scalar(1)),
    'readAnswer, the weights': () => readAnswer('eps', z(2, 2), z(2, 2), z(2, 1, 1, 1), tf.scalar(1)),
    'diffusionLoss, a net of twice the channels': () => diffusionLoss(x => tf.concat([x, x], 1), z(2, 2), schedule),
    'diffusionLoss, a net of [B]': () => diffusionLoss(x => x.sum(1), z(2, 2), schedule),
    'diffusionLoss of a scalar': () => diffusionLoss(zero, tf.scalar(1), schedule),
    'sample, a net of [B, 1]': () => sample(x => x.sum(1, true), how),
    'sample, start': () => sample(zero, { ...how, start: z(2) }),
    'sample, keep': () => sample(zero, { ...how, keep: { picture: z(2, 3), open: z(3, 3) } }),
    'sample, condition': () => sample(zero, { ...how, condition: z(3) }),
    'sample, negative': () => sample(zero, { ...how, condition: z(2), negative: z(2, 1), guidance: 2 }),
    'sample, no shape': () => sample(zero, { ...how, shape: [] }),
    guided: () => guided(zero, z(3), z(3), 2)(z(2, 3), times(0, 1)),
    windowed: () => diffusion.windowed(zero, 4)(z(1, 4, 3, 1), times(0), z(1, 1, 1)),
  });
});

test('a picture or a time of one row stands for all; the noise says how many', () => {
  const [x0, eps] = [random.normal([1, 2]), random.normal([3, 2])];
  const all = noised(tf.tile(x0, [3, 1]), times(7, 7, 7), eps, schedule);
  assert.equal(largest(noised(x0, times(7), eps, schedule), all), 0);
});

test('settings of schedules, samplers and guidance', async () => {
  const run = (options: object) => sample(zero, { schedule, shape: [1, 2], steps: 1, ...options });
  const time = { wrong: [-1, 100, 1.5], right: [0, 99] };
  const counts = { wrong: NO_COUNT, right: [1, 10] };
  await checkSettings([
    { name: 'linear steps', use: n => linearSchedule(n), ...counts },
    { name: 'linear first', use: b => linearSchedule(10, b), wrong: [0, 1, -1], right: [1e-4] },
    { name: 'linear last', use: b => linearSchedule(10, 1e-4, b), wrong: [0, 1, 2], right: [0.02] },
    { name: 'scaled linear steps', use: n => diffusion.scaledLinearSchedule(n), ...counts },
    { name: 'cosine steps', use: n => cosineSchedule(n), ...counts },
    { name: 'cosine offset', use: s => cosineSchedule(10, s), wrong: [-0.1], right: [0.008] },
    { name: 'cosine most', use: m => cosineSchedule(10, 0.008, m), wrong: [0, 1, 2], right: [0.999] },
    { name: 'snr', use: t => diffusion.snr(schedule, t), ...time },
    { name: 'noiseStep', use: t => noiseStep(z(1), t, z(1), schedule), ...time },
    { name: 't', use: t => weightsAt(schedule, tf.tensor1d([t])), ...time },
    { name: 'spacedSteps', use: n => diffusion.spacedSteps(100, n), wrong: [...NO_COUNT, 101], right: [1, 100] },
    { name: 'leadingSteps', use: n => diffusion.leadingSteps(100, n), wrong: [...NO_COUNT, 101], right: [1, 50] },
    { name: 'trailingSteps', use: n => diffusion.trailingSteps(100, n), wrong: [...NO_COUNT, 101], right: [1, 100] },
    { name: 'eta', use: eta => ddim(eta), wrong: [-0.1, 1.1, 2], right: [0, 0.5, 1] },
    { name: 'guidance', use: w => guided(zero, z(1), z(1), w), wrong: [-1], right: [0, 1, 7.5] },
    {
      name: 'guidance of sample',
      use: guidance => run({ condition: z(1), negative: z(1), guidance }),
      wrong: [-1],
      right: [0, 1, 3],
    },
    { name: 'steps', use: steps => run({ steps }), wrong: [...NO_COUNT, 101], right: [1, 2] },
    { name: 'from', use: from => run({ from }), ...time },
    { name: 'path', use: t => run({ path: [t] }), ...time },
    { name: 'shape', use: B => run({ shape: [B, 2] }), wrong: NO_COUNT, right: [2] },
    { name: 'clip', use: high => run({ clip: [-1, high] }), right: [1] },
    { name: 'hill', use: n => diffusion.hill(n), ...counts },
    ...[ddpm, ddim()].flatMap((sampler, i) => [
      { name: `t of sampler ${i}`, use: (t: number) => sampler(schedule, t, -1), ...time },
      {
        name: `s of sampler ${i}`,
        use: (s: number) => sampler(schedule, 50, s),
        wrong: [50, 51, -2, 0.5],
        right: [-1, 0, 49],
      },
    ]),
  ]);
  await assert.rejects(run({ path: [1, 5] }), /a path must fall, got 5 after 1 at position 1/);
  await assert.rejects(run({ path: [5, 5] }), /a path must fall, got 5 after 5/);
  await assert.rejects(run({ path: [] }), /at least|at the least/);
  await assert.rejects(run({ clip: [1, -1] }), /low below high, got \[1,-1\]/);
  await assert.rejects(run({ guidance: 3 }), /must come with a `condition`/);
  await assert.rejects(run({ condition: z(1), guidance: 3 }), /must know what to move away from/);
  await assert.rejects(run({ prediction: 'epsilon' }), /one of eps, x0 and v, got epsilon/);
  await assert.rejects(
    sample(zero, { schedule: diffusion.zeroTerminal(schedule), shape: [1, 2], steps: 2 }),
    /must predict v or x0 to start at t = 99/,
  );
});

test('inside a compiled step a time that is none makes NaN', () => {
  const f = compile((t: tf.Tensor) => noised(tf.ones([2, 2]), t, tf.ones([2, 2]), schedule));
  for (const wrong of [0.5, Number.NaN]) {
    const values = [...f(tf.tensor1d([3, wrong])).dataSync()];
    assert.deepEqual(values.map(Number.isNaN), [false, false, true, true]);
  }
});

/** A net whose x̂0 is its label: what comes out says which label stood beside which row. */
const named = (x: tf.Tensor, _: tf.Tensor, y: tf.Tensor) => x.mul(0).add(y.toFloat().div(1000).reshape([-1, 1]));

test('a condition is divided with the rows, at any number of them', async () => {
  for (const count of [1, 127, 128, 129, 256, 300]) {
    const y = tf.range(0, count, 1, 'int32');
    const wanted = y.toFloat().div(1000).reshape([count, 1]);
    const options = { schedule, shape: [count, 1], steps: 2, prediction: 'x0' as const };
    const answers = [
      await sample(named, { ...options, condition: y }),
      await sample((x, t, c: { y: tf.Tensor }) => named(x, t, c.y), { ...options, condition: { y } }),
      await sample(guided(named, y, tf.zerosLike(y), 1), options),
      await sample(guided(named, y, tf.zerosLike(y), 1.5), options),
      await sample(named, { ...options, condition: y, negative: tf.zerosLike(y), guidance: 1.5 }),
    ];
    for (const [i, x] of answers.entries()) {
      assert.deepEqual(x.shape, [count, 1]);
      assert.ok(largest(x, i < 3 ? wanted : wanted.mul(1.5)) < 1e-5, `${count}, way ${i}`);
    }
  }
});

test('a closure over what belongs to all rows says where it should go', async () => {
  const options = { schedule, steps: 1, prediction: 'x0' } as const;
  for (const count of [129, 256]) {
    const y = tf.range(0, count, 1, 'int32');
    const closure = (x: tf.Tensor, t: tf.Tensor) => named(x, t, y);
    await assert.rejects(
      sample(closure, { ...options, shape: [count, 1] }),
      /of (129|256) rows at a time; what belongs to the rows goes into `condition`/,
    );
  }
  const few = tf.range(0, 100, 1, 'int32');
  const closure = (x: tf.Tensor, t: tf.Tensor) => named(x, t, few);
  assert.deepEqual((await sample(closure, { ...options, shape: [100, 1] })).shape, [100, 1]);
});
