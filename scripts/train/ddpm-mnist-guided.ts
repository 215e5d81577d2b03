/**
 * Trains the net of lesson 12 that is told the digit most of the time and asked for the velocity: `node --import tsx scripts/train/ddpm-mnist-guided.ts`.
 * Writes the averaged weights to datasets/checkpoints/ddpm-mnist-guided.safetensors and a line per 100 steps to the log beside it.
 * Stop it at will (Ctrl-C): it goes on from checkpoints/ddpm-mnist-guided.safetensors when started again.
 */
import { batchOf, mnist } from '../../lib/data';
import { cosineSchedule, diffusionLoss } from '../../lib/diffusion';
import { GUIDED_MNIST_UNET, UNet } from '../../lib/models/unet';
import { Adam, Ema, saveModule } from '../../lib/nn';
import { start } from '../../lib/runtime';
import { type Batch, progressBar, train } from '../../lib/training';
import { CHUNK, followRate, inChunks, logAndSave, riseAndFall, shuffled, weightsFile } from './common';
import { sometimesAny } from './digit-common';

const RUN = { seed: 12, size: 64, steps: 2000, learningRate: 1e-3, warmUp: 200, decay: 0.25, ema: 0.998 };
const UNTOLD = 0.15; // share of the pictures that come without their class, so that the net learns both

async function main(): Promise<void> {
  await start({ seed: RUN.seed });
  const { train: digits } = await mnist();
  const schedule = cosineSchedule();
  const net = new UNet(GUIDED_MNIST_UNET);
  const optimiser = new Adam(net.parameters(), { learningRate: RUN.learningRate, clipNorm: 1 });
  const ema = new Ema(net, RUN.ema);
  const step = ({ x, y }: Batch) => {
    const asked = sometimesAny(y, UNTOLD); // [B]
    const loss = optimiser.minimize(() => diffusionLoss((xt, t) => net.forward(xt, t, asked), x, schedule, 'v'));
    ema.update();
    return { loss };
  };
  const { seed, size, steps } = RUN;
  const facts = { seed, batch: size, steps, schedule: 'cosine', prediction: 'v', ema: RUN.ema, untold: UNTOLD };
  await train({
    step,
    ...inChunks(RUN.steps, i => ({
      ...batchOf(digits, shuffled(digits.count, RUN.size, i, RUN.seed), { range: [-1, 1] }),
    })),
    observers: [
      progressBar(),
      followRate(optimiser, riseAndFall(RUN)),
      logAndSave('ddpm-mnist-guided', facts, metadata =>
        ema.with(() => saveModule(weightsFile('ddpm-mnist-guided'), net, metadata, { half: true })),
      ),
    ],
    checkpoint: { path: 'checkpoints/ddpm-mnist-guided.safetensors', every: CHUNK, modules: { net }, optimiser, ema },
  });
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
