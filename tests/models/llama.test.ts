/** Llama and Qwen2 against transformers, from the files that it writes; the cache; published sizes. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { Decoder, Gpt, LLAMA, Llama, type LlamaConfig } from '../../lib/models';
import { attentionMaps, KeyValueCache, loadModule, readTensors, valuesAndGradients } from '../../lib/nn';
import { compile, random, shapesOnly, tf } from '../../lib/runtime';

const FIXTURES = path.join(__dirname, 'fixtures');
const SMALL = { vocab: 11, context: 64, hidden: 12, layers: 2, heads: 4, keyHeads: 2, headWidth: 4 };
const SCALING = { factor: 8, low: 1, high: 4, originalContext: 32 };
const CONFIGS: Record<string, LlamaConfig> = {
  'tiny-llama': { ...SMALL, width: 8, theta: 100, scaling: SCALING, tied: true },
  'tiny-qwen2': { ...SMALL, width: 16, theta: 10000, bias: true },
};

/** Largest difference, in parts of the largest value expected. */
function apart(actual: tf.Tensor, expected: tf.Tensor): number {
  assert.deepEqual(actual.shape, expected.shape);
  const most = (x: tf.Tensor) => tf.tidy(() => x.abs().max().dataSync()[0]);
  const difference = tf.sub(actual, expected);
  const largest = most(difference) / Math.max(1e-3, most(expected));
  difference.dispose();
  return largest;
}

for (const [name, config] of Object.entries(CONFIGS)) {
  test(`${name}: logits, loss and gradients equal transformers', weights loaded by name`, () => {
    const net = new Llama(config);
    loadModule(path.join(FIXTURES, name, 'model.safetensors'), net);
    const { tensors } = readTensors(path.join(FIXTURES, name, 'expected.safetensors'));
    const [now, next] = [0, 1].map(from => tf.slice(tensors.ids, [0, from], [2, 5]));
    assert.ok(apart(net.forward(now), tensors.logits) < 1e-4);
    const named = net.namedParameters();
    const loss = () => net.loss(now, next);
    const { value, grads } = valuesAndGradients(
      loss,
      named.map(([, variable]) => variable),
    );
    assert.ok(apart(value, tensors.loss) < 1e-4);
    assert.equal(named.length, Object.keys(tensors).filter(key => key.startsWith('grad.')).length);
    for (const [i, [key]] of named.entries()) assert.ok(apart(grads[i], tensors[`grad.${key}`]) < 1e-3, key);
  });
}

const models = {
  Llama: () => new Llama(CONFIGS['tiny-llama']),
  Qwen2: () => new Llama(CONFIGS['tiny-qwen2']),
  GPT: () => new Gpt({ vocab: 11, context: 64, layers: 2, heads: 4, width: 16 }),
};

for (const [name, make] of Object.entries(models)) {
  test(`${name}: cached logits equal those of the whole text, in pieces, token by token, over a growing cache`, () => {
    random.seed(3);
    const model = make();
    for (const weight of model.parameters()) weight.assign(random.normal(weight.shape, 0, 0.4));
    const ids = Array.from({ length: 2 }, (_, row) =>
      Array.from({ length: 60 }, (_, i) => (7 * i + 3 * row + i * i) % 11),
    );
    const whole = model.forward(tf.tensor2d(ids, [2, 60], 'int32')); // [2, 60, V]
    const decoder = new Decoder(model, { capacity: 33, batch: 2 });
    const most = whole.abs().max().dataSync()[0];
    let at = 0;
    for (const length of [5, 1, 1, 30, 1, 2, 1, 19]) {
      const logits = decoder.feed(ids.map(row => row.slice(at, at + length))); // [2, V]
      at += length;
      const expected = tf.slice(whole, [0, at - 1, 0], [2, 1, 11]).reshape([2, 11]);
      assert.ok(apart(logits, expected) * most < 1e-5 * Math.max(1, most), `after ${at}: ${apart(logits, expected)}`);
    }
    assert.equal(decoder.length, 60);
    decoder.rewind(6);
    const again = decoder.feed(ids.map(row => row.slice(6, 7)));
    assert.ok(apart(again, tf.slice(whole, [0, 6, 0], [2, 1, 11]).reshape([2, 11])) < 1e-5);
    decoder.dispose();
  });
}

test('the cache is the same inside a compiled step and out of one, and leaves nothing behind', () => {
  const model = models.Llama();
  const cache = new KeyValueCache({ ...model.memory, capacity: 8 });
  const ids = tf.tensor2d([[1, 2, 3]], [1, 3], 'int32');
  const one = tf.scalar(3);
  const eager = tf.tidy(() => model.next(ids, cache, one));
  cache.rewind();
  const before = tf.memory().numTensors;
  const step = compile((x: tf.Tensor) => model.next(x, cache, tf.scalar(3)));
  const compiled = step(ids);
  assert.ok(apart(compiled, eager) < 1e-6);
  tf.dispose(compiled);
  assert.equal(tf.memory().numTensors, before);
  assert.equal(cache.bytes, 2 * 2 * 2 * 4 * 8 * 4); // keys and values, layers, heads, numbers, positions, bytes
});

test('who looks where: a map for each layer, rows that sum to 1, nothing of the future', () => {
  const model = models.Llama();
  const ids = tf.tensor2d([[1, 2, 3, 4]], [1, 4], 'int32');
  const maps = attentionMaps(() => model.forward(ids));
  assert.deepEqual(
    maps.map(map => map.shape),
    [
      [1, 4, 4, 4],
      [1, 4, 4, 4],
    ],
  );
  for (const map of maps) {
    assert.ok(map.sum(-1).sub(1).abs().max().dataSync()[0] < 1e-6);
    assert.equal(tf.slice(map, [0, 0, 0, 1], [1, 4, 1, 3]).max().dataSync()[0], 0);
  }
  assert.throws(() => attentionMaps(() => attentionMaps(() => model.forward(ids))), /one at a time/);
  assert.throws(() => compile(() => attentionMaps(() => model.forward(ids)))(), /inside a compiled step/);
  assert.equal(attentionMaps(() => 0).length, 0);
});

test('published sizes, by shapes', () => {
  const count = (name: keyof typeof LLAMA) => shapesOnly(() => new Llama(LLAMA[name])).parameterCount();
  assert.deepEqual(
    (Object.keys(LLAMA) as (keyof typeof LLAMA)[]).map(count),
    [134_515_008, 494_032_768, 1_235_814_400, 1_777_088_000],
  );
});

test('what does not fit is refused', () => {
  const model = models.Llama();
  const decoder = new Decoder(model);
  const refused: [() => unknown, RegExp][] = [
    [() => model.forward(tf.zeros([1, 65], 'int32')), /65 tokens do not fit the context of 64/],
    [() => new Llama({ ...CONFIGS['tiny-llama'], keyHeads: 3 }), /4 heads can't share 3 heads of keys equally/],
    [() => new Llama({ ...CONFIGS['tiny-llama'], headWidth: 3 }), /heads of 3 numbers can't be turned in pairs/],
    [() => new Llama({ ...CONFIGS['tiny-llama'], theta: 0 }), /theta must be positive and finite, got 0/],
    [() => decoder.feed([]), /expected tokens of 1 texts, as many of each and at least one, got rows of nothing/],
    [() => decoder.feed([[]]), /got rows of 0/],
    [() => decoder.feed([[1], [2]]), /got rows of 1, 1/],
    [() => decoder.feed([[11]]), /tokens must be whole numbers from 0 to 10, got 11/],
    [() => decoder.feed([Array(65).fill(1)]), /65 tokens do not fit the context of 64/],
    [() => decoder.rewind(1), /rewind to 1: expected a whole number between 0 and the 0 tokens/],
  ];
  for (const [use, message] of refused) assert.throws(use, message);
});
