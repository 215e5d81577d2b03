/**
 * Trains the text-to-image model of lesson 14: `node --import tsx scripts/train/thing-painter.ts`. Words and pictures are learnt
 * together. Writes datasets/checkpoints/thing-painter.safetensors (half precision) and its log. Stop it at will (Ctrl-C): it
 * goes on from checkpoints/thing-painter.safetensors when started again. STEPS=4000 makes it longer: the rate then falls later.
 *
 * TRIAL=patches (a name of painter-trials.ts) trains another net for some steps instead, under a name of its own, SEED=18 with another
 * seed than 17; docs/painter-trials.md holds what each gave.
 */
import { type ThingPicture, thingSplit, thingTensor, thingText } from '../../lib/data';
import type { TextToImage } from '../../lib/diffusion';
import { Adam, Ema, saveModule } from '../../lib/nn';
import { HostRandom, start, tf } from '../../lib/runtime';
import { type Batch, progressBar, train } from '../../lib/training';
import { CHUNK, followRate, inChunks, logAndSave, riseAndFall, shuffled, weightsFile } from './common';
import { trialLoss, trialNet, trialOf, trialPainter } from './painter-trials';

const name = process.env.TRIAL ?? 'thing-painter';
const trial = trialOf(name);
const seed = Number(process.env.SEED ?? 17);
const file = process.env.TRIAL ? `trial-${name}-s${seed}` : name;
const RUN = {
  seed,
  size: 64,
  steps: Number(process.env.STEPS ?? 2400),
  learningRate: Number(process.env.RATE ?? 1.5e-3),
  warmUp: 50,
  decay: 0.5,
  ema: trial.ema ?? 0.99,
};
/** Share of the captions that are left out, so that the net also learns to paint without: guidance needs both. */
const UNTOLD = 0.1;
/** Pictures that are made ready together. */
const PORTION = 128;

/** Every picture as the net sees it, one after the other. */
function seenAll(painter: TextToImage, pictures: ThingPicture[]): Float32Array {
  const [h, w, channels] = painter.parts.latent;
  const all = new Float32Array(pictures.length * h * w * channels);
  for (let from = 0; from < pictures.length; from += PORTION) {
    const z = tf.tidy(() => painter.latents(thingTensor(pictures.slice(from, from + PORTION)))); // [B, h, w, C]
    all.set(z.dataSync() as Float32Array, from * h * w * channels);
    z.dispose();
  }
  return all;
}

async function main(): Promise<void> {
  await start({ seed: RUN.seed });
  const { train: pictures } = thingSplit();
  const often = [...pictures.keys()].filter(i => !pictures[i].colour);
  const stream = [...pictures.keys(), ...often, ...often];
  const { tokenizer, net } = trialNet(name);
  const painter = trialPainter(name, tokenizer, net);
  const values = seenAll(painter, pictures);
  const { latent } = painter.parts;
  const numbers = latent[0] * latent[1] * latent[2];
  console.log(`${pictures.length} pictures, ${net.parameterCount()} parameters, ${tokenizer.words.length} words`);
  const learnt = trial.fixedWords ? net.unet.parameters() : net.parameters();
  const optimiser = new Adam(learnt, { learningRate: RUN.learningRate, clipNorm: 1 });
  const ema = new Ema(net, RUN.ema);
  await train({
    step: ({ z, ids }: Batch) => {
      const loss = optimiser.minimize(() => {
        const words = net.text.forward(ids);
        return trialLoss(trial, (x, t) => net.unet.forward(x, t, words), z);
      });
      ema.update();
      return { loss };
    },
    ...inChunks(RUN.steps, i => {
      const draw = new HostRandom(RUN.seed * 1_000_003 + i);
      const chosen = shuffled(stream.length, RUN.size, i, RUN.seed).map(p => stream[p]);
      const texts = chosen.map(p => (draw.uniform() < UNTOLD ? '' : thingText(pictures[p], draw)));
      const z = new Float32Array(RUN.size * numbers);
      for (const [n, p] of chosen.entries()) z.set(values.subarray(p * numbers, (p + 1) * numbers), n * numbers);
      return { z: tf.tensor4d(z, [RUN.size, ...latent]), ids: tokenizer.encode(texts) };
    }),
    observers: [
      progressBar(),
      followRate(optimiser, riseAndFall(RUN)),
      logAndSave(
        file,
        {
          seed: RUN.seed,
          batch: RUN.size,
          steps: RUN.steps,
          untold: UNTOLD,
          ema: RUN.ema,
          rate: RUN.learningRate,
          prediction: trial.asked ?? 'v',
          schedule: 'cosine',
        },
        facts => ema.with(() => saveModule(weightsFile(file), net, facts, { half: true })),
      ),
    ],
    checkpoint: { path: `checkpoints/${file}.safetensors`, every: CHUNK, modules: { net }, optimiser, ema },
  });
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
