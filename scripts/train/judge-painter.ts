/**
 * What the judge says of the text-to-image model of lesson 14:
 *
 *     node --import tsx scripts/train/judge-painter.ts [NAME] [SEEDS] [PROMPTS]
 *
 * NAME: weights in datasets/checkpoints (default thing-painter; trial-NAME-sSEED of TRIAL=NAME SEED=SEED); SEEDS: pictures a prompt (20); PROMPTS: how
 * many trained captions and how many held-out ones, evenly spread over all (40). GUIDANCE, STEPS and FIRST, the first seed (0), in the
 * environment. Appends a line to datasets/checkpoints/thing-painter-judged.log (a trial's to painter-trials.log), with the shares of each seed and the judge's own of
 * the real pictures, and draws the first seed of every prompt, nothing left out, into checkpoints/NAME.png. What was painted is
 * kept in checkpoints/painted, so that another judge needs it painted no second time.
 */
import fs from 'node:fs';
import path from 'node:path';
import { PNG } from 'pngjs';
import { type Colour, heldOutPairs, thingCaption, thingNames, thingSplit, thingTensor } from '../../lib/data';
import { noised, readAnswer, type TextToImage, weightsAt } from '../../lib/diffusion';
import { type Judgement, ThingJudge } from '../../lib/models/judge';
import { loadPretrained } from '../../lib/models/pretrained';
import { THING_PIXELS } from '../../lib/models/thing-painter';
import { random, start, tf } from '../../lib/runtime';
import { logFile, sayAndKeep } from './common';
import { paintingWith, trialNet, trialOf, trialPainter } from './painter-trials';

interface Prompt {
  thing: number;
  colour?: Colour;
}

/** `count` of the items, evenly spread. */
const spread = <T>(items: readonly T[], count: number): T[] =>
  Array.from(
    { length: Math.min(count, items.length) },
    (_, i) => items[Math.floor((i * items.length) / Math.min(count, items.length))],
  );

/** Trained captions: things as they are and in a colour, in turn. */
function trainedPrompts(count: number): Prompt[] {
  const plain = thingNames().map((_, thing) => ({ thing }));
  const seen = new Map<string, Prompt>();
  for (const { thing, colour } of thingSplit().train) if (colour) seen.set(`${thing} ${colour}`, { thing, colour });
  return [...spread(plain, Math.ceil(count / 2)), ...spread([...seen.values()], Math.floor(count / 2))];
}

interface Shares {
  prompts: number;
  pictures: number;
  /** Share of pictures, and standard error over the prompts. */
  thing: [number, number];
  colour: [number, number];
  /** The same shares seed by seed, over all prompts: what other seeds may give. */
  things: number[];
  colours: number[];
}

/** verdicts: those of each prompt's pictures. */
function sharesOf(prompts: Prompt[], verdicts: Judgement[][]): Shares {
  const thing = prompts.map((p, i) => mean(verdicts[i].map(v => Number(v.thing === p.thing))));
  const coloured = [...prompts.keys()].filter(i => prompts[i].colour);
  const colour = coloured.map(i => mean(verdicts[i].map(v => Number(v.colour === prompts[i].colour))));
  const seeds = verdicts[0].map((_, seed) => seed);
  return {
    prompts: prompts.length,
    pictures: verdicts.flat().length,
    thing: withError(thing),
    colour: withError(colour),
    things: seeds.map(s => rounded(mean(prompts.map((p, i) => Number(verdicts[i][s].thing === p.thing))))),
    colours: seeds.map(s => rounded(mean(coloured.map(i => Number(verdicts[i][s].colour === prompts[i].colour))))),
  };
}

const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
const rounded = (value: number) => Number(value.toFixed(4));

function withError(values: number[]): [number, number] {
  const m = mean(values);
  const variance = values.reduce((sum, v) => sum + (v - m) ** 2, 0) / Math.max(1, values.length - 1);
  return [rounded(m), rounded(Math.sqrt(variance / values.length))];
}

/** Tiles of 32 × 32, twice as large, 20 to a row. pictures: [N, 32, 32, 3] in −1..1. */
function grid(pictures: tf.Tensor, file: string): void {
  const [N, columns, size, zoom] = [pictures.shape[0], 20, 32, 2];
  const cell = size * zoom;
  const png = new PNG({ width: columns * cell, height: Math.ceil(N / columns) * cell });
  png.data.fill(255);
  const values = pictures.dataSync();
  for (let n = 0; n < N; n++) {
    for (let p = 0; p < cell * cell; p++) {
      const [y, x] = [Math.floor(p / cell), p % cell];
      const from = 3 * ((n * size + Math.floor(y / zoom)) * size + Math.floor(x / zoom));
      const to = 4 * ((Math.floor(n / columns) * cell + y) * png.width + (n % columns) * cell + x);
      for (let c = 0; c < 3; c++) png.data[to + c] = Math.round((values[from + c] + 1) * 127.5);
    }
  }
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, PNG.sync.write(png));
}

/**
 * Mean squared error of the picture read off the net's answer, of held-out pictures under their captions, at each of ten levels of
 * noise, values bounded as pictures are, per number of a picture with standard deviation 1. Read off latents it is unpacked first.
 */
function pictureErrors(painter: TextToImage): number[] {
  const { net, words, schedule, prediction } = painter.parts;
  const pictures = thingSplit().heldOut;
  const told = words(pictures.map(p => thingCaption(p))); //      [N, length, width]
  const real = thingTensor(pictures); //                          [N, 32, 32, 3]
  const z = painter.latents(real); //                             [N, h, w, C]
  random.seed(1);
  const errors = Array.from({ length: 10 }, (_, i) =>
    tf.tidy(() => {
      const t = tf.fill([pictures.length], 50 + 100 * i, 'int32'); //     [N]
      const x = noised(z, t, random.normal(z.shape), schedule); //        [N, h, w, C]
      const { signal, noise } = weightsAt(schedule, t, z.rank);
      const { x0 } = readAnswer(prediction, net(x, t, told), x, signal, noise);
      const seen = painter.pictures(x0); //                               [N, 32, 32, 3]
      return seen.sub(real).div(THING_PIXELS.deviation).square().mean().dataSync<'float32'>()[0];
    }),
  );
  tf.dispose([told, z, real]);
  return errors;
}

/** Pictures of one seed, kept in `file`: painted, or read where they have been painted before. */
async function painted(file: string, count: number, paint: () => Promise<tf.Tensor>): Promise<tf.Tensor> {
  if (fs.existsSync(file)) {
    const bytes = fs.readFileSync(file);
    return tf.tensor(new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)), [
      count,
      32,
      32,
      3,
    ]);
  }
  const pictures = await paint();
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, new Uint8Array((pictures.dataSync() as Float32Array).slice().buffer));
  return pictures;
}

const guidance = Number(process.env.GUIDANCE ?? 3);
const steps = Number(process.env.STEPS ?? 25);
const begin = Number(process.env.FIRST ?? 0);

/** Judges `seeds` pictures of each prompt; draws the first of each. `name`: of the files that keep them. */
async function judged(painter: TextToImage, judge: ThingJudge, prompts: Prompt[], seeds: number, name: string) {
  const verdicts: Judgement[][] = prompts.map(() => []);
  const captions = prompts.map(p => thingCaption(p));
  for (let seed = begin; seed < begin + seeds; seed++) {
    const pictures = await painted(
      `checkpoints/painted/${name}-${prompts.length}-${guidance}-${steps}-${seed}.f32`,
      prompts.length,
      () => painter.paint(captions, { seed: 1000 * seed, guidance, steps }),
    );
    judge.judge(pictures).forEach((verdict, i) => {
      verdicts[i].push(verdict);
    });
    if (seed === begin) grid(pictures, `checkpoints/${name}.png`);
    pictures.dispose();
  }
  const first = prompts.map(
    (p, i) =>
      `${captions[i]}: ${thingNames()[verdicts[i][0].thing].en}${p.thing === verdicts[i][0].thing ? ' ✓' : ' ✗'}`,
  );
  console.log(first.join('\n'));
  return { guidance, steps, first: begin, judge: Number(judge.facts.drawn), ...sharesOf(prompts, verdicts) };
}

async function main([name = 'thing-painter', seeds = '20', count = '40']: string[]): Promise<void> {
  await start({ seed: 1 });
  const judge = ThingJudge.load();
  const trial = name.replace(/^trial-/, '').replace(/-s\d+$/, '');
  const { tokenizer, net } = trialNet(trial);
  const facts = loadPretrained(name, net);
  const painter = paintingWith(trialOf(trial), trialPainter(trial, tokenizer, net));
  const levels = pictureErrors(painter).map(rounded);
  const missed = rounded(mean(levels));
  const held = spread(heldOutPairs(), Number(count));
  for (const [what, prompts] of Object.entries({ trained: trainedPrompts(Number(count)), held })) {
    const shares = await judged(painter, judge, prompts, Number(seeds), `${name}-${facts.step}-${what}`);
    const log = name === 'thing-painter' ? 'thing-painter-judged' : 'painter-trials';
    sayAndKeep(logFile(log), { name, step: Number(facts.step), what, missed, levels, ...shares });
  }
}

main(process.argv.slice(2)).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
