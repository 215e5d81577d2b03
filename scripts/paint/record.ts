/**
 * What a picture says of how it was made, as texts of its PNG, and how they become the options of a command that makes it again.
 * Files that it began from are known by the hash of what was in them.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { PainterPlan } from '../../lib/models/stable-diffusion-folder';
import { version } from '../../package.json';
import type { Job } from './job';
import { textsOf } from './png-texts';

export const PROGRAM = `LatentLab ${version}`;

/** Keyword of the PNG → option of the command; those with a file hold its hash first. */
const KEYWORDS: Record<string, string> = {
  prompt: 'prompt',
  'negative prompt': 'negative',
  seed: 'seed',
  steps: 'steps',
  guidance: 'guidance',
  size: 'size',
  sampler: 'sampler',
  strength: 'strength',
  image: 'image',
  mask: 'mask',
  grid: 'grid',
  model: 'model',
};
const WITH_HASH = ['image', 'mask', 'model'];
/** `lora 1`, `lora 2` …: hash, weight, file. */
const LORA = /^lora \d+$/;

/** Texts for a picture of these seeds. */
export function recordOf(job: Job, plan: PainterPlan, seeds: readonly number[]): Record<string, string> {
  const { how } = job;
  const hashed = (file: string) => `${hashOf(file)} ${file}`;
  const loras = job.loras.map(({ file, weight }, i) => [`lora ${i + 1}`, `${hashOf(file)} ${weight} ${file}`]);
  const texts: Record<string, string | undefined> = {
    Software: PROGRAM,
    prompt: job.prompt,
    'negative prompt': how.negative,
    seed: seeds.join(','),
    steps: String(how.steps),
    guidance: String(how.guidance),
    sampler: job.sampler.name,
    size: `${plan.size[1]}x${plan.size[0]}`,
    strength: how.strength === undefined ? undefined : String(how.strength),
    image: job.image && hashed(job.image),
    mask: job.mask && hashed(job.mask),
    grid: seeds.length > 1 ? 'yes' : undefined,
    ...Object.fromEntries(loras),
    model: `${fingerprint(plan)} ${plan.folder}`,
  };
  return Object.fromEntries(Object.entries(texts).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** A picture's options, and what has to be as it was. */
export interface Repetition {
  options: Map<string, string>;
  loras: string[];
  /** File or folder → hash that it had. */
  hashes: Map<string, string>;
  /** Which program made it. */
  program: string;
}

/** @throws Error where the file is no PNG, is damaged, or was not made by this command */
export function repetitionOf(file: string): Repetition {
  const texts = textsOf(file);
  const lacking = ['prompt', 'seed', 'steps', 'guidance', 'sampler', 'size', 'model'].filter(key => !texts.has(key));
  const program = texts.get('Software') ?? '';
  if (lacking.length > 0 || !program.startsWith('LatentLab '))
    throw new Error(
      `${file} does not say how it was made (no text ${lacking.map(key => `'${key}'`).join(', ') || "'Software' of LatentLab"}); --from takes a PNG of this command`,
    );
  const hashes = new Map<string, string>();
  const options = new Map<string, string>();
  for (const [keyword, option] of Object.entries(KEYWORDS)) {
    const text = texts.get(keyword);
    if (text === undefined) continue;
    const [hash, place] = WITH_HASH.includes(keyword) ? cut(file, keyword, text) : ['', text];
    options.set(option, place);
    if (hash) hashes.set(place, hash);
  }
  const loras = [...texts.keys()]
    .filter(key => LORA.test(key))
    .map(key => {
      const [hash, rest] = cut(file, key, texts.get(key)!);
      const [weight, place] = cut(file, key, rest);
      hashes.set(place, hash);
      return `${place}:${weight}`;
    });
  return { options, loras, hashes, program };
}

/** At the first blank. */
function cut(file: string, keyword: string, text: string): [string, string] {
  const at = text.indexOf(' ');
  if (at < 1 || at === text.length - 1)
    throw new Error(`${file}: its text '${keyword}' is not as this command writes it, got ${JSON.stringify(text)}`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** @throws Error where a file that the picture began from is another now */
export function checkSame(file: string, { hashes }: Repetition, now: readonly string[]): void {
  for (const used of now) {
    const before = hashes.get(used);
    if (before !== undefined && before !== hashOf(used))
      throw new Error(`${used} is not the file that ${file} was made from; give another by its option, or put it back`);
  }
}

const hashOf = (file: string): string => createHash('sha256').update(fs.readFileSync(file)).digest('hex').slice(0, 16);

/** Bytes of each file that tell models apart: settings, names, shapes and the first weights. All of 4 GB would take half a minute. */
const TELLING = 2 ** 20;

/** 16 digits for a model: of each file its place, its size and its first megabyte. */
export function fingerprint({ folder, files }: PainterPlan): string {
  const hash = createHash('sha256');
  for (const file of files) {
    const handle = fs.openSync(file, 'r');
    try {
      const bytes = Buffer.alloc(TELLING);
      const read = fs.readSync(handle, bytes, 0, TELLING, 0);
      hash.update(`${path.relative(folder, file).replaceAll('\\', '/')} ${fs.fstatSync(handle).size}\n`);
      hash.update(bytes.subarray(0, read));
    } finally {
      fs.closeSync(handle);
    }
  }
  return hash.digest('hex').slice(0, 16);
}
