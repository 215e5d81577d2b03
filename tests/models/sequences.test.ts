/** RNN, GRU and LSTM against torch, BERT and T5 against transformers: small random weights, loaded by name; published sizes. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import * as m from '../../lib/models';
import { attentionMaps, loadModule, type Module, readTensors, valuesAndGradients } from '../../lib/nn';
import { random, shapesOnly, tf } from '../../lib/runtime';

const FIXTURES = path.join(__dirname, 'fixtures');

/** Largest difference within a tolerance, in parts of the largest value expected. */
function close(actual: tf.Tensor, expected: tf.Tensor, tolerance: number, what: string): void {
  assert.deepEqual(actual.shape, expected.shape, what);
  const most = (x: tf.Tensor) => x.abs().max().dataSync()[0];
  const apart = most(actual.sub(expected)) / Math.max(1e-3, most(expected));
  assert.ok(apart < tolerance, `${what}: ${apart} apart`);
}

/** Loads the weights, and compares loss and gradients. */
function load(name: string, net: Module): Record<string, tf.Tensor> {
  loadModule(path.join(FIXTURES, `${name}.safetensors`), net);
  return readTensors(path.join(FIXTURES, `${name}-expected.safetensors`)).tensors;
}

function compare(net: Module, loss: () => tf.Scalar, expected: Record<string, tf.Tensor>): void {
  const named = net.namedParameters().filter(([name]) => expected[`grad.${name}`]);
  const { value, grads } = valuesAndGradients(
    loss,
    named.map(([, variable]) => variable),
  );
  close(value, expected.loss, 1e-4, 'loss');
  for (const [i, [name]] of named.entries()) close(grads[i], expected[`grad.${name}`], 1e-3, name);
  assert.equal(named.length, Object.keys(expected).filter(name => name.startsWith('grad.')).length);
}

for (const [name, make] of Object.entries({ rnn: m.Rnn, gru: m.Gru, lstm: m.Lstm })) {
  test(`${name}: states and gradients equal torch's, weights loaded by name`, () => {
    const net = new make({ inputs: 3, width: 4, layers: 2 });
    const expected = load(name, net);
    const [h, c] = tf.unstack(expected.start) as tf.Tensor3D[];
    const run = () => {
      const { outputs, state } = net.forward(expected.x, name === 'lstm' ? { h, c } : { h });
      return { outputs, last: tf.stack(state.c ? [state.h, state.c] : [state.h]) };
    };
    close(run().outputs, expected.outputs, 1e-4, 'outputs');
    close(run().last, expected.last, 1e-4, 'last states');
    const loss = () => {
      const { outputs, last } = run();
      return outputs.sin().sum().add(last.cos().sum()) as tf.Scalar;
    };
    compare(net, loss, expected);
  });
}

test('recurrence: halves of a text are the whole one, nudges give the gradients of states, the forget bias is set', () => {
  random.seed(2);
  const net = new m.TextRnn({ kind: 'lstm', vocab: 7, embedding: 3, width: 4, layers: 2 }, { forgetBias: 1 });
  const ids = tf.tensor2d([[1, 2, 3, 4, 5, 6]], [1, 6], 'int32');
  const [a, b] = tf.split(ids, 2, 1);
  const first = net.forward(a);
  const second = net.forward(b, first.state);
  close(tf.concat([first.logits, second.logits], 1), net.forward(ids).logits, 1e-5, 'logits');
  const fields = net.rnn as unknown as Record<string, tf.Variable>;
  const both = fields.bias_ih_l1.add(fields.bias_hh_l1).dataSync();
  assert.deepEqual([...both.slice(4, 8)], [1, 1, 1, 1]);
  assert.ok([...both.slice(0, 4), ...both.slice(8)].every(value => value !== 1));

  const rnn = new m.Rnn({ inputs: 2, width: 3 });
  const x = random.normal([1, 5, 2]);
  const nudge = tf.variable(tf.zeros([1, 5, 3]));
  const loss = () => tf.slice(rnn.forward(x, undefined, nudge).outputs, [0, 4, 0], [1, 1, 3]).sum() as tf.Scalar;
  const gradient = valuesAndGradients(loss, [nudge]).grads[0].reshape([5, 3]);
  const weight = (rnn as unknown as Record<string, tf.Variable>).weight_hh_l0 as tf.Tensor2D;
  const state = tf.slice(rnn.forward(x).outputs, [0, 4, 0], [1, 1, 3]).reshape([1, 3]);
  const byHand = tf.matMul(tf.sub(1, state.square()) as tf.Tensor2D, weight).flatten(); // ∂h₅/∂h₄ = diag(1 − h²)·U
  close(tf.slice(gradient, [4, 0], [1, 3]).flatten(), tf.ones([3]), 1e-6, '∂L/∂h₅');
  close(tf.slice(gradient, [3, 0], [1, 3]).flatten(), byHand, 1e-5, '∂L/∂h₄');
  assert.throws(() => rnn.forward(tf.zeros([1, 5, 3])), /expected a sequence \[B, T, 2\], got \[1, 5, 3\]/);
  assert.throws(() => rnn.forward(x, { h: tf.zeros([1, 2, 3]) }), /expected the state \[1, 1, 3\], got \[1, 2, 3\]/);
});

const BERT: m.BertConfig = { vocab: 13, context: 9, width: 8, hidden: 12, layers: 2, heads: 2 };

test('BERT: masked-LM logits, loss and gradients equal the reference', () => {
  const net = new m.BertForMaskedLm(BERT);
  const expected = load('bert', net);
  const { ids, seen, kinds, labels } = expected;
  close(net.forward(ids, { seen, kinds }), expected.logits, 1e-4, 'logits');
  const hidden = labels.greaterEqual(0);
  const loss = () => net.loss(ids, labels.maximum(0), hidden, { seen, kinds });
  compare(net, loss, expected);
  const [map] = attentionMaps(() => net.forward(ids, { seen, kinds }));
  assert.equal(tf.slice(map, [1, 0, 0, 4], [1, 2, 6, 2]).max().dataSync()[0], 0, 'padding is looked at');
});

test('BERT: sequence, pooled vector, classes and gradients equal the reference', () => {
  const net = new m.BertClassifier(BERT, 3);
  const expected = load('bert-classifier', net);
  const { ids, seen, kinds } = expected;
  const sequence = net.bert.forward(ids, { seen, kinds });
  close(sequence, expected.sequence, 1e-4, 'sequence');
  close(net.bert.pooled(sequence), expected.pooled, 1e-4, 'pooled');
  close(net.forward(ids, { seen, kinds }), expected.logits, 1e-4, 'logits');
  compare(net, () => net.loss(ids, tf.tensor1d([2, 0], 'int32'), { seen, kinds }), expected);
});

const SMALL: Omit<m.T5Config, 'version'> = {
  vocab: 13,
  width: 8,
  headWidth: 3,
  heads: 2,
  hidden: 12,
  layers: 2,
  buckets: 8,
  maxDistance: 12,
};

for (const [name, version] of [
  ['t5', '1.0'],
  ['t5-v1.1', '1.1'],
] as const) {
  test(`T5 v${version}: encoder, logits, loss and gradients equal the reference`, () => {
    const net = new m.T5Model({ ...SMALL, version });
    const expected = load(name, net);
    const { ids } = expected;
    const seen = ids.notEqual(0).toInt();
    const answer = expected.labels.maximum(0);
    const read = net.encode(ids, seen);
    close(read, expected.sequence, 1e-4, 'sequence');
    const before = tf.tensor2d([0, 3, 9, 7, 4, 0, 8, 2, 1, 0], [2, 5], 'int32');
    close(net.decode(before, read, seen), expected.logits, 1e-4, 'logits');
    compare(net, () => net.loss(ids, answer, seen, false), expected);
    const alone = new m.T5Encoder({ ...SMALL, version });
    const state = Object.fromEntries(Object.entries(net.stateDict()).filter(([key]) => /^(shared|encoder)/.test(key)));
    close(alone.loadStateDict(state).forward(ids, seen), expected.sequence, 1e-4, 'the encoder alone');
  });
}

test("T5's kinds of distances are the reference's, at every border", () => {
  const table = JSON.parse(fs.readFileSync(path.join(FIXTURES, 't5-buckets.json'), 'utf8'));
  for (const [name, both] of [
    ['True', true],
    ['False', false],
  ] as const) {
    const mine = (table[name] as number[]).map((_, i) => m.distanceBucket(i - 140, both, 32, 128));
    assert.deepEqual(mine, table[name]);
  }
});

test('published sizes, by shapes', () => {
  const count = (make: () => Module) => shapesOnly(make).parameterCount();
  assert.equal(
    count(() => new m.Bert(m.BERT.base)),
    109_482_240,
  );
  assert.equal(
    count(() => new m.Bert(m.BERT.large)),
    335_141_888,
  );
  assert.equal(
    count(() => new m.T5Model(m.T5.small)),
    60_506_624,
  );
  assert.equal(
    count(() => new m.T5Model(m.T5.base11)),
    247_577_856,
  );
  assert.equal(
    count(() => new m.T5Encoder(m.T5.xxl11)),
    4_762_310_656,
  );
  assert.equal(
    count(() => new m.T5Model(m.T5.xxl11)),
    11_135_332_352,
  );
});

test('what does not fit is refused', () => {
  const bert = new m.Bert(BERT, { pooler: false });
  const t5 = new m.T5Model({ ...SMALL, version: '1.0' });
  const ids = (...shape: number[]) => tf.zeros(shape, 'int32');
  const refused: [() => unknown, RegExp][] = [
    [() => bert.forward(ids(1, 10)), /10 tokens do not fit the context of 9/],
    [() => bert.forward(ids(3)), /expected token ids \[B, T\], got \[3\]/],
    [() => bert.forward(ids(1, 3), { seen: ids(1, 4) }), /expected ids and seen of one shape/],
    [() => bert.pooled(tf.zeros([1, 3, 8])), /has no pooler/],
    [() => new m.Bert({ ...BERT, heads: 3 }), /width 8 can't be split into 3 equal heads/],
    [() => new m.T5Model({ ...SMALL, version: '2' as '1.0' }), /version is 2, expected '1.0' or '1.1'/],
    [() => t5.decode(ids(1, 2), tf.zeros([1, 3, 4])), /expected what was read \[1, S, 8\], got \[1, 3, 4\]/],
    [() => t5.loss(ids(1, 2), ids(2, 3)), /expected the answer \[1, T\], got \[2, 3\]/],
    [() => new m.Rnn({ inputs: 0, width: 3 }), /inputs must be/],
    [() => new m.TextRnn({ kind: 'rnn', vocab: 3, embedding: 1.5, width: 2 }), /embedding must be/],
  ];
  for (const [use, message] of refused) assert.throws(use, message);
});
