/**
 * Trains who judges the colours of lesson 14's pictures: `node --import tsx scripts/train/colour-judge.ts`. A classifier learns from
 * the repainted things in six drawing styles; what is stated is its accuracy on the three styles of the painter, which it never
 * sees, and on characters that are coloured by nature. Writes colour-judge, with its log.
 */
import {
  COLOURS,
  drawnThings,
  emoji,
  JUDGE_STYLES,
  PAINTER_STYLES,
  repaintedThings,
  type ThingPicture,
  thingTensor,
} from '../../lib/data';
import { COLOUR_CLASSIFIER, mostLikely, PictureClassifier } from '../../lib/models/judge';
import { Adam, Ema, saveModule, softmaxCrossEntropy } from '../../lib/nn';
import { HostRandom, start, tf } from '../../lib/runtime';
import { type Batch, progressBar, train } from '../../lib/training';
import { CHUNK, followRate, inChunks, keepMask, logAndSave, riseAndFall, shuffled, weightsFile } from './common';
import { wobble } from './wobble';

const NAME = 'colour-judge';
const RUN = {
  seed: 17,
  size: 64,
  steps: Number(process.env.STEPS ?? 400),
  learningRate: 2e-3,
  warmUp: 50,
  decay: 0.6,
  ema: 0.99,
};
/** Share of the features that a training step drops. */
const DROP = 0.3;
const WEIGHT_DECAY = 0.02;
const PIXELS = 32 * 32 * 3;

/** Share of the pictures whose colour the net names. */
function right(net: PictureClassifier, x: tf.Tensor, labels: number[]): number {
  const found = mostLikely(net, x);
  return found.filter((c, i) => c === labels[i]).length / labels.length;
}

const labelOf = (picture: ThingPicture) => COLOURS.indexOf(picture.colour!);

/** A picture [32, 32, 3] for each of the numbers, turned, moved and noisy, with its colour. */
function batchOf(pictures: ThingPicture[], draw: HostRandom): Batch {
  const x = new Float32Array(pictures.length * PIXELS);
  for (const [n, { pixels }] of pictures.entries()) wobble(pixels, draw, x, n * PIXELS);
  return { x: tf.tensor4d(x, [pictures.length, 32, 32, 3]), y: tf.tensor1d(pictures.map(labelOf), 'int32') };
}

async function main(): Promise<void> {
  await start({ seed: RUN.seed });
  const net = new PictureClassifier(COLOURS.length, COLOUR_CLASSIFIER.widths);
  const repainted = repaintedThings(drawnThings(PAINTER_STYLES));
  const pattern = new RegExp(`^(${COLOURS.join('|')}) (heart|circle|square|book|apple)$`);
  const natural = emoji().filter(({ caption }) => pattern.test(caption.en));
  const named = natural.map(({ caption }) => COLOURS.indexOf(caption.en.split(' ')[0] as (typeof COLOURS)[number]));
  const [repaintedTensor, naturalTensor] = [thingTensor(repainted), thingTensor(natural)];
  console.log(`${natural.length} characters that are coloured by nature`);
  const pictures = repaintedThings(drawnThings(JUDGE_STYLES));
  const optimiser = new Adam(net.parameters(), {
    learningRate: RUN.learningRate,
    weightDecay: WEIGHT_DECAY,
    clipNorm: 1,
  });
  const ema = new Ema(net, RUN.ema);
  console.log(`${pictures.length} pictures, ${net.parameterCount()} parameters`);
  await train({
    step: ({ x, y }: Batch) => {
      const loss = optimiser.minimize(() => {
        const keep = keepMask([RUN.size, net.out.inputs], DROP); //          [B, width]
        return softmaxCrossEntropy(net.forward(x, keep), y);
      });
      ema.update();
      return { loss };
    },
    ...inChunks(RUN.steps, i => {
      const chosen = shuffled(pictures.length, RUN.size, i, RUN.seed).map(p => pictures[p]);
      return batchOf(chosen, new HostRandom(RUN.seed * 1_000_003 + i));
    }),
    evaluate: () =>
      ema.with(() => ({
        repainted: right(net, repaintedTensor, repainted.map(labelOf)),
        natural: right(net, naturalTensor, named),
      })),
    observers: [
      progressBar(),
      followRate(optimiser, riseAndFall(RUN)),
      logAndSave(
        NAME,
        { seed: RUN.seed, batch: RUN.size, steps: RUN.steps, drop: DROP, styles: JUDGE_STYLES.join(' ') },
        facts => ema.with(() => saveModule(weightsFile(NAME), net, facts, { half: true })),
      ),
    ],
    checkpoint: { path: `checkpoints/${NAME}.safetensors`, every: 5 * CHUNK, modules: { net }, optimiser, ema },
  });
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
