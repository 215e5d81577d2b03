/**
 * Stable Diffusion XL (Podell et al. 2023) from a folder, as Hugging Face distributes it: a larger U-Net that sees the words of
 * two text encoders side by side, and is told the vector of the whole text and six sizes. At full size 2,567,463,684 + 83,653,863
 * + 123,060,480 + 694,659,840 parameters, 13.9 GB as float32.
 */

import { ClipTokenizer } from '../data';
import { TextToImage } from '../diffusion';
import { path } from '../platform';
import { tf } from '../runtime';
import { AutoencoderKL } from './autoencoder-kl';
import { ClipTextModel } from './clip';
import { ConditionalUNet } from './conditional-unet';
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

/** tokens: words of both encoders [B, 77, D₁ + D₂]; pooled: the whole texts [B, P]; ids: the six sizes [B, 6]. */
type Told = { tokens: tf.Tensor; pooled: tf.Tensor; ids: tf.Tensor };

interface Encoder {
  tokenizer: ClipTokenizer;
  net: ClipTextModel;
}

interface Facts extends SchedulerSettings {
  scale: number;
  shift: number;
  latent: [number, number, number];
  size: [number, number];
  /** Whether without a negative prompt the net is told zeros, as in training, and not the words of the empty text. */
  zeros: boolean;
}

/**
 * @example
 * // needs the folder of Stable Diffusion XL
 * const diffusion = StableDiffusionXL.load('stable-diffusion-xl-base-1.0');
 */
export class StableDiffusionXL extends TextToImage<Told> {
  private constructor(
    readonly text: ClipTextModel,
    readonly text2: ClipTextModel,
    encoders: readonly [Encoder, Encoder],
    readonly unet: ConditionalUNet,
    readonly vae: AutoencoderKL,
    { size, zeros, ...facts }: Facts,
  ) {
    const words = (texts: readonly string[]) => toldOf(encoders, texts, size);
    const nothing = (count: number): Told => {
      const { tokens, pooled, ids } = words(Array<string>(count).fill(''));
      return { tokens: tf.zerosLike(tokens), pooled: tf.zerosLike(pooled), ids };
    };
    super({
      words,
      ...(zeros ? { nothing } : {}),
      net: (x, t, { tokens, pooled, ids }) => unet.forward(x, t, tokens, undefined, { pooled, ids }),
      vae,
      oneNoise: true,
      ...facts,
    });
  }

  /** Reads the folder; size as of `StableDiffusion.load`. @throws Error that names the file and the field that does not fit */
  static load(folder: string, size?: [number, number]): StableDiffusionXL {
    return StableDiffusionXL.plan(folder, size).load();
  }

  /** The same without the weights: settings are read, and the headers of the files. */
  static plan(folder: string, size?: [number, number]): PainterPlan<StableDiffusionXL> {
    const zeros = checkXlIndex(folder);
    const ofUnet = unetSettings(partSettings(folder, 'unet'));
    const ofVae = vaeSettings(partSettings(folder, 'vae'));
    const ofText = textSettings(partSettings(folder, 'text_encoder'));
    const ofText2 = textSettings(partSettings(folder, 'text_encoder_2'), true);
    checkWidths(folder, ofUnet.config, ofText.config.width + ofText2.config.width, ofText2.projection!);
    const scheduler = schedulerSettings(partSettings(folder, 'scheduler', 'scheduler_config.json'));
    const factor = 2 ** (ofVae.config.widths.length - 1); // pixels to a latent
    const coarsest = factor * 2 ** (ofUnet.config.widths.length - 1);
    const [height, width] = pictureSize(folder, size, ofUnet.size, factor, coarsest);
    const tokenizers = ['tokenizer', 'tokenizer_2'].map(part => ClipTokenizer.read(path.join(folder, part)));
    const texts = [
      { part: 'text_encoder', config: ofText.config, tokenizer: tokenizers[0] },
      { part: 'text_encoder_2', config: ofText2.config, tokenizer: tokenizers[1] },
    ];
    checkTogether(folder, { unet: ofUnet.config, vae: ofVae.config, texts });
    const load = () => {
      const [text, text2] = (
        [
          ['text_encoder', ofText],
          ['text_encoder_2', ofText2],
        ] as const
      ).map(([part, { config, activation, projection }]) =>
        filledPart(folder, part, () => new ClipTextModel(config, activation, projection), nowInText),
      );
      const vae = filledPart(folder, 'vae', () => new AutoencoderKL(ofVae.config), nowInVae);
      const unet = filledPart(folder, 'unet', () => new ConditionalUNet(ofUnet.config));
      const latent: [number, number, number] = [height / factor, width / factor, unet.config.channels];
      const { scale, shift } = ofVae;
      const encoders = [text, text2].map((net, i) => ({ net, tokenizer: tokenizers[i] })) as [Encoder, Encoder];
      const facts = { ...scheduler, scale, shift, latent, size: [height, width] as [number, number], zeros };
      return new StableDiffusionXL(text, text2, encoders, unet, vae, facts);
    };
    const { spacing, schedule } = scheduler;
    const made = (steps: number) => spacing(schedule.steps, steps);
    const parts = inspected(folder, ['text_encoder', 'text_encoder_2', 'unet', 'vae']);
    return { folder, kind: 'Stable Diffusion XL', size: [height, width], path: made, schedule, load, ...parts };
  }

  dispose(): void {
    for (const module of [this.text, this.text2, this.unet, this.vae]) module.dispose();
  }
}

/** Both encoders before their last layer (section 2.1), the second one's vector, and sizes that say: not enlarged, not cut (2.2). */
function toldOf(
  encoders: readonly [Encoder, Encoder],
  texts: readonly string[],
  [height, width]: [number, number],
): Told {
  const ids = encoders.map(({ tokenizer }) => tokenizer.encode(texts)); // 2 × [B, 77]
  const tokens = tf.concat(
    encoders.map(({ net }, i) => net.beforeLast(ids[i])),
    2,
  );
  const sizes = texts.map(() => [height, width, 0, 0, height, width]);
  return { tokens, pooled: encoders[1].net.whole(ids[1]), ids: tf.tensor2d(sizes, [texts.length, 6]) };
}

function checkWidths(
  folder: string,
  { context, added }: { context: number; added?: { pooled: number } },
  words: number,
  whole: number,
): void {
  const file = path.join(folder, 'unet', 'config.json');
  if (!added) throw new Error(`${file}: addition_embed_type is missing, and XL's is text_time`);
  if (context !== words)
    throw new Error(
      `${file}: cross_attention_dim is ${context}, and the text encoders' words have ${words} numbers together`,
    );
  if (added.pooled !== whole)
    throw new Error(
      `${file}: projection_class_embeddings_input_dim leaves ${added.pooled} numbers for the text, and text_encoder_2 gives ${whole}`,
    );
}

/** What model_index.json says, the refiner, which has one text encoder, is refused. Returns force_zeros_for_empty_prompt. */
function checkXlIndex(folder: string): boolean {
  const index = modelIndex(folder);
  if (!index) return true;
  const names = pipelineNames('StableDiffusionXL');
  index.oneOf('_class_name', Object.fromEntries(names.map(name => [name, true])));
  const zeros = index.flag('force_zeros_for_empty_prompt', true);
  index.must({ requires_aesthetics_score: false });
  index.ignore('add_watermarker'); // a mark in the finished picture, which is not made here
  checkIndex(index, {
    unet: 'UNet2DConditionModel',
    vae: 'AutoencoderKL',
    text_encoder: 'CLIPTextModel',
    text_encoder_2: 'CLIPTextModelWithProjection',
    tokenizer: 'CLIPTokenizer|CLIPTokenizerFast',
    tokenizer_2: 'CLIPTokenizer|CLIPTokenizerFast',
  });
  return zeros;
}
