/**
 * Trains the denoising net of lesson 00 on MNIST, which is never told the digit: `node --import tsx scripts/train/ddpm-mnist.ts`.
 * Writes the averaged weights to datasets/checkpoints/ddpm-mnist.safetensors and a line per 100 steps to the log beside it.
 * Stop it at will (Ctrl-C): it goes on from checkpoints/ddpm-mnist.safetensors when started again.
 */
import fs from 'node:fs';
import path from 'node:path';
import { batchOf, mnist } from '../../lib/data';
import { cosineSchedule, diffusionLoss } from '../../lib/diffusion';
import { MNIST_UNET, UNet } from '../../lib/models/unet';
import { Adam, Ema, saveModule } from '../../lib/nn';
import { HostRandom, start, tf } from '../../lib/runtime';
import { type Batch, type Observer, progressBar, train } from '../../lib/training';

const RUN = { seed: 12, size: 64, steps: 2000, learningRate: 2e-3, warmUp: 100, ema: 0.995 };
const CHUNK = 100; // steps between two lines of the log
const WEIGHTS = path.join(__dirname, '../../datasets/checkpoints/ddpm-mnist.safetensors');
const LOG = WEIGHTS.replace('.safetensors', '.log');

/** Learning rate of a step: a straight rise, then half a cosine down to zero. */
function rateAt(step: number): number {
  const { learningRate, warmUp, steps } = RUN;
  return learningRate * Math.min(1, (step + 1) / warmUp) * 0.5 * (1 + Math.cos((Math.PI * step) / steps));
}

/** Batches 100·chunk … of an endless stream that shuffles the training set anew each time it is used up. */
async function stream(): Promise<(chunk: number) => Iterable<Batch>> {
  const { train: digits } = await mnist();
  const perPass = Math.floor(digits.count / RUN.size);
  const all = Array.from({ length: digits.count }, (_, i) => i);
  return function* (chunk: number) {
    for (let i = chunk * CHUNK; i < (chunk + 1) * CHUNK; i++) {
      const pass = Math.floor(i / perPass);
      const order = new HostRandom(RUN.seed * 1_000_003 + pass).shuffle(all);
      const from = (i % perPass) * RUN.size;
      const { x, y } = batchOf(digits, order.slice(from, from + RUN.size), { range: [-1, 1] });
      y.dispose(); // the net isn't told which digit it is
      yield { x };
    }
  };
}

/** Writes the log and the averaged weights after each chunk. */
function keepBest(net: UNet, ema: Ema): Observer {
  const began = performance.now();
  const lines = () => (fs.existsSync(LOG) ? fs.readFileSync(LOG, 'utf8').trim().split('\n').filter(Boolean) : []);
  const earlier = lines().length ? (JSON.parse(lines().slice(-1)[0]).seconds as number) : 0;
  return {
    async onEpoch({ step, metrics }) {
      const seconds = Math.round(earlier + (performance.now() - began) / 1000);
      fs.appendFileSync(LOG, `${JSON.stringify({ step, loss: Number(metrics.loss.toFixed(5)), seconds })}\n`);
      const { seed, size, steps } = RUN;
      const facts = { seed, batch: size, step, steps, seconds, schedule: 'cosine', prediction: 'eps', ema: RUN.ema };
      const metadata = Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, String(value)]));
      await ema.with(() => saveModule(WEIGHTS, net, { ...metadata, made: 'scripts/train/ddpm-mnist.ts' }));
    },
  };
}

async function main(): Promise<void> {
  await start({ seed: RUN.seed });
  const schedule = cosineSchedule();
  const net = new UNet(MNIST_UNET);
  const optimiser = new Adam(net.parameters(), { learningRate: RUN.learningRate, clipNorm: 1 });
  const ema = new Ema(net, RUN.ema);
  const setRate = (step: number) => tf.tidy(() => optimiser.learningRate.assign(tf.scalar(rateAt(step))));
  const follow: Observer = { onStart: ({ startStep }) => setRate(startStep), onStep: ({ step }) => setRate(step) };
  const step = ({ x }: Batch) => {
    const loss = optimiser.minimize(() => diffusionLoss((xt, t) => net.forward(xt, t), x, schedule));
    ema.update();
    return { loss };
  };
  await train({
    step,
    batches: await stream(),
    epochs: RUN.steps / CHUNK,
    stepsPerEpoch: CHUNK,
    observers: [progressBar(), follow, keepBest(net, ema)],
    checkpoint: { path: 'checkpoints/ddpm-mnist.safetensors', every: CHUNK, modules: { net }, optimiser, ema },
  });
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
