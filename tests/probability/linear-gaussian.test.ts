import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  estimateOf,
  importanceBound,
  klMultivariate,
  klNormal,
  LinearGaussian,
  MultivariateNormal,
  Normal,
} from '../../lib/probability';
import { HostRandom } from '../../lib/runtime';
import reference from './linear-gaussian-reference.json';

const close = (actual: number, expected: number, tolerance = 1e-10) =>
  assert.ok(
    Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected)),
    `${actual}, expected ${expected}`,
  );
const allClose = (actual: readonly number[], expected: readonly number[]) => {
  assert.equal(actual.length, expected.length);
  actual.forEach((v, i) => void close(v, expected[i]));
};

const model = new LinearGaussian(reference.W, reference.mu, reference.s);
const q = new MultivariateNormal(reference.qMean, reference.qCovariance);
const { x, z } = reference;

describe('normals in several dimensions', () => {
  it('have the log-density and the entropy of SciPy', () => {
    close(q.logProb(z), reference.qLogProb);
    close(q.entropy(), reference.qEntropy);
  });

  it('have the closed form of KL; in one dimension that of klNormal', () => {
    close(klMultivariate(q, model.prior), reference.klToPrior);
    close(klMultivariate(q, q), 0);
    const [a, b] = [new Normal(1, 0.5), new Normal(-2, 3)];
    const [p, r] = [a, b].map(n => MultivariateNormal.diagonal([n.mean], [n.std]));
    close(klMultivariate(p, r), klNormal(a, b));
  });

  it('are sampled with their mean and covariance', () => {
    const random = new HostRandom(1);
    const draws = Array.from({ length: 20_000 }, () => q.sample(random));
    for (let i = 0; i < 3; i++) {
      const { mean, standardError } = estimateOf(draws.map(d => d[i]));
      assert.ok(Math.abs(mean - q.mean[i]) < 4 * standardError);
      for (let j = 0; j < 3; j++) {
        const products = estimateOf(draws.map(d => (d[i] - q.mean[i]) * (d[j] - q.mean[j])));
        assert.ok(Math.abs(products.mean - q.covariance[i][j]) < 4 * products.standardError, `${i}, ${j}`);
      }
    }
  });

  it('refuse what is no covariance', () => {
    assert.throws(
      () =>
        new MultivariateNormal(
          [0, 0],
          [
            [1, 2],
            [2, 1],
          ],
        ),
      /not positive definite/,
    );
    assert.throws(
      () =>
        new MultivariateNormal(
          [0, 0],
          [
            [1, 0.5],
            [0, 1],
          ],
        ),
      /0.5 on one side/,
    );
    assert.throws(() => new MultivariateNormal([0, 0], [[1]]), /2 means need a covariance of 2 × 2/);
    assert.throws(() => q.logProb([1]), /x has 1 numbers, expected 3/);
  });
});

describe('the linear-Gaussian model', () => {
  it('has the evidence and the posterior of SciPy', () => {
    close(model.evidence.logProb(x), reference.logEvidence);
    close(model.logJoint(x, z), reference.logJoint);
    const posterior = model.posterior(x);
    allClose(posterior.mean, reference.posteriorMean);
    allClose(posterior.covariance.flat(), reference.posteriorCovariance.flat());
  });

  it('log p(x) = ELBO + KL(q ‖ p(z|x)) for any q, and the ELBO is SciPy’s', () => {
    const { elbo, reconstruction, kl } = model.bound(x, q);
    close(elbo, reference.elbo);
    close(klMultivariate(q, model.posterior(x)), reference.klToPosterior);
    close(elbo + klMultivariate(q, model.posterior(x)), reference.logEvidence);
    close(elbo, reconstruction - kl);
    close(reconstruction, reference.reconstructionByDraws, 5e-3); // a mean of 400,000 draws
  });

  it('bound and evidence meet at the posterior; the mean field comes nearest among independent ones', () => {
    close(model.bound(x, model.posterior(x)).elbo, reference.logEvidence);
    const best = model.meanField(x);
    const { elbo } = model.bound(x, best);
    const std = best.covariance.map((row, k) => Math.sqrt(row[k]));
    for (let k = 0; k < 3; k++) {
      for (const factor of [0.97, 1.03]) {
        const other = MultivariateNormal.diagonal(
          best.mean,
          std.map((s, i) => (i === k ? factor * s : s)),
        );
        assert.ok(model.bound(x, other).elbo < elbo);
        const aside = MultivariateNormal.diagonal(
          best.mean.map((m, i) => (i === k ? m + factor - 1 : m)),
          std,
        );
        assert.ok(model.bound(x, aside).elbo < elbo);
      }
    }
  });

  it('refuses weights, means and noises that do not fit', () =>
    assert.throws(() => new LinearGaussian([[1], [2]], [0], [1, 1]), /weights of 2 × 1 need 2 means and stds, got 1/));
});

describe('the importance-weighted bound', () => {
  it('is the mean of log w for k = 1, log of the mean for all', () => {
    const logWeights = [Math.log(1), Math.log(3), Math.log(2), Math.log(6)];
    close(importanceBound(logWeights, 1), Math.log(36) / 4);
    close(importanceBound(logWeights, 2), (Math.log(2) + Math.log(4)) / 2);
    close(importanceBound(logWeights, 4), Math.log(3));
    assert.throws(() => importanceBound(logWeights, 5), /k must be 1 to 4, the number of draws, got 5/);
  });

  it('rises with k to the known evidence', () => {
    const random = new HostRandom(2);
    const from = model.meanField(x);
    const logWeights = Array.from({ length: 20_000 }, () => {
      const z = from.sample(random);
      return model.logJoint(x, z) - from.logProb(z);
    });
    const bounds = [1, 10, 100, 1000, 20_000].map(k => importanceBound(logWeights, k));
    assert.deepEqual(
      bounds,
      [...bounds].sort((a, b) => a - b),
    );
    close(bounds[4], reference.logEvidence, 0.01);
  });
});
