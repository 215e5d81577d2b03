import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  COURSE_VAE,
  interpolate,
  klPerLatent,
  PYTORCH_VAE,
  reconstructionNats,
  reparameterise,
  Vae,
} from '../../lib/models/vae';
import { Adam } from '../../lib/nn';
import { compile, random, tf } from '../../lib/runtime';
import reference from './fixtures/vae-784-400-20.json';

const close = (actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, what = '') => {
  assert.equal(actual.length, expected.length, `${what}: length`);
  for (let i = 0; i < actual.length; i++) {
    const allowed = tolerance * Math.max(1, Math.abs(expected[i]));
    assert.ok(Math.abs(actual[i] - expected[i]) <= allowed, `${what}[${i}]: ${actual[i]}, expected ${expected[i]}`);
  }
};

/** The formula of fixtures/make_vae_reference.py. */
const wave = (count: number, seed: number, size: number) =>
  Float32Array.from({ length: count }, (_, i) => size * Math.sin(0.7 * i + seed));

const TINY = { pixels: 6, hidden: [5, 4], latent: 3 };

describe('closed forms', () => {
  it('reparameterises the numbers of the lesson', () => {
    const mean = tf.tensor2d([[0.5, -1]]);
    const logVar = tf
      .tensor2d([[0.2, 0.3]])
      .log()
      .mul(2);
    close(reparameterise(mean, logVar, tf.tensor2d([[0.1, -0.2]])).dataSync(), [0.52, -1.06], 1e-6);
  });

  it('has KL ½ per latent for N(1, 1), 0 for the prior, and the formula elsewhere', () => {
    close(klPerLatent(tf.ones([7, 20]), tf.zeros([7, 20])).dataSync(), new Array(20).fill(0.5), 1e-6);
    close(klPerLatent(tf.zeros([7, 20]), tf.zeros([7, 20])).dataSync(), new Array(20).fill(0), 0);
    const logVar = Math.log(0.25);
    const expected = 0.5 * (4 + 0.25 - logVar - 1);
    close(klPerLatent(tf.fill([3, 1], -2), tf.fill([3, 1], logVar)).dataSync(), [expected], 1e-6);
  });

  it('pays 784 ln 2 nats when every logit is 0, whatever the picture', () => {
    const nats = reconstructionNats(tf.zeros([3, 784]), random.uniform([3, 784])).dataSync();
    close(nats, new Array(3).fill(784 * Math.LN2), 1e-6);
    assert.equal((784 * Math.LN2).toFixed(3), '543.427');
  });

  it('sums over pixels and latents, and averages over the batch', () => {
    const model = new Vae(TINY);
    const x = random.uniform([8, 6]);
    const eps = random.normal([8, 3]);
    const whole = model.negativeElbo(x, { eps });
    const halves = [0, 4].map(start => model.negativeElbo(x.slice([start], [4]), { eps: eps.slice([start], [4]) }));
    const mean = (halves[0].loss.dataSync()[0] + halves[1].loss.dataSync()[0]) / 2;
    close(whole.loss.dataSync(), [mean], 1e-5);
    const [loss, reconstruction, kl] = [whole.loss, whole.reconstruction, whole.kl].map(t => t.dataSync()[0]);
    close([loss], [reconstruction + kl], 1e-6);
    close(model.negativeElbo(x, { eps, beta: 4 }).loss.dataSync(), [reconstruction + 4 * kl], 1e-6);
  });

  it('knows log p(x) exactly where the decoder ignores z and the encoder answers with the prior', () => {
    const model = new Vae({ pixels: 784, hidden: [8], latent: 2 });
    for (const variable of model.parameters()) variable.assign(tf.zerosLike(variable));
    const x = random.uniform([3, 784]);
    for (const samples of [1, 7, 120]) {
      close(model.logLikelihood(x, samples).dataSync(), new Array(3).fill(-784 * Math.LN2), 1e-5, `K = ${samples}`);
    }
  });
});

describe('importance weights', () => {
  it('average to the ELBO', () => {
    random.seed(3);
    const model = new Vae(TINY);
    const x = random.uniform([4, 6]);
    const { kl } = model.negativeElbo(x);
    const K = 20_000;
    const mean = model.logWeights(x, K).mean().dataSync()[0];
    const { mean: mu, logVar } = model.encode(x);
    const z = reparameterise(mu.tile([K, 1]), logVar.tile([K, 1]));
    const nats = reconstructionNats(model.decode(z), x.tile([K, 1]))
      .mean()
      .dataSync()[0];
    close([-mean], [nats + kl.dataSync()[0]], 5e-3);
  });
});

describe('sizes', () => {
  it('counts as published and as taught', () => {
    assert.equal(new Vae(PYTORCH_VAE).parameterCount(), 652_824);
    assert.equal(new Vae(PYTORCH_VAE).parameterCount(), reference.parameters);
    assert.equal(new Vae(COURSE_VAE).parameterCount(), 1_526_800);
  });

  it('maps [B, 784] to 128 means and 128 log-variances and back', () => {
    const model = new Vae(COURSE_VAE);
    const { mean, logVar } = model.encode(tf.zeros([5, 784]));
    assert.deepEqual(
      [mean.shape, logVar.shape],
      [
        [5, 128],
        [5, 128],
      ],
    );
    assert.deepEqual(model.decode(mean).shape, [5, 784]);
    assert.deepEqual(model.sample(3).shape, [3, 784]);
    assert.deepEqual(model.reconstruct(tf.zeros([2, 784])).shape, [2, 784]);
  });

  it('says what it expected', () => {
    const model = new Vae(TINY);
    assert.throws(
      () => model.encode(tf.zeros([2, 28, 28, 1])),
      /expected flat pictures \[B, 6\], got \[2,28,28,1\]; reshape/,
    );
    assert.throws(() => model.decode(tf.zeros([2, 4])), /expected codes \[B, 3\], got \[2,4\]/);
    assert.throws(() => new Vae({ ...TINY, hidden: [] }), /at least one hidden layer/);
    assert.throws(() => model.logLikelihood(tf.zeros([2, 6]), 0), /samples must be/);
  });
});

describe('PyTorch 2.13 on the same weights', () => {
  const model = new Vae(PYTORCH_VAE);
  model.parameters().forEach((variable, k) => {
    const size = variable.rank === 2 ? 2 / Math.sqrt(variable.shape[1]!) : 0.1;
    variable.assign(tf.tensor(wave(variable.size, k, size), variable.shape));
  });
  const x = tf.tensor2d(wave(4 * 784, 3, 0.5), [4, 784]).add(0.5);
  const eps = tf.tensor2d(wave(4 * 20, 5, 1.5), [4, 20]);

  it('has the same names in the same order', () => {
    assert.deepEqual(
      model.namedParameters().map(([name]) => name),
      reference.names,
    );
  });

  it('computes the same mean, log-variance, z and logits', () => {
    const { mean, logVar } = model.encode(x);
    const z = reparameterise(mean, logVar, eps);
    close(mean.dataSync(), reference.mean, 1e-4, 'mean');
    close(logVar.dataSync(), reference.logVar, 1e-4, 'logVar');
    close(z.dataSync(), reference.z, 1e-4, 'z');
    close(model.decode(z).slice([0, 0], [4, 8]).dataSync(), reference.logits, 1e-4, 'logits');
  });

  it('computes the same two terms', () => {
    const { reconstruction, kl } = model.negativeElbo(x, { eps });
    close(reconstruction.dataSync(), [reference.reconstruction], 1e-5, 'reconstruction');
    close(kl.dataSync(), [reference.kl], 1e-5, 'kl');
  });

  it('computes the same gradients', () => {
    const { grads } = tf.variableGrads(() => model.negativeElbo(x, { eps }).loss, model.parameters());
    for (const [name, variable] of model.namedParameters()) {
      const expected = reference.gradients[name as keyof typeof reference.gradients];
      const grad = grads[variable.name];
      close([grad.norm().dataSync()[0]], [expected.norm], 1e-3, `${name} norm`);
      close(grad.flatten().slice(0, 8).dataSync(), expected.first, 1e-3, name);
    }
  });
});

describe('gradients', () => {
  it('agree with finite differences in every weight of a small net', () => {
    const model = new Vae({ ...TINY, activation: tf.tanh });
    const x = random.uniform([4, 6]);
    const eps = random.normal([4, 3]);
    const loss = () => model.negativeElbo(x, { eps }).loss;
    const { grads } = tf.variableGrads(loss, model.parameters());
    for (const [name, variable] of model.namedParameters()) {
      const direction = random.normal(variable.shape);
      const start = variable.clone();
      const h = 1e-2;
      const [above, below] = [h, -h].map(step => {
        variable.assign(start.add(direction.mul(step)));
        return loss().dataSync()[0];
      });
      variable.assign(start);
      const slope = grads[variable.name].mul(direction).sum().dataSync()[0];
      close([(above - below) / (2 * h)], [slope], 3e-3, name);
    }
  });
});

describe('in use', () => {
  it('learns: the bound of a few pictures falls far below its start, compiled', () => {
    random.seed(1);
    const model = new Vae({ pixels: 16, hidden: [32], latent: 2 });
    const adam = new Adam(model.parameters(), { learningRate: 1e-2 });
    const x = tf.tensor2d(
      Array.from({ length: 4 }, (_, r) => Array.from({ length: 16 }, (_, c) => Number(c >> 2 === r))),
    );
    const step = compile((x: tf.Tensor) => adam.minimize(() => model.negativeElbo(x)));
    const losses = Array.from({ length: 400 }, () => step(x).loss.dataSync()[0]);
    assert.ok(losses[0] > 9, `${losses[0]}`);
    assert.ok(losses[399] < 4, `${losses[399]}`);
  });

  it('tightens the bound with more samples', () => {
    random.seed(2);
    const model = new Vae(TINY);
    const x = random.uniform([200, 6]);
    const bound = (samples: number) => model.logLikelihood(x, samples, 16).mean().dataSync()[0];
    const [one, fifty] = [bound(1), bound(50)];
    assert.ok(fifty >= one, `${fifty} ≥ ${one}`);
    const elbo = tf.tidy(() => -model.negativeElbo(x.tile([50, 1])).loss.dataSync()[0]);
    assert.ok(Math.abs(one - elbo) < 0.2, `one sample is the ELBO: ${one}, ${elbo}`);
  });

  it('interpolates from end to end', () => {
    close(interpolate(tf.tensor1d([0, 2]), tf.tensor1d([1, 0]), 3).dataSync(), [0, 2, 0.5, 1, 1, 0], 1e-6);
  });

  it('frees what it uses', () => {
    const model = new Vae(TINY);
    const x = random.uniform([4, 6]);
    const calls: Record<string, () => tf.Tensor> = {
      sample: () => model.sample(2),
      reconstruct: () => model.reconstruct(x),
      logLikelihood: () => model.logLikelihood(x, 5, 2),
    };
    for (const [name, call] of Object.entries(calls)) {
      const before = tf.memory().numTensors;
      call().dispose();
      assert.equal(tf.memory().numTensors, before, name);
    }
    model.dispose();
  });
});
