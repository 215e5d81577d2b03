/**
 * Trains the denoising net of lesson 12 on MNIST, which is told the digit most of the time: `node --import tsx scripts/train/ddpm-mnist-guided.ts`.
 * Writes the averaged weights to datasets/checkpoints/ddpm-mnist-guided.safetensors and a line per 100 steps to the log beside it.
 * Stop it at will (Ctrl-C): it goes on from checkpoints/ddpm-mnist-guided.safetensors when started again.
 */
import fs from 'node:fs';
import path from 'node:path';
import { batchOf, mnist } from '../../lib/data';
import { cosineSchedule, diffusionLoss } from '../../lib/diffusion';
import { GUIDED_MNIST_UNET, UNet } from '../../lib/models/unet';
import { Adam, Ema, saveModule } from '../../lib/nn';
import { HostRandom, random, start, tf } from '../../lib/runtime';
import { type Batch, type Observer, progressBar, train } from '../../lib/training';

const RUN = { seed: 12, size: 64, steps: 2000, learningRate: 1e-3, warmUp: 200, decay: 0.25, ema: 0.998 };
const ANY = 10; // the class that stands for every digit
const UNTOLD = 0.15; // share of the pictures that come without their class, so that the net learns both
const CHUNK = 100; // steps between two lines of the log
const WEIGHTS = path.join(__dirname, '../../datasets/checkpoints/ddpm-mnist-guided.safetensors');
const LOG = WEIGHTS.replace('.safetensors', '.log');

/** Learning rate of a step: a straight rise, level, and a straight fall to zero over the last quarter. */
function rateAt(step: number): number {
  const { learningRate, warmUp, steps, decay } = RUN;
  return learningRate * Math.min(1, (step + 1) / warmUp, (steps - step) / (decay * steps));
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
      yield { ...batchOf(digits, order.slice(from, from + RUN.size), { range: [-1, 1] }) };
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
      const facts = {
        seed,
        batch: size,
        step,
        steps,
        seconds,
        schedule: 'cosine',
        prediction: 'eps',
        ema: RUN.ema,
        untold: UNTOLD,
      };
      const metadata = Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, String(value)]));
      await ema.with(() => saveModule(WEIGHTS, net, { ...metadata, made: 'scripts/train/ddpm-mnist-guided.ts' }));
    },
  };
}

async function main(): Promise<void> {
  await start({ seed: RUN.seed });
  const schedule = cosineSchedule();
  const net = new UNet(GUIDED_MNIST_UNET);
  const optimiser = new Adam(net.parameters(), { learningRate: RUN.learningRate, clipNorm: 1 });
  const ema = new Ema(net, RUN.ema);
  const setRate = (step: number) => tf.tidy(() => optimiser.learningRate.assign(tf.scalar(rateAt(step))));
  const follow: Observer = { onStart: ({ startStep }) => setRate(startStep), onStep: ({ step }) => setRate(step) };
  const step = ({ x, y }: Batch) => {
    const untold = random.uniform(y.shape).less(UNTOLD); //                    [B]
    const asked = tf.where(untold, tf.fill(y.shape, ANY, 'int32'), y.toInt()); // [B]
    const loss = optimiser.minimize(() => diffusionLoss((xt, t) => net.forward(xt, t, asked), x, schedule));
    ema.update();
    return { loss };
  };
  await train({
    step,
    batches: await stream(),
    epochs: RUN.steps / CHUNK,
    stepsPerEpoch: CHUNK,
    observers: [progressBar(), follow, keepBest(net, ema)],
    checkpoint: { path: 'checkpoints/ddpm-mnist-guided.safetensors', every: CHUNK, modules: { net }, optimiser, ema },
  });
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
