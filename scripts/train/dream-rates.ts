/**
 * DreamBooth's rate: what the painter still knows after a subject was taught, for several rates, steps and seeds:
 * `node --import tsx scripts/train/dream-rates.ts 1e-3,40,1 2e-4,100,1` (rate, steps, seed; a fourth part `alone` leaves prior
 * preservation out). As in lesson 15 (cell `dream`): all weights of the U-Net, four views of one dog, half of each batch the
 * model's own dogs; an average of the weights paints (AVERAGE, 0.96; 0: the last step's). SUBJECT (emojione-v1) is the drawing
 * set of the dog. Appends a line for each to datasets/checkpoints/dream-rates.log, shares of twelve pictures: `mine` of "a sks
 * dog" closest to the subject, `any` of "a dog" closest to it, `fox` and `cat` that the judge takes for what was asked, and
 * `others`, those of thirty-one other things.
 */
import { drawnThings, JUDGE_STYLES, PAINTER_STYLES, thingCaption, thingNames, thingTensor } from '../../lib/data';
import { cosineSchedule, diffusionLoss } from '../../lib/diffusion';
import { ThingJudge } from '../../lib/models/judge';
import { ThingPainter } from '../../lib/models/thing-painter';
import { Adam, Ema } from '../../lib/nn';
import { HostRandom, random, start, tf } from '../../lib/runtime';
import { type Batch, train } from '../../lib/training';
import { logFile, sayAndKeep } from './common';

const [PAINTED, STEPS] = [12, 15];
const SUBJECT = process.env.SUBJECT ?? 'emojione-v1';
const AVERAGE = Number(process.env.AVERAGE ?? 0.96);
const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
const dogs = drawnThings([...PAINTER_STYLES, ...JUDGE_STYLES]).filter(p => thingNames()[p.thing].en === 'dog');
const subject = dogs.findIndex(p => p.style === SUBJECT);

/** The subject, mirrored and moved: [4, 32, 32, 3]. */
function views(): tf.Tensor4D {
  const dog = thingTensor([dogs[subject]]); //                                         [1, 32, 32, 3]
  const room = tf.pad(dog, [[0, 0], [1, 1], [1, 1], [0, 0]], 1); // biome-ignore format: one line
  const moved = [0, 2].map(at => room.slice([0, at, at, 0], [1, 32, 32, 3]));
  return tf.concat([dog, tf.reverse(dog, 2), ...moved]) as tf.Tensor4D;
}

interface Trial {
  rate: number;
  steps: number;
  seed: number;
  guard: boolean;
}

/** A fresh painter, taught the subject `z` [4, 16, 16, 12]; `prior` [16, 16, 16, 12] are the dogs that it painted before. */
async function taught({ rate, steps, seed, guard }: Trial, z: tf.Tensor, prior: tf.Tensor): Promise<ThingPainter> {
  const own = ThingPainter.load();
  const { text, unet } = own.net;
  const adam = new Adam(unet.parameters(), { learningRate: rate, clipNorm: 1 });
  const averaged = new Ema(unet, AVERAGE);
  const draw = new HostRandom(seed);
  const schedule = cosineSchedule();
  random.seed(seed);
  await train({
    step: ({ z, ids }: Batch) => {
      const loss = adam.minimize(() => {
        const words = text.forward(ids); //                                            [8, 10, 96]
        return diffusionLoss((xt, t) => unet.forward(xt, t, words), z, schedule, 'v');
      });
      averaged.update();
      return { loss };
    },
    *batches(): Iterable<Batch> {
      for (let i = 0; i < steps; i++) {
        const [a, b] = [4, guard ? 4 : 0].map((n, of) => Array.from({ length: n }, () => draw.integer([4, 16][of])));
        const both = () => (guard ? tf.concat([tf.gather(z, a), tf.gather(prior, b)]) : tf.gather(z, a));
        const ids = own.tokenizer.encode([...a.map(() => 'a sks dog'), ...b.map(() => 'a dog')]);
        yield { z: tf.tidy(both), ids };
      }
    },
    epochs: 1,
    stepsPerEpoch: steps,
  });
  averaged.swap();
  return own;
}

async function main(trials: string[]): Promise<void> {
  await start({ seed: 15 });
  const [painter, judge] = [ThingPainter.load(), ThingJudge.load()];
  const asked = drawnThings(['noto'])
    .filter((_, i) => i % 4 === 2)
    .slice(0, 31);
  const all = thingTensor(dogs); //                                                    [8, 32, 32, 3]
  const isMine = (x: tf.Tensor) =>
    tf.tidy(() => {
      const apart = tf.expandDims(x, 1).sub(all).abs().mean([2, 3, 4]); //             [N, 8]
      return Array.from(apart.argMin(1).dataSync(), closest => Number(closest === subject));
    });
  const prior = painter.latents(await painter.paint(Array<string>(16).fill('a dog'), { seed: 500, steps: STEPS }));
  const z = painter.latents(views());
  for (const told of trials) {
    const [rate, steps, seed, alone] = told.split(',');
    const trial = { rate: Number(rate), steps: Number(steps), seed: Number(seed), guard: alone !== 'alone' };
    const own = await taught(trial, z, prior);
    const paint = (prompts: string[]) => own.paint(prompts, { seed: 1, steps: STEPS });
    const twelve = (prompt: string) => paint(Array<string>(PAINTED).fill(prompt));
    const seenAs = (x: tf.Tensor4D, name: string) =>
      mean(judge.judge(x).map(v => Number(thingNames()[v.thing].en === name)));
    const others = judge.judge(await paint(asked.map(p => thingCaption(p))));
    const line = {
      ...trial,
      subject: SUBJECT,
      average: AVERAGE,
      mine: mean(isMine(await twelve('a sks dog'))),
      any: mean(isMine(await twelve('a dog'))),
      fox: seenAs(await twelve('a fox'), 'fox'),
      cat: seenAs(await twelve('a cat'), 'cat'),
      others: mean(others.map((v, i) => Number(v.thing === asked[i].thing))),
    };
    sayAndKeep(logFile('dream-rates'), line);
  }
}

main(process.argv.slice(2)).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
