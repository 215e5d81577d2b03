/**
 * Teaches the course's text-to-image model something new from a folder of pictures, with a LoRA:
 *
 *     sh scripts/train/lora.sh --pictures FOLDER --rank 4 --epochs 10        (lora.cmd and lora.ps1 on Windows)
 *
 * FOLDER is laid out as the common trainers want it: subfolders named `10_anything`, where 10 is how often each of its
 * pictures counts in an epoch (repeats), and in them NAME.png (32 × 32) with its caption in NAME.txt. With `--word porcelain`
 * the text encoder learns that word together with the adapters (textual inversion); captions should hold it.
 * Writes the adapters, in the names of Stable Diffusion's tools, the word's vector beside them, and prints the loss of each epoch.
 * @see notebooks/15-lora.ipynb
 */
import fs from 'node:fs';
import path from 'node:path';
import { THING_SIZE } from '../../lib/data';
import { cosineSchedule, diffusionLoss } from '../../lib/diffusion';
import { NewWord, ThingPainter } from '../../lib/models';
import { Adam, Lora } from '../../lib/nn';
import { HostRandom, start, tf } from '../../lib/runtime';
import { type Batch, progressBar, train } from '../../lib/training';
import { readPng } from '../paint/pictures';

/** What can be said on the command line, and what is meant where nothing is said. */
const DEFAULTS = {
  pictures: '',
  out: 'checkpoints/lora.safetensors',
  word: '',
  rank: 4,
  alpha: 4,
  rate: 3e-3,
  epochs: 10,
  batch: 8,
  seed: 15,
};
type Settings = typeof DEFAULTS;

/** Wherever words reach the net: by the time embedding and the layout, by attention; and the paths beside the blocks. */
const LAYERS =
  /(class|layout)_embedding|time_emb|conv_shortcut|attn[12]\.to_(q|k|v|out\.0)$|proj_(in|out)$|ff\.net\.(0\.proj|2)$/;

function settingsFrom(words: string[]): Settings {
  const settings: Record<string, string | number> = { ...DEFAULTS };
  for (let i = 0; i < words.length; i += 2) {
    const name = words[i].replace(/^--/, '');
    if (!(name in DEFAULTS) || words[i + 1] === undefined) {
      throw new Error(`${words[i]} ${words[i + 1] ?? ''}: known are --${Object.keys(DEFAULTS).join(' N, --')} N`);
    }
    const number = typeof DEFAULTS[name as keyof Settings] === 'number';
    settings[name] = number ? Number(words[i + 1]) : words[i + 1];
    if (number && !(Number(words[i + 1]) > 0))
      throw new Error(`--${name} must be a number above 0, got ${words[i + 1]}`);
  }
  if (!settings.pictures)
    throw new Error('say where the pictures are: --pictures FOLDER (with subfolders like 10_style)');
  return settings as Settings;
}

interface Example {
  pixels: tf.Tensor4D; // [1, 32, 32, 3] in −1..1
  caption: string;
}

/** Every picture as often as its folder's number says. */
function readFolder(folder: string): Example[] {
  const subfolders = fs.existsSync(folder) ? fs.readdirSync(folder).filter(name => /^\d+_/.test(name)) : [];
  const examples = subfolders.flatMap(name => {
    const files = fs
      .readdirSync(path.join(folder, name))
      .filter(file => file.endsWith('.png'))
      .sort();
    const once = files.map(file => readExample(path.join(folder, name, file)));
    return Array.from({ length: Number.parseInt(name, 10) }, () => once).flat();
  });
  if (examples.length) return examples;
  throw new Error(`${folder} holds no pictures; expected NAME.png and NAME.txt in subfolders named like 10_style`);
}

function readExample(file: string): Example {
  const pixels = readPng(file, '--pictures'); // [1, H, W, 3]
  const [, height, width] = pixels.shape;
  const words = file.replace(/\.png$/, '.txt');
  if (width !== THING_SIZE || height !== THING_SIZE) {
    throw new Error(`${file} is ${width} × ${height}; expected ${THING_SIZE} × ${THING_SIZE}, scale it first`);
  }
  if (!fs.existsSync(words)) throw new Error(`${file} has no caption; write it to ${words}`);
  return { pixels, caption: fs.readFileSync(words, 'utf8').trim() };
}

async function main(): Promise<void> {
  const settings = settingsFrom(process.argv.slice(2));
  await start({ seed: settings.seed });
  const examples = readFolder(settings.pictures);
  const painter = ThingPainter.load();
  const { text, unet } = painter.net;
  const lora = new Lora(unet, { rank: settings.rank, alpha: settings.alpha, layers: LAYERS });
  const word = settings.word ? new NewWord(painter, settings.word) : undefined;
  const trained = [...lora.parameters(), ...(word?.parameters() ?? [])];
  const adam = new Adam(trained, { learningRate: settings.rate, clipNorm: 1 });
  const latents = tf.tidy(() => painter.latents(tf.concat(examples.map(e => e.pixels)))); // [N, 16, 16, 12]
  tf.dispose(examples.map(e => e.pixels));
  const schedule = cosineSchedule();
  const size = Math.min(settings.batch, examples.length);
  const perEpoch = Math.floor(examples.length / size);
  const count = trained.reduce((sum, { size: n }) => sum + n, 0);
  console.log(`${examples.length} examples an epoch, ${perEpoch * settings.epochs} steps, ${count} parameters`);
  await train({
    step: ({ z, ids }: Batch) => {
      const loss = () => {
        const words = text.forward(ids); // [B, 10, 96]
        return diffusionLoss((x, t) => unet.forward(x, t, words), z, schedule, 'v');
      };
      return { loss: adam.minimize(loss) };
    },
    batches: function* (epoch: number) {
      const order = new HostRandom(settings.seed * 1_000_003 + epoch).shuffle(examples.map((_, i) => i));
      for (let from = 0; from + size <= order.length; from += size) {
        const chosen = order.slice(from, from + size);
        yield { z: tf.gather(latents, chosen), ids: painter.tokenizer.encode(chosen.map(i => examples[i].caption)) };
      }
    },
    epochs: settings.epochs,
    stepsPerEpoch: perEpoch,
    observers: [progressBar()],
  });
  const facts = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));
  const metadata = { ...facts, pictures: path.basename(settings.pictures), made: 'scripts/train/lora.ts' };
  lora.save(settings.out, 'lora_unet', metadata);
  console.log(`written to ${settings.out}`);
  if (!word) return;
  const beside = settings.out.replace(/(\.safetensors)?$/, '-word.safetensors');
  word.save(beside, metadata);
  console.log(`the word '${word.word}': ${beside}`);
}

main().catch(error => {
  console.error((error as Error).message);
  process.exitCode = 1;
});
