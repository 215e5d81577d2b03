/**
 * The Transformers of Stable Diffusion 3 and FLUX.1 from the folder `transformer` that Hugging Face distributes: config.json and
 * safetensors. Settings are done field by field, or refused by name. Fields and their defaults are those of diffusers 0.42.
 */
import { Settings } from '../formats';
import type { Module } from '../nn';
import { path } from '../platform';
import { shapesOnly } from '../runtime';
import { Flux, type FluxConfig } from './flux';
import { Mmdit, type MmditConfig } from './mmdit';
import { fillFromFolder } from './weight-files';

/**
 * @returns the sizes that an SD3 transformer's config.json states
 * @example
 * // needs a model's folder of your own
 * mmditSettings(Settings.open('stable-diffusion-3/transformer/config.json')).layers
 */
export function mmditSettings(c: Settings): MmditConfig {
  c.must({ _class_name: 'SD3Transformer2DModel' });
  const heads = c.whole('num_attention_heads', 18);
  const width = heads * c.whole('attention_head_dim', 64);
  if (c.whole('caption_projection_dim', 1152) !== width)
    throw new Error(
      `${c.name}: caption_projection_dim must be the width ${width}, got ${c.value('caption_projection_dim')}`,
    );
  const channels = c.whole('in_channels', 16);
  if (c.whole('out_channels', 16) !== channels)
    throw new Error(`${c.name}: out_channels must be in_channels, ${channels}, got ${c.value('out_channels')}`);
  const patch = c.whole('patch_size', 2);
  const config = {
    channels,
    patch,
    width,
    heads,
    layers: c.layers('num_layers', 18),
    text: c.whole('joint_attention_dim', 4096),
    pooled: c.whole('pooled_projection_dim', 2048),
    side: Math.floor(c.whole('sample_size', 128) / patch),
    most: c.whole('pos_embed_max_size', 96),
    qkNorm: normalised(c),
    dual: dualBlocks(c),
  };
  c.done();
  return config;
}

function normalised(c: Settings): boolean {
  return c.value('qk_norm') === undefined ? false : c.oneOf('qk_norm', { rms_norm: true });
}

/** Blocks 0, 1, 2, …: how many of them. */
function dualBlocks(c: Settings): number {
  const given = c.value('dual_attention_layers') ?? [];
  if (!Array.isArray(given) || given.some((each, i) => each !== i))
    throw new Error(
      `${c.name}: dual_attention_layers is ${JSON.stringify(given).slice(0, 60)}, and this course's nets have them from the first block on`,
    );
  return given.length;
}

/**
 * @returns the sizes that a FLUX.1 transformer's config.json states
 * @example
 * // needs a model's folder of your own
 * fluxSettings(Settings.open('FLUX.1-schnell/transformer/config.json')).layers
 */
export function fluxSettings(c: Settings): FluxConfig {
  c.must({ _class_name: 'FluxTransformer2DModel', patch_size: 1 });
  const numbers = c.whole('in_channels', 64);
  if (numbers % 4 !== 0) throw new Error(`${c.name}: in_channels must be 4 times the latents', got ${numbers}`);
  c.must({ out_channels: c.value('out_channels') === undefined ? null : numbers });
  const turning = c.value('axes_dims_rope') === undefined ? [16, 56, 56] : c.wholes('axes_dims_rope');
  if (turning.length !== 3)
    throw new Error(`${c.name}: axes_dims_rope has ${turning.length} numbers, expected 3: kind, row and column`);
  const heads = c.whole('num_attention_heads', 24);
  const config = {
    channels: numbers / 4,
    width: heads * c.whole('attention_head_dim', 128),
    heads,
    layers: c.layers('num_layers', 19),
    singles: c.layers('num_single_layers', 38),
    text: c.whole('joint_attention_dim', 4096),
    pooled: c.whole('pooled_projection_dim', 768),
    turning: turning as [number, number, number],
    guided: c.flag('guidance_embeds', false),
  };
  c.done();
  return config;
}

/**
 * A folder `transformer` of SD3 → the net with its weights.
 * @throws Error that names the field, the file or the weight that does not fit
 * @example
 * // needs a model's folder of your own
 * readMmditFolder('stable-diffusion-3/transformer').parameterCount()
 */
export function readMmditFolder(folder: string): Mmdit {
  const config = mmditSettings(Settings.open(path.join(folder, 'config.json')));
  return filled(() => new Mmdit(config), folder);
}

/**
 * The same for FLUX.1.
 * @example
 * // needs a model's folder of your own
 * readFluxFolder('FLUX.1-schnell/transformer').parameterCount()
 */
export function readFluxFolder(folder: string): Flux {
  const config = fluxSettings(Settings.open(path.join(folder, 'config.json')));
  return filled(() => new Flux(config), folder);
}

const filled = <M extends Module>(build: () => M, folder: string): M =>
  fillFromFolder(shapesOnly(build), folder, ['diffusion_pytorch_model']);
