/**
 * Trains an auto-encoder of things for docs/painter-trials.md: `LATENT=4 node --import tsx scripts/train/thing-vae.ts`.
 * 32 × 32 × 3 pixels become 8 × 8 × LATENT latents, learnt from the painter's training pictures alone. The weights, which are not
 * kept with the course, go to datasets/checkpoints/thing-vae-LATENT.safetensors; a line of painter-trials.log says how far
 * pictures are from themselves when they come back, those of held-out pairs too.
 */
import { type ThingPicture, thingSplit, thingTensor } from '../../lib/data';
import { THING_PIXELS } from '../../lib/models/thing-painter';
import { Adam, Ema, saveModule } from '../../lib/nn';
import { start, tf } from '../../lib/runtime';
import { type Batch, progressBar, train } from '../../lib/training';
import { autoencoderTerms } from './autoencoder-terms';
import {
  CHUNK,
  followRate,
  inChunks,
  logAndSave,
  logFile,
  riseAndFall,
  sayAndKeep,
  shuffled,
  weightsFile,
} from './common';
import { ThingVae, vaeName } from './thing-latents';

const latent = Number(process.env.LATENT ?? 4);
const name = vaeName(latent);
const RUN = {
  seed: 13,
  size: 32,
  steps: Number(process.env.STEPS ?? 600),
  learningRate: 3e-3,
  warmUp: 50,
  decay: 0.5,
  ema: 0.99,
};
/** As for the digits (digit-vae.ts): of a picture with three times the numbers it is a third as much. */
const KL = 0.05;

/** Mean squared error of pictures that went through, in the unit of the painter's picture error. */
function missed(vae: ThingVae, pictures: readonly ThingPicture[]): number {
  return tf.tidy(() => {
    const x = thingTensor(pictures); //                                 [N, 32, 32, 3]
    const y = vae.decode(vae.encode(x).mean).clipByValue(-1, 1); //     [N, 32, 32, 3]
    const error = y.sub(x).div(THING_PIXELS.deviation).square().mean();
    return Number(error.dataSync()[0].toFixed(4));
  });
}

async function main(): Promise<void> {
  await start({ seed: RUN.seed });
  const { train: pictures, heldOut } = thingSplit();
  const vae = new ThingVae(latent);
  const optimiser = new Adam(vae.parameters(), { learningRate: RUN.learningRate, clipNorm: 1 });
  const ema = new Ema(vae, RUN.ema);
  await train({
    step: ({ x }: Batch) => {
      const losses = optimiser.minimize(() => {
        const { error, kl } = autoencoderTerms(vae, x);
        return { loss: error.add(kl.mul(KL)) as tf.Scalar, error: error.div(32 * 32 * 3) as tf.Scalar, kl };
      });
      ema.update();
      return losses;
    },
    ...inChunks(RUN.steps, i => {
      const chosen = shuffled(pictures.length, RUN.size, i, RUN.seed);
      return { x: thingTensor(chosen.map(p => pictures[p])) };
    }),
    observers: [
      progressBar(),
      followRate(optimiser, riseAndFall(RUN)),
      logAndSave(name, { seed: RUN.seed, batch: RUN.size, steps: RUN.steps, kl: KL, ema: RUN.ema }, facts =>
        ema.with(() => saveModule(weightsFile(name), vae, facts, { half: true })),
      ),
    ],
    checkpoint: { path: `checkpoints/${name}.safetensors`, every: CHUNK, modules: { vae }, optimiser, ema },
  });
  const { user, system } = process.cpuUsage();
  ema.with(() => {
    const some = pictures.filter((_, i) => i % 16 === 0);
    sayAndKeep(logFile('painter-trials'), {
      name,
      step: RUN.steps,
      parameters: vae.parameterCount(),
      trained: missed(vae, some),
      heldOut: missed(vae, heldOut),
      processor: Math.round((user + system) / 1e6),
    });
  });
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
