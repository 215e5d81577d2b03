/** Parts of Stable Diffusion XL and 2, small and random: what diffusers tells its U-Net and paints (stable_diffusion_xl_reference.py). */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Settings } from '../../lib/formats';
import { AutoencoderKL } from '../../lib/models/autoencoder-kl';
import { ClipTextModel } from '../../lib/models/clip';
import { ConditionalUNet, SD15_UNET, SDXL_UNET } from '../../lib/models/conditional-unet';
import { addLora } from '../../lib/models/lora-files';
import { fromOriginal } from '../../lib/models/original-names';
import { loraTargets, painterPlan } from '../../lib/models/painters';
import { textSettings, unetSettings, vaeSettings } from '../../lib/models/stable-diffusion-settings';
import { StableDiffusionXL } from '../../lib/models/stable-diffusion-xl';
import { type Module, readTensors, saveModule, writeTensors } from '../../lib/nn';
import { shapesOnly, tf } from '../../lib/runtime';
import { main } from '../../scripts/text-to-image';
import { newFolder } from '../folder';
import { filledByName } from './filled';

const FIXTURES = path.join(__dirname, 'fixtures');
const { tensors: expected } = readTensors(path.join(FIXTURES, 'tiny-sdxl-expected.safetensors'));
type Files = Record<string, Record<string, unknown>>;
const filesOf = (name: string): Files => JSON.parse(fs.readFileSync(path.join(FIXTURES, name), 'utf8'));
const FILES = filesOf('tiny-sdxl.json');

const filled = <M extends Module>(model: M): M => filledByName(model, /norm[^.]*\.weight$/);

/** A folder as diffusers saves it; `change` alters a file's settings. `weights: false` leaves the nets out. */
function folderOf(change: Files = {}, weights = true, files = FILES): string {
  const folder = newFolder('xl');
  for (const [file, settings] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), JSON.stringify({ ...settings, ...change[file] }));
  }
  for (const part of ['tokenizer', 'tokenizer_2'].filter(part => files[`${part}/tokenizer_config.json`]))
    for (const file of ['vocab.json', 'merges.txt'])
      fs.copyFileSync(path.join(FIXTURES, 'tiny-stable-diffusion/tokenizer', file), path.join(folder, part, file));
  if (!weights) return folder;
  const settings = (part: string) => new Settings(part, files[`${part}/config.json`]);
  const text = (part: string, projected: boolean) => {
    const { config, activation, projection } = textSettings(settings(part), projected);
    return new ClipTextModel(config, activation, projection);
  };
  const nets: Record<string, Module> = {
    'text_encoder/model': text('text_encoder', false),
    ...(files['text_encoder_2/config.json'] ? { 'text_encoder_2/model': text('text_encoder_2', true) } : {}),
    'unet/diffusion_pytorch_model': new ConditionalUNet(unetSettings(settings('unet')).config),
    'vae/diffusion_pytorch_model': new AutoencoderKL(vaeSettings(settings('vae')).config),
  };
  for (const [file, net] of Object.entries(nets)) saveModule(path.join(folder, `${file}.safetensors`), filled(net));
  return folder;
}

const folder = folderOf();
const HOW = { steps: 7, guidance: 5 };

/** The model with 8 × 16 pictures, beginning with the reference's noise instead of a seed's. */
const load = () =>
  Object.assign(StableDiffusionXL.load(folder, [8, 16]), { noise: () => expected.start.clone() as tf.Tensor4D });

function apart(actual: tf.Tensor, wanted: tf.Tensor): number {
  assert.deepEqual(actual.shape, wanted.shape);
  return actual.sub(wanted).abs().max().dataSync()[0];
}

test('what the U-Net is told, its answer and pictures are those of diffusers', async () => {
  const model = load();
  const told = model.parts.words(['a red heart']);
  assert.ok(apart(told.tokens, expected.tokens) < 2e-3, 'words, kept in 16 bits');
  assert.ok(apart(told.pooled, expected.pooled) < 1e-5, 'the whole text');
  assert.deepEqual([...told.ids.dataSync()], [8, 16, 0, 0, 8, 16]);
  assert.ok(apart(model.parts.net(expected.start, tf.tensor1d([500]), told), expected.answer) < 1e-4, 'one answer');
  assert.ok(apart(await model.paint(['a red heart'], HOW), expected.picture) < 1e-4, 'away from zeros');
  const negative = 'dogs';
  const repainted = await model.repaint(expected.image, ['a red heart'], {
    ...HOW,
    steps: 10,
    strength: 0.8,
    negative,
  });
  assert.ok(apart(repainted, expected.repainted) < 1e-4, 'from a picture, away from dogs');
  model.dispose();
});

test("inside a mask: XL's inpainting, with the mask's whole latents, is diffusers' picture", async () => {
  const { tensors } = readTensors(path.join(FIXTURES, 'tiny-sdxl-inpaint-expected.safetensors'));
  const { mask } = tensors;
  const model = load();
  for (const strength of [1, 0.6]) {
    const wanted = tensors[`inpainted ${strength === 1 ? '1.0' : strength}`];
    const how = { ...HOW, steps: 10, strength, negative: 'dogs' };
    const painted = await model.inpaint(expected.image, mask, ['a red heart'], how);
    assert.ok(apart(painted.mul(mask), wanted.mul(mask)) < 1e-4, `strength ${strength}`);
    assert.equal(apart(painted.mul(tf.sub(1, mask)), expected.image.mul(tf.sub(1, mask))), 0, 'outside');
  }
  model.dispose();
});

test("version 2's settings (linear projections, heads by level, gelu, v): diffusers' picture", async () => {
  const plan = painterPlan(folderOf({}, true, filesOf('tiny-sd2.json')), [8, 16]);
  assert.equal(plan.kind, 'Stable Diffusion 2');
  const model = Object.assign(plan.load(), { noise: () => expected.start.clone() as tf.Tensor4D });
  const picture = await model.paint(['a red heart'], { ...HOW, negative: 'dogs' });
  assert.ok(apart(picture, expected.version2) < 1e-4);
  model.dispose();
});

test('sizes as published: 2,567,463,684 parameters in the U-Net', () => {
  assert.equal(shapesOnly(() => new ConditionalUNet(SDXL_UNET)).parameterCount(), 2_567_463_684);
  const text = { vocab: 49408, context: 77, width: 1280, layers: 32, heads: 20 };
  assert.equal(shapesOnly(() => new ClipTextModel(text, 'gelu', 1280)).parameterCount(), 694_659_840);
});

test('the command paints with it, and a LoRA under the names of the original code adapts it', async () => {
  const out = path.join(newFolder('out'), 'a.png');
  const how = ['--model', folder, '--prompt', 'a red heart', '--size', '8', '--steps', '1', '--out'];
  assert.equal(await main([...how, out]), 0);
  const model = load();
  const lora = path.join(newFolder('lora'), 'xl.safetensors');
  const [down, up] = [tf.ones([1, 12]), tf.ones([12, 1])];
  writeTensors(lora, {
    'lora_unet_input_blocks_3_1_transformer_blocks_1_attn1_to_q.lora_down.weight': down,
    'lora_unet_input_blocks_3_1_transformer_blocks_1_attn1_to_q.lora_up.weight': up,
    'lora_te2_text_model_encoder_layers_0_self_attn_q_proj.lora_down.weight': down,
    'lora_te2_text_model_encoder_layers_0_self_attn_q_proj.lora_up.weight': up,
  });
  const weight = (net: Module, name: string) => net.stateDict()[name];
  const places = [
    [model.unet, 'down_blocks.1.attentions.0.transformer_blocks.1.attn1.to_q.weight'],
    [model.text2, 'text_model.encoder.layers.0.self_attn.q_proj.weight'],
  ] as [Module, string][];
  const before = places.map(([net, name]) => weight(net, name));
  assert.equal(addLora(lora, loraTargets(model)), 2);
  places.forEach(([net, name], i) => {
    assert.ok(apart(weight(net, name), before[i].add(1)) < 1e-6, name);
  });
  const styled = path.join(path.dirname(out), 'b.png');
  assert.equal(await main([...how, styled, '--lora', lora]), 0);
  assert.notDeepEqual(fs.readFileSync(styled), fs.readFileSync(out));
});

test('every layer of a U-Net has one name in the original code', () => {
  for (const config of [SDXL_UNET, SD15_UNET]) {
    const name = fromOriginal(config);
    const flat = (of: RegExp) =>
      shapesOnly(() => new ConditionalUNet(config))
        .namedParameters()
        .map(([parameter]) => parameter.replace(/\.(?:weight|bias)$/, '').replaceAll('.', '_'))
        .filter(each => of.test(each));
    const blocks = new Set(flat(/resnets_\d+_conv1$|attentions_\d+_proj_in$|samplers_0_conv$/));
    const found = new Set<string>();
    for (const side of ['input_blocks', 'output_blocks'])
      for (let n = 0; n < 20; n++)
        for (const part of [0, 1, 2])
          for (const rest of ['in_layers_2', 'proj_in', 'op', 'conv']) {
            const place = name(`${side}_${n}_${part}_${rest}`);
            if (place && blocks.has(place)) found.add(place);
          }
    for (const rest of ['0_in_layers_2', '1_proj_in', '2_in_layers_2']) found.add(name(`middle_block_${rest}`)!);
    assert.deepEqual([...found].sort(), [...blocks].sort());
  }
  const xl = fromOriginal(SDXL_UNET);
  assert.equal(
    xl('input_blocks_8_1_transformer_blocks_9_ff_net_2'),
    'down_blocks_2_attentions_1_transformer_blocks_9_ff_net_2',
  );
  assert.equal(xl('output_blocks_5_2_conv'), 'up_blocks_1_upsamplers_0_conv');
  assert.equal(xl('down_blocks_0_resnets_0_conv1'), undefined);
});

test('what does not fit is refused by file and field, though there is no weight in the folder', () => {
  const refused = (change: Record<string, Record<string, unknown>>, error: RegExp) =>
    assert.throws(() => painterPlan(folderOf(change, false)), error);
  const unet = (change: Record<string, unknown>) => ({ 'unet/config.json': change });
  const index = (change: Record<string, unknown>) => ({ 'model_index.json': change });
  refused({}, /no weights in .*text_encoder; expected one of/);
  refused(index({ requires_aesthetics_score: true }), /model_index.json: requires_aesthetics_score is true/);
  refused(
    index({ text_encoder_2: ['transformers', 'T5EncoderModel'] }),
    /text_encoder_2 is a T5EncoderModel, and CLIP/,
  );
  refused(
    index({ force_zeros_for_empty_prompt: 'no' }),
    /force_zeros_for_empty_prompt is "no", expected true or false/,
  );
  const untold = { addition_time_embed_dim: null, projection_class_embeddings_input_dim: null };
  refused(
    unet({ ...untold, addition_embed_type: null }),
    /unet.config.json: addition_embed_type is missing, and XL's is text_time/,
  );
  refused(unet({ addition_embed_type: 'image' }), /addition_embed_type is "image", expected one of text_time/);
  refused(unet({ cross_attention_dim: 19 }), /cross_attention_dim is 19, and the text encoders' words have 20 numbers/);
  refused(unet({ projection_class_embeddings_input_dim: 24 }), /input_dim must be more than 6 times .*, got 24/);
  refused(
    unet({ projection_class_embeddings_input_dim: 31 }),
    /leaves 7 numbers for the text, and text_encoder_2 gives 6/,
  );
  refused(unet({ attention_head_dim: [2, 'x'] }), /attention_head_dim is \[2,"x"\], expected a list of whole numbers/);
  refused(
    { 'text_encoder_2/config.json': { eos_token_id: 7 } },
    /eos_token_id is 7, and a text ends at the token with/,
  );
  refused({ 'scheduler/scheduler_config.json': { timestep_type: 'continuous' } }, /timestep_type is "continuous"/);
  refused(
    unet({ transformer_layers_per_block: [1] }),
    /unet.config.json: transformer_layers_per_block has 1 numbers, and block_out_channels 2/,
  );
  const { config } = unetSettings(new Settings('unet', FILES['unet/config.json']));
  assert.throws(
    () => new ConditionalUNet({ ...config, depths: [1] }),
    /a U-Net: depths has 1 numbers, expected one for each of 2 widths/,
  );
});
