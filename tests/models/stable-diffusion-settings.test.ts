/** What a folder's files say is done as diffusers does it, or refused by its name: no setting is accepted and ignored. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { sample } from '../../lib/diffusion';
import { Settings } from '../../lib/formats';
import { StableDiffusion } from '../../lib/models/stable-diffusion';
import { schedulerSettings, textSettings, unetSettings, vaeSettings } from '../../lib/models/stable-diffusion-settings';
import { tf } from '../../lib/runtime';
import { newFolder } from '../folder';
import { readPacked } from '../packed';

const FIXTURES = path.join(__dirname, 'fixtures');
const FOLDER = path.join(FIXTURES, 'tiny-stable-diffusion');

interface Case {
  settings: Record<string, unknown>;
  t: number[];
  end: number[];
  alphaBar: number[];
}
const cases = readPacked<Case[]>(FIXTURES, 'schedulers.json');

test('90 settings of the scheduler: the time steps, the schedule and the result of diffusers’ DDIMScheduler', async () => {
  assert.ok(cases.length >= 90);
  for (const { settings, t, end, alphaBar } of cases) {
    const name = JSON.stringify(settings);
    const { schedule, prediction, spacing } = schedulerSettings(new Settings('scheduler', settings));
    const path = spacing(schedule.steps, t.length);
    assert.deepEqual(path, t, name);
    [0, 500, 999].forEach((at, i) => {
      assert.ok(Math.abs(schedule.alphaBar[at] - alphaBar[i]) < 2e-6, `${name} ᾱ at ${at}`);
    });
    const start = tf.linspace(-1.5, 1.5, 6).reshape([1, 6, 1, 1]);
    const how = {
      schedule,
      prediction,
      clip: undefined,
      path,
      start,
      shape: [1, 6, 1, 1] as [number, number, number, number],
    };
    const x = await sample(x => x.mul(0.5), how);
    const most = Math.max(1, ...end.map(Math.abs));
    const far = x.reshape([6]).sub(tf.tensor1d(end)).abs().max().dataSync()[0];
    assert.ok(far < 2e-4 * most, `${name}: ${far} from [${end}], got ${x.dataSync()}`);
    tf.dispose([x, start]);
  }
});

const PARTS: [string, (settings: Settings) => unknown, Record<string, unknown>][] = [
  ['unet/config.json', unetSettings, {}],
  ['vae/config.json', vaeSettings, {}],
  ['text_encoder/config.json', textSettings, {}],
  ['scheduler/scheduler_config.json', schedulerSettings, {}],
].map(([file, read]) => [file, read, JSON.parse(fs.readFileSync(path.join(FOLDER, file as string), 'utf8'))] as never);

/** Fields that may be any number. */
const FRACTIONS = /^beta_|_factor$|^norm_eps$|^layer_norm_eps$/;

/** Fields that say who made a file, or concern training or precision only. */
const FREE =
  /^_diffusers|^architectures$|^dtype$|^transformers_version$|^model_type$|dropout$|^initializer|_token_id$|^projection_dim$|^upcast_attention$|^addition_embed_type_num_heads$|^force_upcast$|^sample_size$|^dynamic_thresholding_ratio$|^sample_max_value$|^clip_sample_range$/;

describe('every field of every file', () => {
  for (const [file, read, settings] of PARTS) {
    test(`${file}: changed to something strange, it is refused by its name`, () => {
      assert.doesNotThrow(() => read(new Settings(file, settings)));
      for (const field of Object.keys(settings).filter(field => !FREE.test(field))) {
        for (const strange of ['surprise', [['x']], { a: 1 }, -0.123]) {
          if (typeof strange === 'number' && FRACTIONS.test(field)) continue;
          assert.throws(
            () => read(new Settings(file, { ...settings, [field]: strange })),
            (error: Error) =>
              error.constructor === Error && error.message.includes(file) && error.message.includes(field),
            `${field} = ${JSON.stringify(strange)}`,
          );
        }
      }
    });

    test(`${file}: a field that nobody knows is refused, unless it is switched off`, () => {
      assert.throws(() => read(new Settings(file, { ...settings, new_trick: true })), /new_trick = true: unknown here/);
      assert.throws(() => read(new Settings(file, { ...settings, toString: 1 })), /toString = 1: unknown here/);
      assert.doesNotThrow(() => read(new Settings(file, { ...settings, new_trick: null })));
    });
  }
});

test('values that change the result are done or refused', () => {
  const of = (part: number, change: Record<string, unknown>) => () =>
    PARTS[part][1](new Settings(PARTS[part][0], { ...PARTS[part][2], ...change }));
  assert.throws(of(0, { act_fn: 'gelu' }), /act_fn is "gelu", expected one of silu, swish/);
  assert.doesNotThrow(of(0, { act_fn: 'swish' }));
  assert.throws(of(0, { class_embed_type: 'timestep' }), /class_embed_type = "timestep": unknown here/);
  assert.deepEqual((of(0, { num_attention_heads: 4 })() as ReturnType<typeof unetSettings>).config.heads, 4);
  assert.throws(of(1, { latents_mean: [0.1] }), /latents_mean = \[0\.1\]: unknown here/);
  assert.deepEqual((of(1, { shift_factor: 0.06 })() as ReturnType<typeof vaeSettings>).shift, 0.06);
  assert.throws(of(2, { hidden_act: 'relu' }), /hidden_act is "relu", expected one of quick_gelu, gelu/);
  assert.throws(
    of(3, { _class_name: 'FlowMatchEulerDiscreteScheduler' }),
    /_class_name is "FlowMatchEulerDiscreteScheduler", expected one of/,
  );
  assert.throws(of(3, { thresholding: true }), /thresholding is true/);
  assert.throws(of(3, { clip_sample: true }), /clip_sample is true .*latents are not cut here/);
  assert.throws(of(3, { clip_sample: null }), /clip_sample is true/);
  assert.throws(
    of(3, { timestep_spacing: 'linspace' }),
    /timestep_spacing is "linspace", expected one of leading, trailing/,
  );
  assert.throws(of(3, { rescale_betas_zero_snr: true }), /rescale_betas_zero_snr leaves nothing of the picture/);
  assert.throws(of(3, { trained_betas: ['a'] }), /trained_betas/);
});

test('numbers that no net has are refused by their field, before they fill the memory', () => {
  const of = (part: number, change: Record<string, unknown>) => () =>
    PARTS[part][1](new Settings(PARTS[part][0], { ...PARTS[part][2], ...change }));
  const huge: [number, string, unknown][] = [
    [0, 'block_out_channels', [1e9, 1e9]],
    [0, 'layers_per_block', 1e9],
    [0, 'transformer_layers_per_block', 1e9],
    [0, 'attention_head_dim', 3],
    [0, 'norm_num_groups', 3],
    [1, 'layers_per_block', 1e9],
    [1, 'scaling_factor', 0],
    [1, 'norm_num_groups', 3],
    [2, 'hidden_size', 1e9],
    [2, 'num_hidden_layers', 1e9],
    [2, 'num_attention_heads', 3],
    [3, 'num_train_timesteps', 1e9],
    [3, 'beta_end', 5],
    [3, 'beta_start', 0],
    [3, 'trained_betas', [2]],
    [3, 'trained_betas', Array(1000).fill(0.999)],
    [3, 'steps_offset', 1e6],
  ];
  for (const [part, field, value] of huge)
    assert.throws(
      of(part, { [field]: value }),
      (error: Error) => error.message.startsWith(PARTS[part][0]) && error.message.includes(field),
      field,
    );
});

test('the folder as a whole: its index, its tokenizer, a shift of the latents', async () => {
  const changed = (file: string, change: Record<string, unknown>) => {
    const folder = newFolder('sd');
    fs.cpSync(FOLDER, folder, { recursive: true });
    const at = path.join(folder, file);
    fs.writeFileSync(at, JSON.stringify({ ...JSON.parse(fs.readFileSync(at, 'utf8')), ...change }));
    return folder;
  };
  const load = (folder: string) => () => StableDiffusion.load(folder, [8, 16]);
  assert.throws(
    load(changed('model_index.json', { _class_name: 'StableDiffusionXLPipeline' })),
    /_class_name is "StableDiffusionXLPipeline"/,
  );
  assert.throws(
    load(changed('model_index.json', { text_encoder_2: ['transformers', 'CLIPTextModelWithProjection'] })),
    /text_encoder_2 = .*unknown here/,
  );
  assert.throws(load(changed('model_index.json', { unet: ['diffusers', 'UNet3D'] })), /unet is a UNet3D/);
  assert.throws(load(changed('tokenizer/tokenizer_config.json', { do_lower_case: false })), /do_lower_case is false/);
  assert.throws(
    load(changed('tokenizer/tokenizer_config.json', { bos_token: '<s>' })),
    /bos_token is <s>, and CLIP's is/,
  );
  assert.throws(
    load(changed('tokenizer/tokenizer_config.json', { split_special_tokens: true })),
    /split_special_tokens = true/,
  );

  const vocabulary = JSON.parse(fs.readFileSync(path.join(FOLDER, 'tokenizer/vocab.json'), 'utf8'));
  const misfits: [string, Record<string, unknown>, RegExp][] = [
    ['tokenizer/vocab.json', { a: '1' }, /vocab.json: the number of "a" is "1", expected a whole/],
    ['tokenizer/vocab.json', { a: Object.keys(vocabulary).length }, /vocab_size is \d+, and the/],
    ['tokenizer/vocab.json', { strange: 1 }, /merges.txt makes no strange, which is in vocab/],
    ['tokenizer/tokenizer_config.json', { model_max_length: 78 }, /max_position_embeddings is 77/],
    ['vae/config.json', { latent_channels: 3 }, /in_channels is 4, and latent_channels of the vae 3/],
  ];
  for (const [file, change, told] of misfits) assert.throws(load(changed(file, change)), told);

  const [plain, moved] = [load(FOLDER)(), load(changed('vae/config.json', { shift_factor: 0.5 }))()];
  const picture = tf.ones([1, 8, 16, 3]).mul(0.3);
  const [a, b] = [plain.latents(picture), moved.latents(picture)];
  assert.ok(
    a
      .sub(b)
      .sub(0.5 * plain.parts.scale)
      .abs()
      .max()
      .dataSync()[0] < 1e-6,
  );
  assert.ok(plain.pictures(a).sub(moved.pictures(b)).abs().max().dataSync()[0] < 1e-5);
  for (const model of [plain, moved]) model.dispose();
});
