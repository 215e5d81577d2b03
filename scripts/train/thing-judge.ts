/**
 * Trains who judges the text-to-image model of lesson 14: `node --import tsx scripts/train/thing-judge.ts`. A classifier of
 * things and one of colours learn from six drawing styles; what is stated is their accuracy on the three styles of the painter,
 * which they never see, and on characters that are coloured by nature. Writes thing-judge and colour-judge, each with its log.
 */
import {
  COLOURS,
  drawnThings,
  emoji,
  JUDGE_STYLES,
  PAINTER_STYLES,
  repaintedThings,
  type ThingPicture,
  thingNames,
  thingTensor,
} from '../../lib/data';
import { COLOUR_CLASSIFIER, mostLikely, PictureClassifier, THING_CLASSIFIER } from '../../lib/models/judge';
import { Adam, Ema, saveModule, softmaxCrossEntropy } from '../../lib/nn';
import { HostRandom, random, start, tf } from '../../lib/runtime';
import { type Batch, progressBar, train } from '../../lib/training';
import { CHUNK, followRate, inChunks, logAndSave, riseAndFall, shuffled, weightsFile } from './common';
import { wobble } from './wobble';

const RUN = {
  seed: 17,
  size: 64,
  steps: Number(process.env.STEPS ?? 1600),
  learningRate: 2e-3,
  warmUp: 50,
  decay: 0.6,
  ema: 0.99,
};
/** Share of the features that a training step drops. */
const DROP = 0.3;
const WEIGHT_DECAY = 0.02;
const PIXELS = 32 * 32 * 3;

interface Task {
  name: 'thing-judge' | 'colour-judge';
  net: PictureClassifier;
  steps: number;
  pictures: ThingPicture[];
  labelOf: (picture: ThingPicture) => number;
  /** What is measured with the averaged weights after each chunk. */
  measure: () => Record<string, number>;
}

function accuracy(net: PictureClassifier, x: tf.Tensor, labels: number[]): number {
  const found = mostLikely(net, x);
  return found.filter((c, i) => c === labels[i]).length / labels.length;
}

function things(): Task {
  const net = new PictureClassifier(thingNames().length, THING_CLASSIFIER.widths);
  const drawn = drawnThings(JUDGE_STYLES);
  const styles = PAINTER_STYLES.map(style => ({ style, pictures: drawnThings([style]) }));
  const tensors = styles.map(({ pictures }) => thingTensor(pictures));
  const repainted = repaintedThings(drawnThings(PAINTER_STYLES));
  const repaintedTensor = thingTensor(repainted);
  return {
    name: 'thing-judge',
    net,
    steps: RUN.steps,
    pictures: [...drawn, ...drawn, ...drawn, ...repaintedThings(drawn)],
    labelOf: ({ thing }) => thing,
    measure: () => ({
      ...Object.fromEntries(
        styles.map(({ style, pictures }, i) => [
          style,
          accuracy(
            net,
            tensors[i],
            pictures.map(p => p.thing),
          ),
        ]),
      ),
      repainted: accuracy(
        net,
        repaintedTensor,
        repainted.map(p => p.thing),
      ),
    }),
  };
}

function colours(): Task {
  const net = new PictureClassifier(COLOURS.length, COLOUR_CLASSIFIER.widths);
  const label = (picture: ThingPicture) => COLOURS.indexOf(picture.colour!);
  const repainted = repaintedThings(drawnThings(PAINTER_STYLES));
  const tensor = thingTensor(repainted);
  const pattern = new RegExp(`^(${COLOURS.join('|')}) (heart|circle|square|book|apple)$`);
  const natural = emoji().filter(({ caption }) => pattern.test(caption.en));
  const naturalTensor = thingTensor(natural);
  const named = natural.map(({ caption }) => COLOURS.indexOf(caption.en.split(' ')[0] as (typeof COLOURS)[number]));
  console.log(`${natural.length} characters that are coloured by nature`);
  return {
    name: 'colour-judge',
    net,
    steps: RUN.steps / 4,
    pictures: repaintedThings(drawnThings(JUDGE_STYLES)),
    labelOf: label,
    measure: () => ({
      repainted: accuracy(net, tensor, repainted.map(label)),
      natural: accuracy(net, naturalTensor, named),
    }),
  };
}

async function learn({ name, net, steps, pictures, labelOf, measure }: Task): Promise<void> {
  const optimiser = new Adam(net.parameters(), {
    learningRate: RUN.learningRate,
    weightDecay: WEIGHT_DECAY,
    clipNorm: 1,
  });
  const ema = new Ema(net, RUN.ema);
  console.log(`${name}: ${pictures.length} pictures, ${net.parameterCount()} parameters`);
  await train({
    step: ({ x, y }: Batch) => {
      const loss = optimiser.minimize(() => {
        const drawn = random.uniform([RUN.size, net.out.inputs]); //         [B, F]
        const keep = drawn
          .greater(DROP)
          .toFloat()
          .div(1 - DROP);
        return softmaxCrossEntropy(net.forward(x, keep), y);
      });
      ema.update();
      return { loss };
    },
    ...inChunks(steps, i => {
      const draw = new HostRandom(RUN.seed * 1_000_003 + i);
      const chosen = shuffled(pictures.length, RUN.size, i, RUN.seed).map(p => pictures[p]);
      const x = new Float32Array(RUN.size * PIXELS);
      for (const [n, { pixels }] of chosen.entries()) wobble(pixels, draw, x, n * PIXELS);
      return {
        x: tf.tensor4d(x, [RUN.size, 32, 32, 3]),
        y: tf.tensor1d(chosen.map(labelOf), 'int32'),
      };
    }),
    evaluate: () => ema.with(measure),
    observers: [
      progressBar(),
      followRate(optimiser, riseAndFall({ ...RUN, steps })),
      logAndSave(name, { seed: RUN.seed, batch: RUN.size, steps, drop: DROP, styles: JUDGE_STYLES.join(' ') }, facts =>
        ema.with(() => saveModule(weightsFile(name), net, facts, { half: true })),
      ),
    ],
    checkpoint: { path: `checkpoints/${name}.safetensors`, every: 5 * CHUNK, modules: { net }, optimiser, ema },
  });
}

async function main(): Promise<void> {
  await start({ seed: RUN.seed });
  await learn(colours());
  await learn(things());
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
