/**
 * Trains who judges the text-to-image model of lesson 14: `node --import tsx scripts/train/thing-judge.ts`. A
 * committee of classifiers learns from seven drawing styles; what is stated is their accuracy on the three styles of the painter,
 * which they never see. With `MEMBER=0`, `MEMBER=1` each learns in a process of its own; `MEMBER=none` then puts them together.
 *
 * Settings were chosen with two of the judge's own styles held out (`HELD=emojione,noto-v1`); the painter's three are looked at
 * when the members have been put together. Writes thing-judge with its log.
 */
import {
  drawnThings,
  JUDGE_STYLES,
  moreThings,
  PAINTER_STYLES,
  repaintedThings,
  type ThingPicture,
  thingNames,
  thingTensor,
} from '../../lib/data';
import { Committee, mostLikely, ResidualClassifier, THING_CLASSIFIER, thingCommittee } from '../../lib/models/judge';
import { Adam, Ema, loadModule, type Module, saveModule } from '../../lib/nn';
import { HostRandom, random, start, tf } from '../../lib/runtime';
import { type Batch, progressBar, train } from '../../lib/training';
import { CHUNK, followRate, inChunks, keepMask, logFile, sayAndKeep, weightsFile } from './common';
import { restyled } from './restyle';

const RUN = { seed: 17, size: 64, steps: Number(process.env.STEPS ?? 5000), learningRate: 3e-3, warmUp: 50, ema: 0.99 };
/** Share of the features that a training step drops. */
const DROP = 0.2;
const WEIGHT_DECAY = 0.02;
/** Of a picture's label, so much is spread over all things. */
const SMOOTH = 0.1;
/** Share of pictures into which another of the same thing is blended, and share of those into which one of another thing is. */
const BLEND = { same: 0.2, other: 0.2 };
/** Digits of a weight that are kept, in bits, so that the file packs well. */
const BITS = 6;
const PIXELS = 32 * 32 * 3;
const HELD = (process.env.HELD ?? '').split(',').filter(Boolean);

/** Share of the pictures in which the committee finds the thing. */
function right(net: Committee, pictures: ThingPicture[]): number {
  const x = thingTensor(pictures);
  const found = mostLikely(net, x);
  x.dispose();
  const share = found.filter((thing, i) => thing === pictures[i].thing).length / pictures.length;
  return Number(share.toFixed(5));
}

/** What a member learns from, by thing: every picture with its repainted ones. */
function lessons(): { drawn: ThingPicture; repainted: ThingPicture[] }[][] {
  const all = [...drawnThings(JUDGE_STYLES.filter(style => !HELD.includes(style))), ...moreThings()];
  const each = all.map(drawn => ({ drawn, repainted: repaintedThings([drawn]) }));
  return thingNames().map((_, thing) => each.filter(({ drawn }) => drawn.thing === thing));
}

/** A thing's picture of any style, every second one repainted where it can be. */
function anyOf(pictures: ReturnType<typeof lessons>[number], draw: HostRandom): ThingPicture {
  const { drawn, repainted } = pictures[draw.integer(pictures.length)];
  return repainted.length > 0 && draw.uniform() < 0.5 ? repainted[draw.integer(repainted.length)] : drawn;
}

/** Pictures [size, 32, 32, 3] and what they show, as shares [size, things]. */
function blends(of: ReturnType<typeof lessons>, draw: HostRandom): Batch {
  const x = new Float32Array(RUN.size * PIXELS);
  const y = new Float32Array(RUN.size * of.length).fill(SMOOTH / of.length);
  for (let n = 0; n < RUN.size; n++) {
    const thing = draw.integer(of.length);
    const picture = restyled(anyOf(of[thing], draw).pixels, draw);
    const chance = draw.uniform();
    const other = chance >= BLEND.same && chance < BLEND.same + BLEND.other ? draw.integer(of.length) : thing;
    let share = 1;
    if (chance < BLEND.same + BLEND.other) {
      share = other === thing ? draw.uniform() : 0.5 + 0.5 * draw.uniform();
      const second = restyled(anyOf(of[other], draw).pixels, draw);
      for (let i = 0; i < PIXELS; i++) picture[i] = share * picture[i] + (1 - share) * second[i];
    }
    x.set(picture, n * PIXELS);
    y[n * of.length + thing] += (1 - SMOOTH) * share;
    y[n * of.length + other] += (1 - SMOOTH) * (1 - share);
  }
  return { x: tf.tensor4d(x, [RUN.size, 32, 32, 3]), y: tf.tensor2d(y, [RUN.size, of.length]) };
}

const memberFile = (member: number) => `checkpoints/thing-judge-${member}-averaged.safetensors`;
const held = HELD.map(style => ({ style, pictures: drawnThings([style]) }));
/** A straight rise, then half a cosine down to zero. */
const alongCosine = (step: number) =>
  (RUN.learningRate * Math.min(1, (step + 1) / RUN.warmUp) * (1 + Math.cos((Math.PI * step) / RUN.steps))) / 2;

async function member(number: number): Promise<void> {
  const seed = RUN.seed + number;
  random.seed(seed);
  const net = new ResidualClassifier(thingNames().length, THING_CLASSIFIER.widths);
  const optimiser = new Adam(net.parameters(), {
    learningRate: RUN.learningRate,
    weightDecay: WEIGHT_DECAY,
    clipNorm: 1,
  });
  const ema = new Ema(net, RUN.ema);
  const of = lessons();
  const began = performance.now();
  console.log(`member ${number}: ${of.flat().length} drawn pictures, ${net.parameterCount()} parameters`);
  await train({
    step: ({ x, y }: Batch) => {
      const loss = optimiser.minimize(() => {
        const keep = keepMask([RUN.size, net.out.inputs], DROP); //          [B, width]
        const logits = net.forward(x, true, keep); //                        [B, things]
        return tf.logSoftmax(logits).mul(y).sum(-1).mean().neg() as tf.Scalar;
      });
      ema.update();
      return { loss };
    },
    ...inChunks(RUN.steps, i => blends(of, new HostRandom(seed * 1_000_003 + i)), 5 * CHUNK),
    evaluate: () =>
      ema.with(() => {
        const alone = new Committee([net]);
        return Object.fromEntries(held.map(({ style, pictures }) => [style, right(alone, pictures)]));
      }),
    observers: [
      progressBar(),
      followRate(optimiser, alongCosine),
      {
        onEpoch: async ({ step, metrics }) => {
          const seconds = Math.round((performance.now() - began) / 1000);
          const rounded = Object.fromEntries(Object.entries(metrics).map(([k, v]) => [k, Number(v.toFixed(5))]));
          sayAndKeep(logFile('thing-judge'), { member: number, step, ...rounded, seconds });
          await ema.with(() => saveModule(memberFile(number), net, { seed: String(seed), step: String(step) }));
        },
      },
    ],
  });
}

/** Keeps the first `BITS` binary digits of each weight. */
function rounded(module: Module): void {
  for (const [, weight] of module.namedParameters()) {
    const values = Float32Array.from(weight.dataSync(), v => {
      const unit = 2 ** (Math.floor(Math.log2(Math.abs(v) || 1)) - BITS + 1);
      return Math.round(v / unit) * unit;
    });
    tf.tidy(() => weight.assign(tf.tensor(values, weight.shape)));
  }
}

/** All members in one file; what they say together of the three styles that none has seen. */
function join(): void {
  const committee = thingCommittee();
  for (const [i, net] of committee.members.entries()) loadModule(memberFile(i), net);
  rounded(committee);
  const drawn = drawnThings(PAINTER_STYLES);
  const facts = {
    members: committee.members.length,
    ...Object.fromEntries(
      PAINTER_STYLES.map(style => [
        style,
        right(
          committee,
          drawn.filter(p => p.style === style),
        ),
      ]),
    ),
    drawn: right(committee, drawn),
    repainted: right(committee, repaintedThings(drawn)),
  };
  sayAndKeep(logFile('thing-judge'), facts);
  const about = {
    seed: RUN.seed,
    batch: RUN.size,
    steps: RUN.steps,
    drop: DROP,
    bits: BITS,
    styles: [...JUDGE_STYLES, 'streamline-emojis'].join(' '),
    made: 'scripts/train/thing-judge.ts',
  };
  saveModule(
    weightsFile('thing-judge'),
    committee,
    Object.fromEntries(Object.entries({ ...about, ...facts }).map(([k, v]) => [k, String(v)])),
    { half: true },
  );
}

async function main(which = process.env.MEMBER): Promise<void> {
  await start({ seed: RUN.seed });
  const all = Array.from({ length: THING_CLASSIFIER.members }, (_, i) => i);
  for (const number of all) if (which === undefined || which === String(number)) await member(number);
  if (which === undefined || which === 'none') join();
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
