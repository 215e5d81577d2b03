/**
 * Trains the denoising net of lesson 11 on MNIST, which is never told the digit: `node --import tsx scripts/train/ddpm-mnist.ts`.
 * Writes the averaged weights to datasets/checkpoints/ddpm-mnist.safetensors and a line per 100 steps to the log beside it.
 * Stop it at will (Ctrl-C): it goes on from checkpoints/ddpm-mnist.safetensors when started again.
 */
import { batchOf, mnist } from '../../lib/data';
import { cosineSchedule, diffusionLoss } from '../../lib/diffusion';
import { MNIST_UNET, UNet } from '../../lib/models/unet';
import { Adam, Ema, saveModule } from '../../lib/nn';
import { start } from '../../lib/runtime';
import { type Batch, progressBar, train } from '../../lib/training';
import { CHUNK, followRate, inChunks, logAndSave, shuffled, weightsFile } from './common';

const RUN = { seed: 12, size: 64, steps: 2000, learningRate: 2e-3, warmUp: 100, ema: 0.995 };

/** Learning rate of a step: a straight rise, then half a cosine down to zero. */
function rateAt(step: number): number {
  const { learningRate, warmUp, steps } = RUN;
  return learningRate * Math.min(1, (step + 1) / warmUp) * 0.5 * (1 + Math.cos((Math.PI * step) / steps));
}

async function main(): Promise<void> {
  await start({ seed: RUN.seed });
  const { train: digits } = await mnist();
  const schedule = cosineSchedule();
  const net = new UNet(MNIST_UNET);
  const optimiser = new Adam(net.parameters(), { learningRate: RUN.learningRate, clipNorm: 1 });
  const ema = new Ema(net, RUN.ema);
  const step = ({ x }: Batch) => {
    const loss = optimiser.minimize(() => diffusionLoss((xt, t) => net.forward(xt, t), x, schedule));
    ema.update();
    return { loss };
  };
  const { seed, size, steps } = RUN;
  const facts = { seed, batch: size, steps, schedule: 'cosine', prediction: 'eps', ema: RUN.ema };
  await train({
    step,
    ...inChunks(RUN.steps, i => {
      const { x, y } = batchOf(digits, shuffled(digits.count, RUN.size, i, RUN.seed), { range: [-1, 1] });
      y.dispose(); // the net isn't told which digit it is
      return { x };
    }),
    observers: [
      progressBar(),
      followRate(optimiser, rateAt),
      logAndSave('ddpm-mnist', facts, metadata =>
        ema.with(() => saveModule(weightsFile('ddpm-mnist'), net, metadata, { half: true })),
      ),
    ],
    checkpoint: { path: 'checkpoints/ddpm-mnist.safetensors', every: CHUNK, modules: { net }, optimiser, ema },
  });
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
