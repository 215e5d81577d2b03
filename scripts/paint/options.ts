/** Values of the command line as numbers, sizes and lists; whatever is wrong is said with the option, what it got and what it takes. */
import fs from 'node:fs';
import type { Size } from './pictures';

/** The generator of random numbers takes 32 bits. */
const LARGEST_SEED = 2 ** 32 - 1;
/** A sheet of more is no picture any more. */
const MOST_SEEDS = 400;

export type Options = ReadonlyMap<string, string>;

export function numberOf(options: Options, name: string, otherwise: number, [least, most]: [number, number]): number {
  const given = options.get(name);
  const value = Number(given ?? otherwise);
  if (given?.trim() === '' || !Number.isFinite(value)) {
    throw new Error(`--${name} must be a number, got ${given || 'nothing'}`);
  }
  if (value < least || value > most) throw new Error(`--${name} must be between ${least} and ${most}, got ${value}`);
  return value;
}

export function wholeOf(options: Options, name: string, otherwise: number, least: number): number {
  const value = numberOf(options, name, otherwise, [-1e9, 1e9]);
  if (!Number.isInteger(value) || value < least) {
    throw new Error(`--${name} must be a whole number of at least ${least}, got ${value}`);
  }
  return value;
}

/** '512' or '768x512', width first → [height, width]. */
export function sizeOf(text: string | undefined): Size | undefined {
  if (text === undefined) return undefined;
  const [, width, height = width] = /^([1-9]\d{0,4})(?:x([1-9]\d{0,4}))?$/.exec(text) ?? [];
  if (!width)
    throw new Error(`--size must be pixels, such as 512 or 768x512 (width x height), got ${text || 'nothing'}`);
  return [Number(height), Number(width)];
}

/** '1', '3,7' or '1-4,9' → the seeds, each once. */
export function seedsOf(text = '1'): number[] {
  const seeds = new Set<number>();
  for (const part of text.split(',')) {
    const [, first, last = first] = /^\s*(\d{1,10})(?:-(\d{1,10}))?\s*$/.exec(part) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first === undefined || to < from || to > LARGEST_SEED)
      throw new Error(
        `--seed must be whole numbers of at most ${LARGEST_SEED}, such as 1 or 1,5,8-11, got ${text || 'nothing'}`,
      );
    if (seeds.size + to - from >= MOST_SEEDS)
      throw new Error(`--seed ${text.slice(0, 60)}: at most ${MOST_SEEDS} pictures at a time`);
    for (let seed = from; seed <= to; seed++) {
      if (seeds.has(seed)) throw new Error(`--seed ${text.slice(0, 60)}: ${seed} is there twice`);
      seeds.add(seed);
    }
  }
  return [...seeds];
}

/** A LoRA file and how much of it. */
export interface LoraChoice {
  file: string;
  weight: number;
}

/** 'FILE' or 'FILE:weight'; a drive's colon has a slash behind it. */
export function loraOf(text: string): LoraChoice {
  if (fs.existsSync(text)) return { file: text, weight: 1 }; // a name may have a colon
  const [, file, weight = '1'] = /^(.+?)(?::([^:/\\]*))?$/s.exec(text) ?? [];
  if (file === undefined) throw new Error('--lora takes FILE or FILE:weight, got nothing');
  const value = Number(weight);
  if (weight.trim() === '' || !Number.isFinite(value) || Math.abs(value) > 10)
    throw new Error(`--lora ${text}: the weight must be a number between -10 and 10, got ${weight || 'nothing'}`);
  return { file, weight: value };
}
