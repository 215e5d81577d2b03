/** Samplers against closed forms: a net that knows the answer must get its picture back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cosineSchedule,
  ddim,
  ddpm,
  linearSchedule,
  noised,
  sample,
  spacedSteps,
  weightsAt,
} from '../../lib/diffusion';
import { random, tf } from '../../lib/runtime';

const schedule = linearSchedule();
const largest = (a: tf.Tensor, b: tf.Tensor) => tf.tidy(() => a.sub(b).abs().max().dataSync()[0]);

/** Knows x0, hence the exact noise in any x: eps = (x - sqrt(alphaBar) x0) / sqrt(1 - alphaBar). */
const knowing = (x0: tf.Tensor) => (x: tf.Tensor, t: tf.Tensor) =>
  tf.tidy(() => {
    const { signal, noise } = weightsAt(schedule, t);
    return x.sub(x0.mul(signal)).div(noise);
  });

test('ddim of eta 1 is ancestral sampling, number for number, at any spacing', () => {
  for (const s of [schedule, cosineSchedule()]) {
    for (const count of [1000, 50, 7]) {
      const path = spacedSteps(1000, count);
      path.forEach((t, i) => {
        const [one, two] = [ddpm(s, t, path[i + 1] ?? -1), ddim(1)(s, t, path[i + 1] ?? -1)];
        for (const key of ['a', 'b', 'sigma'] as const)
          assert.ok(Math.abs(one[key] - two[key]) < 1e-9, `${key} at ${t}`);
      });
    }
  }
});

test('ancestral weights are those of the paper: posterior mean and beta tilde', () => {
  const { beta, alphaBar } = schedule;
  for (const t of [1, 300, 999]) {
    const w = ddpm(schedule, t, t - 1);
    const close = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-12);
    close(w.a, (Math.sqrt(alphaBar[t - 1]) * beta[t]) / (1 - alphaBar[t]));
    close(w.b, (Math.sqrt(1 - beta[t]) * (1 - alphaBar[t - 1])) / (1 - alphaBar[t]));
    close(w.sigma ** 2, ((1 - alphaBar[t - 1]) / (1 - alphaBar[t])) * beta[t]);
  }
});

test('the last step ends at the picture without fresh noise', () => {
  for (const sampler of [ddpm, ddim(), ddim(0.5)]) {
    const { a, b, sigma } = sampler(schedule, 0, -1);
    assert.deepEqual(
      [a, b, sigma].map(v => Math.round(v * 1e9) / 1e9 + 0),
      [1, 0, 0],
    );
  }
});

test('ddim with the exact noise recovers the picture, in 1, 10 or 100 steps', async () => {
  random.seed(5);
  const x0 = tf.tidy(() => random.uniform([3, 4, 4, 1], -0.9, 0.9));
  const eps = random.normal([3, 4, 4, 1]);
  const start = noised(x0, tf.fill([3], 999, 'int32'), eps, schedule);
  for (const steps of [1, 10, 100]) {
    const x = await sample(knowing(x0), { schedule, shape: [3, 4, 4, 1], steps, start });
    assert.ok(largest(x, x0) < 2e-3, `${steps} steps: ${largest(x, x0)}`);
    x.dispose();
  }
  tf.dispose([x0, eps, start]);
});

test('a run may begin below the top', async () => {
  random.seed(9);
  const x0 = random.uniform([2, 4, 4, 1], -0.9, 0.9);
  const seen: number[] = [];
  const onStep = ({ t }: { t: number }) => void seen.push(t);
  const x = await sample(knowing(x0), { schedule, shape: [2, 4, 4, 1], from: 400, steps: 5, onStep });
  assert.deepEqual(seen, [400, 300, 200, 100, 0]);
  assert.ok(largest(x, x0) < 2e-3);
});

test('ancestral sampling with a knowing net recovers the picture too, and no tensor is left behind', async () => {
  random.seed(6);
  const x0 = random.uniform([2, 4, 4, 1], -0.9, 0.9);
  const before = tf.memory().numTensors;
  const seen: number[] = [];
  const x = await sample(knowing(x0), {
    schedule,
    shape: [2, 4, 4, 1],
    sampler: ddpm,
    steps: 200,
    onStep: ({ t }) => void seen.push(t),
  });
  assert.ok(largest(x, x0) < 2e-3);
  assert.equal(seen.length, 200);
  assert.deepEqual([seen[0], seen[199]], [999, 0]);
  x.dispose();
  assert.equal(tf.memory().numTensors, before);
  x0.dispose();
});

test('ddim of eta 0 is deterministic in its first noise; ancestral sampling is not', async () => {
  random.seed(7);
  const start = random.normal([2, 4, 4, 1]);
  const lazy = (x: tf.Tensor) => x.mul(0.9); // takes most of what it sees for noise
  const draw = async (sampler = ddim()) => sample(lazy, { schedule, shape: [2, 4, 4, 1], steps: 20, start, sampler });
  assert.equal(largest(await draw(), await draw()), 0);
  assert.ok(largest(await draw(ddpm), await draw(ddpm)) > 0.01);
});

test('answers as x0 or v drive the samplers as well; clip bounds what the net sees', async () => {
  random.seed(8);
  const x0 = random.uniform([2, 4, 4, 1], -0.9, 0.9);
  const velocity = (x: tf.Tensor, t: tf.Tensor) => {
    const { signal, noise } = weightsAt(schedule, t);
    return knowing(x0)(x, t).mul(signal).sub(x0.mul(noise));
  };
  const shape: [number, number, number, number] = [2, 4, 4, 1];
  for (const [prediction, model] of [
    ['x0', () => x0.clone()],
    ['v', velocity],
  ] as const) {
    const x = await sample(model, { schedule, shape, steps: 25, prediction });
    assert.ok(largest(x, x0) < 2e-3, prediction);
  }
  const wild = () => tf.fill(shape, 5);
  const bounded = await sample(wild, { schedule, shape, steps: 5, prediction: 'x0' });
  const free = await sample(wild, { schedule, shape, steps: 5, prediction: 'x0', clip: undefined });
  assert.equal(bounded.max().dataSync()[0], 1);
  assert.equal(free.max().dataSync()[0], 5);
});

test('a crowd is denoised in portions, with the answers it would get at once', async () => {
  const start = random.normal([300, 2, 2, 1]);
  const sizes = new Set<number>();
  const half = (x: tf.Tensor) => {
    sizes.add(x.shape[0]);
    return x.mul(0.5);
  };
  const crowd = await sample(half, { schedule, shape: [300, 2, 2, 1], steps: 5, start });
  const last = await sample(half, { schedule, shape: [44, 2, 2, 1], steps: 5, start: tf.slice(start, [256], [44]) });
  assert.ok(largest(tf.slice(crowd, [256], [44]), last) < 1e-6);
  assert.deepEqual(
    [...sizes].sort((a, b) => a - b),
    [44, 128],
  );
});
