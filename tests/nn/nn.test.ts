/** Layers, functions, losses and optimisers against PyTorch (reference.json, made by reference.py) and closed forms. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import * as nn from '../../lib/nn';
import { random, tf } from '../../lib/runtime';
import { newFolder } from '../folder';
import { readPacked } from '../packed';

interface Packed {
  shape: number[];
  data: number[];
}
interface LayerReference {
  x: Packed;
  y: Packed;
  dx?: Packed;
  state: Record<string, Packed>;
  grads: Record<string, Packed>;
}
const reference = readPacked<{
  layers: Record<string, LayerReference>;
  functions: Record<string, Packed>;
  losses: { logits: Packed; labels: number[]; target: Packed; cross_entropy: number; bce: Packed };
  optimisers: Record<string, number[][]>;
}>(__dirname, 'reference.json');

const unpack = ({ shape, data }: Packed) => tf.tensor(data, shape, 'float32');

function close(actual: tf.Tensor, expected: Packed | tf.Tensor, tolerance = 2e-5, what = ''): void {
  assert.deepEqual(actual.shape, expected.shape, `${what} shape`);
  const a = actual.dataSync();
  const b = expected instanceof tf.Tensor ? expected.dataSync() : expected.data;
  for (let i = 0; i < a.length; i++) {
    assert.ok(Math.abs(a[i] - b[i]) <= tolerance * Math.max(1, Math.abs(b[i])), `${what}[${i}]: ${a[i]} ≠ ${b[i]}`);
  }
}

const layers: Record<string, () => nn.Layer> = {
  linear: () => new nn.Linear(5, 3),
  conv_same: () => new nn.Conv2d(4, 3, 3, { padding: 1 }),
  conv_stride2: () => new nn.Conv2d(4, 3, 3, { stride: 2, padding: 1 }),
  conv_valid: () => new nn.Conv2d(4, 3, 5, { bias: false }),
  conv_transpose: () => new nn.ConvTranspose2d(4, 3, 4, { stride: 2, padding: 1 }),
  group_norm: () => new nn.GroupNorm(2, 4),
  layer_norm: () => new nn.LayerNorm(5),
  batch_norm: () => new nn.BatchNorm2d(4),
  embedding: () => new nn.Embedding(7, 3),
};

for (const [name, make] of Object.entries(layers)) {
  test(`${name}: output, input gradient and weight gradients equal PyTorch's`, () => {
    const expected = reference.layers[name];
    const layer = make();
    const training = name === 'batch_norm';
    const state = Object.fromEntries(Object.entries(expected.state).map(([key, value]) => [key, unpack(value)]));
    if (training) {
      // PyTorch's file holds the running statistics after the pass; start from fresh ones and compare below
      state.running_mean = tf.zeros([4]);
      state.running_var = tf.ones([4]);
    }
    layer.loadStateDict(state);
    const x = unpack(expected.x);
    const loss = (input: tf.Tensor) => tf.sin(layer.forward(input, training)).sum() as tf.Scalar;
    close(layer.forward(x, false), training ? layer.forward(x, false) : expected.y, 2e-5, 'y');
    const { grads } = nn.valuesAndGradients(() => loss(x), layer.parameters());
    const named = layer.namedParameters().filter(([, variable]) => variable.trainable);
    named.forEach(([key], i) => {
      const permutation = /conv/.test(name) && key === 'weight' ? [3, 2, 0, 1] : undefined;
      close(permutation ? tf.transpose(grads[i], permutation) : grads[i], expected.grads[key], 5e-5, `grad ${key}`);
    });
    if (expected.dx) close(tf.grad(loss)(x), expected.dx, 5e-5, 'dx');
  });
}

test('batch norm: running statistics after one batch, and evaluation with them', () => {
  const expected = reference.layers.batch_norm;
  const layer = new nn.BatchNorm2d(4);
  layer.weight.assign(unpack(expected.state.weight));
  layer.bias.assign(unpack(expected.state.bias));
  close(layer.forward(unpack(expected.x), true), expected.y, 2e-5, 'training output');
  close(layer.running_mean, expected.state.running_mean, 1e-5, 'running mean');
  close(layer.running_var, expected.state.running_var, 1e-5, 'running variance');
});

test('activations and losses equal PyTorch', () => {
  const x = unpack(reference.functions.x);
  close(nn.silu(x), reference.functions.silu);
  close(nn.gelu(x), reference.functions.gelu);
  close(nn.geluTanh(x), reference.functions.geluTanh);
  const { logits, labels, target, cross_entropy, bce } = reference.losses;
  const loss = nn.softmaxCrossEntropy(unpack(logits), tf.tensor1d(labels, 'int32'));
  assert.ok(Math.abs(loss.dataSync()[0] - cross_entropy) < 1e-5);
  close(nn.binaryCrossEntropyWithLogits(unpack(logits), unpack(target)), bce);
});

test('cross-entropy stays finite for logits of ±1000, and is 784 ln 2 for an undecided picture', () => {
  const extreme = nn.binaryCrossEntropyWithLogits(tf.tensor1d([1000, -1000]), tf.tensor1d([0, 0])).dataSync();
  assert.deepEqual([...extreme], [1000, 0]);
  const undecided = nn
    .binaryCrossEntropyWithLogits(tf.zeros([1, 784]), random.uniform([1, 784]))
    .sum()
    .dataSync()[0];
  assert.ok(Math.abs(undecided - 784 * Math.LN2) < 1e-3, `${undecided}`);
});

const start = [1, -2, 3];
const optimisers: Record<string, (p: tf.Variable[]) => nn.Optimiser> = {
  sgd: p => new nn.Sgd(p, { learningRate: 0.05 }),
  momentum: p => new nn.Sgd(p, { learningRate: 0.05, momentum: 0.9 }),
  adam: p => new nn.Adam(p, { learningRate: 0.1 }),
  adamw: p => new nn.Adam(p, { learningRate: 0.1, weightDecay: 0.1 }),
  adam_clipped: p => new nn.Adam(p, { learningRate: 0.1, clipNorm: 1 }),
  sgd_clipped: p => new nn.Sgd(p, { learningRate: 0.1, clipNorm: 1 }),
};
const bowl = (p: tf.Tensor) =>
  p
    .sub(0.5)
    .square()
    .mul(tf.tensor1d([1, 2, 3]))
    .sum() as tf.Scalar;

for (const [name, make] of Object.entries(optimisers)) {
  test(`optimiser ${name}: five steps equal PyTorch's`, () => {
    const p = tf.variable(tf.tensor1d(start));
    const optimiser = make([p]);
    const before = tf.memory().numTensors;
    for (const expected of reference.optimisers[name]) {
      optimiser.minimize(() => bowl(p)).dispose();
      close(p, { shape: [3], data: expected }, 2e-5, name);
    }
    assert.equal(tf.memory().numTensors, before, 'an optimiser step leaks tensors');
  });
}

test('minimize returns the scalars that the loss reports beside itself', () => {
  const p = tf.variable(tf.tensor1d(start));
  const optimiser = new nn.Adam([p]);
  const before = tf.memory().numTensors;
  const out = optimiser.minimize(() => ({ loss: bowl(p), largest: p.max() as tf.Scalar }));
  assert.equal(out.largest.dataSync()[0], 3);
  assert.ok(Math.abs(out.loss.dataSync()[0] - (0.25 + 12.5 + 18.75)) < 1e-5);
  tf.dispose(out);
  assert.equal(tf.memory().numTensors, before);
});

test('optimiser state restores the path exactly', () => {
  const p = tf.variable(tf.tensor1d(start));
  const optimiser = new nn.Adam([p], { learningRate: 0.1 });
  optimiser.minimize(() => bowl(p)).dispose();
  const state = optimiser.state();
  const at = p.clone();
  optimiser.minimize(() => bowl(p)).dispose();
  const expected = p.clone();
  p.assign(at);
  optimiser.load(state);
  optimiser.minimize(() => bowl(p)).dispose();
  assert.deepEqual(p.dataSync(), expected.dataSync());
});

class Net extends nn.Module {
  readonly conv = new nn.Conv2d(1, 2, 3, { padding: 1 });
  readonly head = new nn.Sequential(new nn.Linear(2, 3), nn.silu, new nn.Linear(3, 1));
  readonly blocks = [new nn.Linear(2, 2), new nn.GroupNorm(1, 2)];
  readonly width = 5;
}

test('parameters are found and named by the path of fields', () => {
  const net = new Net();
  assert.deepEqual(
    net.namedParameters().map(([name]) => name),
    [
      'conv.weight', 'conv.bias', 'head.0.weight', 'head.0.bias', 'head.2.weight', 'head.2.bias',
      'blocks.0.weight', 'blocks.0.bias', 'blocks.1.weight', 'blocks.1.bias',
    ], // biome-ignore format: one row a layer
  );
  assert.equal(net.parameterCount(), 20 + 9 + 4 + 6 + 4);
});

test('weights survive a safetensors file; a foreign file is refused and changes nothing', () => {
  const file = path.join(newFolder('weights'), 'net.safetensors');
  const [a, b] = [new Net(), new Net()];
  nn.saveModule(file, a, { seed: '1' });
  assert.deepEqual(nn.loadModule(file, b), { seed: '1' });
  a.namedParameters().forEach(([name, variable], i) => {
    assert.deepEqual(variable.dataSync(), b.namedParameters()[i][1].dataSync(), name);
  });
  const other = new nn.Linear(2, 3);
  const weights = other.weight.dataSync().slice();
  assert.throws(() => nn.loadModule(file, other), /does not fit Linear: unknown weights blocks/);
  assert.deepEqual(other.weight.dataSync(), weights);
  assert.throws(
    () => a.loadStateDict({ ...b.stateDict(), 'conv.bias': tf.zeros([9]) }),
    /conv.bias: expected \[2\], got \[9\]/,
  );
});

test('the same seed gives the same weights', () => {
  random.seed(7);
  const first = new nn.Linear(4, 4).weight.dataSync();
  random.seed(7);
  assert.deepEqual(new nn.Linear(4, 4).weight.dataSync(), first);
  assert.notDeepEqual(new nn.Linear(4, 4).weight.dataSync(), first);
});

test('initialisers have the variances that their papers give', () => {
  const variance = (t: tf.Tensor) => tf.moments(t).variance.dataSync()[0];
  assert.ok(Math.abs(variance(nn.heNormal([400, 400], 400)) * 200 - 1) < 0.03);
  assert.ok(Math.abs(variance(nn.xavierUniform([400, 300], 300, 400)) * 350 - 1) < 0.03);
  assert.ok(Math.abs(variance(nn.kaimingUniform([400, 400], 400)) * 1200 - 1) < 0.03);
});

test('averaged weights: the closed form, swapping in and out', async () => {
  const layer = new nn.Linear(1, 1, { bias: false });
  layer.weight.assign(tf.tensor2d([[0]]));
  const ema = new nn.Ema(layer, 0.9);
  layer.weight.assign(tf.tensor2d([[1]]));
  for (let i = 0; i < 3; i++) ema.update();
  const inside = await ema.with(() => layer.weight.dataSync()[0]);
  assert.ok(Math.abs(inside - (1 - 0.9 ** 3)) < 1e-6);
  assert.equal(layer.weight.dataSync()[0], 1);
});

test('dropout keeps the mean, is off outside training, and differs from call to call', () => {
  const dropout = new nn.Dropout(0.25);
  const x = tf.ones([200, 200]);
  const [a, b] = [dropout.forward(x, true), dropout.forward(x, true)];
  assert.ok(Math.abs(a.mean().dataSync()[0] - 1) < 0.02);
  assert.notDeepEqual(a.dataSync(), b.dataSync());
  assert.equal(dropout.forward(x, false), x);
});

test('upsample2x repeats pixels; convOut follows the formula', () => {
  const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
  assert.deepEqual([...nn.upsample2x(x).dataSync()], [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
  assert.equal(nn.convOut(28, 5), 24);
  assert.equal(nn.convOut(224, 7, { stride: 2, padding: 3 }), 112);
  assert.equal(nn.convOut(32, 3, { stride: 2, padding: 1 }), 16);
});

test('bad inputs are refused with what was expected', () => {
  assert.throws(() => new nn.Linear(4, 2).forward(tf.zeros([2, 5])), /Linear expected \[..., 4\], got \[2,5\]/);
  assert.throws(() => new nn.Conv2d(3, 2, 3).forward(tf.zeros([1, 8, 8, 1])), /expected images \[B, H, W, 3\]/);
  assert.throws(() => new nn.GroupNorm(3, 4), /4 channels can't be split into 3/);
  assert.throws(() => new nn.Adam([]), /nothing to optimise/);
  assert.throws(() => new nn.Adam([tf.variable(tf.scalar(1))], { learningRate: -1 }), /learning rate must be positive/);
  assert.throws(() => nn.softmaxCrossEntropy(tf.zeros([2, 3]), tf.zeros([3])), /expected logits \[B, K\]/);
});
