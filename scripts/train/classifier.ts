/**
 * Trains the digit classifier of lib/models/classifier.ts: `node --import tsx scripts/train/classifier.ts`.
 * Writes datasets/checkpoints/mnist-classifier.safetensors and a log beside it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { batchCount, batchesOf, mnist } from '../../lib/data';
import { DigitClassifier } from '../../lib/models/classifier';
import { Adam, accuracy, saveModule, softmaxCrossEntropy } from '../../lib/nn';
import { random, start, tf } from '../../lib/runtime';
import { type Batch, evaluate, type Observer, progressBar, train } from '../../lib/training';
import { shifted } from './shift';

export const CLASSIFIER_RUN = { seed: 12, size: 128, epochs: 8, learningRate: 2e-3, keep: 0.7 };
const FOLDER = path.join(__dirname, '../../datasets/checkpoints');

/** The learning rate falls along half a cosine to zero. */
function cosineDecay(rate: tf.Variable, from: number, totalSteps: number): Observer {
  return {
    onStep: ({ step }) =>
      tf.tidy(() => rate.assign(tf.scalar((from * (1 + Math.cos((Math.PI * step) / totalSteps))) / 2))),
  };
}

async function main(): Promise<void> {
  const { seed, size, epochs, learningRate, keep } = CLASSIFIER_RUN;
  await start({ seed });
  const digits = await mnist();
  const net = new DigitClassifier();
  const optimiser = new Adam(net.parameters(), { learningRate });
  const stepsPerEpoch = batchCount(digits.train, { size, dropLast: true });

  const step = ({ x, y }: Batch) =>
    optimiser.minimize(() => {
      const mask = random.uniform([size, 128]).less(keep).toFloat().div(keep); // drops features (Srivastava et al. 2014)
      return { loss: softmaxCrossEntropy(net.forward(x, mask), y) };
    });
  function* batches(epoch: number): Iterable<Batch> {
    for (const batch of batchesOf(digits.train, { size, shuffleSeed: seed, epoch, range: [-1, 1] }))
      yield shifted(batch);
  }
  const test = () =>
    evaluate(
      ({ x, y }) => ({ testAccuracy: accuracy(net.forward(x), y) }),
      batchesOf(digits.test, { size: 500, range: [-1, 1] }),
    );
  const observers = [progressBar(), cosineDecay(optimiser.learningRate, learningRate, epochs * stepsPerEpoch)];
  const result = await train({ step, batches, epochs, stepsPerEpoch, observers, evaluate: test });

  const metadata = {
    seed: String(seed),
    steps: String(result.steps),
    seconds: result.seconds.toFixed(0),
    testAccuracy: result.last('testAccuracy').toFixed(4),
    made: 'scripts/train/classifier.ts',
  };
  saveModule(path.join(FOLDER, 'mnist-classifier.safetensors'), net, metadata);
  const lines = result.history.map(({ epoch, step, metrics }) => JSON.stringify({ epoch, step, ...metrics }));
  fs.writeFileSync(path.join(FOLDER, 'mnist-classifier.log'), `${[JSON.stringify(metadata), ...lines].join('\n')}\n`);
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
