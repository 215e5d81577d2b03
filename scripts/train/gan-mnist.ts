/**
 * Trains the DCGAN of lesson 11 on MNIST: `node --import tsx scripts/train/gan-mnist.ts`.
 * Writes the generator's averaged weights and the discriminator to datasets/checkpoints/gan-mnist-{generator,discriminator}.safetensors,
 * and a line per 250 steps to gan-mnist.log: both losses, and how far 1,024 pictures are from real ones.
 */
import fs from 'node:fs';
import path from 'node:path';
import { batchOf, type ImageSet, mnist } from '../../lib/data';
import { DigitClassifier } from '../../lib/models/classifier';
import {
  DcganDiscriminator,
  DcganGenerator,
  discriminatorLoss,
  generatorLoss,
  MNIST_DCGAN,
} from '../../lib/models/dcgan';
import { loadPretrained } from '../../lib/models/pretrained';
import { Adam, Ema, saveModule } from '../../lib/nn';
import { random, start, tf } from '../../lib/runtime';
import { type Batch, featureStatistics, frechetDistance, progressBar, train } from '../../lib/training';
import { inChunks, shuffled } from './common';
import { framedDigits } from './digit-common';

const RUN = { seed: 11, size: 64, steps: 4000, learningRate: 3e-4, beta1: 0.5, ema: 0.995 };
const CHUNK = 250; // steps between two lines of the log
const FOLDER = path.join(__dirname, '../../datasets/checkpoints');
const LOG = path.join(FOLDER, 'gan-mnist.log');
const SAMPLES = 1024;

/** How far the generator's pictures are from the test set, as sets, on the classifier's features. */
function judge(test: ImageSet): (generator: DcganGenerator) => number {
  const classifier = new DigitClassifier();
  loadPretrained('mnist-classifier', classifier);
  const features = (x: tf.Tensor) => featureStatistics(tf.tidy(() => classifier.features(x)));
  const { x, y } = batchOf(
    test,
    Array.from({ length: SAMPLES }, (_, i) => i * 9),
    { range: [-1, 1] },
  );
  const real = features(x);
  tf.dispose([x, y]);
  return generator => {
    const drawn = tf.tidy(() => generator.sample(SAMPLES).slice([0, 2, 2, 0], [SAMPLES, 28, 28, 1])); // without the margin
    const distance = frechetDistance(real, features(drawn));
    drawn.dispose();
    return distance;
  };
}

async function main(): Promise<void> {
  await start({ seed: RUN.seed });
  const digits = await mnist();
  const distance = judge(digits.test);
  const generator = new DcganGenerator(MNIST_DCGAN);
  const discriminator = new DcganDiscriminator(MNIST_DCGAN);
  const [forG, forD] = [generator, discriminator].map(net => new Adam(net.parameters(), RUN));
  const ema = new Ema(generator, RUN.ema);
  const noise = () => random.normal([RUN.size, MNIST_DCGAN.latent]); // [B, Z]
  const step = ({ x }: Batch) => {
    const loss = forD.minimize(() =>
      discriminatorLoss(discriminator.forward(x, true), discriminator.forward(generator.forward(noise(), true), true)),
    );
    const g = forG.minimize(() => generatorLoss(discriminator.forward(generator.forward(noise(), true), true)));
    ema.update();
    return { loss, g };
  };
  const began = performance.now();
  fs.writeFileSync(LOG, '');
  const save = async ({ step: done, metrics }: { step: number; metrics: Record<string, number> }) => {
    const seconds = Math.round((performance.now() - began) / 1000);
    await ema.with(() => {
      for (let i = 0; i < 40; i++) tf.tidy(() => generator.forward(noise(), true)); // statistics that belong to the averaged weights
      const frechet = distance(generator);
      const { loss, g } = metrics;
      const line = {
        step: done,
        d: Number(loss.toFixed(4)),
        g: Number(g.toFixed(4)),
        frechet: Number(frechet.toFixed(1)),
        seconds,
      };
      fs.appendFileSync(LOG, `${JSON.stringify(line)}\n`);
      const facts = { ...RUN, step: done, seconds, frechet: line.frechet, made: 'scripts/train/gan-mnist.ts' };
      const metadata = Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, String(value)]));
      saveModule(path.join(FOLDER, 'gan-mnist-generator.safetensors'), generator, metadata, { half: true });
      saveModule(path.join(FOLDER, 'gan-mnist-discriminator.safetensors'), discriminator, metadata, { half: true });
    });
  };
  await train({
    step,
    ...inChunks(
      RUN.steps,
      i => {
        const { x, y } = framedDigits(digits.train, shuffled(digits.train.count, RUN.size, i, RUN.seed));
        y.dispose(); // nobody is told which digit it is
        return { x };
      },
      CHUNK,
    ),
    observers: [progressBar(), { onEpoch: save }],
  });
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
