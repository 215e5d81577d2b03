/**
 * Stable Diffusion 1 from a folder, as Hugging Face distributes it: unet, vae, text_encoder, tokenizer and scheduler, each
 * with its config.json. The nets are the course's own; the files fill them by name. At full size: 859,520,964 + 83,653,863 +
 * 123,060,480 parameters, 4.3 GB as float32, whether the files hold 32 or 16 bits a number.
 * @see notebooks/14-text-to-image.ipynb
 */
import fs from 'node:fs';
import path from 'node:path';
import { ClipTokenizer } from '../data';
import { fromBeta, leadingSteps, type NoiseSchedule, scaledLinearSchedule, TextToImage } from '../diffusion';
import { loadModule, type Module } from '../nn';
import { shapesOnly } from '../runtime';
import { AutoencoderKL } from './autoencoder-kl';
import { ClipTextModel } from './clip';
import { ConditionalUNet } from './conditional-unet';

type Json = Record<string, unknown>;

export class StableDiffusion extends TextToImage {
  private constructor(
    readonly tokenizer: ClipTokenizer,
    readonly text: ClipTextModel,
    readonly unet: ConditionalUNet,
    readonly vae: AutoencoderKL,
    facts: { scale: number; schedule: NoiseSchedule; prediction: 'eps' | 'v'; latent: [number, number, number] },
  ) {
    super({
      words: texts => text.forward(tokenizer.encode(texts)), // [B, 77, D]
      net: (x, t, words) => unet.forward(x, t, words),
      vae,
      spacing: leadingSteps,
      oneNoise: true,
      ...facts,
    });
  }

  /**
   * Reads the folder. size: height and width of its pictures in pixels, default what the U-Net was trained for.
   * @throws Error that names the missing file, or the setting that this course's nets don't have
   */
  static load(folder: string, size?: [number, number]): StableDiffusion {
    const [unetConfig, vaeConfig, textConfig] = ['unet', 'vae', 'text_encoder'].map(part => config(folder, part));
    const prediction = predictionOf(config(folder, 'scheduler', 'scheduler_config.json'));
    const schedule = scheduleOf(config(folder, 'scheduler', 'scheduler_config.json'));
    const [ofUnet, ofVae] = [unetOf(unetConfig), vaeOf(vaeConfig)];
    const factor = 2 ** (ofVae.widths.length - 1); // pixels to a latent
    const [height, width] = size ?? [0, 1].map(() => Number(unetConfig.sample_size) * factor);
    const coarsest = factor * 2 ** (ofUnet.widths.length - 1);
    if (height % coarsest || width % coarsest) {
      throw new Error(`pictures of ${height} × ${width} don't fit this model; use multiples of ${coarsest} pixels`);
    }
    const tokenizer = ClipTokenizer.read(path.join(folder, 'tokenizer'));
    const text = filled(folder, 'text_encoder', () => textModelOf(textConfig), nowInText);
    const vae = filled(folder, 'vae', () => new AutoencoderKL(ofVae), nowInVae);
    const unet = filled(folder, 'unet', () => new ConditionalUNet(ofUnet));
    const latent: [number, number, number] = [height / factor, width / factor, unet.config.channels];
    const scale = Number(vaeConfig.scaling_factor ?? 0.18215);
    return new StableDiffusion(tokenizer, text, unet, vae, { scale, schedule, prediction, latent });
  }

  dispose(): void {
    for (const module of [this.text, this.unet, this.vae]) module.dispose();
  }
}

function config(folder: string, part: string, name = 'config.json'): Json {
  const file = path.join(folder, part, name);
  if (fs.existsSync(file)) return settings(file);
  if (!fs.existsSync(folder)) throw new Error(`no folder ${folder}; give the one that holds unet, vae, text_encoder …`);
  throw new Error(
    `no ${part}/${name} in ${folder}; a Stable Diffusion 1 model has unet, vae, text_encoder, tokenizer, scheduler`,
  );
}

function settings(file: string): Json {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file} is no JSON (${(error as Error).message}); copy the folder again`);
  }
}

/** A module with the weights of folder/part; it is built as shapes, so that nothing is drawn only to be overwritten. */
function filled<M extends Module>(folder: string, part: string, build: () => M, rename?: (name: string) => string): M {
  const names = ['diffusion_pytorch_model', 'model'].flatMap(name => [
    `${name}.safetensors`,
    `${name}.fp16.safetensors`,
  ]);
  const file = names.map(name => path.join(folder, part, name)).find(fs.existsSync);
  if (!file) throw new Error(`no weights in ${path.join(folder, part)}; expected one of ${names.join(', ')}`);
  const module = shapesOnly(build);
  loadModule(file, module, rename);
  return module;
}

/** What the auto-encoder's attention was called in 2022 → its names today. */
function nowInVae(name: string): string {
  const today: Record<string, string> = { query: 'to_q', key: 'to_k', value: 'to_v', proj_attn: 'to_out.0' };
  return name.replace(/(attentions\.0)\.(query|key|value|proj_attn)\./, (_, at, old) => `${at}.${today[old]}.`);
}

/** transformers 5 saves the text encoder without its prefix; older files also count positions, which are no weights. */
function nowInText(name: string): string {
  if (name.endsWith('position_ids')) return '';
  return name.startsWith('text_model.') ? name : `text_model.${name}`;
}

/** Throws unless a config says what these nets do. */
function must(part: string, settings: Json, wanted: Json): void {
  for (const [name, value] of Object.entries(wanted)) {
    const given = settings[name] ?? value;
    if (JSON.stringify(given) !== JSON.stringify(value)) {
      throw new Error(`${part}: ${name} is ${JSON.stringify(given)}, and this course's nets are made for ${value}`);
    }
  }
}

/** Throws unless a config has these settings, which nets can't be built without. */
function need(part: string, c: Json, names: readonly string[]): void {
  const missing = names.find(name => c[name] === undefined);
  if (missing) throw new Error(`${part}/config.json has no ${missing}; is it that of a Stable Diffusion 1 model?`);
}

function unetOf(c: Json) {
  const sizes = ['in_channels', 'block_out_channels', 'layers_per_block', 'down_block_types', 'attention_head_dim'];
  need('unet', c, [...sizes, 'cross_attention_dim', 'norm_num_groups', 'sample_size']);
  if (c.in_channels === 9) {
    throw new Error('unet: 9 channels are those of an inpainting model; the plain model has 4, and inpaints too');
  }
  must('unet', c, { use_linear_projection: false, transformer_layers_per_block: 1, out_channels: c.in_channels });
  must('unet', c, { flip_sin_to_cos: true, freq_shift: 0, downsample_padding: 1, norm_eps: 1e-5 });
  const types = c.down_block_types as string[];
  return {
    channels: c.in_channels as number,
    widths: c.block_out_channels as number[],
    blocks: c.layers_per_block as number,
    attention: [...types.keys()].filter(level => types[level] === 'CrossAttnDownBlock2D'),
    heads: c.attention_head_dim as number, // diffusers calls their number so
    context: c.cross_attention_dim as number,
    groups: c.norm_num_groups as number,
  };
}

function vaeOf(c: Json) {
  need('vae', c, ['in_channels', 'block_out_channels', 'layers_per_block', 'latent_channels', 'norm_num_groups']);
  must('vae', c, { use_quant_conv: true, use_post_quant_conv: true, mid_block_add_attention: true });
  return {
    channels: c.in_channels as number,
    widths: c.block_out_channels as number[],
    blocks: c.layers_per_block as number,
    latent: c.latent_channels as number,
    groups: c.norm_num_groups as number,
  };
}

function textModelOf(c: Json): ClipTextModel {
  const sizes = ['vocab_size', 'max_position_embeddings', 'hidden_size', 'num_hidden_layers', 'num_attention_heads'];
  need('text_encoder', c, sizes);
  must('text_encoder', c, { layer_norm_eps: 1e-5, intermediate_size: 4 * (c.hidden_size as number) });
  const size = {
    vocab: c.vocab_size as number,
    context: c.max_position_embeddings as number,
    width: c.hidden_size as number,
    layers: c.num_hidden_layers as number,
    heads: c.num_attention_heads as number,
  };
  return new ClipTextModel(size, c.hidden_act === 'gelu' ? 'gelu' : 'quickGelu');
}

function scheduleOf(c: Json): NoiseSchedule {
  const [steps, first, last] = [c.num_train_timesteps, c.beta_start, c.beta_end] as [number, number, number];
  if (Array.isArray(c.trained_betas)) return fromBeta('trained', c.trained_betas);
  must('scheduler', c, { beta_schedule: 'scaled_linear' });
  const schedule = scaledLinearSchedule(steps, first, last);
  return c.set_alpha_to_one === false ? { ...schedule, end: schedule.alphaBar[0] } : schedule;
}

function predictionOf(c: Json): 'eps' | 'v' {
  return c.prediction_type === 'v_prediction' ? 'v' : 'eps';
}
