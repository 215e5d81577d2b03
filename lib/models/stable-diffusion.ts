/**
 * Stable Diffusion 1 (and 2, which differs by its settings) from a folder, as Hugging Face distributes it: unet, vae, text_encoder,
 * tokenizer and scheduler, each with its config.json. The nets are the course's own; the files fill them by name. Version 1 at full
 * size: 859,520,964 + 83,653,863 + 123,060,480 parameters, 4.3 GB as float32, whether the files hold 32 or 16 bits a number.
 * @see notebooks/14-text-to-image.ipynb
 */

import { ClipTokenizer } from '../data';
import { TextToImage } from '../diffusion';
import { path } from '../platform';
import { AutoencoderKL } from './autoencoder-kl';
import { ClipTextModel } from './clip';
import { ConditionalUNet, type ConditionalUNetConfig } from './conditional-unet';
import {
  checkIndex,
  checkTogether,
  filledPart,
  inspected,
  modelIndex,
  nowInText,
  nowInVae,
  type PainterPlan,
  partSettings,
  pictureSize,
  pipelineNames,
} from './stable-diffusion-folder';
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
    return StableDiffusion.plan(folder, size).load();
  }

  /**
   * The same without the weights: settings are read, and the headers of the files.
   * @example
   * // needs the folder of Stable Diffusion 1.5
   * StableDiffusion.plan('stable-diffusion-v1-5').weights.unet // → 859520964
   */
  static plan(folder: string, size?: [number, number]): PainterPlan<StableDiffusion> {
    checkClasses(folder);
    const ofUnet = unetSettings(partSettings(folder, 'unet'));
    const ofVae = vaeSettings(partSettings(folder, 'vae'));
    const ofText = textSettings(partSettings(folder, 'text_encoder'));
    const scheduler = schedulerSettings(partSettings(folder, 'scheduler', 'scheduler_config.json'));
    const factor = 2 ** (ofVae.config.widths.length - 1); // pixels to a latent
    const coarsest = factor * 2 ** (ofUnet.config.widths.length - 1);
    const [height, width] = pictureSize(folder, size, ofUnet.size, factor, coarsest);
    const tokenizer = ClipTokenizer.read(path.join(folder, 'tokenizer'));
    const texts = [{ part: 'text_encoder', config: ofText.config, tokenizer }];
    checkTogether(folder, { unet: ofUnet.config, vae: ofVae.config, texts });
    checkWords(folder, ofUnet.config, ofText.config.width);
    const load = () => {
      const build = () => new ClipTextModel(ofText.config, ofText.activation);
      const text = filledPart(folder, 'text_encoder', build, nowInText);
      const vae = filledPart(folder, 'vae', () => new AutoencoderKL(ofVae.config), nowInVae);
      const unet = filledPart(folder, 'unet', () => new ConditionalUNet(ofUnet.config));
      const latent: [number, number, number] = [height / factor, width / factor, unet.config.channels];
      const { scale, shift } = ofVae;
      return new StableDiffusion(tokenizer, text, unet, vae, { ...scheduler, scale, shift, latent });
    };
    const { spacing, schedule } = scheduler;
    const made = (steps: number) => spacing(schedule.steps, steps);
    const parts = inspected(folder, ['text_encoder', 'unet', 'vae']);
    const kind = ofUnet.config.linear ? 'Stable Diffusion 2' : 'Stable Diffusion 1'; // what tells the two apart
    return { folder, kind, size: [height, width], path: made, schedule, load, ...parts };
  }

  dispose(): void {
    for (const module of [this.text, this.unet, this.vae]) module.dispose();
  }
}

function checkWords(folder: string, { context, added }: ConditionalUNetConfig, width: number): void {
  const file = path.join(folder, 'unet', 'config.json');
  if (added)
    throw new Error(
      `${file}: addition_embed_type is text_time, as in XL, and model_index.json does not say that this is XL`,
    );
  if (context !== width)
    throw new Error(`${file}: cross_attention_dim is ${context}, and hidden_size of the text_encoder ${width}`);
}

/** model_index.json, where the folder has it. */
function checkClasses(folder: string): void {
  const index = modelIndex(folder);
  if (!index) return;
  const names = pipelineNames('StableDiffusion');
  index.oneOf('_class_name', Object.fromEntries(names.map(name => [name, true])));
  checkIndex(index, {
    unet: 'UNet2DConditionModel',
    vae: 'AutoencoderKL',
    text_encoder: 'CLIPTextModel',
    tokenizer: 'CLIPTokenizer|CLIPTokenizerFast',
  });
}
