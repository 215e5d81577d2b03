/** No plausible wrong number: shapes, ranges, NaN and ∞ in lib/nn. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as nn from '../../lib/nn';
import { compile, tf } from '../../lib/runtime';
import { checkSettings, checkShapes, NO_COUNT } from '../ranges';

const z = (...shape: number[]) => tf.zeros(shape);
const first = (tensor: tf.Tensor) => tensor.dataSync()[0];
const weight = () => tf.variable(tf.tensor1d([1, 2]));

test('wrong shapes are refused by every loss and metric, and by layers', async () => {
  await checkShapes({
    'mse of a column and a row': () => nn.mse(tf.tensor2d([[1], [2], [3]]), tf.tensor1d([1, 2, 3])),
    'mse of a scalar': () => nn.mse(z(3), tf.scalar(1)),
    'bce of [B, 1] and [B]': () => nn.binaryCrossEntropyWithLogits(z(3, 1), z(3)),
    'cross-entropy, labels [B, 1]': () => nn.softmaxCrossEntropy(z(3, 2), z(3, 1)),
    'cross-entropy, one-hot labels': () => nn.softmaxCrossEntropy(z(3, 2), z(3, 2)),
    'cross-entropy, flat logits': () => nn.softmaxCrossEntropy(z(3), z(3)),
    'cross-entropy, more labels': () => nn.softmaxCrossEntropy(z(3, 2), z(4)),
    'log-probabilities, one-hot labels': () => nn.logProbsOf(z(2, 3, 4), z(2, 3, 4)),
    'log-probabilities, fewer labels': () => nn.logProbsOf(z(2, 3, 4), z(2)),
    'log-probabilities of a scalar': () => nn.logProbsOf(tf.scalar(1), tf.scalar(0)),
    'accuracy, labels [B, 1]': () => nn.accuracy(z(3, 2), z(3, 1)),
    'accuracy, one label': () => nn.accuracy(z(3, 2), z(1)),
    'accuracy, logits of sequences': () => nn.accuracy(z(3, 2, 2), z(3, 2)),
    'attention, other heads': () =>
      nn.attention(z(1, 2, 3, 4) as tf.Tensor4D, z(1, 1, 3, 4) as tf.Tensor4D, z(1, 2, 3, 4) as tf.Tensor4D),
    'attention, other lengths': () =>
      nn.attention(z(1, 2, 3, 4) as tf.Tensor4D, z(1, 2, 5, 4) as tf.Tensor4D, z(1, 2, 3, 4) as tf.Tensor4D),
    'attention, a mask that enlarges': () =>
      nn.attention(
        z(1, 2, 3, 4) as tf.Tensor4D,
        z(1, 2, 3, 4) as tf.Tensor4D,
        z(1, 2, 3, 4) as tf.Tensor4D,
        z(5, 1, 3, 3),
      ),
    'attention, a mask of whole numbers': () =>
      nn.attention(
        z(1, 2, 3, 4) as tf.Tensor4D,
        z(1, 2, 3, 4) as tf.Tensor4D,
        z(1, 2, 3, 4) as tf.Tensor4D,
        tf.ones([3, 3], 'int32'),
      ),
    'upsample2x of [H, W, C]': () => nn.upsample2x(z(2, 2, 1)),
    'layer norm of another width': () => new nn.LayerNorm(3).forward(z(2, 1)),
    'RMS norm of another width': () => new nn.RmsNorm(3).forward(z(2, 1)),
    'maskAfter of positions [1, T]': () => nn.maskAfter(z(1, 3), 3),
    'batch norm of another width': () => new nn.BatchNorm2d(3).forward(z(2, 2, 2, 1)),
    'split of [T, C]': () => nn.splitHeads(z(4, 4), 2),
  });
});

test('settings outside of their range are refused, and those inside are not', async () => {
  const counts = { wrong: NO_COUNT, right: [1, 4] };
  await checkSettings([
    ...['inputs', 'outputs'].map(name => ({
      name: `Linear ${name}`,
      use: (n: number) => (name === 'inputs' ? new nn.Linear(n, 4) : new nn.Linear(4, n)),
      ...counts,
    })),
    { name: 'RmsNorm width', use: n => new nn.RmsNorm(n), ...counts },
    { name: 'RmsNorm epsilon', use: e => new nn.RmsNorm(2, e), wrong: [0, -1], right: [1e-6] },
    { name: 'maskAfter columns', use: n => nn.maskAfter(z(3), n), ...counts },
    { name: 'Conv2d kernel', use: n => new nn.Conv2d(1, 1, n), ...counts },
    { name: 'Conv2d stride', use: stride => new nn.Conv2d(1, 1, 3, { stride }), ...counts },
    { name: 'Conv2d padding', use: padding => new nn.Conv2d(1, 1, 3, { padding }), wrong: [-1, 0.5], right: [0, 1] },
    { name: 'ConvTranspose2d stride', use: stride => new nn.ConvTranspose2d(1, 1, 4, { stride }), ...counts },
    { name: 'convOut stride', use: stride => nn.convOut(28, 3, { stride }), ...counts },
    { name: 'Embedding count', use: n => new nn.Embedding(n, 2), ...counts },
    { name: 'GroupNorm groups', use: n => new nn.GroupNorm(n, 4), ...counts },
    { name: 'GroupNorm epsilon', use: e => new nn.GroupNorm(2, 4, e), wrong: [0, -1], right: [1e-6] },
    { name: 'LayerNorm epsilon', use: e => new nn.LayerNorm(4, e), wrong: [0, -1], right: [1e-6] },
    { name: 'BatchNorm2d momentum', use: m => new nn.BatchNorm2d(4, 1e-5, m), wrong: [-0.1, 1.1], right: [0, 0.1, 1] },
    { name: 'Dropout', use: rate => new nn.Dropout(rate), wrong: [-0.1, 1, 2], right: [0, 0.99] },
    {
      name: 'Ema decay',
      use: decay => new nn.Ema(new nn.Linear(1, 1), decay),
      wrong: [-0.1, 1, 2],
      right: [0, 0.9999],
    },
    {
      name: 'Adam learning rate',
      use: r => new nn.Adam([weight()], { learningRate: r }),
      wrong: [0, -1],
      right: [1e-9, 3],
    },
    { name: 'Adam beta1', use: beta1 => new nn.Adam([weight()], { beta1 }), wrong: [-0.1, 1, 2], right: [0, 0.9] },
    { name: 'Adam beta2', use: beta2 => new nn.Adam([weight()], { beta2 }), wrong: [-0.1, 1, 2], right: [0, 0.999] },
    { name: 'Adam epsilon', use: epsilon => new nn.Adam([weight()], { epsilon }), wrong: [0, -1], right: [1e-12] },
    {
      name: 'Adam weightDecay',
      use: weightDecay => new nn.Adam([weight()], { weightDecay }),
      wrong: [-1],
      right: [0, 0.1],
    },
    { name: 'Adam clipNorm', use: clipNorm => new nn.Adam([weight()], { clipNorm }), wrong: [0, -1], right: [1] },
    { name: 'Sgd learning rate', use: r => new nn.Sgd([weight()], { learningRate: r }), wrong: [0, -1], right: [0.1] },
    { name: 'Sgd momentum', use: momentum => new nn.Sgd([weight()], { momentum }), wrong: [-0.1, 1], right: [0, 0.9] },
    { name: 'Sgd clipNorm', use: clipNorm => new nn.Sgd([weight()], { clipNorm }), wrong: [0, -1], right: [1] },
    { name: 'clipByGlobalNorm', use: most => nn.clipByGlobalNorm([tf.ones([2])], most), wrong: [0, -1], right: [1] },
    { name: 'kaimingUniform', use: fan => nn.kaimingUniform([2, 2], fan), wrong: [0, -1], right: [2] },
    { name: 'heNormal', use: fan => nn.heNormal([2, 2], fan), wrong: [0, -1], right: [2] },
    { name: 'xavierUniform', use: fan => nn.xavierUniform([2, 2], 2, fan), wrong: [0, -1], right: [2] },
    { name: 'causalMask', use: T => nn.causalMask(T), ...counts },
    { name: 'splitHeads', use: heads => nn.splitHeads(z(1, 2, 4), heads), ...counts },
    {
      name: 'a label',
      use: y => nn.softmaxCrossEntropy(z(1, 3), tf.tensor1d([y])),
      wrong: [-1, 3, 0.5],
      right: [0, 2],
    },
    {
      name: 'a label of accuracy',
      use: y => nn.accuracy(z(1, 3), tf.tensor1d([y])),
      wrong: [-1, 3, 0.5],
      right: [0, 2],
    },
    {
      name: 'an id',
      use: id => new nn.Embedding(3, 2).forward(tf.tensor2d([[id]])),
      wrong: [-1, 3, 0.5],
      right: [0, 2],
    },
  ]);
});

test('inside a compiled step, where nobody can look, a wrong label makes NaN and no number', () => {
  const labels = (...values: number[]) => tf.tensor1d(values);
  const loss = compile((x: tf.Tensor, y: tf.Tensor) => nn.softmaxCrossEntropy(x, y));
  const share = compile((x: tf.Tensor, y: tf.Tensor) => nn.accuracy(x, y));
  const x = tf.tensor2d([
    [1, 2, 3],
    [3, 2, 1],
  ]);
  for (const wrong of [3, -1, 0.5, Number.NaN]) {
    assert.ok(Number.isNaN(first(loss(x, labels(0, wrong)))), `loss of ${wrong}`);
    assert.ok(Number.isNaN(first(share(x, labels(0, wrong)))), `accuracy of ${wrong}`);
  }
  assert.equal(first(share(x, labels(2, 1))), 0.5);
  assert.equal(first(loss(x, labels(2, 1))), first(nn.softmaxCrossEntropy(x, labels(2, 1))));
  const table = new nn.Embedding(3, 2);
  const rows = compile((ids: tf.Tensor) => table.forward(ids))(labels(1, 1.5));
  assert.deepEqual([...rows.dataSync()].map(Number.isNaN), [false, false, true, true]);
});

test('cross-entropy with infinite logits, values and gradients, as PyTorch has them', () => {
  const never = Number.NEGATIVE_INFINITY;
  const loss = (logits: number[], label: number) =>
    first(nn.softmaxCrossEntropy(tf.tensor2d([logits]), tf.tensor1d([label], 'int32')));
  assert.equal(loss([0, never], 0) + 0, 0);
  assert.equal(loss([0, never], 1), Number.POSITIVE_INFINITY);
  assert.ok(Math.abs(loss([0, 0, never], 1) - Math.LN2) < 1e-6);
  const slope = tf.grad((x: tf.Tensor) => nn.softmaxCrossEntropy(x, tf.tensor1d([1], 'int32')));
  assert.deepEqual([...slope(tf.tensor2d([[0, 0, never]])).dataSync()], [0.5, -0.5, 0]);
});

test('accuracy: rows of NaN are never right', () => {
  const labels = tf.tensor1d([0, 0], 'int32');
  assert.equal(first(nn.accuracy(tf.fill([2, 3], Number.NaN), labels)), 0);
  assert.equal(
    first(
      nn.accuracy(
        tf.tensor2d([
          [5, 1],
          [Number.NaN, 0],
        ]),
        labels,
      ),
    ),
    0.5,
  );
});

test('attention: truth values hide, and a question that may look nowhere is answered with zeros, gradients too', () => {
  const q = tf.ones([1, 1, 3, 2]) as tf.Tensor4D;
  const v = tf.tensor4d([1, 10, 2, 20, 4, 40], [1, 1, 3, 2]);
  const look = tf.tensor2d([1, 0, 0, 1, 1, 0, 0, 0, 0], [3, 3], 'bool');
  const expected = [1, 10, 1.5, 15, 0, 0];
  for (const hide of [-1e9, Number.NEGATIVE_INFINITY]) {
    const added = tf.where(look, tf.zeros([3, 3]), tf.fill([3, 3], hide));
    for (const mask of [look, added]) {
      const answer = (w: tf.Tensor) => nn.attention(q, q, w as tf.Tensor4D, mask);
      assert.deepEqual([...answer(v).dataSync()], expected);
      assert.deepEqual([...compile(answer)(v).dataSync()], expected);
      const slope = tf.grad((w: tf.Tensor) => answer(w).sum())(v);
      assert.deepEqual([...slope.dataSync()], [1.5, 1.5, 0.5, 0.5, 0, 0]);
    }
  }
  const causal = nn.attention(q, q, v, nn.causalMask(3)).dataSync();
  assert.ok(Math.abs(causal[4] - 7 / 3) < 1e-6 && causal[0] === 1);
});

test('a loss or gradient that is no number moves nothing: weights, memory and step stay, and the loss says so', () => {
  const broken = (p: tf.Tensor, at: tf.Tensor) => p.mul(at).sqrt().sum() as tf.Scalar; // at 0: value 0, slope ∞·0
  const makers: Record<string, (p: tf.Variable[]) => nn.Optimiser> = {
    adam: p => new nn.Adam(p, { learningRate: 0.1 }),
    adamw: p => new nn.Adam(p, { learningRate: 0.1, weightDecay: 0.1 }),
    clipped: p => new nn.Adam(p, { learningRate: 0.1, clipNorm: 1 }),
    sgd: p => new nn.Sgd(p, { learningRate: 0.1 }),
    momentum: p => new nn.Sgd(p, { learningRate: 0.1, momentum: 0.9, clipNorm: 1 }),
  };
  for (const [name, make] of Object.entries(makers)) {
    for (const whole of [false, true]) {
      const p = tf.variable(tf.tensor1d([1, 2]));
      const optimiser = make([p]);
      const plain = (at: tf.Tensor) => optimiser.minimize(() => ({ loss: broken(p, at), size: p.sum() as tf.Scalar }));
      const step = whole ? compile(plain) : plain;
      const [good, bad] = [tf.tensor1d([1, 1]), tf.tensor1d([1, 0])];
      const state = () =>
        JSON.stringify([...p.dataSync(), ...Object.values(optimiser.state()).flatMap(t => [...t.dataSync()])]);
      const fresh = state();
      assert.ok(Number.isNaN(first(step(bad).loss)), `${name}: the loss of a bad step`);
      assert.equal(state(), fresh, `${name}: the very first step was bad`);
      assert.ok(Math.abs(first(step(good).loss) - (1 + Math.SQRT2)) < 1e-6);
      const after = state();
      assert.notEqual(after, fresh);
      const out = step(bad);
      assert.ok(Number.isNaN(first(out.loss)) && Number.isFinite(first(out.size)));
      assert.equal(state(), after, `${name}: a bad step moved something`);
      assert.ok(Number.isFinite(first(step(good).loss)));
    }
  }
});
