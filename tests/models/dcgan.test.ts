/** The DCGAN against PyTorch (small random weights), its published size, and what a GAN's losses must be. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { readSafetensors, toTensor } from '../../lib/formats';
import {
  DcganDiscriminator,
  DcganGenerator,
  discriminatorLoss,
  generatorLoss,
  MNIST_DCGAN,
  PYTORCH_DCGAN,
  saturatingGeneratorLoss,
} from '../../lib/models/dcgan';
import { type Module, valuesAndGradients } from '../../lib/nn';
import { random, tf } from '../../lib/runtime';
import { readPacked } from '../packed';

interface Packed {
  shape: number[];
  data: number[];
}
const CONFIG = { latent: 6, width: 4, channels: 2, size: 16 };
const unpack = ({ data, shape }: Packed): tf.Tensor => tf.tensor(data, shape);

function close(actual: tf.Tensor, expected: Packed, tolerance: number, what: string): void {
  assert.deepEqual(actual.shape, expected.shape, what);
  const scale = Math.max(1e-3, ...expected.data.map(Math.abs));
  const furthest = actual.sub(unpack(expected)).abs().max().dataSync()[0];
  assert.ok(furthest <= tolerance * scale, `${what}: ${furthest} off at a scale of ${scale}`);
}

function reference() {
  const { tensors } = readSafetensors(path.join(__dirname, 'dcgan-reference.safetensors'));
  const load = <M extends Module>(net: M, letter: string): M => {
    const own = Object.entries(tensors).filter(([name]) => name.startsWith(`${letter}/`));
    net.loadStateDict(Object.fromEntries(own.map(([name, array]) => [name.slice(2), toTensor(array)])));
    return net;
  };
  const values = readPacked(__dirname, 'dcgan-reference.json');
  return {
    values,
    generator: load(new DcganGenerator(CONFIG), 'G'),
    discriminator: load(new DcganDiscriminator(CONFIG), 'D'),
  };
}

/** Gradients of a net's weights in PyTorch's layout (all of rank 4 are kernels kept HWIO), within 1e-3. */
function closeGradients(net: Module, loss: () => tf.Scalar, expected: Record<string, Packed>): void {
  const named = net.namedParameters().filter(([, variable]) => variable.trainable);
  const variables = named.map(([, variable]) => variable);
  const { grads } = valuesAndGradients(loss, variables);
  named.forEach(([name], i) => {
    const grad = grads[i].rank === 4 ? tf.transpose(grads[i], [3, 2, 0, 1]) : grads[i];
    close(grad, expected[name], 1e-3, name);
  });
  assert.equal(named.length, Object.keys(expected).length);
}

test('pictures, losses, gradients and running statistics are those of PyTorch', () => {
  const { values, generator, discriminator } = reference();
  const [z, x] = [unpack(values.z), unpack(values.x)];
  const fake = generator.forward(z, true);
  close(fake, values.fake, 1e-4, 'pictures');
  for (const [name, variable] of generator.namedParameters()) {
    if (values.running[name]) close(variable, values.running[name], 1e-4, name);
  }
  close(generator.forward(z), values.evaluated, 1e-4, 'pictures from running statistics');
  const dLoss = () => discriminatorLoss(discriminator.forward(x, true), discriminator.forward(fake, true));
  assert.ok(Math.abs(dLoss().dataSync()[0] - values.lossD) < 1e-4);
  closeGradients(discriminator, dLoss, values.gradsD);
  const gLoss = () => generatorLoss(discriminator.forward(generator.forward(z, true), true));
  assert.ok(Math.abs(gLoss().dataSync()[0] - values.lossG) < 1e-4);
  closeGradients(generator, gLoss, values.gradsG);
});

test('the discriminator answers as PyTorch does, outside of training', () => {
  const { values, generator, discriminator } = reference();
  const [z, x] = [unpack(values.z), unpack(values.x)];
  discriminator.forward(x, true); //                             the reference took both into its running statistics
  discriminator.forward(generator.forward(z, true), true);
  close(tf.sigmoid(discriminator.forward(x)), values.answers, 1e-4, 'answers');
});

test('published sizes: 3,576,704 and 2,765,568', () => {
  const [generator, discriminator] = [new DcganGenerator(PYTORCH_DCGAN), new DcganDiscriminator(PYTORCH_DCGAN)];
  assert.equal(generator.parameterCount(), 3_576_704);
  assert.equal(discriminator.parameterCount(), 2_765_568);
  assert.deepEqual(
    tf.tidy(() => generator.sample(2).shape),
    [2, 64, 64, 3],
  );
  generator.dispose();
  discriminator.dispose();
});

test('who answers ½ to everything pays 2 ln 2, and the generator ln 2', () => {
  const unsure = tf.zeros([8]);
  assert.ok(Math.abs(discriminatorLoss(unsure, unsure).dataSync()[0] - 2 * Math.LN2) < 1e-6);
  assert.ok(Math.abs(generatorLoss(unsure).dataSync()[0] - Math.LN2) < 1e-6);
  assert.ok(Math.abs(saturatingGeneratorLoss(unsure).dataSync()[0] + Math.LN2) < 1e-6);
});

test('where the discriminator is sure, only the non-saturating loss has a gradient', () => {
  const sure = tf.tensor1d([-12]);
  const slope = (loss: (fake: tf.Tensor) => tf.Scalar) =>
    tf
      .grad(a => loss(a))(sure)
      .dataSync()[0];
  assert.ok(Math.abs(slope(generatorLoss) + 1) < 1e-4);
  assert.ok(Math.abs(slope(saturatingGeneratorLoss)) < 1e-4);
});

test('a small net runs on digits with a margin, and refuses what does not fit', () => {
  random.seed(3);
  const [generator, discriminator] = [new DcganGenerator(MNIST_DCGAN), new DcganDiscriminator(MNIST_DCGAN)];
  tf.tidy(() => {
    const pictures = generator.forward(random.normal([4, 64]), true);
    assert.deepEqual(pictures.shape, [4, 32, 32, 1]);
    assert.deepEqual(discriminator.forward(pictures, true).shape, [4]);
    assert.throws(() => discriminator.forward(tf.zeros([4, 28, 28, 1])), /expected pictures \[B, 32, 32, 1\]/);
    assert.throws(() => generator.forward(tf.zeros([4, 100])), /expected noise \[B, 64\]/);
    assert.throws(() => new DcganGenerator({ ...MNIST_DCGAN, size: 28 }), /must be 8, 16, 32, 64/);
  });
  generator.dispose();
  discriminator.dispose();
});
