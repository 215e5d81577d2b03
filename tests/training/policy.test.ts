/** Advantages, the clipped objective, k3 and their mean against closed forms, and what must hold for any numbers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { tf } from '../../lib/runtime';
import {
  averageTokens,
  clippedObjective,
  groupAdvantages,
  k3,
  passAtK,
  policyLoss,
  silentGroups,
} from '../../lib/training';
import { checkSettings, checkShapes } from '../ranges';

const near = (found: number, wanted: number, within = 1e-5) =>
  assert.ok(Math.abs(found - wanted) < within, `${found} is not ${wanted}`);
const numbers = (tensor: tf.Tensor) => Array.from(tensor.dataSync());

test('advantages of eight answers, 1, 4 and 7 of them right', () => {
  for (const [right, high, low] of [
    [1, Math.sqrt(7), -1 / Math.sqrt(7)],
    [4, 1, -1],
    [7, 1 / Math.sqrt(7), -Math.sqrt(7)],
  ]) {
    const rewards = Array.from({ length: 8 }, (_, i) => (i < right ? 1 : 0));
    const found = groupAdvantages(rewards, 8);
    near(found[0], high, 2e-3); // 10⁻⁴ beside the deviation
    near(found[7], low, 2e-3);
  }
  assert.deepEqual(groupAdvantages([3, 1, 5, 5], 2, { scaled: false }), [1, -1, 0, 0]);
});

test('advantages of a group sum to 0, do not change with a constant, and are 0 where all earn the same', () => {
  const rewards = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(rewards, fc.double({ min: -10, max: 10, noNaN: true }), fc.boolean(), (r, shift, scaled) => {
      const found = groupAdvantages(r, 4, { scaled });
      near(
        found.reduce((a, b) => a + b),
        0,
        1e-6,
      );
      const spread = Math.max(...r) - Math.min(...r);
      if (spread > 0.01) {
        const moved = groupAdvantages(
          r.map(v => v + shift),
          4,
          { scaled },
        );
        for (const [i, a] of found.entries()) near(moved[i], a, 1e-6);
      }
    }),
  );
  assert.ok(groupAdvantages([0.1, 0.1, 0.1], 3).every(a => Math.abs(a) < 1e-9));
  near(silentGroups([1, 1, 0, 1, 0, 0], 2), 2 / 3);
});

test('pass@k is the share of all choices of k answers that hold a right one, counted one by one', () => {
  const choices = (of: number[], k: number): number[][] =>
    k === 0 ? [[]] : of.flatMap((one, i) => choices(of.slice(i + 1), k - 1).map(rest => [one, ...rest]));
  for (const [n, right, k] of [
    [6, 0, 2],
    [6, 1, 1],
    [6, 2, 3],
    [7, 3, 5],
    [6, 6, 6],
  ]) {
    const all = choices([...Array(n).keys()], k);
    const found = all.filter(chosen => chosen.some(answer => answer < right)).length / all.length;
    assert.ok(Math.abs(passAtK(n, right, k) - found) < 1e-12, `${n} ${right} ${k}`);
  }
  assert.ok(Math.abs(passAtK(5000, 1, 2500) - 0.5) < 1e-9); // C(5000, 2500) is no double
});

test('pass@k is without bias: its mean over binomial draws is 1 − (1 − p)^k', () => {
  const [n, p, k] = [8, 0.2, 4];
  let [mean, chance] = [0, (1 - p) ** n];
  for (let right = 0; right <= n; right++) {
    mean += chance * passAtK(n, right, k);
    chance *= ((n - right) / (right + 1)) * (p / (1 - p));
  }
  assert.ok(Math.abs(mean - (1 - (1 - p) ** k)) < 1e-12);
});

test('the clipped objective follows equation 7: it stops where the policy has gone far enough, and only there', () => {
  const value = (ratio: number, A: number, range = {}) =>
    numbers(clippedObjective(tf.tensor1d([ratio]), tf.tensor1d([A]), range))[0];
  const slope = (ratio: number, A: number) =>
    numbers(tf.grad(r => clippedObjective(r, tf.tensor1d([A])))(tf.tensor1d([ratio])))[0];
  near(value(1.5, 2), 2.4);
  near(value(0.5, 2), 1);
  near(value(1.5, -2), -3);
  near(value(0.5, -2), -1.6);
  near(value(1.25, 1, { high: 0.28 }), 1.25);
  for (const [ratio, A, wanted] of [
    [1, 2, 2],
    [1.5, 2, 0],
    [0.5, 2, 2],
    [1.5, -2, -2],
    [0.5, -2, 0],
  ])
    near(slope(ratio, A), wanted);
});

test('k3 is never negative, 0 for equal policies, and its mean over samples is the divergence', () => {
  fc.assert(
    fc.property(fc.double({ min: -8, max: 0, noNaN: true }), fc.double({ min: -8, max: 0, noNaN: true }), (p, q) => {
      const found = numbers(k3(tf.tensor1d([p]), tf.tensor1d([q])))[0];
      assert.ok(found >= -1e-4, `${found}`);
    }),
  );
  const [p, q] = [
    [0.5, 0.3, 0.2],
    [0.2, 0.2, 0.6],
  ];
  const each = numbers(k3(tf.tensor1d(p.map(Math.log)), tf.tensor1d(q.map(Math.log))));
  const kl = p.reduce((sum, pi, i) => sum + pi * Math.log(pi / q[i]), 0);
  near(
    each.reduce((sum, v, i) => sum + p[i] * v, 0),
    kl,
  );
  assert.deepEqual(numbers(k3(tf.tensor1d([-1, -2]), tf.tensor1d([-1, -2]))), [0, 0]);
});

test('three means over tokens: each answer alike, each token alike, a constant', () => {
  const weight = tf.tensor2d([
    [1, 0, 0, 0],
    [1, 1, 1, 1],
  ]);
  const values = tf.tensor2d([
    [8, 9, 9, 9],
    [1, 1, 1, 1],
  ]);
  near(numbers(averageTokens(values, weight, 'answer'))[0], (8 + 1) / 2);
  near(numbers(averageTokens(values, weight, 'token'))[0], 12 / 5);
  near(numbers(averageTokens(values, weight, 10))[0], (0.8 + 0.4) / 2);
});

test('shares as weights count as what they are, and nothing counted is 0', () => {
  const values = tf.tensor2d([
    [1, 3],
    [5, 7],
  ]);
  const quarter = tf.tensor2d([
    [0.25, 0.25],
    [0, 0],
  ]);
  near(numbers(averageTokens(values, quarter, 'token'))[0], 2);
  near(numbers(averageTokens(values, quarter, 'answer'))[0], 1); // the second answer has no tokens
  near(numbers(averageTokens(values, tf.zeros([2, 2]), 'token'))[0], 0);
});

test('at the first update the loss is 0 and the gradient is not: it is A·∇log π, averaged', () => {
  const advantages = tf.tensor2d([[1], [-1]]);
  const old = tf.tensor2d([
    [-1, -2],
    [-0.5, -3],
  ]);
  const weight = tf.ones([2, 2]);
  const loss = (logp: tf.Tensor) => policyLoss({ logp, old, advantages, weight }).loss;
  near(numbers(loss(old))[0], 0);
  assert.deepEqual(numbers(tf.grad(loss)(tf.clone(old))), [-0.25, -0.25, 0.25, 0.25]);
  const far = old.add(0.5); // a ratio of 1.65: answers with positive advantage stop
  const said = policyLoss({ logp: far, old, reference: old, advantages, weight }, { beta: 0.1 });
  near(numbers(said.clipped)[0], 0.5);
  near(numbers(said.kl)[0], Math.exp(-0.5) + 0.5 - 1);
  near(numbers(said.loss)[0], -((1.2 - Math.exp(0.5)) / 2 - 0.1 * (Math.exp(-0.5) - 0.5)));
});

test('wrong numbers and shapes are refused', async () => {
  const [a, b] = [tf.zeros([2, 3]), tf.zeros([2, 2])];
  const batch = { logp: a, old: a, advantages: tf.zeros([2, 1]), weight: a };
  await checkShapes({
    clippedObjective: () => clippedObjective(a, b),
    k3: () => k3(a, b),
    averageTokens: () => averageTokens(a, b),
    'averageTokens, answers': () => averageTokens(tf.zeros([3]), tf.zeros([3])),
    'policyLoss, old': () => policyLoss({ ...batch, old: b }),
    'policyLoss, advantages': () => policyLoss({ ...batch, advantages: tf.zeros([2]) }),
    'policyLoss, reference': () => policyLoss({ ...batch, reference: b }),
    'groups that are not whole': () => groupAdvantages([1, 0, 1], 2),
    'no rewards': () => groupAdvantages([], 2),
    'beta without a reference': () => policyLoss(batch, { beta: 0.1 }),
  });
  await checkSettings([
    { name: 'size', use: n => groupAdvantages([1, 0], n), wrong: [0, -1, 1.5], right: [1, 2] },
    { name: 'k', use: k => passAtK(4, 2, k), wrong: [0, 5, 1.5], right: [1, 4] },
    { name: 'right answers', use: c => passAtK(4, c, 2), wrong: [-1, 5, 0.5], right: [0, 4] },
    { name: 'a reward', use: r => groupAdvantages([1, r], 2), right: [0, -3.5] },
    { name: 'size of silent groups', use: n => silentGroups([1, 0], n), wrong: [0], right: [1, 2] },
    { name: 'low', use: low => clippedObjective(a, a, { low }), wrong: [-0.1, 1.1], right: [0, 1] },
    { name: 'high', use: high => clippedObjective(a, a, { high }), wrong: [-0.1], right: [0, 3] },
    { name: 'beta', use: beta => policyLoss({ ...batch, reference: a }, { beta }), wrong: [-1], right: [0, 0.1] },
    { name: 'divisor', use: n => averageTokens(a, a, n), wrong: [0, -1], right: [0.5, 41] },
  ]);
});
