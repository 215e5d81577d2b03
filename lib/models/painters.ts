/** Which painter lies in a folder: model_index.json names its pipeline. */
import type { Module } from '../nn';
import type { LoraTargets } from './lora-files';
import { StableDiffusion } from './stable-diffusion';
import { modelIndex, type PainterPlan, pipelineNames } from './stable-diffusion-folder';
import { StableDiffusionXL } from './stable-diffusion-xl';

export type Painter = StableDiffusion | StableDiffusionXL;

const named = <T>(name: string, kind: T) => pipelineNames(name).map(each => [each, kind]);

/** Pipelines of diffusers by the names that they have in model_index.json. */
const PIPELINES = Object.fromEntries([
  ...named('StableDiffusion', 'sd1'),
  ...named('StableDiffusionXL', 'xl'),
]) as Record<string, 'sd1' | 'xl'>;

/**
 * What a folder holds, and how much; no weight is read. A folder without model_index.json is taken for Stable Diffusion 1.
 * @param size height and width of its pictures in pixels, default what the net was trained for
 * @throws Error that names the file and the field that this course's nets don't do
 */
export function painterPlan(folder: string, size?: [number, number]): PainterPlan<Painter> {
  const kind = modelIndex(folder)?.oneOf('_class_name', PIPELINES);
  return kind === 'xl' ? StableDiffusionXL.plan(folder, size) : StableDiffusion.plan(folder, size);
}

/** The nets of a painter that a LoRA may adapt. */
export function loraTargets(painter: Painter): LoraTargets {
  const second: Record<string, Module> = painter instanceof StableDiffusionXL ? { text_encoder_2: painter.text2 } : {};
  return { unet: painter.unet, text_encoder: painter.text, ...second };
}
