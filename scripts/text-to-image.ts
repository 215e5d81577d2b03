/**
 * `npm run text-to-image -- --model FOLDER --prompt "…"`: paints with Stable Diffusion 1.x from a folder as Hugging Face
 * distributes it (unet, vae, text_encoder, tokenizer, scheduler, with safetensors); from noise, from a picture, or inside
 * a mask. Nothing is fetched.
 */
import fs from 'node:fs';
import { StableDiffusion } from '../lib/models/stable-diffusion';
import { memoryReport, type tf } from '../lib/runtime';
import { parseCommand, runCommand } from './notebooks/command';
import { fitted, opened, readPng, type Size, writePng } from './paint/pictures';

const HELP = `npm run text-to-image -- --model FOLDER --prompt "…" [options]
  --negative "…"      what to keep away from
  --steps 50          denoising steps
  --guidance 7.5      how strongly the prompt counts; 1 is not at all beyond the plain answer
  --seed 1            the noise that everything starts from
  --size 512          height and width in pixels, or 768x512: width x height
  --image in.png      start from a picture instead of from noise …
  --strength 0.8      … of which 0 keeps everything and 1 nothing
  --mask mask.png     repaint the picture only where this one, of the same size, is white; --strength is then 1
  --out out.png`;
const VALUED = ['model', 'prompt', 'negative', 'steps', 'guidance', 'seed', 'size', 'image', 'strength', 'mask', 'out'];

/** What the command line asks for, checked as far as it can be without the model. */
interface Job {
  prompt: string;
  size?: Size;
  out: string;
  image?: tf.Tensor4D;
  mask?: tf.Tensor4D;
  how: { negative: string; steps: number; guidance: number; seed: number; strength?: number };
}

export async function main(argv: string[]): Promise<number> {
  const { words, options } = parseCommand(argv, VALUED, ['help']);
  const folder = options.get('model');
  if (words.length) throw new Error(`unexpected ${JSON.stringify(words[0])}; put the prompt in quotes\n${HELP}`);
  if (options.has('help') || !folder || !options.has('prompt')) {
    console.log(HELP);
    return options.has('help') ? 0 : 1;
  }
  const job = readJob(options);
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  const model = StableDiffusion.load(folder, job.size);
  console.log(`${folder}: ${model.unet.parameterCount().toLocaleString('en')} parameters in the U-Net, ${seconds()}`);
  const picture = await paint(model, job, ({ step, of }) => console.log(`  step ${step} of ${of}, ${seconds()}`));
  writePng(job.out, picture);
  const peak = (memoryReport().peakRssBytes / 1e9).toFixed(1);
  console.log(`✓ ${job.out}, ${seconds()}, ${peak} GB of memory at most`);
  return 0;
}

/** @throws Error that names the option, what it got and what it takes */
function readJob(options: Map<string, string>): Job {
  const strength = options.has('strength') ? numberOf(options, 'strength', 0, 0, 1) : undefined;
  const out = options.get('out') ?? 'out.png';
  if (fs.statSync(out, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Error(`--out ${out} is a folder; give the name of a PNG file`);
  }
  const [from, where] = [options.get('image'), options.get('mask')];
  if (from === undefined && where !== undefined) throw new Error('--mask says where to repaint; give --image, too');
  if (from === undefined && strength !== undefined) throw new Error('--strength is about a picture; give --image, too');
  const image = from === undefined ? undefined : readPng(from, '--image');
  const mask = where === undefined ? undefined : readPng(where, '--mask');
  if (image && mask && String(image.shape) !== String(mask.shape)) {
    const [picture, other] = [image, mask].map(({ shape: [, h, w] }) => `${w} × ${h}`);
    throw new Error(
      `--mask ${where} has ${other} pixels, --image ${from} has ${picture}; they must have the same size`,
    );
  }
  if (mask && opened(mask).max().dataSync()[0] === 0) {
    throw new Error(`--mask ${where} is black all over; make white what is to be repainted`);
  }
  const how = {
    negative: options.get('negative') ?? '',
    steps: wholeOf(options, 'steps', 50, 1),
    guidance: numberOf(options, 'guidance', 7.5),
    seed: wholeOf(options, 'seed', 1, 0),
    strength,
  };
  return { prompt: options.get('prompt')!, size: sizeOf(options.get('size')), out, image, mask, how };
}

function numberOf(options: Map<string, string>, name: string, otherwise: number, least = -1e9, most = 1e9): number {
  const value = Number(options.get(name) ?? otherwise);
  if (options.get(name) === '' || !Number.isFinite(value)) {
    throw new Error(`--${name} must be a number, got ${options.get(name) || 'nothing'}`);
  }
  if (value < least || value > most) throw new Error(`--${name} must be between ${least} and ${most}, got ${value}`);
  return value;
}

function wholeOf(options: Map<string, string>, name: string, otherwise: number, least: number): number {
  const value = numberOf(options, name, otherwise);
  if (!Number.isInteger(value) || value < least) {
    throw new Error(`--${name} must be a whole number of at least ${least}, got ${value}`);
  }
  return value;
}

/** '512' or '768x512', width first → [height, width]. */
function sizeOf(text: string | undefined): Size | undefined {
  if (text === undefined) return undefined;
  const [, width, height = width] = /^([1-9]\d*)(?:x([1-9]\d*))?$/.exec(text) ?? [];
  if (!width)
    throw new Error(`--size must be pixels, such as 512 or 768x512 (width x height), got ${text || 'nothing'}`);
  return [Number(height), Number(width)];
}

type OnStep = (state: { step: number; of: number }) => void;

async function paint(model: StableDiffusion, { prompt, image, mask, how }: Job, onStep: OnStep): Promise<tf.Tensor4D> {
  const options = { ...how, onStep };
  if (!image) return model.paint([prompt], options);
  const [h, w] = model.parts.latent;
  const size: Size = [h * model.vae.factor, w * model.vae.factor];
  const start = fitted(image, size); //                     [1, height, width, 3]
  if (!mask) return model.repaint(start, [prompt], options);
  return model.inpaint(start, opened(fitted(mask, size)), [prompt], options);
}

if (require.main === module) runCommand(main);
