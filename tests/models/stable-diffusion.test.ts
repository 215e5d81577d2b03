/** A folder in Stable Diffusion 1.5's layout, with small random nets: the same tokens, words and pictures as diffusers. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { ClipTokenizer } from '../../lib/data';
import { leadingSteps, scaledLinearSchedule } from '../../lib/diffusion';
import { StableDiffusion } from '../../lib/models/stable-diffusion';
import { Lora, readTensors, writeTensors } from '../../lib/nn';
import { tf } from '../../lib/runtime';
import { newFolder } from '../folder';

const FIXTURES = path.join(__dirname, 'fixtures');
const FOLDER = path.join(FIXTURES, 'tiny-stable-diffusion');
const { tensors: expected, metadata } = readTensors(path.join(FIXTURES, 'tiny-stable-diffusion-expected.safetensors'));
const TEXTS: string[] = JSON.parse(metadata.texts);
const HOW = { steps: 7, guidance: 5, negative: 'dogs' };

function apart(actual: tf.Tensor, wanted: tf.Tensor): number {
  assert.deepEqual(actual.shape, wanted.shape);
  return actual.sub(wanted).abs().max().dataSync()[0];
}

/** Changes some settings in a folder's config. */
function setting(folder: string, file: string, change: Record<string, unknown>): void {
  const at = path.join(folder, file);
  fs.writeFileSync(at, JSON.stringify({ ...JSON.parse(fs.readFileSync(at, 'utf8')), ...change }));
}

/** The model with 8 × 16 pictures, beginning with the reference's noise instead of a seed's. */
function load(folder = FOLDER): StableDiffusion {
  const model = StableDiffusion.load(folder, [8, 16]);
  return Object.assign(model, { noise: () => expected.start.clone() as tf.Tensor4D });
}

test('the tokenizer: the same numbers as transformers, for capitals, signs, accents, Chinese, and what is too long', () => {
  const tokenizer = ClipTokenizer.read(path.join(FOLDER, 'tokenizer'));
  assert.deepEqual(tokenizer.encode(TEXTS).arraySync(), expected.ids.arraySync());
  assert.throws(() => ClipTokenizer.read(FIXTURES), /no merges.txt in .*fixtures; a CLIP tokenizer has/);
  assert.throws(() => new ClipTokenizer({ a: 0 }, []), /the vocabulary lacks <\|startoftext\|>/);
});

test("words and pictures are those of diffusers, with guidance, without, and with a LoRA of kohya's", async () => {
  const model = load();
  assert.ok(apart(model.text.forward(model.tokenizer.encode(TEXTS)), expected.words) < 1e-4);
  assert.ok(apart(await model.paint(['a red heart'], HOW), expected.picture) < 1e-4, 'guided');
  assert.ok(apart(await model.paint(['a red heart'], { ...HOW, guidance: 1 }), expected.plain) < 1e-4, 'not guided');

  const layers = /mid_block.*attn2\.to_v$|down_blocks\.0.*attn1\.to_q$/;
  const lora = new Lora(model.unet, { rank: 2, layers });
  lora.load(path.join(FIXTURES, 'tiny-lora.safetensors'));
  assert.ok(apart(expected.styled, expected.picture) > 1e-2, 'the LoRA must matter');
  assert.ok(apart(await model.paint(['a red heart'], HOW), expected.styled) < 1e-4, 'adapters beside the weights');
  lora.merge();
  assert.ok(apart(await model.paint(['a red heart'], HOW), expected.styled) < 1e-4, 'adapters in the weights');
  model.dispose();
});

test("files under today's names give the same pictures", async () => {
  const folder = newFolder('sd');
  fs.cpSync(FOLDER, folder, { recursive: true });
  const rewrite = (file: string, rename: (name: string) => string, to = file) => {
    const { tensors } = readTensors(path.join(folder, file));
    fs.rmSync(path.join(folder, file));
    const renamed = Object.entries(tensors).map(([name, tensor]) => [rename(name), tensor]);
    writeTensors(path.join(folder, to), Object.fromEntries(renamed.filter(([name]) => name)));
  };
  rewrite('text_encoder/model.safetensors', name =>
    name.includes('position_ids') ? '' : name.replace('text_model.', ''),
  );
  const today = { '.query.': '.to_q.', '.key.': '.to_k.', '.value.': '.to_v.', '.proj_attn.': '.to_out.0.' };
  const newName = (name: string) => Object.entries(today).reduce((n, [old, now]) => n.replace(old, now), name);
  rewrite('vae/diffusion_pytorch_model.safetensors', newName, 'vae/diffusion_pytorch_model.fp16.safetensors');
  const picture = await load(folder).paint(['a red heart'], HOW);
  assert.ok(apart(picture, expected.picture) < 1e-4);
});

test('the last step ends where the scheduler says: at a picture, or at the trace of noise of step 0', async () => {
  const folder = newFolder('sd');
  fs.cpSync(FOLDER, folder, { recursive: true });
  setting(folder, 'scheduler/scheduler_config.json', { set_alpha_to_one: false });
  assert.ok(apart(expected.noisyEnd, expected.picture) > 1e-3, 'the end must matter');
  assert.ok(apart(await load(folder).paint(['a red heart'], HOW), expected.noisyEnd) < 1e-4);
});

test('what is missing or different is named', () => {
  const broken = (change: (folder: string) => void) => {
    const folder = newFolder('sd');
    fs.cpSync(FOLDER, folder, { recursive: true });
    change(folder);
    return () => StableDiffusion.load(folder);
  };
  assert.throws(
    () => StableDiffusion.load('/no/such/place'),
    /no folder \/no\/such\/place; give the one that holds unet/,
  );
  assert.throws(
    broken(folder => fs.rmSync(path.join(folder, 'scheduler'), { recursive: true })),
    /no scheduler\/scheduler_config.json in/,
  );
  assert.throws(
    broken(folder => fs.rmSync(path.join(folder, 'unet/diffusion_pytorch_model.safetensors'))),
    /no weights in .*unet; expected one of diffusion_pytorch_model.safetensors, /,
  );
  assert.throws(
    broken(folder => setting(folder, 'unet/config.json', { dual_cross_attention: true })),
    /unet.config.json: dual_cross_attention is true, and this course's nets are made for false/,
  );
  assert.throws(
    broken(folder => setting(folder, 'unet/config.json', { in_channels: 9 })),
    /unet.config.json: 9 channels are those of an inpainting model; the plain model has 4, and inpaints too/,
  );
  assert.throws(
    broken(folder => setting(folder, 'unet/config.json', { cross_attention_dim: 10 })),
    /unet.config.json: cross_attention_dim is 10, and hidden_size of the text_encoder 8/,
  );
  assert.throws(
    broken(folder => setting(folder, 'unet/config.json', { use_linear_projection: true })),
    /unet: weight .*proj_in.weight: expected \[8,8\], got \[8,8,1,1\]/,
  );
  const weights = (change: (file: string) => void) =>
    broken(folder => change(path.join(folder, 'vae/diffusion_pytorch_model.safetensors')));
  assert.throws(
    weights(file => fs.truncateSync(file, 3000)),
    /vae.diffusion_pytorch_model.safetensors: cut short/,
  );
  assert.throws(
    weights(file => fs.writeFileSync(file, 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n')),
    /vae.diffusion_pytorch_model.safetensors: a Git LFS pointer, not the file itself; get it with `git lfs pull`/,
  );
  assert.throws(
    broken(folder => fs.writeFileSync(path.join(folder, 'vae/config.json'), '{')),
    /vae.config.json is no JSON \(.*\); copy the folder again/,
  );
  assert.throws(
    broken(folder => setting(folder, 'unet/config.json', { cross_attention_dim: undefined })),
    /unet.config.json has no cross_attention_dim, without which the net can't be built/,
  );
  assert.throws(() => StableDiffusion.load(FOLDER, [10, 8]), /10 × 8 don't fit this model; use multiples of 4 pixels/);
});

test("the schedule and the steps are Stable Diffusion's", () => {
  const { alphaBar } = scaledLinearSchedule();
  assert.ok(apart(tf.tensor1d(alphaBar), expected.alphaBar) < 1e-6);
  assert.deepEqual(leadingSteps(1000, 50).slice(0, 3), [981, 961, 941]);
  assert.deepEqual(leadingSteps(1000, 7), [853, 711, 569, 427, 285, 143, 1]);
  assert.throws(() => leadingSteps(1000, 501), /between 1 and 500 steps, got 501/);
});
