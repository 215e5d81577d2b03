import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DIGIT_VQ_VAE, VqVae } from '../../lib/models/vq-vae';
import { Adam, stopGradient } from '../../lib/nn';
import { compile, random, tf } from '../../lib/runtime';

const SMALL = { channels: 1, widths: [4, 6], width: 3, codes: 5 };
const near = (actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-5) => {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) {
    const allowed = tolerance * Math.max(1, Math.abs(expected[i]));
    assert.ok(Math.abs(actual[i] - expected[i]) <= allowed, `[${i}]: ${actual[i]}, expected ${expected[i]}`);
  }
};

function made(): { net: VqVae; x: tf.Tensor } {
  random.seed(5);
  const net = new VqVae(SMALL);
  const x = random.uniform([3, 8, 8, 1]); // 3 × 2 × 2 places
  net.startFrom(x);
  return { net, x };
}

describe('the vector-quantised auto-encoder', () => {
  it('has as many parameters as its layers say', () => {
    const conv = (i: number, o: number, k: number) => i * o * k * k + o;
    const { widths, width, codes } = DIGIT_VQ_VAE;
    const encoder = conv(1, widths[0], 4) + conv(widths[0], widths[1], 4) + conv(widths[1], width, 1);
    const decoder = conv(width, widths[1], 3) + conv(widths[1], widths[0], 4) + conv(widths[0], 1, 4);
    assert.equal(new VqVae(DIGIT_VQ_VAE).parameterCount(), encoder + decoder + codes * width);
  });

  it('takes the nearest word, as a plain search does', () => {
    const { net, x } = made();
    const { z, words, ids } = net.quantise(x);
    const answers = z.reshape([12, 3]).arraySync() as number[][];
    const dictionary = net.dictionary.arraySync() as number[][];
    const far = (a: number[], b: number[]) => a.reduce((sum, v, i) => sum + (v - b[i]) ** 2, 0);
    const found = answers.map(a => dictionary.map(word => far(a, word)));
    const expected = found.map(row => row.indexOf(Math.min(...row)));
    assert.deepEqual([...ids.dataSync()], expected);
    near(
      words.dataSync(),
      expected.flatMap(k => dictionary[k]),
    );
    assert.deepEqual([...net.encode(x).dataSync()], expected);
    assert.ok(new Set(expected).size > 1);
  });

  it('paints the same from numbers as from words', () => {
    const { net, x } = made();
    const ids = net.encode(x);
    const logits = net.decode(ids);
    assert.deepEqual(logits.shape, [3, 8, 8, 1]);
    const cost = tf.softplus(logits).sub(logits.mul(x)).sum([1, 2, 3]).mean();
    near(net.loss(x).reconstruction.dataSync(), cost.dataSync());
  });

  it('sends the gradient of the picture straight to the encoder, that of the distances where each belongs', () => {
    const { net, x } = made();
    const parts = (beta: number) => tf.variableGrads(() => net.loss(x, { beta }).loss, net.parameters());
    const { z, words } = net.quantise(x);
    const share = tf.oneHot(net.encode(x).flatten().toInt(), SMALL.codes).toFloat(); // [12, K]
    const apart = words.sub(z).reshape([12, 3]);
    const toWords = tf.matMul(share as tf.Tensor2D, apart as tf.Tensor2D, true).mul(2 / 3); // the mean over 3 pictures
    near(parts(0).grads[net.dictionary.name].dataSync(), toWords.dataSync());
    near(parts(7).grads[net.dictionary.name].dataSync(), toWords.dataSync());
    const last = net.encoder[2] as unknown as { bias: tf.Variable };
    const more = parts(1).grads[last.bias.name].sub(parts(0).grads[last.bias.name]); // of the commitment alone
    near(
      more.dataSync(),
      apart
        .mul(-2 / 3)
        .sum(0)
        .dataSync(),
      1e-4,
    );
  });

  it('jumps over the dictionary: at words of the encoder’s own answers the gradient is that of a plain auto-encoder', () => {
    random.seed(6);
    const net = new VqVae({ ...SMALL, codes: 4 });
    const x = random.uniform([1, 8, 8, 1]); // 4 places, 4 words: each place is a word
    net.startFrom(x);
    const plain = () => {
      let h: tf.Tensor = x;
      for (const [i, layer] of [...net.encoder, ...net.decoder].entries()) {
        h = layer.forward(i === 0 || i === net.encoder.length ? h : tf.relu(h));
      }
      return tf.softplus(h).sub(h.mul(x)).sum() as tf.Scalar;
    };
    const own = tf.variableGrads(() => net.loss(x).loss, net.parameters());
    const weights = net.parameters().filter(p => p !== net.dictionary);
    const expected = tf.variableGrads(plain, weights);
    near(own.value.dataSync(), expected.value.dataSync());
    for (const weight of weights) near(own.grads[weight.name].dataSync(), expected.grads[weight.name].dataSync(), 1e-4);
  });

  it('learns, compiled as eager, and leaves nothing behind', () => {
    const run = (compiled: boolean) => {
      const { net, x } = made();
      const adam = new Adam(net.parameters(), { learningRate: 0.01 });
      const step = () => adam.minimize(() => net.loss(x)).loss as tf.Tensor;
      const once = compiled ? compile(step) : () => tf.tidy(step);
      const losses = Array.from({ length: 20 }, () => once().dataSync()[0]);
      return losses;
    };
    const losses = run(true);
    near(losses, run(false), 1e-4);
    assert.ok(losses[19] < losses[0]);
    const { net, x } = made();
    const ids = net.encode(x);
    const before = tf.memory().numTensors;
    tf.dispose([net.encode(x), net.decode(ids)]);
    net.startFrom(x);
    assert.equal(tf.memory().numTensors, before);
  });

  it('refuses what is no picture and no word', () => {
    const { net } = made();
    assert.throws(() => net.encode(tf.zeros([8, 8])), /expected pictures \[B, H, W, 1\], got \[8, 8\]/);
    assert.throws(
      () => net.decode(tf.fill([1, 2, 2], 5, 'int32')),
      /word ids must be whole numbers from 0 to 4, got 5/,
    );
    assert.throws(() => new VqVae({ ...SMALL, codes: 0 }), /codes/);
  });
});

describe('a stopped gradient', () => {
  it('keeps the values and lets nothing back', () => {
    const x = tf.tensor1d([3, -2]);
    assert.deepEqual([...stopGradient(x).dataSync()], [3, -2]);
    near(
      tf
        .grad((y: tf.Tensor) => stopGradient(y).mul(y).sum())(x)
        .dataSync(),
      [3, -2],
    );
  });
});
