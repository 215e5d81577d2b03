/** LoRA: published counts, no change at the start, the same answers after merging, files that Stable Diffusion's tools read. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { readSafetensors, writeSafetensors } from '../../lib/formats';
import { CLIP, ClipTextModel } from '../../lib/models/clip';
import { ConditionalUNet, SD15_UNET } from '../../lib/models/conditional-unet';
import { GPT2, Gpt } from '../../lib/models/gpt';
import {
  Adam,
  Conv2d,
  ConvTranspose2d,
  Embedding,
  type Layer,
  Linear,
  Lora,
  type LoraOptions,
  type Module,
  Sequential,
} from '../../lib/nn';
import { random, shapesOnly, tf } from '../../lib/runtime';
import { newFolder } from '../folder';

const CONFIG = { channels: 4, widths: [8, 12], blocks: 1, attention: [0], heads: 2, context: 6, groups: 4 };
const ATTENTION = /attn[12]\.to_(q|k|v|out\.0)$/;
const inputs = () => [random.normal([2, 4, 4, 4]), tf.tensor1d([3, 700], 'int32'), random.normal([2, 5, 6])] as const;
const apart = (a: tf.Tensor, b: tf.Tensor) => a.sub(b).abs().max().dataSync()[0];

/** A net whose every layer matters, unlike a fresh one. */
function jiggled(): ConditionalUNet {
  const net = new ConditionalUNet(CONFIG);
  for (const parameter of net.parameters()) parameter.assign(parameter.add(random.normal(parameter.shape, 0, 0.1)));
  return net;
}

/** Adapters that say something. */
function awake(module: Module, options: LoraOptions): Lora {
  const lora = new Lora(module, options);
  for (const parameter of lora.parameters()) parameter.assign(random.normal(parameter.shape, 0, 0.1));
  return lora;
}

test('published counts, computed from the models', () => {
  const count = (build: () => Module, options: LoraOptions) =>
    shapesOnly(() => {
      const module = build();
      const lora = new Lora(module, options);
      const total = lora.parameterCount();
      tf.dispose([...module.namedParameters(), ...lora.namedParameters()].map(([, variable]) => variable));
      return total;
    });
  const gpt3 = () => new Gpt({ vocab: 50257, context: 2048, layers: 96, heads: 96, width: 12288 });
  const gpt2 = () => new Gpt(GPT2.small);
  const [q, qv] = [[0], [0, 2]].map(chosen => ({ layers: /c_attn$/, parts: { of: 3, chosen } }));
  assert.equal(count(gpt3, { rank: 1, ...qv }), 4_718_592);
  assert.equal(count(gpt3, { rank: 8, ...q }), 18_874_368);
  assert.equal(count(gpt3, { rank: 8, ...qv }), 37_748_736);
  assert.equal(count(gpt2, { rank: 8, layers: /c_attn$/ }), 294_912);
  assert.equal(count(gpt2, { rank: 4, ...qv }), 147_456);
  const roberta = () => new ClipTextModel(CLIP.large14.text); // 12 layers of 768 with a query and a value, as in RoBERTa-base
  assert.equal(count(roberta, { rank: 8, layers: /[qv]_proj$/ }), 294_912);
  const unet = () => new ConditionalUNet(SD15_UNET);
  for (const [rank, expected] of [
    [4, 797_184],
    [8, 1_594_368],
    [16, 3_188_736],
  ]) {
    assert.equal(count(unet, { rank, layers: ATTENTION }), expected);
  }
});

test('fresh adapters change nothing; merged ones answer as unmerged; off, the net is the old one', () => {
  random.seed(1);
  const net = jiggled();
  const [x, t, words] = inputs();
  const before = net.forward(x, t, words);
  const fresh = new Lora(net, { rank: 2, layers: ATTENTION });
  assert.equal(apart(net.forward(x, t, words), before), 0);
  fresh.switchOn(false);

  const lora = awake(net, { rank: 3, alpha: 6, layers: /attn[12]\.to_(q|k|v|out\.0)$|proj_in$|time_emb_proj$/ });
  const beside = net.forward(x, t, words);
  const scale = before.abs().max().dataSync()[0];
  assert.ok(apart(beside, before) > 0.01 * scale, 'the adapters must matter');
  lora.merge();
  lora.merge(); // a second time does nothing
  assert.ok(apart(net.forward(x, t, words), beside) < 1e-6 * Math.max(1, scale));
  lora.unmerge();
  assert.ok(apart(net.forward(x, t, words), beside) < 1e-6 * Math.max(1, scale));
  lora.switchOn(false);
  assert.ok(apart(net.forward(x, t, words), before) < 1e-6 * Math.max(1, scale));
});

test('parts of a layer that makes three things at once: only the chosen outputs move', () => {
  random.seed(2);
  const layer = new Sequential(new Linear(5, 6));
  const x = random.normal([4, 5]);
  const before = layer.forward(x);
  const lora = awake(layer, { rank: 2, layers: /^0$/, parts: { of: 3, chosen: [0, 2] } });
  const after = layer.forward(x);
  const moved = Array.from(after.sub(before).abs().max(0).dataSync());
  assert.deepEqual(
    moved.map(by => by > 1e-3),
    [true, true, false, false, true, true],
  );
  lora.merge();
  assert.ok(apart(layer.forward(x), after) < 1e-6);
});

test('training moves the adapters and nothing else', () => {
  random.seed(3);
  const net = jiggled();
  const lora = new Lora(net, { rank: 2, layers: ATTENTION });
  const [x, t, words] = inputs();
  const weights = net.stateDict();
  const target = random.normal(x.shape);
  const adam = new Adam(lora.parameters(), { learningRate: 0.01 });
  const loss = () => net.forward(x, t, words).sub(target).square().mean() as tf.Scalar;
  const first = loss().dataSync()[0];
  for (let i = 0; i < 20; i++) adam.minimize(loss).dispose();
  assert.ok(loss().dataSync()[0] < first - 0.01);
  for (const [name, now] of Object.entries(net.stateDict())) assert.equal(apart(now, weights[name]), 0, name);
});

test("saved and loaded: the same answers, under the names of Stable Diffusion's tools", () => {
  random.seed(4);
  const file = path.join(newFolder('lora'), 'style.safetensors');
  const [a, b] = [jiggled(), new ConditionalUNet(CONFIG)];
  b.loadStateDict(a.stateDict());
  const options = { rank: 2, layers: /attn2\.to_q$|proj_in$/ };
  awake(a, { ...options, alpha: 5 }).save(file, 'lora_unet', { subject: 'cat' });
  const { tensors } = readSafetensors(file);
  const down = tensors['lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_q.lora_down.weight'];
  assert.deepEqual(down.shape, [2, 8]);
  assert.deepEqual(tensors['lora_unet_mid_block_attentions_0_proj_in.lora_up.weight'].shape, [12, 2, 1, 1]);
  assert.equal(tensors['lora_unet_mid_block_attentions_0_proj_in.alpha'].data[0], 5);

  const loaded = new Lora(b, options);
  assert.deepEqual(loaded.load(file), { subject: 'cat' });
  const [x, t, words] = inputs();
  assert.equal(apart(a.forward(x, t, words), b.forward(x, t, words)), 0);
  assert.throws(() => loaded.load(file, 'lora_te'), /has no lora_te_.*; it begins with lora_unet_/);
  assert.throws(
    () => new Lora(b, { ...options, rank: 4 }).load(file),
    /expected \[4,.*\], got \[2,.*is the rank another/,
  );
});

test('what cannot adapt is refused in words', () => {
  const net = new Sequential(new Conv2d(3, 4, 3), new Linear(4, 4));
  assert.throws(() => new Lora(net, { rank: 2, layers: /^0$/ }), /0 is a Conv2d of \[3,3,3,4\]; only linear layers/);
  assert.throws(() => new Lora(net, { rank: 2, layers: /nothing/ }), /no layer fits \/nothing\/; Sequential has 1/);
  assert.throws(() => new Lora(net, { rank: 0, layers: /1/ }), /rank must be 1, 2, 3 …, got 0/);
  assert.throws(
    () => new Lora(net, { rank: 1, layers: /1/, parts: { of: 3, chosen: [0] } }),
    /4 outputs.*3 equal parts/,
  );
});

const layersOf = (net: Sequential) => Object.values(net.stateDict());
/** Three linear layers with random weights, an input, and files in a new folder. */
function small() {
  random.seed(5);
  const folder = newFolder('lora');
  const net = new Sequential(new Linear(4, 4), new Linear(4, 4), new Linear(4, 2));
  return { net, x: random.normal([3, 4]), file: (name: string) => path.join(folder, `${name}.safetensors`) };
}

test('merge, load another, unmerge: the base comes back to the last bit', () => {
  const { net, x, file } = small();
  const base = layersOf(net).map(weight => weight.dataSync().slice());
  const answer = net.forward(x);
  const options = { rank: 2, alpha: 3, layers: /^[01]$/ };
  const lora = awake(net, options);
  lora.save(file('one'));
  const withOne = net.forward(x);
  for (const parameter of lora.parameters()) parameter.assign(random.normal(parameter.shape, 0, 50));
  lora.save(file('two'));
  const withTwo = net.forward(x);

  lora.merge();
  lora.load(file('one')); // while merged: the weights follow
  assert.ok(apart(net.forward(x), withOne) < 1e-5 && apart(withOne, withTwo) > 1);
  lora.unmerge();
  assert.deepEqual(
    layersOf(net).map(weight => weight.dataSync()),
    base,
  );
  for (let i = 0; i < 3; i++) {
    lora.merge();
    lora.merge();
    lora.unmerge();
    lora.unmerge();
  }
  assert.deepEqual(
    layersOf(net).map(weight => weight.dataSync()),
    base,
  );
  lora.switchOn(false);
  assert.equal(apart(net.forward(x), answer), 0);
});

test('two sets of adapters on the same layers go in any order', () => {
  const { net, x } = small();
  const base = layersOf(net).map(weight => weight.dataSync().slice());
  const [a, b] = [awake(net, { rank: 1, layers: /^0$/ }), awake(net, { rank: 2, layers: /^[01]$/ })];
  const both = net.forward(x);
  a.merge();
  b.merge();
  assert.ok(apart(net.forward(x), both) < 1e-5);
  a.unmerge(); // beside the merged b, as an adapter
  assert.ok(apart(net.forward(x), both) < 1e-5);
  b.unmerge();
  assert.deepEqual(
    layersOf(net).map(weight => weight.dataSync()),
    base,
  );
});

test('the expression that chooses layers may have any flags', () => {
  for (const layers of [/^\d$/g, /^\d$/y, /^\d$/gi])
    assert.equal(new Lora(small().net, { rank: 1, layers }).adapters.length, 3);
});

test('a file must fit: nothing missing, nothing left over, and nothing changes where it does not', () => {
  const { net, x, file } = small();
  awake(net, { rank: 2, layers: /./ }).save(file('three'));
  const lora = awake(small().net, { rank: 2, layers: /^[01]$/ });
  const before = lora.parameters().map(parameter => parameter.dataSync().slice());
  assert.throws(
    () => lora.load(file('three')),
    /adapts more than the chosen layers: lora_unet_2\.alpha, lora_unet_2\.lora_down/,
  );
  const { tensors } = readSafetensors(file('three'));
  const { 'lora_unet_1.lora_up.weight': _, ...rest } = tensors;
  writeSafetensors(
    file('gap'),
    Object.fromEntries(Object.entries(rest).filter(([name]) => !name.startsWith('lora_unet_2'))),
  );
  assert.throws(() => lora.load(file('gap')), /has no lora_unet_1\.lora_up\.weight/);
  assert.deepEqual(
    lora.parameters().map(parameter => parameter.dataSync()),
    before,
  );

  // kohya's files may have no alpha: then it is the rank; and they may hold another net's adapters under another prefix
  const kept = Object.entries(tensors).filter(([name]) => !/alpha$|^lora_unet_2/.test(name));
  writeSafetensors(file('kohya'), Object.fromEntries([...kept, ['lora_te_0.alpha', tensors['lora_unet_2.alpha']]]));
  const other = new Lora(small().net, { rank: 2, alpha: 7, layers: /^[01]$/ });
  other.load(file('kohya'));
  const twin = small().net;
  const same = new Lora(twin, { rank: 2, layers: /^[01]$/ });
  same.load(file('kohya'));
  other.save(file('again'));
  assert.deepEqual(Array.from(readSafetensors(file('again')).tensors['lora_unet_0.alpha'].data as Float32Array), [2]);
  tf.dispose(x);
});

test('disposed adapters: the net answers without them, or with what was merged', () => {
  const { net, x } = small();
  const plain = net.forward(x);
  const lora = awake(net, { rank: 1, layers: /0/ });
  lora.dispose();
  assert.equal(apart(net.forward(x), plain), 0);
  assert.throws(() => lora.merge(), /these adapters were disposed; make new ones/);
  assert.throws(() => lora.save('x'), /disposed/);
  const kept = awake(net, { rank: 1, layers: /0/ });
  const beside = net.forward(x);
  kept.merge();
  kept.dispose();
  assert.ok(apart(net.forward(x), beside) < 1e-5);
});

test('what nothing flows through, and what moves the places, cannot adapt', () => {
  const refused = (layer: Layer) =>
    assert.throws(() => new Lora(new Sequential(layer), { rank: 1, layers: /0/ }), /only linear layers/);
  refused(new Embedding(5, 4));
  refused(new Conv2d(3, 4, 1, { stride: 2 }));
  refused(new Conv2d(3, 4, 1, { padding: 1 }));
  refused(new ConvTranspose2d(3, 4, 1));
  assert.throws(() => new Lora(small().net, { rank: 1, alpha: Number.NaN, layers: /0/ }), /alpha must be a number/);
  const parts = { of: 2, chosen: [2] };
  assert.throws(() => new Lora(small().net, { rank: 1, layers: /0/, parts }), /from 0 to 1, got 2/);
});
