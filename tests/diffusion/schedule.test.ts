/** Schedules, the forward process and the three kinds of prediction, in closed form. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cosineSchedule,
  diffusionLoss,
  fromBeta,
  linearSchedule,
  noised,
  noiseStep,
  readAnswer,
  snr,
  spacedSteps,
  targetOf,
  trailingSteps,
  weightsAt,
} from '../../lib/diffusion';
import { random, tf } from '../../lib/runtime';

const near = (a: number, b: number, tolerance: number) => assert.ok(Math.abs(a - b) <= tolerance, `${a} vs ${b}`);
const largest = (a: tf.Tensor, b: tf.Tensor) => tf.tidy(() => a.sub(b).abs().max().dataSync()[0]);

test('the linear schedule ends where the paper does', () => {
  const { beta, alphaBar, steps } = linearSchedule();
  assert.equal(steps, 1000);
  assert.equal(beta[0], 1e-4);
  near(beta[999], 0.02, 1e-15);
  assert.equal(alphaBar[999], 4.0358297653756754e-5);
});

test('the cosine schedule follows its formula and caps beta', () => {
  const { beta, alphaBar } = cosineSchedule();
  const f = (t: number) => Math.cos((((t / 1000 + 0.008) / 1.008) * Math.PI) / 2) ** 2;
  for (const t of [0, 10, 499, 900]) near(alphaBar[t], f(t + 1) / f(0), 1e-12);
  assert.equal(beta[999], 0.999);
  assert.ok(alphaBar.every((a, t) => t === 0 || a < alphaBar[t - 1]));
  near(snr(linearSchedule(), 999), 4.0358297653756754e-5 / (1 - 4.0358297653756754e-5), 1e-18);
});

test('a beta outside (0, 1) is refused, and so is a sampler of too many steps', () => {
  assert.throws(() => fromBeta('mine', [0.1, 1]), /between 0 and 1, got 1 at step 1/);
  assert.throws(() => spacedSteps(10, 11), /between 1 and 10/);
  assert.deepEqual(spacedSteps(1000, 3), [999, 500, 0]);
  assert.deepEqual(spacedSteps(4, 4), [3, 2, 1, 0]);
  assert.deepEqual(spacedSteps(1000, 1), [999]);
});

test('data of variance 1 keeps variance 1 at every t', () => {
  random.seed(1);
  tf.tidy(() => {
    const [x0, eps] = [random.normal([20, 50, 50, 1]), random.normal([20, 50, 50, 1])];
    for (const schedule of [linearSchedule(), cosineSchedule()]) {
      for (const t of [0, 250, 500, 999]) {
        const x = noised(x0, tf.fill([20], t, 'int32'), eps, schedule);
        near(x.square().mean().dataSync()[0], 1, 0.03);
        near(schedule.alphaBar[t] + weightsAt(schedule, tf.tensor1d([t], 'int32')).noise.dataSync()[0] ** 2, 1, 1e-6);
      }
    }
  });
});

test('step by step and closed form: same weight of the picture, same variance of the noise', () => {
  random.seed(2);
  const schedule = linearSchedule(100, 1e-3, 0.1);
  tf.tidy(() => {
    const zero = tf.zeros([1, 1, 1, 1]);
    let signal: tf.Tensor = tf.ones([1, 1, 1, 1]);
    for (let t = 0; t < 100; t++) signal = noiseStep(signal, t, zero, schedule);
    near(signal.dataSync()[0], Math.sqrt(schedule.alphaBar[99]), 1e-6);
    let x: tf.Tensor = tf.fill([1, 200, 200, 1], 0.8);
    for (let t = 0; t < 100; t++) x = noiseStep(x, t, random.normal([1, 200, 200, 1]), schedule);
    const { mean, variance } = tf.moments(x);
    near(mean.dataSync()[0], 0.8 * Math.sqrt(schedule.alphaBar[99]), 0.02);
    near(variance.dataSync()[0], 1 - schedule.alphaBar[99], 0.03);
  });
});

test('eps, x0 and v say the same: each answer gives the picture and the noise back', () => {
  random.seed(3);
  const schedule = cosineSchedule(1000);
  tf.tidy(() => {
    const [x0, eps] = [random.normal([4, 3, 3, 2]), random.normal([4, 3, 3, 2])];
    const t = tf.tensor1d([1, 200, 500, 800], 'int32');
    const x = noised(x0, t, eps, schedule);
    const { signal, noise } = weightsAt(schedule, t);
    for (const kind of ['eps', 'x0', 'v'] as const) {
      const read = readAnswer(kind, targetOf(kind, x0, eps, t, schedule), x, signal, noise);
      assert.ok(largest(read.x0, x0) < 2e-5, kind);
      assert.ok(largest(read.eps, eps) < 2e-4, kind);
    }
  });
});

test('losses of nets that know nothing or everything', () => {
  random.seed(4);
  tf.tidy(() => {
    const x0 = random.normal([64, 8, 8, 1]);
    const zero = (x: tf.Tensor) => tf.zerosLike(x);
    for (const kind of ['eps', 'v', 'x0'] as const) {
      near(diffusionLoss(zero, x0, linearSchedule(), kind).dataSync()[0], 1, 0.08); // unit variance: 1 for each
    }
    assert.ok(diffusionLoss(() => x0, x0, linearSchedule(), 'x0').dataSync()[0] < 1e-12);
  });
});

test("trailing steps are diffusers' own, halves to the even side", () => {
  // numpy: (np.round(np.arange(1000, 0, -1000 / n)) - 1)
  const SIXTEEN = [999, 937, 874, 811, 749, 687, 624, 561, 499, 437, 374, 311, 249, 187, 124, 61];
  assert.deepEqual(trailingSteps(1000, 16), SIXTEEN);
  assert.deepEqual(trailingSteps(1000, 7), [999, 856, 713, 570, 428, 285, 142]);
  assert.deepEqual(trailingSteps(1000, 4), [999, 749, 499, 249]);
});
