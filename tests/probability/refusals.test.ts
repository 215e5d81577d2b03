/** Settings, lengths and impossible evidence in lib/probability and the generators: an error or the right value. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as p from '../../lib/probability';
import { DISPLAY, HostRandom, random } from '../../lib/runtime';
import { checkSettings, failure, NO_COUNT } from '../ranges';

const never = Number.NEGATIVE_INFINITY;

test('settings outside of their range are refused, and those inside are not', async () => {
  const factors = (s: number) => new p.LinearGaussian([[1], [2]], [0, 0], [1, s]);
  const probability = { wrong: [-0.1, 1.1], right: [0, 0.5, 1] };
  await checkSettings([
    { name: 'Normal mean', use: m => new p.Normal(m, 1), right: [-3, 0] },
    { name: 'Normal std', use: s => new p.Normal(0, s), wrong: [0, -1], right: [1e-3, 5] },
    { name: 'DiagonalNormal std', use: s => new p.DiagonalNormal([0, 0], [1, s]), wrong: [0, -1], right: [2] },
    { name: 'Bernoulli', use: q => new p.Bernoulli(q), ...probability },
    { name: 'Categorical', use: q => new p.Categorical([q, 1 - q]), ...probability },
    { name: 'a category', use: i => new p.Categorical([0.5, 0.5]).logProb(i), wrong: [-1, 2, 0.5], right: [0, 1] },
    { name: 'Mixture weight', use: w => new p.Mixture([w, 1 - w], [new p.Normal(), new p.Normal(1)]), ...probability },
    {
      name: 'MultivariateNormal mean',
      use: m =>
        new p.MultivariateNormal(
          [m, 0],
          [
            [1, 0],
            [0, 1],
          ],
        ),
      right: [-1, 0],
    },
    {
      name: 'a covariance',
      use: c =>
        new p.MultivariateNormal(
          [0, 0],
          [
            [1, c],
            [c, 1],
          ],
        ),
      right: [-0.5, 0.5],
    },
    { name: 'diagonal std', use: s => p.MultivariateNormal.diagonal([0], [s]), wrong: [0, -1], right: [2] },
    { name: 'LinearGaussian std', use: factors, wrong: [0, -1], right: [0.5] },
    { name: 'LinearGaussian weight', use: w => new p.LinearGaussian([[w]], [0], [1]), right: [0, -2] },
    { name: 'an x', use: x => factors(1).posterior([0, x]), right: [1] },
    { name: 'a z', use: z => factors(1).likelihood([z]), right: [1] },
    { name: 'draws', use: n => p.draw(new p.Normal(), n, new HostRandom(1)), wrong: [-1, 1.5], right: [0, 3] },
    {
      name: 'draws of KL',
      use: n => p.klMonteCarlo(new p.Normal(), new p.Normal(1), n, new HostRandom(1)),
      wrong: [...NO_COUNT, 1],
      right: [2],
    },
    { name: 'intervals', use: n => p.integrate(x => x, 0, 1, n), wrong: [0, -2, 3, 2.5], right: [2, 10] },
    { name: 'an end', use: b => p.integrate(x => x, 0, b), right: [-1, 1] },
    { name: 'k', use: k => p.importanceBound([0, 0], k), wrong: [...NO_COUNT, 3], right: [1, 2] },
    {
      name: 'a count of pairs',
      use: n => p.JointTable.fromCounts(['a'], ['b', 'c'], [[n, 1]]),
      wrong: [-1, -2],
      right: [0, 3],
    },
    { name: 'a log-variance', use: v => p.klStandardNormal([0], [v]), right: [0, -1] },
    { name: 'HostRandom', use: s => new HostRandom(s), wrong: [0.5], right: [-1, 0, 2 ** 40] },
    { name: 'integer', use: n => new HostRandom(1).integer(n), wrong: NO_COUNT, right: [1, 6] },
    { name: 'seed', use: s => random.seed(s), wrong: [0.5], right: [-1, 0] },
    { name: 'normal std', use: s => random.normal([2], 0, s), wrong: [-1], right: [0, 1] },
    { name: 'normal mean', use: m => random.normal([2], m), right: [-1, 0] },
    { name: 'uniform max', use: m => random.uniform([2], 0, m), wrong: [-1], right: [0, 1] },
    { name: 'integers high', use: n => random.integers([2], 0, n), wrong: [0, -1, 1.5, 2 ** 40], right: [1, 10] },
  ]);
});

test('lists that don’t pair up are refused', async () => {
  const two = new p.LinearGaussian([[1], [2]], [0, 0], [1, 1]);
  const wrong: Record<string, () => unknown> = {
    logPosterior: () => p.logPosterior([0, 0], [0]),
    'logPosterior of nothing': () => p.logPosterior([], []),
    klStandardNormal: () => p.klStandardNormal([0, 0], [0]),
    crossEntropy: () => p.crossEntropy([1], [0.5, 0.5]),
    DiagonalNormal: () => new p.DiagonalNormal([0, 0], [1]),
    'DiagonalNormal of nothing': () => new p.DiagonalNormal([], []),
    diagonal: () => p.MultivariateNormal.diagonal([0, 0], [1]),
    'LinearGaussian, ragged': () => new p.LinearGaussian([[1, 2], [3]], [0, 0], [1, 1]),
    'x of the posterior': () => two.posterior([1]),
    'z of the likelihood': () => two.likelihood([1, 2]),
    'q of the bound': () => two.bound([1, 2], p.MultivariateNormal.diagonal([0, 0], [1, 1])),
    solve: () => p.MultivariateNormal.diagonal([0, 0], [1, 1]).solve([1]),
    'a likelihood of a stranger': () => p.posterior({ a: 1 } as Record<string, number>, { a: 1, b: 1 }),
    'counts of nothing': () => p.JointTable.fromCounts(['a'], ['b'], [[0]]),
  };
  for (const [name, use] of Object.entries(wrong)) {
    assert.match((await failure(use)) ?? 'accepted', /expected|must|they must|need|standard deviations/, name);
  }
});

test('evidence on logs: impossible hypotheses have −∞, impossible evidence is an error', () => {
  const [a, b] = p.logPosterior([Math.log(0.5), Math.log(0.5)], [never, -1000]);
  assert.deepEqual([a, b], [never, 0]);
  assert.throws(() => p.logPosterior([0, never], [never, 0]), /possible under a hypothesis, got evidence 0/);
  assert.throws(() => p.logPosterior([0], [Number.NaN]), /log likelihood must be a number below ∞, got NaN/);
  assert.throws(() => p.logPosterior([Number.POSITIVE_INFINITY], [0]), /log prior must be .*, got Infinity/);
  assert.equal(p.importanceBound([never, 0], 2), -Math.LN2);
  assert.throws(() => p.importanceBound([Number.NaN, 0], 2), /got NaN/);
});

test('names of a table: each once, and sums stand below their own columns whatever the names are', async () => {
  const cells = [
    [0.1, 0.2],
    [0.3, 0.4],
  ];
  for (const [rows, columns] of [
    [
      ['a', 'a'],
      ['x', 'y'],
    ],
    [
      ['a', 'b'],
      ['x', 'x'],
    ],
  ])
    assert.match(
      String(await failure(() => new p.JointTable(rows, columns, cells))),
      /expected different names of .* twice/,
    );
  for (const columns of [
    ['10', '2'],
    ['b', '1'],
    ['-1', '0'],
  ]) {
    const table = new p.JointTable(['9', '8'], columns, cells);
    const shown = String(table[DISPLAY]()['text/plain']).split('\n');
    assert.equal(shown[0], `\t${columns.join('\t')}\tΣ`);
    assert.equal(shown[3], 'Σ\t0.4000\t0.6000\t1');
  }
  assert.match(String(await failure(() => p.updates({ a: Number.NaN }, []))), /the prior must be/);
  assert.match(
    String(await failure(() => p.posterior({ a: 1 }, { a: 1, toString: 1 } as never))),
    /must be in the prior/,
  );
  const odd = { logProb: () => Number.NaN, sample: () => 0 };
  assert.equal(new p.Mixture([1, 0], [new p.Normal(), odd]).logProb(0), new p.Normal().logProb(0));
});

test('a divergence by quadrature needs a range that holds p', async () => {
  const [one, other] = [new p.Normal(1, 1), new p.Normal(0, 1)];
  for (const range of [
    [10, -8],
    [5, 6],
    [1, 1],
    [-50, 1],
    [-1e9, 1e9],
  ] as [number, number][])
    assert.match(String(await failure(() => p.klQuadrature(one, other, range))), /expected a range/, String(range));
  assert.ok(Math.abs(p.klQuadrature(one, other, [-6, 8]) - 0.5) < 1e-6);
});

test('a density that is NaN makes the integral NaN and not 0', () => {
  const broken = { logProb: () => Number.NaN, sample: () => 0 };
  assert.ok(Number.isNaN(p.klQuadrature(broken, new p.Normal(), [-1, 1], 10)));
});

test('a random state that is none restores nothing', () => {
  random.seed(4);
  const before = random.state();
  for (const wrong of [
    [1, 2],
    [1, 2, 3, 4, 5, -1],
    [1, 2, 3, 4, 5, Number.NaN],
  ])
    assert.throws(() => random.restore(wrong));
  assert.deepEqual(random.state(), before);
});
