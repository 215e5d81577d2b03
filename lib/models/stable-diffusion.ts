/**
 * Stable Diffusion 1 from a folder, as Hugging Face distributes it: unet, vae, text_encoder, tokenizer and scheduler, each
 * with its config.json. The nets are the course's own; the files fill them by name. At full size: 859,520,964 + 83,653,863 +
 * 123,060,480 parameters, 4.3 GB as float32, whether the files hold 32 or 16 bits a number.
 * @see notebooks/14-text-to-image.ipynb
 */

import { ClipTokenizer } from '../data';
import { TextToImage } from '../diffusion';
import { Settings } from '../formats';
import { loadModule, type Module } from '../nn';
import { fs, path } from '../platform';
import { shapesOnly } from '../runtime';
import { AutoencoderKL } from './autoencoder-kl';
import { ClipTextModel } from './clip';
import { ConditionalUNet } from './conditional-unet';
import {
  type SchedulerSettings,
  schedulerSettings,
  textSettings,
  unetSettings,
  vaeSettings,
} from './stable-diffusion-settings';

/**
 * @example
 * // needs the folder of Stable Diffusion 1.5
 * const diffusion = StableDiffusion.load('stable-diffusion-v1-5');
 */
export class StableDiffusion extends TextToImage {
  private constructor(
    readonly tokenizer: ClipTokenizer,
    readonly text: ClipTextModel,
    readonly unet: ConditionalUNet,
    readonly vae: AutoencoderKL,
    facts: SchedulerSettings & { scale: number; shift: number; latent: [number, number, number] },
  ) {
    super({
      words: texts => text.forward(tokenizer.encode(texts)), // [B, 77, D]
      net: (x, t, words) => unet.forward(x, t, words),
      vae,
      oneNoise: true,
      ...facts,
    });
  }

  /**
   * Reads the folder. size: height and width of its pictures in pixels, default what the U-Net was trained for.
   * @throws Error that names the missing file, or the setting that this course's nets don't have
   */
  static load(folder: string, size?: [number, number]): StableDiffusion {
    checkIndex(folder);
    const ofUnet = unetSettings(settings(folder, 'unet'));
    const ofVae = vaeSettings(settings(folder, 'vae'));
    const ofText = textSettings(settings(folder, 'text_encoder'));
    const scheduler = schedulerSettings(settings(folder, 'scheduler', 'scheduler_config.json'));
    const factor = 2 ** (ofVae.config.widths.length - 1); // pixels to a latent
    const [height, width] = size ?? [0, 1].map(() => trainedSize(folder, ofUnet.size) * factor);
    const coarsest = factor * 2 ** (ofUnet.config.widths.length - 1);
    if (height % coarsest || width % coarsest) {
      throw new Error(`pictures of ${height} × ${width} don't fit this model; use multiples of ${coarsest} pixels`);
    }
    const tokenizer = ClipTokenizer.read(path.join(folder, 'tokenizer'));
    const text = filled(folder, 'text_encoder', () => new ClipTextModel(ofText.config, ofText.activation), nowInText);
    const vae = filled(folder, 'vae', () => new AutoencoderKL(ofVae.config), nowInVae);
    const unet = filled(folder, 'unet', () => new ConditionalUNet(ofUnet.config));
    const latent: [number, number, number] = [height / factor, width / factor, unet.config.channels];
    const { scale, shift } = ofVae;
    return new StableDiffusion(tokenizer, text, unet, vae, { ...scheduler, scale, shift, latent });
  }

  dispose(): void {
    for (const module of [this.text, this.unet, this.vae]) module.dispose();
  }
}

function settings(folder: string, part: string, name = 'config.json'): Settings {
  const file = path.join(folder, part, name);
  if (fs.existsSync(file)) return Settings.open(file);
  if (!fs.existsSync(folder)) throw new Error(`no folder ${folder}; give the one that holds unet, vae, text_encoder …`);
  throw new Error(
    `no ${part}/${name} in ${folder}; a Stable Diffusion 1 model has unet, vae, text_encoder, tokenizer, scheduler`,
  );
}

/** What the parts are, where the folder says it: [library, class]. */
const CLASSES: Record<string, string> = {
  unet: 'UNet2DConditionModel',
  vae: 'AutoencoderKL',
  text_encoder: 'CLIPTextModel',
};

/** model_index.json names the pipeline and the class of every part; the safety checker and its like are left out here. */
function checkIndex(folder: string): void {
  const file = path.join(folder, 'model_index.json');
  if (!fs.existsSync(file)) return;
  const index = Settings.open(file);
  index.oneOf('_class_name', {
    StableDiffusionPipeline: true,
    StableDiffusionImg2ImgPipeline: true,
    StableDiffusionInpaintPipeline: true,
  });
  for (const [part, name] of Object.entries(CLASSES)) {
    const given = index.value(part);
    const kind = Array.isArray(given) ? given[1] : undefined;
    if (kind !== undefined && kind !== name)
      throw new Error(`${file}: ${part} is a ${kind}, and ${name} is what can be loaded`);
  }
  const tokenizer = index.value('tokenizer');
  if (Array.isArray(tokenizer) && !/^CLIPTokenizer(?:Fast)?$/.test(String(tokenizer[1])))
    throw new Error(`${file}: tokenizer is a ${tokenizer[1]}, and CLIPTokenizer is what can be loaded`);
  const encoder = index.value('image_encoder');
  if (Array.isArray(encoder) && encoder[1] !== null)
    throw new Error(`${file}: image_encoder is a ${encoder[1]}; pictures as prompts are not supported here`);
  index.ignore('scheduler', 'safety_checker', 'feature_extractor', 'requires_safety_checker');
  index.done();
}

function trainedSize(folder: string, size: number | undefined): number {
  if (size === undefined)
    throw new Error(`${folder}: unet/config.json has no sample_size; give the size of the pictures`);
  return size;
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
