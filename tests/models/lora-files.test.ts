/** LoRA files of kohya's tools, diffusers and PEFT: the same change of the weights, or a refusal that names the tensor. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { addLora } from '../../lib/models/lora-files';
import { StableDiffusion } from '../../lib/models/stable-diffusion';
import { readTensors, type StateDict, writeTensors } from '../../lib/nn';
import { tf } from '../../lib/runtime';
import { newFolder } from '../folder';

const FIXTURES = path.join(__dirname, 'fixtures');
const KOHYA = path.join(FIXTURES, 'tiny-lora.safetensors');
const { tensors: expected } = readTensors(path.join(FIXTURES, 'tiny-stable-diffusion-expected.safetensors'));
const folder = newFolder('lora');
const at = (name: string) => path.join(folder, name);
const { tensors: given } = readTensors(KOHYA);
const model = StableDiffusion.load(path.join(FIXTURES, 'tiny-stable-diffusion'), [8, 16]);
const nets = { unet: model.unet, text_encoder: model.text };
const fresh = { unet: model.unet.stateDict(), text_encoder: model.text.stateDict() };

/** Weights that a file changes, as the difference to those before; they are put back. */
function changes(file: string, weight?: number): { layers: number; moved: StateDict } {
  const layers = addLora(file, nets, weight);
  const moved: StateDict = {};
  for (const [net, module] of Object.entries(nets)) {
    const before = fresh[net as keyof typeof fresh];
    for (const [name, now] of Object.entries(module.stateDict())) {
      const apart = now.sub(before[name]);
      if (apart.abs().max().dataSync()[0] > 0) moved[`${net}.${name}`] = apart;
    }
    module.loadStateDict(before);
  }
  return { layers, moved };
}

const close = (a: tf.Tensor, b: tf.Tensor, most = 1e-6) => {
  assert.deepEqual(a.shape, b.shape);
  assert.ok(a.sub(b).abs().max().dataSync()[0] < most);
};

/** The two layers of the fixture's LoRA: their names here, and their tensors. */
const LAYERS = [
  'down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q',
  'mid_block.attentions.0.transformer_blocks.0.attn2.to_v',
];
const kohya = (layer: string, part: string) => given[`lora_unet_${layer.replaceAll('.', '_')}.${part}`];
const renamed = (name: (layer: string, part: 'down' | 'up') => string): StateDict =>
  Object.fromEntries(
    LAYERS.flatMap(layer =>
      (['down', 'up'] as const).map(part => [name(layer, part), kohya(layer, `lora_${part}.weight`)]),
    ),
  );
const letter = { down: 'A', up: 'B' };

test("kohya's names: diffusers' picture, at weight 0 nothing, twice a half is one", async () => {
  assert.equal(addLora(KOHYA, nets), 2);
  const noise = () => expected.start.clone() as tf.Tensor4D;
  const picture = await Object.assign(model, { noise }).paint(['a red heart'], {
    steps: 7,
    guidance: 5,
    negative: 'dogs',
  });
  close(picture, expected.styled, 1e-4);
  model.unet.loadStateDict(fresh.unet);
  assert.deepEqual(Object.keys(changes(KOHYA, 0).moved), []);
  const [whole, half] = [changes(KOHYA).moved, changes(KOHYA, 0.5).moved];
  assert.deepEqual(Object.keys(whole).sort(), LAYERS.map(layer => `unet.${layer}.weight`).sort());
  for (const [name, moved] of Object.entries(whole)) close(half[name].mul(2), moved);
});

test('the names of diffusers, of today and before, and of PEFT say the same; α from where they have it', () => {
  const alpha = kohya(LAYERS[0], 'alpha').dataSync()[0];
  assert.notEqual(alpha, 2, 'α must not be the rank, or its place would not matter');
  const wanted = changes(KOHYA).moved;
  const expectSame = (file: string) => {
    const { layers, moved } = changes(file);
    assert.equal(layers, 2);
    assert.deepEqual(Object.keys(moved).sort(), Object.keys(wanted).sort());
    for (const [name, value] of Object.entries(wanted)) close(moved[name], value);
  };
  const today = renamed((layer, part) => `unet.${layer}.lora_${letter[part]}.weight`);
  writeTensors(at('today.safetensors'), today, {
    lora_adapter_metadata: JSON.stringify({ 'unet.r': 2, 'unet.lora_alpha': alpha }),
  });
  expectSame(at('today.safetensors'));

  const pattern = { 'unet.lora_alpha': 99, 'unet.alpha_pattern': { 'attn1.to_q': alpha, 'attn2.to_v': alpha } };
  writeTensors(at('pattern.safetensors'), today, { lora_adapter_metadata: JSON.stringify(pattern) });
  expectSame(at('pattern.safetensors'));

  const stable = { 'unet.lora_alpha': alpha / Math.sqrt(2), 'unet.use_rslora': true };
  writeTensors(at('stable.safetensors'), today, { lora_adapter_metadata: JSON.stringify(stable) });
  expectSame(at('stable.safetensors'));

  const alphas = Object.fromEntries(LAYERS.map(layer => [`unet.${layer}.alpha`, kohya(layer, 'alpha')]));
  writeTensors(at('before.safetensors'), {
    ...renamed((layer, part) => `unet.${layer}.lora.${part}.weight`),
    ...alphas,
  });
  expectSame(at('before.safetensors'));

  fs.mkdirSync(at('peft'));
  writeTensors(
    at('peft/adapter_model.safetensors'),
    renamed((layer, part) => `base_model.model.${layer}.lora_${letter[part]}.weight`),
  );
  fs.writeFileSync(at('peft/adapter_config.json'), JSON.stringify({ peft_type: 'LORA', r: 2, lora_alpha: alpha }));
  expectSame(at('peft/adapter_model.safetensors'));

  const old = renamed((layer, part) => `unet.${layer.replace(/\.(to_\w)$/, '.processor.$1_lora')}.${part}.weight`);
  writeTensors(at('old.safetensors'), old); // no α anywhere: it is the rank
  for (const [name, value] of Object.entries(changes(at('old.safetensors')).moved))
    close(value.mul(alpha / 2), wanted[name]);
});

test('text encoders and convolutions adapt, too', () => {
  const conv = 'down_blocks.0.resnets.0.conv1'; //                                  8 → 8, 3 × 3
  const [a, b] = [tf.randomNormal([2, 8, 3, 3], 0, 1, 'float32', 1), tf.randomNormal([8, 2, 1, 1], 0, 1, 'float32', 2)];
  const [c, d] = [tf.randomNormal([2, 8], 0, 1, 'float32', 3), tf.randomNormal([8, 2], 0, 1, 'float32', 4)];
  const q = 'text_model_encoder_layers_1_self_attn_q_proj';
  writeTensors(at('both.safetensors'), {
    [`lora_unet_${conv.replaceAll('.', '_')}.lora_down.weight`]: a,
    [`lora_unet_${conv.replaceAll('.', '_')}.lora_up.weight`]: b,
    [`lora_te_${q}.lora_down.weight`]: c,
    [`lora_te_${q}.lora_up.weight`]: d,
  });
  const { layers, moved } = changes(at('both.safetensors'), 0.5);
  assert.equal(layers, 2);
  close(moved['text_encoder.text_model.encoder.layers.1.self_attn.q_proj.weight'], tf.matMul(d, c).mul(0.5), 1e-5);
  // one convolution after the other is one with the product: [out, in, 3, 3]
  const x = tf.randomNormal([1, 5, 5, 8], 0, 1, 'float32', 5) as tf.Tensor4D;
  const kernel = (w: tf.Tensor) => w.transpose([2, 3, 1, 0]) as tf.Tensor4D; //      OIHW → HWIO
  const two = tf.conv2d(tf.conv2d(x, kernel(a), 1, 'same'), kernel(b), 1, 'same').mul(0.5);
  const one = tf.conv2d(x, kernel(moved[`unet.${conv}.weight`]), 1, 'same');
  close(one, two, 1e-3);
});

test('what does not fit is named, and changes nothing', () => {
  const refused = (tensors: StateDict, error: RegExp, metadata: Record<string, string> = {}) => {
    writeTensors(at('wrong.safetensors'), tensors, metadata);
    assert.throws(() => addLora(at('wrong.safetensors'), nets), error);
  };
  const today = renamed((layer, part) => `unet.${layer}.lora_${letter[part]}.weight`);
  const [first] = Object.keys(today);
  refused(
    { ...given, 'lora_unet_x.lora_down.weight': tf.ones([2, 8]) },
    /lora_unet_x.lora_down.weight adapts a layer that this model does not have; was it made for another model\?/,
  );
  refused(
    { ...given, 'lora_te2_x.alpha': tf.scalar(1) },
    /lora_te2_x.alpha adapts a layer that this model does not have/,
  );
  refused(
    { 'lora_unet_x.hada_w1_a': tf.ones([2, 8]) },
    /lora_unet_x.hada_w1_a is no part of a LoRA \(down, up, alpha\)/,
  );
  refused(
    { ...today, [first]: tf.ones([2, 9]) },
    /lora_A.weight \[2,9\] and .*lora_B.weight \[8,2\] don't fit the layer, which is \[8,8\]/,
  );
  refused({ [first]: today[first] }, /has unet\..*lora_A.weight without the other half of the adapter/);
  refused({ ...today, ...given }, /and .* adapt the same layer/);
  refused({}, /holds no LoRA: there is no tensor in it/);
  const [, second] = Object.keys(today);
  const up = today[second];
  refused({ ...today, [first]: tf.zeros([0, 8]), [second]: tf.zeros([8, 0]) }, /lora_A.weight \[0,8\] has rank 0/);
  for (const [value, told] of Object.entries({
    NaN: /lora_B.weight holds NaN at place 0/,
    1e38: /too large for a weight/,
  }))
    refused({ ...today, [second]: tf.fill(up.shape, Number(value)) }, told);
  const alpha = `unet.${LAYERS[0]}.alpha`;
  refused({ ...today, [alpha]: tf.ones([2]) }, /alpha is \[2\], expected one number/);
  const patterns: [unknown, RegExp][] = [
    ['abc', /unet.alpha_pattern is "abc", expected an object of patterns and numbers/],
    [{ '(': 1 }, /unet.alpha_pattern: Invalid regular expression/],
    [{ '(([a-z_0-9.]{1,3})+)+!': 1 }, /repeats too much to be tried/],
    [{ '.*.*.*.*!': 1 }, /repeats too much to be tried/],
  ];
  for (const [pattern, told] of patterns)
    refused(today, told, {
      lora_adapter_metadata: JSON.stringify({ 'unet.lora_alpha': 1, 'unet.alpha_pattern': pattern }),
    });
  refused(today, /lora_adapter_metadata is no JSON object/, { lora_adapter_metadata: '{' });
  const dora = { 'unet.lora_alpha': 1, 'unet.use_dora': true };
  refused(today, /unet.use_dora is true, and this course's nets are made for false/, {
    lora_adapter_metadata: JSON.stringify(dora),
  });
  fs.writeFileSync(at('none.safetensors'), 'nothing');
  assert.throws(
    () => addLora(at('none.safetensors'), nets),
    /none.safetensors: 7 bytes are too few for a safetensors file/,
  );
  for (const [name, now] of Object.entries(model.unet.stateDict())) close(now, fresh.unet[name], 1e-9);
});
