/**
 * `npm run text-to-image -- --model FOLDER --prompt "…"`: paints with Stable Diffusion from a folder as Hugging Face
 * distributes it (safetensors); from noise, from a picture, or inside a mask. The PNG says how it was made, and `--from` makes it
 * again. Nothing is fetched.
 */
import { noiseLevels } from '../lib/diffusion';
import { addLora } from '../lib/models/lora-files';
import { loraTargets, type Painter, painterPlan } from '../lib/models/painters';
import type { PainterPlan } from '../lib/models/stable-diffusion-folder';
import { memoryReport, tf } from '../lib/runtime';
import { parseCommand, runCommand } from './notebooks/command';
import { checkPixels, checkPlaces, fileOf, type Job, readJob } from './paint/job';
import { memorySentence } from './paint/memory';
import { fitted, opened, readPng, writePng } from './paint/pictures';
import { checkSame, fingerprint, PROGRAM, type Repetition, recordOf, repetitionOf } from './paint/record';
import { sheetOf } from './paint/sheet';

const HELP = `npm run text-to-image -- --model FOLDER --prompt "…" [options]
  --negative "…"      what to keep away from
  --steps 50          denoising steps
  --sampler ddim      or euler, heun (two looks a step), dpm++2m
  --guidance 7.5      how strongly the prompt counts; 1 is not at all beyond the plain answer
  --seed 1            the noise that everything starts from; 1,5,8-11 are six pictures, out-1.png, out-5.png …
  --grid              … or one sheet of them all
  --size 512          height and width in pixels, or 768x512: width x height
  --image in.png      start from a picture instead of from noise …
  --strength 0.8      … of which 0 keeps everything and 1 nothing
  --mask mask.png     repaint the picture only where this one, of the same size, is white; --strength is then 1
  --lora FILE:0.8     add a LoRA (kohya's names or PEFT's), so much of it, 1 where nothing is said; also several times
  --from picture.png  make a picture again as it says itself; options beside it change it
  --out out.png`;
const VALUED = 'model prompt negative steps sampler guidance seed size image strength mask lora from out'.split(' ');

export async function main(argv: string[]): Promise<number> {
  const { words, options, all } = parseCommand(argv, VALUED, ['help', 'grid']);
  if (words.length) throw new Error(`unexpected ${JSON.stringify(words[0])}; put the prompt in quotes\n${HELP}`);
  const from = options.get('from');
  const before = from === undefined || options.has('help') ? undefined : repetitionOf(from);
  const asked = before ? merged(before, options) : options;
  const folder = asked.get('model');
  if (options.has('help') || !folder || !asked.has('prompt')) {
    console.log(HELP);
    if (options.has('help')) return 0;
    throw new Error(
      folder ? '--prompt is missing: what is to be painted' : '--model is missing: the folder of a painter',
    );
  }
  const job = readJob(asked, all.get('lora') ?? before?.loras);
  const plan = painterPlan(folder, job.size);
  checkSteps(plan, job);
  if (before) checkRepetition(from!, before, job, options.has('model') ? undefined : fingerprint(plan));
  console.log(`${folder}: ${memorySentence(plan)}`);
  checkPixels(plan.size, job);
  checkMask(plan, job);
  checkPlaces(job);
  await paintAll(plan, job);
  console.log(`${(memoryReport().peakRssBytes / 1e9).toFixed(1)} GB of memory at most`);
  return 0;
}

/** Loads the model and writes every picture, or the sheet of them. */
async function paintAll(plan: PainterPlan<Painter>, job: Job): Promise<void> {
  const started = performance.now();
  const log = (line: string) => console.log(`${line}, ${((performance.now() - started) / 1000).toFixed(1)} s`);
  const model = plan.load();
  log(`${model.unet.parameterCount().toLocaleString('en')} parameters in the U-Net`);
  for (const { file, weight } of job.loras) {
    const layers = addLora(file, loraTargets(model), weight);
    log(`${file}: ${weight} of it in ${layers} layers`);
  }
  const write = (file: string, picture: tf.Tensor4D, seeds: number[]) => {
    writePng(file, picture, recordOf(job, plan, seeds));
    log(`✓ ${file}`);
  };
  const pictures: tf.Tensor4D[] = [];
  for (const seed of job.seeds) {
    const onStep: OnStep = ({ step, of, x }) => {
      if (!tf.tidy(() => tf.isFinite(x).all().dataSync()[0]))
        // the decoder would make it black or white all over
        throw new Error(
          `seed ${seed}: the latents hold NaN or ∞ after step ${step} of ${of}; a weight of the model or of a LoRA is far too large, or --guidance is`,
        );
      log(`  seed ${seed}, step ${step} of ${of}`);
    };
    const picture = await paint(model, job, seed, onStep);
    if (job.grid) pictures.push(picture);
    else write(fileOf(job, seed), picture, [seed]);
    if (!job.grid) picture.dispose();
  }
  if (job.grid) write(job.out, sheetOf(pictures), job.seeds);
  model.dispose();
}

/** @throws Error where the model's scheduler can't make so many steps, or the sampler can't begin at its noise */
function checkSteps(plan: PainterPlan, { how, sampler }: Job): void {
  const told = <T>(option: string, run: () => T): T => {
    try {
      return run();
    } catch (error) {
      throw new Error(`--${option}: ${(error as Error).message}`);
    }
  };
  const path = told('steps', () => plan.path(how.steps));
  if (sampler.solver) told('sampler', () => noiseLevels(plan.schedule, path)); // pure noise has no level: ddim can begin there
}

/** Only the picture's middle, of the model's proportions, is painted: what the mask opens must lie in it and be large enough. */
function checkMask({ size }: PainterPlan, { mask }: Job): void {
  if (mask === undefined) return;
  const open = tf.tidy(
    () =>
      opened(fitted(readPng(mask, '--mask'), size))
        .max()
        .dataSync()[0],
  );
  if (open === 0)
    throw new Error(
      `--mask ${mask} opens nothing of the middle that is painted, ${size[1]} × ${size[0]} pixels; give another --size, or larger white`,
    );
}

/** What the picture says, and over it what the command says. A new picture or mask goes by its own name. */
function merged({ options }: Repetition, said: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...options, ...said]);
}

/** A picture comes out the same only where everything is as it was. */
function checkRepetition(from: string, before: Repetition, job: Job, model: string | undefined): void {
  const files = [job.image, job.mask, ...job.loras.map(({ file }) => file)];
  checkSame(
    from,
    before,
    files.filter(file => file !== undefined),
  );
  const place = before.options.get('model')!;
  if (model !== undefined && before.hashes.get(place) !== model)
    throw new Error(`${place} is not the model that ${from} was made with; put it back, or give --model`);
  if (before.program !== PROGRAM)
    console.log(`${from} was made by ${before.program}, and this is ${PROGRAM}: the picture may differ`);
}

type OnStep = (state: { step: number; of: number; x: tf.Tensor }) => void;

async function paint(model: Painter, job: Job, seed: number, onStep: OnStep): Promise<tf.Tensor4D> {
  const options = { ...job.how, solver: job.sampler.solver, seed, onStep };
  if (job.image === undefined) return model.paint([job.prompt], options);
  const [h, w] = model.parts.latent;
  const brought = (file: string, option: string) =>
    tf.tidy(() => fitted(readPng(file, option), [h * model.vae.factor, w * model.vae.factor])); // [1, height, width, 3]
  const start = brought(job.image, '--image');
  if (job.mask === undefined) return model.repaint(start, [job.prompt], options);
  return model.inpaint(start, opened(brought(job.mask, '--mask')), [job.prompt], options);
}

if (require.main === module) runCommand(main);
