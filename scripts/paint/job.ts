/** What the command line asks for, checked as far as it can be without the model. */
import fs from 'node:fs';
import path from 'node:path';
import { dpmSolver2M, euler, heun, type OdeSolver } from '../../lib/diffusion';
import { openSafetensors } from '../../lib/formats';
import { statOf } from '../../lib/formats/files';
import { tf } from '../../lib/runtime';
import { type LoraChoice, loraOf, numberOf, type Options, seedsOf, sizeOf, wholeOf } from './options';
import { opened, readPng, type Size } from './pictures';
import { MOST_PIXELS } from './png-texts';

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
  const key = given.toLowerCase().replaceAll(' ', '');
  if (Object.hasOwn(SAMPLERS, key)) return SAMPLERS[key];
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
  const [image, mask] = [options.get('image'), options.get('mask')];
  if (image === undefined && mask !== undefined) throw new Error('--mask says where to repaint; give --image, too');
  if (image === undefined && strength !== undefined)
    throw new Error('--strength is about a picture; give --image, too');
  checkPictures(image, mask);
  const chosen = loras.map(loraOf);
  for (const { file } of chosen) {
    if (!fs.existsSync(file)) throw new Error(`no file ${file}; --lora takes a LoRA as safetensors`);
    openSafetensors(file).close(); // its header is read, so that a damaged file is told before the model is loaded
  }
  const how = {
    negative: options.get('negative') ?? '',
    steps: wholeOf(options, 'steps', 50, 1),
    guidance: numberOf(options, 'guidance', 7.5, [0, 1000]),
    strength,
  };
  const seeds = seedsOf(options.get('seed'));
  const size = sizeOf(options.get('size'));
  const grid = options.has('grid');
  for (const file of grid ? [out] : seeds.map(seed => fileOf({ out, seeds }, seed))) checkName(file);
  return {
    prompt: options.get('prompt')!,
    seeds,
    size,
    out,
    grid,
    image,
    mask,
    loras: chosen,
    how,
    sampler: samplerOf(options),
  };
}

/** Any other name would be a PNG that says it is something else, or take the place of weights. */
function checkName(file: string): void {
  const there = statOf(file);
  if (there?.isDirectory() || !path.basename(file))
    throw new Error(`--out ${file} is a folder; give the name of a PNG file`);
  if (path.extname(file).toLowerCase() !== '.png' || (there && !there.isFile()))
    throw new Error(`--out ${file} is no name of a PNG file; end it with .png`);
}

/** @throws Error where a picture, or the sheet of them, gets larger than any that this command reads */
export function checkPixels([height, width]: Size, { grid, seeds }: Job): void {
  const all = height * width * (grid ? seeds.length : 1);
  if (all > MOST_PIXELS)
    throw new Error(
      `${grid ? 'the sheet' : `a picture of ${width} × ${height}`} would have ${all} pixels, at most ${MOST_PIXELS} are painted; give a smaller --size${grid ? ', or fewer seeds' : ''}`,
    );
}

/** @throws Error where a picture could not be written in the end: said before the time of painting it is spent */
export function checkPlaces(job: Job): void {
  for (const file of job.grid ? [job.out] : job.seeds.map(seed => fileOf(job, seed))) {
    const trial = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.${Date.now()}.part`); // as writeAtomic does
    try {
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.closeSync(fs.openSync(trial, 'w'));
      fs.rmSync(trial);
    } catch (error) {
      throw new Error(`--out ${file} can't be written (${(error as Error).message}); give another place`);
    }
  }
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
export function fileOf({ out, seeds }: Pick<Job, 'out' | 'seeds'>, seed: number): string {
  if (seeds.length === 1) return out;
  const { dir, name, ext } = path.parse(out);
  return path.join(dir, `${name}-${seed}${ext}`);
}
