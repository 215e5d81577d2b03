/** The weights that come with the course: they load, say how they were made, and do what their log says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchOf, mnist } from '../../lib/data';
import { cosineSchedule, diffusionLoss } from '../../lib/diffusion';
import { DigitClassifier, loadPretrained, MNIST_UNET, UNet } from '../../lib/models';
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

test('the denoiser guesses most of the noise in test digits', async () => {
  const net = new UNet(MNIST_UNET);
  const facts = loadPretrained('ddpm-mnist', net);
  assert.equal(facts.made, 'scripts/train/ddpm-mnist.ts');
  const { test: digits } = await mnist();
  random.seed(1);
  const loss = tf.tidy(() => {
    const { x } = batchOf(digits, first(128), { range: [-1, 1] });
    return diffusionLoss((xt, t) => net.forward(xt, t), x, cosineSchedule()).dataSync()[0];
  });
  assert.ok(loss < 0.06, String(loss));
  net.dispose();
});

test('a name that is not there is answered with those that are', () => {
  const net = new DigitClassifier();
  assert.throws(() => loadPretrained('nothing', net), /no weights named nothing; it has .*mnist-classifier/);
  net.dispose();
});
