/** The weights that come with the course: they load, say how they were made, and do what their log says. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { batchOf, mnist } from '../../lib/data';
import {
  cosineSchedule,
  diffusionLoss,
  guided,
  readAnswer,
  sample,
  trailingSteps,
  weightsAt,
} from '../../lib/diffusion';
import {
  AutoencoderKL,
  DcganGenerator,
  DIGIT_DIT,
  DIGIT_VAE,
  DigitClassifier,
  Dit,
  FEW_STEPS_LORA,
  GUIDED_MNIST_UNET,
  loadPretrained,
  MNIST_DCGAN,
  MNIST_UNET,
  trainingLog,
  UNet,
} from '../../lib/models';
import { accuracy, Linear, Lora, loadModule, saveModule } from '../../lib/nn';
import { random, tf } from '../../lib/runtime';
import { inProject } from '../../scripts/setup/paths';
import { newFolder } from '../folder';
import { pack } from '../packed';

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
    (xt: tf.Tensor, t: tf.Tensor) => {
      const { signal, noise } = weightsAt(cosineSchedule(), t, 4); //              2 × [B, 1, 1, 1]
      return readAnswer('v', told.forward(xt, t, y), xt, signal, noise).eps; //    [B, 28, 28, 1]
    },
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

test('with its adapters the DiT draws in 4 steps nearly what it draws in 32 with guidance, the same noise each', async () => {
  const [teacher, student] = [new Dit(DIGIT_DIT), new Dit(DIGIT_DIT)];
  for (const net of [teacher, student]) loadPretrained('latent-dit', net);
  const adapters = new Lora(student, FEW_STEPS_LORA);
  const facts = loadPretrained('latent-dit-few-steps', adapters);
  assert.equal(facts.made, 'scripts/train/latent-dit-few-steps.ts');
  adapters.merge();
  const [schedule, y] = [
    cosineSchedule(),
    tf.tensor1d(
      first(32).map(i => i % 10),
      'int32',
    ),
  ];
  random.seed(5);
  const start = random.normal([32, 8, 8, 4]);
  const told = (net: Dit) => (x: tf.Tensor, t: tf.Tensor) => net.forward(x, t, y);
  const leading = guided((x, t, label: tf.Tensor) => teacher.forward(x, t, label), y, tf.fill([32], 10, 'int32'), 1.5);
  const draw = (model: typeof leading, steps: number) =>
    sample(model, {
      schedule,
      shape: [32, 8, 8, 4],
      path: trailingSteps(1000, steps),
      start,
      prediction: 'v',
      clip: undefined,
    });
  const [long, plain, short] = [await draw(leading, 32), await draw(leading, 4), await draw(told(student), 4)];
  const [before, after] = tf.tidy(() => [plain, short].map(x => x.sub(long).square().mean().dataSync()[0]));
  assert.ok(after < before / 2, `${after} of ${before}`);
  tf.dispose([teacher.parameters(), student.parameters(), long, plain, short, start]);
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

test('weights packed with Brotli are the same weights, and a damaged pack is refused', () => {
  const folder = newFolder('packed-weights');
  const [net, copy] = [new Linear(3, 2), new Linear(3, 2)];
  const file = path.join(folder, 'net.safetensors');
  saveModule(file, net, { made: 'here' });
  pack(file);
  assert.ok(!fs.existsSync(file));
  assert.equal(loadModule(`${file}.br`, copy).made, 'here');
  assert.deepEqual([...copy.weight.dataSync()], [...net.weight.dataSync()]);
  const whole = fs.readFileSync(`${file}.br`);
  fs.writeFileSync(`${file}.br`, whole.subarray(0, whole.length - 9));
  assert.throws(() => loadModule(`${file}.br`, copy), /net\.safetensors\.br: can't be unpacked, the file is damaged/);
  tf.dispose([net.parameters(), copy.parameters()]);
});

test('no weights of the course lie there both packed and unpacked: the packed ones would be old', () => {
  const names = fs.readdirSync(inProject('datasets', 'checkpoints'));
  assert.deepEqual(
    names.filter(name => names.includes(`${name}.br`)),
    [],
  );
});
