/**
 * Names of a U-Net's layers in the code that Stable Diffusion was published with (github.com/Stability-AI/generative-models), where
 * blocks are counted through; LoRA files of kohya's tools for XL have them, with underscores for dots.
 */
import type { ConditionalUNetConfig } from './conditional-unet';

/** Parts of a residual block. */
const RESNET: Record<string, string> = {
  in_layers_0: 'norm1',
  in_layers_2: 'conv1',
  emb_layers_1: 'time_emb_proj',
  out_layers_0: 'norm2',
  out_layers_3: 'conv2',
  skip_connection: 'conv_shortcut',
};
const OUTSIDE: Record<string, string> = {
  input_blocks_0_0: 'conv_in',
  time_embed_0: 'time_embedding_linear_1',
  time_embed_2: 'time_embedding_linear_2',
  label_emb_0_0: 'add_embedding_linear_1',
  label_emb_0_2: 'add_embedding_linear_2',
  out_0: 'conv_norm_out',
  out_2: 'conv_out',
};

/** An original name → the name of diffusers, both with underscores; undefined where it is no original one. */
export type Translator = (name: string) => string | undefined;

/**
 * @example fromOriginal(SDXL_UNET)('input_blocks_4_1_proj_in') // → down_blocks_1_attentions_0_proj_in
 */
export function fromOriginal(config: ConditionalUNetConfig): Translator {
  const places = placesOf(config);
  return name => {
    if (OUTSIDE[name]) return OUTSIDE[name];
    const [, block, rest] = /^((?:input_blocks|output_blocks)_\d+_\d|middle_block_\d)_(.+)$/.exec(name) ?? [];
    const place = places.get(block ?? '');
    if (!place) return undefined;
    if (place.includes('samplers')) return rest === 'op' || rest === 'conv' ? `${place}_conv` : undefined;
    if (place.includes('attentions')) return `${place}_${rest}`;
    return RESNET[rest] && `${place}_${RESNET[rest]}`;
  };
}

/** 'input_blocks_4_1' → 'down_blocks_1_attentions_0', block by block. */
function placesOf({ widths, blocks, attention }: ConditionalUNetConfig): Map<string, string> {
  const places = new Map<string, string>();
  let n = 1; // input block 0 is the first convolution
  widths.forEach((_, level) => {
    for (let i = 0; i < blocks; i++, n++) {
      places.set(`input_blocks_${n}_0`, `down_blocks_${level}_resnets_${i}`);
      if (attention.includes(level)) places.set(`input_blocks_${n}_1`, `down_blocks_${level}_attentions_${i}`);
    }
    if (level < widths.length - 1) places.set(`input_blocks_${n++}_0`, `down_blocks_${level}_downsamplers_0`);
  });
  ['resnets_0', 'attentions_0', 'resnets_1'].forEach((part, i) => {
    places.set(`middle_block_${i}`, `mid_block_${part}`);
  });
  n = 0;
  widths.forEach((_, up) => {
    const level = widths.length - 1 - up;
    const attentive = attention.includes(level);
    for (let i = 0; i <= blocks; i++, n++) {
      places.set(`output_blocks_${n}_0`, `up_blocks_${up}_resnets_${i}`);
      if (attentive) places.set(`output_blocks_${n}_1`, `up_blocks_${up}_attentions_${i}`);
    }
    if (level > 0) places.set(`output_blocks_${n - 1}_${attentive ? 2 : 1}`, `up_blocks_${up}_upsamplers_0`);
  });
  return places;
}
