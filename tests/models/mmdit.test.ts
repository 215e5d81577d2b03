/** The Transformers of Stable Diffusion 3 and FLUX.1 against Hugging Face's diffusers (mmdit_reference.py). */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { euler, flowField, flowLoss, flowTimes, solve } from '../../lib/diffusion';
import { Settings, writeSafetensors } from '../../lib/formats';
import { ClipTextModel } from '../../lib/models/clip';
import { FLUX, Flux, type FluxConfig } from '../../lib/models/flux';
import { captionTokens, MMDIT, Mmdit, type MmditConfig } from '../../lib/models/mmdit';
import { fluxSettings, mmditSettings, readFluxFolder, readMmditFolder } from '../../lib/models/mmdit-files';
import { T5Encoder } from '../../lib/models/t5';
import { Adam, type Module, readTensors, type StateDict, saveModule, valuesAndGradients } from '../../lib/nn';
import { random, shapesOnly, tf } from '../../lib/runtime';
import { newFolder } from '../folder';
import { filledByName } from './filled';

const SD3: MmditConfig = {
  channels: 3,
  patch: 2,
  width: 8,
  heads: 2,
  layers: 2,
  text: 6,
  pooled: 5,
  side: 4,
  most: 6,
  qkNorm: false,
  dual: 0,
};
const DEV: FluxConfig = {
  channels: 3,
  width: 12,
  heads: 2,
  layers: 1,
  singles: 1,
  text: 5,
  pooled: 4,
  turning: [2, 2, 2],
  guided: true,
};

const filled = <M extends Module>(model: M): M => {
  const trained = model.namedParameters().flatMap(([name, { trainable }]) => (trainable ? [name] : []));
  return filledByName(model, /attn.*\.norm_/, trained);
};

const expectedOf = (name: string): StateDict =>
  readTensors(path.join(__dirname, `${name}-expected.safetensors`)).tensors;

/** Largest difference, as a share of the largest expected value. */
function close(actual: tf.Tensor, expected: tf.Tensor, tolerance: number, what: string): void {
  assert.deepEqual(actual.shape, expected.shape, what);
  const scale = Math.max(1e-3, expected.abs().max().dataSync()[0]);
  const found = actual.sub(expected).abs().max().dataSync()[0] / scale;
  assert.ok(found <= tolerance, `${what}: off by ${found} of its largest value`);
}

function closeGradients(model: Module, answer: () => tf.Tensor, expected: StateDict): void {
  const named = model.namedParameters().filter(([, variable]) => variable.trainable);
  const loss = () => tf.sin(answer()).sum() as tf.Scalar;
  const { grads } = valuesAndGradients(
    loss,
    named.map(([, variable]) => variable),
  );
  named.forEach(([name], i) => {
    const kernel = grads[i].rank === 4 ? grads[i].transpose([3, 2, 0, 1]) : grads[i]; // HWIO → OIHW
    close(kernel, expected[`grad.${name}`], 1e-3, `gradient of ${name}`);
  });
  assert.equal(named.length, Object.keys(expected).filter(key => key.startsWith('grad.')).length);
}

for (const [name, config] of [
  ['mmdit3', SD3],
  ['mmdit35', { ...SD3, qkNorm: true, dual: 1 }],
] as const) {
  test(`${name}: answers within 1e-4 of diffusers, gradients within 1e-3`, () => {
    const expected = expectedOf(name);
    const { x, t, text, pooled } = expected;
    const net = filled(new Mmdit(config));
    close(net.forward(x, t, text, pooled), expected.y, 1e-4, 'velocity');
    closeGradients(net, () => net.forward(x, t, text, pooled), expected);
  });
}

test('FLUX: answers within 1e-4 of diffusers, gradients within 1e-3', () => {
  const expected = expectedOf('flux-dev');
  const { x, t, text, pooled, guidance } = expected;
  const net = filled(new Flux(DEV));
  close(net.forward(x, t, text, pooled, guidance), expected.y, 1e-4, 'velocity');
  closeGradients(net, () => net.forward(x, t, text, pooled, guidance), expected);
});

test('published sizes, counted without making the weights', () => {
  const count = (build: () => Module): number => {
    const module = shapesOnly(build);
    const size = module.parameterCount();
    module.dispose();
    return size;
  };
  const before = process.memoryUsage().rss;
  assert.equal(
    count(() => new Mmdit(MMDIT.sd3Medium)),
    2_028_328_000,
  );
  assert.equal(
    count(() => new Mmdit(MMDIT.sd35Medium)),
    2_243_171_520,
  );
  assert.equal(
    count(() => new Mmdit(MMDIT.sd35Large)),
    8_056_627_520,
  );
  assert.equal(
    count(() => new Flux(FLUX.dev)),
    11_901_408_320,
  );
  assert.equal(
    count(() => new Flux(FLUX.schnell)),
    11_891_178_560,
  );
  assert.ok(process.memoryUsage().rss - before < 2e9, 'the weights counted here would take 144 GB');
});

test('FLUX knows where a patch lies: the halves of a map changed about do not answer the same, changed about', () => {
  random.seed(3);
  const net = filled(new Flux(DEV));
  const [t, text, pooled, guidance] = [tf.tensor1d([0.5]), tf.zeros([1, 2, 5]), tf.zeros([1, 4]), tf.tensor1d([1])];
  const x = random.normal([1, 4, 4, 3]);
  const moved = (z: tf.Tensor) =>
    tf.concat([tf.slice(z, [0, 0, 2, 0], [1, 4, 2, 3]), tf.slice(z, [0, 0, 0, 0], [1, 4, 2, 3])], 2);
  const [there, back] = [
    net.forward(x, t, text, pooled, guidance),
    moved(net.forward(moved(x), t, text, pooled, guidance)),
  ];
  assert.ok(there.sub(back).abs().max().dataSync()[0] > 1e-4, 'without places, both would be equal');
});

test('texts of two CLIPs and T5 steer the net, which learns their velocity and is sampled by Euler', async () => {
  random.seed(4);
  const text = { vocab: 20, context: 8, width: 8, layers: 2, heads: 2 };
  const clips = [new ClipTextModel(text), new ClipTextModel({ ...text, width: 12 }, 'gelu')];
  const t5 = new T5Encoder({ vocab: 20, width: 24, headWidth: 4, heads: 2, hidden: 16, layers: 1, version: '1.1' });
  const ids = tf.tensor2d(
    [
      [1, 7, 19, 0],
      [1, 8, 19, 0],
    ],
    [2, 4],
    'int32',
  );
  const tokens = captionTokens(
    clips.map(clip => clip.beforeLast(ids)),
    t5.forward(ids),
  );
  assert.deepEqual(tokens.shape, [2, 8, 24]);
  close(tf.slice(tokens, [0, 0, 0], [2, 4, 8]), clips[0].beforeLast(ids), 0, 'the first CLIP');
  assert.equal(tf.slice(tokens, [0, 0, 20], [2, 4, 4]).abs().max().dataSync()[0], 0);
  close(tf.slice(tokens, [0, 4, 0], [2, 4, 24]), t5.forward(ids), 0, 'T5 behind them');
  const pooled = tf.concat(
    clips.map(clip => clip.text_model.pooled(ids)),
    1,
  );
  const net = new Mmdit({ ...SD3, channels: 1, width: 16, text: 24, pooled: 20, qkNorm: true });
  const white = tf.stack([tf.fill([4, 4, 1], 1), tf.fill([4, 4, 1], -1)]); // the first text's picture, the second's
  const loss = () => flowLoss((x, t) => net.forward(x, t, tokens, pooled), white);
  assert.ok(Math.abs(loss().dataSync()[0] - 2) < 1, 'a fresh net answers 0: the mean square of noise − data is 2');
  const adam = new Adam(net.parameters(), { learningRate: 1e-2 });
  for (let step = 0; step < 40; step++) adam.minimize(loss);
  const start = random.normal([2, 4, 4, 1]);
  const field = flowField((x, t) => net.forward(x, t, tokens, pooled));
  const end = await solve(field, { start, levels: flowTimes(4), solver: euler });
  const [first, second] = end.mean([1, 2, 3]).dataSync();
  assert.ok(first > 0.5 && second < -0.5, `means ${first} and ${second}, wanted 1 and −1`);
});

test('folders: sizes from config.json, weights by name from one file or several; what is unknown is refused by its field', () => {
  const [folder, sharded] = [newFolder('mmdit'), newFolder('flux')];
  const sd3 = {
    _class_name: 'SD3Transformer2DModel',
    sample_size: 8,
    in_channels: 3,
    out_channels: 3,
    num_layers: 2,
    attention_head_dim: 4,
    num_attention_heads: 2,
    joint_attention_dim: 6,
    caption_projection_dim: 8,
    pooled_projection_dim: 5,
    pos_embed_max_size: 6,
  };
  const net = filled(new Mmdit(SD3));
  fs.writeFileSync(path.join(folder, 'config.json'), JSON.stringify(sd3));
  saveModule(path.join(folder, 'diffusion_pytorch_model.safetensors'), net);
  const read = readMmditFolder(folder);
  assert.deepEqual(read.config, SD3);
  const { x, t, text, pooled, y } = expectedOf('mmdit3');
  close(read.forward(x, t, text, pooled), y, 1e-4, 'velocity of the net that was read');

  const flux = {
    in_channels: 12,
    num_layers: 1,
    num_single_layers: 1,
    attention_head_dim: 6,
    num_attention_heads: 2,
    joint_attention_dim: 5,
    pooled_projection_dim: 4,
    guidance_embeds: true,
    axes_dims_rope: [2, 2, 2],
  };
  fs.writeFileSync(path.join(sharded, 'config.json'), JSON.stringify(flux));
  const state = Object.entries(filled(new Flux(DEV)).stateDict());
  const shards = [state.slice(0, 30), state.slice(30)];
  shards.forEach((part, i) => {
    const arrays = part.map(([name, w]) => [
      name,
      { dtype: 'float32' as const, shape: w.shape, data: w.dataSync() as Float32Array },
    ]);
    writeSafetensors(path.join(sharded, `part-${i}.safetensors`), Object.fromEntries(arrays));
  });
  const map = shards.flatMap((part, i) => part.map(([name]) => [name, `part-${i}.safetensors`]));
  const index = { weight_map: Object.fromEntries(map) };
  fs.writeFileSync(path.join(sharded, 'diffusion_pytorch_model.safetensors.index.json'), JSON.stringify(index));
  assert.deepEqual(readFluxFolder(sharded).config, DEV);

  const refused = (read: (c: Settings) => unknown, values: Record<string, unknown>, message: RegExp) =>
    assert.throws(() => read(new Settings('config.json', values)), message);
  refused(mmditSettings, { ...sd3, qk_norm: 'layer_norm' }, /qk_norm is "layer_norm", expected one of rms_norm/);
  refused(mmditSettings, { ...sd3, dual_attention_layers: [1] }, /dual_attention_layers is \[1\]/);
  refused(mmditSettings, { ...sd3, caption_projection_dim: 9 }, /caption_projection_dim must be the width 8, got 9/);
  refused(mmditSettings, { ...sd3, out_channels: 4 }, /out_channels must be in_channels, 3, got 4/);
  refused(mmditSettings, { ...sd3, rope: true }, /rope = true: unknown here/);
  refused(mmditSettings, flux, /unknown here|caption_projection_dim/);
  refused(
    fluxSettings,
    { ...flux, _class_name: 'Flux2Transformer2DModel' },
    /_class_name is "Flux2Transformer2DModel"/,
  );
  refused(fluxSettings, { ...flux, out_channels: 6 }, /out_channels is 6|made for 12/);
  refused(fluxSettings, { ...flux, axes_dims_rope: [2, 4] }, /axes_dims_rope has 2 numbers, expected 3/);
  refused(fluxSettings, { ...flux, patch_size: 2 }, /patch_size is 2/);
  refused(fluxSettings, { ...flux, in_channels: 13 }, /in_channels must be 4 times/);
  fs.writeFileSync(path.join(folder, 'config.json'), JSON.stringify({ ...sd3, qk_norm: 'rms_norm' }));
  assert.throws(() => readMmditFolder(folder), /mmdit-.*weight transformer_blocks.0.attn.norm_q.weight is missing/);
});

test('sizes that do not fit are refused in words', () => {
  const net = new Mmdit(SD3);
  const [t, text, pooled] = [tf.tensor1d([0.5]), tf.zeros([1, 2, 6]), tf.zeros([1, 5])];
  assert.equal(
    net
      .forward(tf.ones([1, 4, 4, 3]), t, text, pooled)
      .abs()
      .max()
      .dataSync()[0],
    0,
  );
  assert.throws(
    () => net.forward(tf.zeros([1, 3, 4, 3]), t, text, pooled),
    /divisible by 2 and of at most 12, got \[1,3,4,3\]/,
  );
  assert.throws(() => net.forward(tf.zeros([1, 14, 4, 3]), t, text, pooled), /at most 12/);
  assert.throws(() => net.forward(tf.zeros([1, 4, 4, 3]), t, tf.zeros([1, 2, 7]), pooled), /the text \[1, S, 6\]/);
  assert.throws(() => new Mmdit({ ...SD3, most: 3 }), /most must be at least side, 4/);
  assert.throws(() => new Mmdit({ ...SD3, heads: 3 }), /width 8 can't be split into 3/);
  const flux = new Flux({ ...DEV, guided: false });
  const more = [tf.zeros([1, 2, 5]), tf.zeros([1, 4])] as const;
  assert.equal(
    flux
      .forward(tf.ones([1, 4, 4, 3]), t, ...more)
      .abs()
      .max()
      .dataSync()[0],
    0,
  );
  assert.throws(() => flux.forward(tf.zeros([1, 4, 4, 3]), t, ...more, t), /not told a guidance/);
  assert.throws(() => new Flux(DEV).forward(tf.zeros([1, 4, 4, 3]), t, ...more), /told its guidance; give it/);
  assert.throws(() => flux.forward(tf.zeros([1, 4, 5, 3]), t, ...more), /divisible by 2/);
  assert.throws(() => new Flux({ ...DEV, turning: [2, 2, 4] }), /make a head's width, 6, got 2 \+ 2 \+ 4/);
  assert.throws(
    () => captionTokens([tf.zeros([1, 2, 9])], tf.zeros([1, 2, 8])),
    /the CLIPs have 9 numbers a token, T5 only 8/,
  );
});
