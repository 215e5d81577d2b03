/**
 * A painter's folder as Hugging Face distributes it: model_index.json, and for each part config.json and safetensors. What it is
 * made of and how large it is can be said before a weight is read.
 */
import type { ClipTokenizer } from '../data';
import type { NoiseSchedule } from '../diffusion';
import { Settings } from '../formats';
import type { Module } from '../nn';
import { fs, path } from '../platform';
import { shapesOnly } from '../runtime';
import type { AutoencoderConfig } from './autoencoder-kl';
import type { ClipTextConfig } from './clip';
import type { ConditionalUNetConfig } from './conditional-unet';
import { fillFromFolder, weightHeaders } from './weight-files';

/** A folder whose settings are known and fit: what it takes, before it is loaded. */
export interface PainterPlan<P = unknown> {
  folder: string;
  /** As people call it: 'Stable Diffusion 1'. */
  kind: string;
  /** Height and width of its pictures in pixels. */
  size: [number, number];
  /** How many weights each part has, as its files' headers say. */
  weights: Record<string, number>;
  /** The files of settings and weights. */
  files: string[];
  /** The schedule's steps for a number of them. @throws Error where the scheduler can't make so many */
  path(steps: number): number[];
  schedule: NoiseSchedule;
  /** Reads the weights. */
  load(): P;
}

/** What a part of a folder is: library and class, as model_index.json names them. */
export type PartClasses = Record<string, string>;

const WEIGHTS = ['diffusion_pytorch_model', 'model'];

/** A part's settings. @throws Error where the folder or the file is missing, or is no JSON */
export function partSettings(folder: string, part: string, name = 'config.json'): Settings {
  const file = path.join(folder, part, name);
  if (fs.existsSync(file)) return Settings.open(file);
  if (!fs.existsSync(folder)) throw new Error(`no folder ${folder}; give the one that holds unet, vae, text_encoder …`);
  throw new Error(
    `no ${part}/${name} in ${folder}; a Stable Diffusion 1 model has unet, vae, text_encoder, tokenizer, scheduler`,
  );
}

/** A pipeline's names in diffusers: painting from text, from a picture, and into one. */
export const pipelineNames = (name: string): string[] =>
  ['', 'Img2Img', 'Inpaint'].map(task => `${name}${task}Pipeline`);

/** model_index.json, where the folder has it. */
export function modelIndex(folder: string): Settings | undefined {
  const file = path.join(folder, 'model_index.json');
  return fs.existsSync(file) ? Settings.open(file) : undefined;
}

/**
 * model_index.json names the pipeline and the class of every part; the safety checker and its like are left out here.
 * @returns what else it says, for whoever knows the pipeline
 */
export function checkIndex(index: Settings, classes: PartClasses): void {
  for (const [part, name] of Object.entries(classes)) {
    const given = index.value(part);
    const kind = Array.isArray(given) ? given[1] : given;
    if (kind !== undefined && !new RegExp(`^(?:${name})$`).test(String(kind)))
      throw new Error(`${index.name}: ${part} is a ${kind}, and ${name.split('|')[0]} is what can be loaded`);
  }
  const encoder = index.value('image_encoder');
  if (Array.isArray(encoder) && encoder[1] !== null)
    throw new Error(`${index.name}: image_encoder is a ${encoder[1]}; pictures as prompts are not supported here`);
  index.ignore('_class_name', 'scheduler', 'safety_checker', 'feature_extractor', 'requires_safety_checker');
  index.done();
}

/** Numbers of weights and names of files of a folder's parts. */
export function inspected(folder: string, parts: readonly string[]): Pick<PainterPlan, 'weights' | 'files'> {
  const headers = parts.map(part => weightHeaders(path.join(folder, part), WEIGHTS));
  const weights = Object.fromEntries(parts.map((part, i) => [part, headers[i].numbers]));
  const configs = [
    ...parts.map(part => path.join(part, 'config.json')),
    path.join('scheduler', 'scheduler_config.json'),
  ];
  const files = [...configs.map(file => path.join(folder, file)), ...headers.flatMap(({ files }) => files)];
  return { weights, files };
}

/** A module with the weights of folder/part; it is built as shapes, so that nothing is drawn only to be overwritten. */
export const filledPart = <M extends Module>(
  folder: string,
  part: string,
  build: () => M,
  rename?: (name: string) => string,
): M => fillFromFolder(shapesOnly(build), path.join(folder, part), WEIGHTS, rename);

/** What the parts' settings say of each other. @throws Error that names the field where two don't fit */
export function checkTogether(
  folder: string,
  { unet, vae, texts }: { unet: ConditionalUNetConfig; vae: AutoencoderConfig; texts: readonly TextPart[] },
): void {
  const wrong = (file: string, what: string) => new Error(`${path.join(folder, file)}: ${what}`);
  if (unet.channels !== vae.latent)
    throw wrong('unet/config.json', `in_channels is ${unet.channels}, and latent_channels of the vae ${vae.latent}`);
  for (const { part, config, tokenizer } of texts) {
    const file = `${part}/config.json`;
    if (tokenizer.context > config.context)
      throw wrong(
        file,
        `max_position_embeddings is ${config.context}, and the tokenizer's texts have ${tokenizer.context} tokens`,
      );
    const most = Object.values(tokenizer.vocabulary).reduce((a, b) => Math.max(a, b), 0);
    if (most >= config.vocab)
      throw wrong(file, `vocab_size is ${config.vocab}, and the tokenizer counts up to ${most}`);
  }
}

interface TextPart {
  part: string;
  config: ClipTextConfig;
  tokenizer: ClipTokenizer;
}

/**
 * Height and width of the pictures, default what the net was trained for.
 * @param factor pixels to a latent, @param coarsest pixels to one place of the coarsest map
 * @throws Error where the net can't have such a map
 */
export function pictureSize(
  folder: string,
  size: [number, number] | undefined,
  trained: number | undefined,
  factor: number,
  coarsest: number,
): [number, number] {
  if (!size && trained === undefined)
    throw new Error(`${folder}: unet/config.json has no sample_size; give the size of the pictures`);
  const [height, width] = size ?? [trained! * factor, trained! * factor];
  if (height % coarsest || width % coarsest)
    throw new Error(`pictures of ${height} × ${width} don't fit this model; use multiples of ${coarsest} pixels`);
  return [height, width];
}

/** What the auto-encoder's attention was called in 2022 → its names today. */
export function nowInVae(name: string): string {
  const today: Record<string, string> = { query: 'to_q', key: 'to_k', value: 'to_v', proj_attn: 'to_out.0' };
  return name.replace(/(attentions\.0)\.(query|key|value|proj_attn)\./, (_, at, old) => `${at}.${today[old]}.`);
}

/** transformers 5 saves the text encoder without its prefix; older files also count positions, which are no weights. */
export function nowInText(name: string): string {
  if (name.endsWith('position_ids')) return '';
  return name.startsWith('text_model.') || name.startsWith('text_projection.') ? name : `text_model.${name}`;
}
