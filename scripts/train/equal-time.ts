/**
 * Pixels against latents after the same time, with several seeds: `node --import tsx scripts/train/equal-time.ts`.
 * What lesson 13 does once by the clock (cell `equal`): a U-Net on 28 × 28 pixels and one on 8 × 8 × 4 latents learn the same
 * 6,000 digits, here for EACH (60) seconds of processor time, all threads together, which other programs beside it don't
 * change much; then they paint 256 digits with the average of their weights over the last quarter of their run.
 * SEEDS (101 to 103) in the environment. Writes a line for each net and seed to datasets/checkpoints/equal-time.log, with the
 * Fréchet distance to 512 test digits and the share that the classifier reads as what was asked for.
 */
import { batchOf, mnist } from '../../lib/data';
import { cosineSchedule, diffusionLoss, sample } from '../../lib/diffusion';
import { DIGIT_LATENT_UNET } from '../../lib/models/digits';
import { GUIDED_MNIST_UNET, UNet } from '../../lib/models/unet';
import { Adam, Ema } from '../../lib/nn';
import { random, start, tf } from '../../lib/runtime';
import { type Batch, train } from '../../lib/training';
import { logFile, sayAndKeep } from './common';
import { digitLatents, sometimesAny } from './digit-common';
import { digitJudge } from './digit-judge';

const SECONDS = Number(process.env.EACH ?? 60);
const SEEDS = (process.env.SEEDS ?? '101,102,103').split(',').map(Number);
const [COUNT, SIZE, PAINTED] = [6000, 64, 256];
const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const schedule = cosineSchedule();

/** A kind of net, and the data that it learns [N, ...]. */
interface Arm {
  name: string;
  fresh: () => UNet;
  data: tf.Tensor;
}

/** One training step on a random batch of the arm's data, and the average of the weights; `steps` are expected. */
function trainer({ data, fresh }: Arm, labels: tf.Tensor, steps: number) {
  const net = fresh();
  const adam = new Adam(net.parameters(), { learningRate: 2e-3, clipNorm: 1 });
  const ema = new Ema(net, 1 - 4 / Math.max(8, steps)); // over the last quarter
  const step = ({ x, y }: Batch) => {
    const told = sometimesAny(y, 0.1); // [B]
    const loss = adam.minimize(() => diffusionLoss((xt, t) => net.forward(xt, t, told), x, schedule, 'v'));
    ema.update();
    return { loss };
  };
  const batch = (): Batch =>
    tf.tidy(() => {
      const rows = random.integers([SIZE], 0, COUNT);
      return { x: tf.gather(data, rows), y: tf.gather(labels, rows) };
    });
  return { net, ema, step, batch };
}

/** Seconds of processor time that this process has used. */
const used = () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;

/** Batches until the time is up. */
function* until(seconds: number, batch: () => Batch): Iterable<Batch> {
  for (const end = used() + seconds; used() < end; ) yield batch();
}

/** How many steps will fit into the time: counted in a tenth of it, with a net that is thrown away. */
async function expected(arm: Arm, labels: tf.Tensor): Promise<number> {
  const { step, batch } = trainer(arm, labels, 100);
  const { steps } = await train({ step, batches: () => until(SECONDS / 10, batch), epochs: 1 });
  return 10 * steps;
}

async function main(): Promise<void> {
  await start({ seed: 1 });
  const digits = await mnist();
  const { large, labels, scale } = await digitLatents(10_000);
  const latents = large.slice([0], [COUNT]); //                                           [6000, 8, 8, 4]
  const pixels = batchOf(digits.train, range(COUNT), { range: [-1, 1] }).x; //            [6000, 28, 28, 1]
  const arms: Arm[] = [
    { name: 'U-Net on pixels', fresh: () => new UNet(GUIDED_MNIST_UNET), data: pixels },
    { name: 'U-Net on latents', fresh: () => new UNet(DIGIT_LATENT_UNET), data: latents },
  ];
  const { unpack, measure } = await digitJudge(scale);
  const asked = tf.tensor1d(
    range(PAINTED).map(i => i % 10),
    'int32',
  );
  for (const seed of SEEDS) {
    for (const arm of arms) {
      random.seed(seed);
      const { net, ema, step, batch } = trainer(arm, labels, await expected(arm, labels));
      const began = used();
      const { steps } = await train({ step, batches: () => until(SECONDS, batch), epochs: 1 });
      const seconds = used() - began;
      ema.swap();
      const told = (x: tf.Tensor, t: tf.Tensor, y: tf.Tensor) => net.forward(x, t, y);
      const shape = [PAINTED, ...arm.data.shape.slice(1)];
      const z = await sample(told, { schedule, shape, steps: 20, prediction: 'v', clip: undefined, condition: asked });
      const x = arm.data === pixels ? z.clipByValue(-1, 1) : unpack(z); //                [256, 28, 28, 1]
      sayAndKeep(logFile('equal-time'), { net: arm.name, seed, steps, seconds, ...measure(x, asked) });
      tf.dispose([z, x]);
    }
  }
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
