/**
 * Trains the DiT of lesson 13 in the latent map of digits: `node --import tsx scripts/train/latent-dit.ts`.
 * One label in ten is hidden, so that the same net also learns to draw any digit. Writes the averaged weights to
 * datasets/checkpoints/latent-dit.safetensors, and its log; goes on from checkpoints/latent-dit.safetensors.
 */
import { cosineSchedule, diffusionLoss } from '../../lib/diffusion';
import { DIGIT_DIT } from '../../lib/models/digits';
import { Dit } from '../../lib/models/dit';
import { Adam, Ema, saveModule } from '../../lib/nn';
import { start } from '../../lib/runtime';
import { type Batch, progressBar, train } from '../../lib/training';
import { CHUNK, followRate, inChunks, logAndSave, riseAndFall, shuffled, weightsFile } from './common';
import { digitLatents, latentsAt, sometimesAny } from './digit-common';

const RUN = {
  seed: 13,
  size: 64,
  steps: Number(process.env.STEPS ?? 4000),
  learningRate: 1.5e-3,
  warmUp: 100,
  decay: 0.5,
  ema: 0.997,
};
const COUNT = 30_000;

async function main(): Promise<void> {
  await start({ seed: RUN.seed });
  const latents = await digitLatents(COUNT);
  const schedule = cosineSchedule();
  const net = new Dit(DIGIT_DIT);
  const optimiser = new Adam(net.parameters(), { learningRate: RUN.learningRate, clipNorm: 1 });
  const ema = new Ema(net, RUN.ema);
  const step = ({ x, y }: Batch) => {
    const loss = optimiser.minimize(() => {
      const told = sometimesAny(y, 0.1); // [B]
      return diffusionLoss((zt, t) => net.forward(zt, t, told), x, schedule, 'v');
    });
    ema.update();
    return { loss };
  };
  const { seed, size, steps } = RUN;
  const facts = { seed, batch: size, steps, ema: RUN.ema, schedule: 'cosine', prediction: 'v', scale: latents.scale };
  await train({
    step,
    ...inChunks(RUN.steps, i => latentsAt(latents, shuffled(COUNT, RUN.size, i, RUN.seed))),
    observers: [
      progressBar(),
      followRate(optimiser, riseAndFall(RUN)),
      logAndSave('latent-dit', facts, metadata =>
        ema.with(() => saveModule(weightsFile('latent-dit'), net, metadata, { half: true })),
      ),
    ],
    checkpoint: { path: 'checkpoints/latent-dit.safetensors', every: CHUNK, modules: { net }, optimiser, ema },
  });
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
