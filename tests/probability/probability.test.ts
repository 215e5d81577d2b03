import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Bernoulli,
  Categorical,
  crossEntropy,
  DiagonalNormal,
  draw,
  entropy,
  estimateOf,
  integrate,
  klDivergence,
  klMonteCarlo,
  klNormal,
  klQuadrature,
  klStandardNormal,
  logSumExp,
  Mixture,
  Normal,
  normalCdf,
} from '../../lib/probability';
import { HostRandom } from '../../lib/runtime';
import { runPython } from '../formats/python';

/** |a − b| relative to b, or to 1 where b is smaller. */
const near = (a: number, b: number, tolerance = 1e-12) =>
  assert.ok(a === b || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b)), `${a} is not ${b}`);

test('log-probabilities, CDFs and entropies equal SciPy', () => {
  const printed = runPython(`
import json, numpy as np
from scipy import stats, special
xs = [-37, -9.5, -4.0, -1.3, 0, 0.2, 3.99, 4.01, 8]
print(json.dumps(dict(
  xs=xs, logpdf=stats.norm(0.7, 0.3).logpdf(xs).tolist(), cdf=stats.norm.cdf(xs).tolist(), entropy=float(stats.norm(0.7, 0.3).entropy()),
  bernoulli=[float(stats.bernoulli(0.3).logpmf(k)) for k in (0, 1)], bernoulliEntropy=float(stats.bernoulli(0.3).entropy()),
  diagonal=float(stats.multivariate_normal([1, -2, 0.5], np.diag([0.25, 4, 1])).logpdf([0, 0, 0])),
  diagonalEntropy=float(stats.multivariate_normal([1, -2, 0.5], np.diag([0.25, 4, 1])).entropy()),
  mixture=float(np.log(0.3*stats.norm.pdf(1.1, -2, 0.5) + 0.7*stats.norm.pdf(1.1, 2, 1))),
  entropyP=float(stats.entropy([0.5, 0.25, 0.125, 0.125])), kl=float(stats.entropy([0.5, 0.3, 0.2], [0.2, 0.2, 0.6])),
  lse=float(special.logsumexp([-1000, -1001, -1002.5])))))`);
  const scipy = JSON.parse(printed);
  const normal = new Normal(0.7, 0.3);
  scipy.xs.forEach((x: number, i: number) => {
    near(normal.logProb(x), scipy.logpdf[i]);
    const [cdf, expected] = [normalCdf(x), scipy.cdf[i]];
    assert.ok(Math.abs(cdf / expected - 1) < 1e-12, `cdf(${x}) = ${cdf}, SciPy ${expected}`);
  });
  near(normal.entropy(), scipy.entropy);
  for (const k of [0, 1]) near(new Bernoulli(0.3).logProb(k), scipy.bernoulli[k]);
  near(new Bernoulli(0.3).entropy(), scipy.bernoulliEntropy);
  const diagonal = new DiagonalNormal([1, -2, 0.5], [0.5, 2, 1]);
  near(diagonal.logProb([0, 0, 0]), scipy.diagonal);
  near(diagonal.entropy(), scipy.diagonalEntropy);
  near(new Mixture([0.3, 0.7], [new Normal(-2, 0.5), new Normal(2, 1)]).logProb(1.1), scipy.mixture);
  near(entropy([0.5, 0.25, 0.125, 0.125]), scipy.entropyP);
  near(klDivergence([0.5, 0.3, 0.2], [0.2, 0.2, 0.6]), scipy.kl);
  near(logSumExp([-1000, -1001, -1002.5]), scipy.lse);
});

test('entropy, cross-entropy and KL belong together, also where probabilities are 0', () => {
  const [p, q] = [
    [0.5, 0.5, 0],
    [0.9, 0.05, 0.05],
  ];
  near(crossEntropy(p, q), entropy(p) + klDivergence(p, q));
  assert.equal(klDivergence(p, p), 0);
  assert.equal(klDivergence(q, p), Number.POSITIVE_INFINITY);
  assert.equal(crossEntropy(q, p), Number.POSITIVE_INFINITY);
  near(entropy([0.25, 0.25, 0.25, 0.25]), 2 * Math.LN2);
  assert.throws(() => entropy([0.5, 0.6]), /sum to 1.*1\.1/);
  assert.throws(() => crossEntropy([1], [0.5, 0.5]), /p has 1 outcomes, q has 2/);
});

test('KL of normals: closed form, quadrature and Monte Carlo agree', () => {
  const [p, q] = [new Normal(1, 0.5), new Normal(-0.3, 1.2)];
  const exact = klNormal(p, q);
  near(klQuadrature(p, q, [-6, 8]), exact, 1e-9);
  near(klNormal(new Normal(1, 1), new Normal(0, 1)), 0.5);
  near(klStandardNormal([1, 0], [0, Math.log(0.25)]), 0.5 + klNormal(new Normal(0, 0.5), new Normal(0, 1)));
  const { mean, standardError } = klMonteCarlo(p, q, 20000, new HostRandom(3));
  assert.ok(Math.abs(mean - exact) < 4 * standardError, `${mean} ± ${standardError}, exactly ${exact}`);
  assert.ok(standardError < 0.01);
});

test('samples have the moments of their distribution, and the same seed gives the same ones', () => {
  const within = (values: number[], mean: number) => {
    const estimate = estimateOf(values);
    assert.ok(Math.abs(estimate.mean - mean) < 4 * estimate.standardError, `${estimate.mean}, expected ${mean}`);
  };
  const random = new HostRandom(11);
  const normals = draw(new Normal(2, 3), 20000, random);
  within(normals, 2);
  within(
    normals.map(x => (x - 2) ** 2),
    9,
  );
  within(draw(new Bernoulli(0.3), 20000, random), 0.3);
  const outcomes = draw(new Categorical([0.1, 0, 0.6, 0.3]), 20000, random);
  [0.1, 0, 0.6, 0.3].forEach((p, i) => {
    const frequency = outcomes.filter(o => o === i).length / outcomes.length;
    assert.ok(Math.abs(frequency - p) < 0.015, `outcome ${i}: ${frequency}`);
  });
  within(draw(new Mixture([0.25, 0.75], [new Normal(-4, 1), new Normal(4, 1)]), 20000, random), 2);
  within(
    draw(new DiagonalNormal([1, 5], [1, 1]), 20000, random).map(x => x[1]),
    5,
  );
  assert.deepEqual(draw(new Normal(), 5, new HostRandom(1)), draw(new Normal(), 5, new HostRandom(1)));
});

test('densities integrate to 1', () => {
  for (const [mean, std] of [
    [0, 1],
    [3, 0.1],
    [-5, 4],
  ]) {
    near(
      integrate(x => new Normal(mean, std).density(x), mean - 9 * std, mean + 9 * std),
      1,
      1e-12,
    );
  }
  near(
    integrate(x => x ** 3, 0, 2, 2),
    4,
  ); // Simpson's rule is exact up to cubics
  assert.throws(() => integrate(x => x, 0, 1, 3), /even/);
});

test('impossible parameters are refused with the value', () => {
  assert.throws(() => new Normal(0, 0), /std 0/);
  assert.throws(() => new Normal(0, Number.NaN), /std/);
  assert.throws(() => new Bernoulli(1.2), /1\.2/);
  assert.throws(() => new Bernoulli(0.5).logProb(0.5), /0 or 1, got 0\.5/);
  assert.throws(() => new Categorical([0.5, 0.2]), /sum to 1/);
  assert.throws(() => new Categorical([0.5, 0.5]).logProb(2), /outcomes are 0 to 1/);
  assert.throws(() => new Mixture([1], [new Normal(), new Normal()]), /1 weights for 2/);
  assert.throws(() => new DiagonalNormal([0], [1, 1]), /1 means but 2/);
  assert.throws(() => estimateOf([1]), /2 or more/);
});
