/**
 * What the files of a Stable Diffusion folder say, field by field, as the course's nets and samplers need it: done, or
 * refused by name. Fields and their defaults are those of diffusers 0.42 and transformers 5.
 */
import {
  cosineSchedule,
  fromBeta,
  leadingSteps,
  linearSchedule,
  type NoiseSchedule,
  type Prediction,
  type Spacing,
  scaledLinearSchedule,
  trailingSteps,
  zeroTerminal,
} from '../diffusion';
import type { Settings } from '../formats';
import type { AutoencoderConfig } from './autoencoder-kl';
import type { ClipTextConfig } from './clip';
import type { ClipActivation } from './clip-encoder';
import type { ConditionalUNetConfig } from './conditional-unet';

/** x·σ(x) by its two names. */
const SILU = { silu: 'silu', swish: 'silu' };

export function unetSettings(c: Settings): { config: ConditionalUNetConfig; size?: number } {
  c.must({ _class_name: 'UNet2DConditionModel' });
  const channels = c.whole('in_channels');
  if (channels === 9)
    throw new Error(`${c.name}: 9 channels are those of an inpainting model; the plain model has 4, and inpaints too`);
  const widths = c.wholes('block_out_channels');
  const down = c.value('down_block_types');
  if (!Array.isArray(down)) throw new Error(`${c.name} has no down_block_types, without which the net can't be built`);
  const attention = down.flatMap((type, level) => (type === 'CrossAttnDownBlock2D' ? [level] : []));
  const mirrored = down.map(type => String(type).replace('Down', 'Up')).reverse();
  c.must({
    down_block_types: down.map((_, level) => (attention.includes(level) ? 'CrossAttnDownBlock2D' : 'DownBlock2D')),
  });
  c.must({ up_block_types: mirrored, mid_block_type: 'UNetMidBlock2DCrossAttn', out_channels: channels });
  c.oneOf('act_fn', SILU, 'silu');
  c.must({ only_cross_attention: false });
  const linear = c.flag('use_linear_projection', false);
  const depths = eachOf(c, 'transformer_layers_per_block', 1, 'layers');
  const added = addedSettings(c);
  c.must({ dual_cross_attention: false, attention_type: 'default', resnet_time_scale_shift: 'default' });
  c.must({
    flip_sin_to_cos: true,
    freq_shift: 0,
    downsample_padding: 1,
    norm_eps: 1e-5,
    conv_in_kernel: 3,
    conv_out_kernel: 3,
  });
  c.must({ time_embedding_type: 'positional', center_input_sample: false, mid_block_scale_factor: 1 });
  c.must({ resnet_out_scale_factor: 1, resnet_skip_time_act: false, class_embeddings_concat: false });
  c.ignore('dropout', 'upcast_attention', 'addition_embed_type_num_heads'); // training, precision, and a part that is not there
  const config = {
    channels,
    widths,
    blocks: c.layers('layers_per_block'),
    attention,
    // diffusers calls the number of heads attention_head_dim, and would rather have it called by its name
    heads: c.value('num_attention_heads') === undefined ? eachOf(c, 'attention_head_dim') : headsOf(c),
    context: c.whole('cross_attention_dim'),
    groups: c.whole('norm_num_groups'),
    ...(linear ? { linear } : {}),
    ...(depths === 1 ? {} : { depths: Array.isArray(depths) ? depths : widths.map(() => depths) }),
    ...(added ? { added } : {}),
  };
  const size = c.value('sample_size') === undefined ? undefined : c.whole('sample_size');
  c.done();
  const everywhere = [...attention, widths.length - 1]; // the middle always looks at the words
  const perLevel = Object.entries({ attention_head_dim: config.heads, transformer_layers_per_block: depths });
  for (const [field, list] of perLevel)
    if (Array.isArray(list) && list.length !== widths.length)
      throw new Error(`${c.name}: ${field} has ${list.length} numbers, and block_out_channels ${widths.length}`);
  divides(c, 'norm_num_groups', config.groups, widths);
  for (const level of everywhere) {
    const heads = Array.isArray(config.heads) ? config.heads[level] : config.heads;
    divides(c, 'attention_head_dim', heads, [widths[level]]);
  }
  return { config, size };
}

/** One number, or a list with one for each resolution. */
const eachOf = (
  c: Settings,
  field: string,
  otherwise?: number,
  one: 'whole' | 'layers' = 'whole',
): number | number[] => (Array.isArray(c.value(field)) ? c.wholes(field) : c[one](field, otherwise));

/** @throws Error where a width can't be split into so many groups or heads */
function divides(c: Settings, field: string, parts: number, widths: readonly number[]): void {
  const odd = widths.find(width => width % parts !== 0);
  if (odd !== undefined)
    throw new Error(`${c.name}: ${field} is ${parts}, and a width of ${odd} can't be split into so many parts`);
}

function headsOf(c: Settings): number | number[] {
  eachOf(c, 'attention_head_dim', 1); // the same by its wrong name, where it is there as well
  return eachOf(c, 'num_attention_heads');
}

/** What XL is told beside the words. */
function addedSettings(c: Settings): { pooled: number; waves: number } | undefined {
  if (c.value('addition_embed_type') === undefined) return undefined;
  c.oneOf('addition_embed_type', { text_time: true });
  const waves = c.whole('addition_time_embed_dim');
  const pooled = c.whole('projection_class_embeddings_input_dim') - 6 * waves;
  if (pooled < 1)
    throw new Error(
      `${c.name}: projection_class_embeddings_input_dim must be more than 6 times addition_time_embed_dim, got ${pooled + 6 * waves}`,
    );
  return { pooled, waves };
}

export function vaeSettings(c: Settings): { config: AutoencoderConfig; scale: number; shift: number } {
  c.must({ _class_name: 'AutoencoderKL' });
  const widths = c.wholes('block_out_channels');
  const channels = c.whole('in_channels');
  c.oneOf('act_fn', SILU, 'silu');
  c.must({
    down_block_types: widths.map(() => 'DownEncoderBlock2D'),
    up_block_types: widths.map(() => 'UpDecoderBlock2D'),
  });
  c.must({ out_channels: channels, use_quant_conv: true, use_post_quant_conv: true, mid_block_add_attention: true });
  c.ignore('force_upcast', 'sample_size'); // precision on a GPU; the size it was trained with
  const config = {
    channels,
    widths,
    blocks: c.layers('layers_per_block'),
    latent: c.whole('latent_channels'),
    groups: c.whole('norm_num_groups'),
  };
  if (channels !== 3) throw new Error(`${c.name}: in_channels is ${channels}, and pictures have 3: red, green, blue`);
  const [scale, shift] = [c.number('scaling_factor', 0.18215), c.number('shift_factor', 0)];
  if (!(scale >= 1e-6 && scale <= 1e6) || Math.abs(shift) > 1e6)
    // beyond, float32 loses the latents or makes them ∞
    throw new Error(`${c.name}: scaling_factor ${scale} and shift_factor ${shift} leave nothing of the latents`);
  c.done();
  divides(c, 'norm_num_groups', config.groups, widths);
  return { config, scale, shift };
}

/** projected: the net also makes a vector of the whole text, at the token that ends it. */
export function textSettings(
  c: Settings,
  projected = false,
): { config: ClipTextConfig; activation: ClipActivation; projection?: number } {
  const width = c.whole('hidden_size', undefined, 1, 2 ** 16);
  c.must({ layer_norm_eps: 1e-5, intermediate_size: 4 * width });
  const activation = c.oneOf<ClipActivation>('hidden_act', { quick_gelu: 'quickGelu', gelu: 'gelu' }, 'quick_gelu');
  c.ignore('attention_dropout', 'dropout', 'initializer_factor', 'initializer_range'); // training
  const projection = projected ? c.whole('projection_dim', 512) : undefined;
  const end = c.value('eos_token_id');
  if (projected && end !== undefined && end !== 2 && end !== c.whole('vocab_size') - 1)
    throw new Error(
      `${c.name}: eos_token_id is ${end}, and a text ends at the token with the highest number here (or 2, as old files write)`,
    );
  c.ignore('bos_token_id', 'eos_token_id', 'pad_token_id', 'projection_dim'); // of the one vector of a text
  c.ignore(
    'gradient_checkpointing',
    'use_cache',
    'output_attentions',
    'output_hidden_states',
    'return_dict',
    'is_decoder',
  );
  const config = {
    vocab: c.whole('vocab_size'),
    context: c.whole('max_position_embeddings'),
    width,
    layers: c.layers('num_hidden_layers'),
    heads: c.whole('num_attention_heads'),
  };
  c.done();
  divides(c, 'num_attention_heads', config.heads, [width]);
  return { config, activation, projection };
}

/** Schedulers of diffusers that noise by β_t: any of them can be followed by this course's samplers. */
const NOISED_BY_BETA = [
  'DDIM',
  'DDPM',
  'PNDM',
  'LMSDiscrete',
  'EulerDiscrete',
  'EulerAncestralDiscrete',
  'HeunDiscrete',
];
const MORE_OF_THEM = [
  'DPMSolverMultistep',
  'DPMSolverSinglestep',
  'KDPM2Discrete',
  'KDPM2AncestralDiscrete',
  'UniPCMultistep',
  'DEISMultistep',
];

export interface SchedulerSettings {
  schedule: NoiseSchedule;
  prediction: Prediction;
  spacing: Spacing;
}

export function schedulerSettings(c: Settings): SchedulerSettings {
  const classes = [...NOISED_BY_BETA, ...MORE_OF_THEM].map(name => [`${name}Scheduler`, name]);
  const kind = c.oneOf('_class_name', Object.fromEntries(classes), 'DDIMScheduler');
  const prediction = c.oneOf<Prediction>(
    'prediction_type',
    { epsilon: 'eps', v_prediction: 'v', sample: 'x0' },
    'epsilon',
  );
  let schedule = noising(c);
  if (c.flag('rescale_betas_zero_snr', false)) {
    if (prediction === 'eps')
      throw new Error(
        `${c.name}: rescale_betas_zero_snr leaves nothing of the picture at the last step, where a net that predicts the noise (prediction_type epsilon) says nothing`,
      );
    schedule = zeroTerminal(schedule);
  }
  if (!c.flag('set_alpha_to_one', true)) schedule = { ...schedule, end: schedule.alphaBar[0] };
  const offset = c.whole('steps_offset', 0, 0, schedule.steps - 1);
  const spacing = c.oneOf<Spacing>(
    'timestep_spacing',
    { leading: (steps, count) => leadingSteps(steps, count, offset), trailing: trailingSteps },
    'leading',
  );
  c.must({ thresholding: false });
  if (c.flag('clip_sample', kind === 'DDIM' || kind === 'DDPM'))
    throw new Error(
      `${c.name}: clip_sample is true (which it also is where a ${kind}Scheduler does not name it), and latents are not cut here; false is what models of latents have`,
    );
  c.ignore('clip_sample_range', 'dynamic_thresholding_ratio', 'sample_max_value'); // of what is off
  c.must({ timestep_type: 'discrete' });
  c.ignore('interpolation_type', 'final_sigmas_type', 'sigma_min', 'sigma_max', 'euler_at_final'); // of their own samplers
  c.ignore('skip_prk_steps', 'solver_order', 'solver_type', 'algorithm_type', 'lower_order_final', 'variance_type'); // of their own samplers
  c.must({ use_karras_sigmas: false, use_exponential_sigmas: false, use_beta_sigmas: false, use_flow_sigmas: false });
  c.done();
  return { schedule, prediction, spacing };
}

function beta(c: Settings, field: string, otherwise: number): number {
  const value = c.number(field, otherwise);
  if (!(value > 0 && value < 1)) throw new Error(`${c.name}: ${field} must be between 0 and 1, got ${value}`);
  return value;
}

/** Below it float32 can hardly tell the picture from nothing, and what is divided by it is ∞. */
const LEAST_LEFT = 1e-12;

/** `betas`, with the file in its errors. */
function noising(c: Settings): NoiseSchedule {
  let left = 0;
  try {
    const schedule = betas(c);
    left = schedule.alphaBar.at(-1) ?? 0;
    if (left > LEAST_LEFT) return schedule;
  } catch (error) {
    const { message } = error as Error;
    throw message.startsWith(c.name) ? error : new Error(`${c.name}: ${message}`);
  }
  const fields = c.value('trained_betas') === undefined ? 'beta_start, beta_end, num_train_timesteps' : 'trained_betas';
  throw new Error(
    `${c.name}: ${fields} leave ${left} of the picture at the last step, expected more than ${LEAST_LEFT}`,
  );
}

function betas(c: Settings): NoiseSchedule {
  const [steps, first, last] = [
    c.whole('num_train_timesteps', 1000, 1, 2 ** 16),
    beta(c, 'beta_start', 1e-4),
    beta(c, 'beta_end', 0.02),
  ];
  const kind = c.oneOf(
    'beta_schedule',
    { linear: linearSchedule, scaled_linear: scaledLinearSchedule, squaredcos_cap_v2: cosineSchedule },
    'linear',
  );
  const trained = c.value('trained_betas');
  if (trained !== undefined) {
    if (!Array.isArray(trained) || !trained.length || !trained.every(each => each > 0 && each < 1))
      throw new Error(
        `${c.name}: trained_betas is ${JSON.stringify(trained).slice(0, 60)}, expected a list of numbers between 0 and 1`,
      );
    return fromBeta('trained', trained);
  }
  return kind === cosineSchedule ? cosineSchedule(steps) : kind(steps, first, last);
}
