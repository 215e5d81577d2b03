/** The weights that come with the course: they load, say how they were made, and do what their log says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchOf, mnist } from '../../lib/data';
import { cosineSchedule, diffusionLoss } from '../../lib/diffusion';
import {
  AutoencoderKL,
  DcganGenerator,
  DIGIT_DIT,
  DIGIT_VAE,
  DigitClassifier,
  Dit,
  GUIDED_MNIST_UNET,
  loadPretrained,
  MNIST_DCGAN,
  MNIST_UNET,
  trainingLog,
  UNet,
} from '../../lib/models';
import { accuracy } from '../../lib/nn';
import { random, tf } from '../../lib/runtime';

const first = (n: number) => Array.from({ length: n }, (_, i) => i);

test('the classifier reads 99 % of 1,000 test digits', async () => {
  const net = new DigitClassifier();
  const facts = loadPretrained('mnist-classifier', net);
  assert.ok(Number(facts.testAccuracy) >= 0.992);
  const { test: digits } = await mnist();
  const right = tf.tidy(() => {
    const { x, y } = batchOf(digits, first(1000), { range: [-1, 1] });
    return accuracy(net.forward(x), y).dataSync()[0];
  });
  assert.ok(right >= 0.99, String(right));
  net.dispose();
});

test('the denoisers guess most of the noise in test digits, told the digit or not', async () => {
  const [free, told] = [new UNet(MNIST_UNET), new UNet(GUIDED_MNIST_UNET)];
  assert.equal(loadPretrained('ddpm-mnist', free).made, 'scripts/train/ddpm-mnist.ts');
  assert.equal(loadPretrained('ddpm-mnist-guided', told).made, 'scripts/train/ddpm-mnist-guided.ts');
  const { test: digits } = await mnist();
  const { x, y } = batchOf(digits, first(128), { range: [-1, 1] });
  for (const model of [
    (xt: tf.Tensor, t: tf.Tensor) => free.forward(xt, t),
    (xt: tf.Tensor, t: tf.Tensor) => told.forward(xt, t, y),
  ]) {
    random.seed(1);
    const loss = tf.tidy(() => diffusionLoss(model, x, cosineSchedule()).dataSync()[0]);
    assert.ok(loss < 0.06, String(loss));
  }
  tf.dispose([x, y]);
  free.dispose();
  told.dispose();
});

test('the generator of the GAN draws every digit', () => {
  const [generator, classifier] = [new DcganGenerator(MNIST_DCGAN), new DigitClassifier()];
  assert.equal(loadPretrained('gan-mnist-generator', generator).made, 'scripts/train/gan-mnist.ts');
  loadPretrained('mnist-classifier', classifier);
  random.seed(2);
  const read = tf.tidy(() => {
    const digits = generator.sample(256).slice([0, 2, 2, 0], [256, 28, 28, 1]);
    return [...classifier.forward(digits).argMax(-1).dataSync()];
  });
  const seen = new Set(read);
  assert.equal(seen.size, 10, String([...seen]));
  tf.dispose([generator.parameters(), classifier.parameters()]);
});

test('the auto-encoder of the digits gives them back, and the DiT guesses in its latents', async () => {
  const [vae, dit] = [new AutoencoderKL(DIGIT_VAE), new Dit(DIGIT_DIT)];
  loadPretrained('digit-vae', vae);
  const facts = loadPretrained('latent-dit', dit);
  const { test: digits } = await mnist();
  random.seed(3);
  const { error, loss } = tf.tidy(() => {
    const { x, y } = batchOf(digits, first(64), { range: [-1, 1] });
    const framed = tf.pad(
      x as tf.Tensor4D,
      [
        [0, 0],
        [2, 2],
        [2, 2],
        [0, 0],
      ],
      -1,
    ); // [64, 32, 32, 1]
    const z = vae.encode(framed).mean; //                                            [64, 8, 8, 4]
    const scaled = z.mul(Number(facts.scale)); //                                    variance 1
    const guess = diffusionLoss((zt, t) => dit.forward(zt, t, y), scaled, cosineSchedule(), 'v');
    return { error: vae.decode(z).sub(framed).abs().mean().dataSync()[0], loss: guess.dataSync()[0] };
  });
  assert.ok(error < 0.04, String(error));
  assert.ok(loss < 0.5, String(loss));
  tf.dispose([vae.parameters(), dit.parameters()]);
});

test('a name that is not there is answered with those that are', () => {
  const net = new DigitClassifier();
  assert.throws(() => loadPretrained('nothing', net), /no weights named nothing; it has .*mnist-classifier/);
  net.dispose();
});

test('logs are read line by line, and one that is not there is named', () => {
  const lines = trainingLog('mnist-classifier');
  assert.ok(lines.length > 5);
  assert.ok(Number(lines[lines.length - 1].testAccuracy) > 0.99);
  assert.throws(() => trainingLog('nobody'), /no training log named nobody/);
});
