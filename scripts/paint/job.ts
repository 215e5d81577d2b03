/** What the command line asks for, checked as far as it can be without the model. */
import fs from 'node:fs';
import path from 'node:path';
import { dpmSolver2M, euler, heun, type OdeSolver } from '../../lib/diffusion';
import { tf } from '../../lib/runtime';
import { type LoraChoice, loraOf, numberOf, type Options, seedsOf, sizeOf, wholeOf } from './options';
import { opened, readPng, type Size } from './pictures';

/** How the way from noise to the picture is followed. */
export interface SamplerChoice {
  /** As the PNG names it. */
  name: string;
  /** DDIM, which is the default, has none. */
  solver?: OdeSolver;
}

const SAMPLERS: Record<string, SamplerChoice> = {
  ddim: { name: 'DDIM' },
  euler: { name: 'Euler', solver: euler },
  heun: { name: 'Heun', solver: heun },
  'dpm++2m': { name: 'DPM++ 2M', solver: dpmSolver2M },
};

/** `euler`, or `Euler` as a PNG says. */
function samplerOf(options: Options): SamplerChoice {
  const given = options.get('sampler') ?? 'ddim';
  const found = SAMPLERS[given.toLowerCase().replaceAll(' ', '')];
  if (found) return found;
  throw new Error(`--sampler must be one of ${Object.keys(SAMPLERS).join(', ')}, got ${given || 'nothing'}`);
}

export interface Job {
  prompt: string;
  seeds: number[];
  size?: Size;
  out: string;
  /** All pictures on one sheet. */
  grid: boolean;
  /** PNG files: what to begin from, and where to repaint it. */
  image?: string;
  mask?: string;
  loras: LoraChoice[];
  how: { negative: string; steps: number; guidance: number; strength?: number };
  sampler: SamplerChoice;
}

/** @throws Error that names the option, what it got and what it takes */
export function readJob(options: Options, loras: readonly string[] = []): Job {
  const strength = options.has('strength') ? numberOf(options, 'strength', 0, [0, 1]) : undefined;
  const out = options.get('out') ?? 'out.png';
  if (fs.statSync(out, { throwIfNoEntry: false })?.isDirectory() || !path.basename(out)) {
    throw new Error(`--out ${out} is a folder; give the name of a PNG file`);
  }
  const [image, mask] = [options.get('image'), options.get('mask')];
  if (image === undefined && mask !== undefined) throw new Error('--mask says where to repaint; give --image, too');
  if (image === undefined && strength !== undefined)
    throw new Error('--strength is about a picture; give --image, too');
  checkPictures(image, mask);
  const chosen = loras.map(loraOf);
  const absent = chosen.find(({ file }) => !fs.existsSync(file));
  if (absent) throw new Error(`no file ${absent.file}; --lora takes a LoRA as safetensors`);
  const how = {
    negative: options.get('negative') ?? '',
    steps: wholeOf(options, 'steps', 50, 1),
    guidance: numberOf(options, 'guidance', 7.5, [0, 1000]),
    strength,
  };
  const seeds = seedsOf(options.get('seed'));
  const size = sizeOf(options.get('size'));
  return {
    prompt: options.get('prompt')!,
    seeds,
    size,
    out,
    grid: options.has('grid'),
    image,
    mask,
    loras: chosen,
    how,
    sampler: samplerOf(options),
  };
}

/** Both can be read, and are of one size; the mask opens something. */
function checkPictures(from: string | undefined, where: string | undefined): void {
  if (from === undefined) return;
  const image = readPng(from, '--image');
  const mask = where === undefined ? undefined : readPng(where, '--mask');
  const black = mask && tf.tidy(() => opened(mask).max().dataSync()[0] === 0);
  tf.dispose(mask ? [image, mask] : [image]);
  if (!mask) return;
  if (String(image.shape) !== String(mask.shape)) {
    const [picture, other] = [image, mask].map(({ shape: [, h, w] }) => `${w} × ${h}`);
    throw new Error(
      `--mask ${where} has ${other} pixels, --image ${from} has ${picture}; they must have the same size`,
    );
  }
  if (black) throw new Error(`--mask ${where} is black all over; make white what is to be repainted`);
}

/** The file of a seed's picture: `out.png` alone, `out-7.png` where there are several. */
export function fileOf({ out, seeds }: Job, seed: number): string {
  if (seeds.length === 1) return out;
  const { dir, name, ext } = path.parse(out);
  return path.join(dir, `${name}-${seed}${ext}`);
}
