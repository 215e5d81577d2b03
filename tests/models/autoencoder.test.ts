import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ImageSet, moved } from '../../lib/data';
import { AutoEncoder, COURSE_AUTOENCODER } from '../../lib/models/autoencoder';
import { linearMap, principalComponents } from '../../lib/models/linear';
import { Adam } from '../../lib/nn';
import { compile, HostRandom, random, tf } from '../../lib/runtime';
import reference from './linear-reference.json';

/** The formula of linear_reference.py. */
const wave = (n: number, seed: number, size = 1) =>
  Float32Array.from({ length: n }, (_, i) => size * Math.sin(0.7 * i + seed + 0.01 * i * i));

const close = (actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-5) => {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) {
    const allowed = tolerance * Math.max(1, Math.abs(expected[i]));
    assert.ok(Math.abs(actual[i] - expected[i]) <= allowed, `[${i}]: ${actual[i]}, expected ${expected[i]}`);
  }
};

describe('the auto-encoder', () => {
  it('counts as taught', () => {
    const layer = (i: number, o: number) => i * o + o;
    const half = (s: number[]) => s.slice(1).reduce((sum, o, k) => sum + layer(s[k], o), 0);
    const sizes = [784, 512, 256, 32];
    assert.equal(new AutoEncoder(COURSE_AUTOENCODER).parameterCount(), half(sizes) + half([...sizes].reverse()));
    assert.equal(new AutoEncoder(COURSE_AUTOENCODER).parameterCount(), 1_083_696);
  });

  it('packs and unpacks as NumPy does with the same weights', () => {
    const net = new AutoEncoder({ sizes: [6, 4, 2] });
    const layers = [...net.encoder, ...net.decoder];
    layers.forEach((layer, k) => {
      layer.weight.assign(tf.tensor(wave(layer.weight.size, k, 0.5), layer.weight.shape));
      layer.bias!.assign(tf.tensor(wave(layer.bias!.size, 10 + k, 0.1), layer.bias!.shape));
    });
    const x = tf.tensor2d(wave(18, 3), [3, 6]);
    const code = net.encode(x);
    close(code.dataSync(), reference.code.flat());
    close(net.decode(code).dataSync(), reference.back.flat());
    close(net.reconstruct(x).dataSync(), reference.back.flat());
    close(net.loss(x).dataSync(), [reference.loss]);
  });

  it('learns, compiled as eager', () => {
    const run = (compiled: boolean) => {
      random.seed(4);
      const net = new AutoEncoder({ sizes: [6, 4, 2] });
      const adam = new Adam(net.parameters(), { learningRate: 0.02 });
      const step = () => adam.minimize(() => net.loss(tf.tensor2d(wave(18, 3), [3, 6])));
      const once = compiled ? compile(step) : step;
      return Array.from({ length: 30 }, () => once().dataSync()[0]);
    };
    const losses = run(true);
    close(losses, run(false), 1e-4);
    assert.ok(losses[29] < losses[0] / 2);
  });

  it('leaves nothing behind but its answer', () => {
    const net = new AutoEncoder({ sizes: [6, 4, 2] });
    const x = tf.zeros([3, 6]);
    const before = tf.memory().numTensors;
    tf.dispose([net.encode(x), net.reconstruct(x)]);
    assert.equal(tf.memory().numTensors, before);
  });

  it('says what it expected', () => {
    const net = new AutoEncoder({ sizes: [6, 2] });
    assert.throws(() => net.encode(tf.zeros([3, 2, 3])), /expected \[B, 6\], got \[3,2,3\]/);
    assert.throws(() => new AutoEncoder({ sizes: [6] }), /name no code/);
  });
});

describe('straight lines', () => {
  const scaled = tf.tensor2d(wave(60, 1), [12, 5]).mul([3, 2, 1, 0.5, 0.2]).add([0, 1, 2, 3, 4]) as tf.Tensor2D;

  it('principal components are NumPy’s', () => {
    const pca = principalComponents(scaled, 5);
    close(pca.variances, reference.variances);
    close(pca.reconstruct(scaled, 2).dataSync(), reference.kept.flat(), 1e-4);
    close(pca.reconstruct(scaled, 5).dataSync(), scaled.dataSync(), 1e-4);
    const { directions } = pca;
    close(tf.matMul(directions, directions, true).dataSync(), tf.eye(5).dataSync());
    assert.throws(() => pca.encode(scaled, 6), /k must be 1 to 5 components, got 6/);
  });

  it('a few of many principal components are the first ones of all', () => {
    const x = tf.tidy(
      () => tf.matMul(random.normal([400, 30]) as tf.Tensor2D, tf.diag(tf.linspace(5, 0.1, 30))) as tf.Tensor2D,
    );
    const [few, all] = [principalComponents(x, 4), principalComponents(x, 30)];
    close(few.variances, all.variances.slice(0, 4), 1e-3);
    const error = (back: tf.Tensor) => back.sub(x).square().mean().dataSync()[0];
    close([error(few.reconstruct(x, 4))], [error(all.reconstruct(x, 4))], 1e-4);
    assert.throws(() => principalComponents(x, 31), /K must be 1 to 30 components, got 31/);
  });

  it('the best linear map is lstsq’s, with many pairs and with few', () => {
    const y = tf.tensor2d(wave(36, 2), [12, 3]);
    const check = (n: number, expected: number[][]) => {
      const { weight, bias } = linearMap(scaled.slice([0], [n]), y.slice([0], [n]));
      close([...weight.dataSync(), ...bias.dataSync()], expected.flat(), 1e-3);
    };
    check(12, reference.many);
    check(4, reference.few);
    assert.throws(() => linearMap(scaled, y.slice([0], [5])), /12 codes can't be paired with 5/);
  });
});

describe('moved pictures', () => {
  it('keep their ink inside of the frame, and lose what leaves it', () => {
    const set = new ImageSet(
      'dots',
      new Uint8Array(200 * 25).map((_, i) => (i % 25 === 12 ? 255 : 0)),
      new Uint8Array(200),
      5,
      5,
    );
    const places = (s: ImageSet) => Array.from({ length: s.count }, (_, i) => s.at(i).pixels.indexOf(255));
    const found = places(moved(set, 1, new HostRandom(1)));
    assert.deepEqual(new Set(found), new Set([6, 7, 8, 11, 12, 13, 16, 17, 18]));
    assert.deepEqual(found, places(moved(set, 1, new HostRandom(1))));
    const far = places(moved(set, 4, new HostRandom(1)));
    assert.ok(far.includes(-1) && far.includes(0) && far.includes(24));
  });

  it('do not wrap around the edge', () => {
    const white = new ImageSet('white', new Uint8Array(9 * 200).fill(255), new Uint8Array(200), 3, 3);
    const pictures = moved(white, 2, new HostRandom(2));
    const counts = Array.from({ length: 200 }, (_, i) => pictures.at(i).pixels.filter(Boolean).length);
    assert.deepEqual(new Set(counts), new Set([9, 6, 3, 4, 2, 1])); // (3 − |dy|) · (3 − |dx|)
  });
});
