import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gpt } from '../../lib/models/gpt';
import { UNet } from '../../lib/models/unet';
import { Vae } from '../../lib/models/vae';
import { Vit } from '../../lib/models/vit';
import { Adam, type Module, mse, softmaxCrossEntropy } from '../../lib/nn';
import { compile, random, tf } from '../../lib/runtime';

type Batch = Record<string, tf.Tensor>;
interface Task {
  module: Module;
  loss: (batch: Batch) => tf.Scalar;
  batch: () => Batch;
}

/** Every model of the lib, small. */
const tasks: Record<string, () => Task> = {
  vae() {
    const module = new Vae({ pixels: 64, hidden: [32], latent: 4 });
    return { module, loss: ({ x }) => module.negativeElbo(x).loss, batch: () => ({ x: random.uniform([8, 64]) }) };
  },
  unet() {
    const module = new UNet({ channels: 1, base: 8, mults: [1, 2], blocks: 1, attention: [1], groups: 4 });
    const loss = ({ x, t }: Batch) => mse(module.forward(x as tf.Tensor4D, t), random.normal(x.shape));
    return { module, loss, batch: () => ({ x: random.normal([2, 8, 8, 1]), t: random.integers([2], 0, 100) }) };
  },
  gpt() {
    const module = new Gpt({ vocab: 11, context: 8, layers: 2, heads: 2, width: 8, dropout: 0.1 });
    const ids = () => random.integers([3, 8], 0, 11);
    return { module, loss: ({ a, b }) => module.loss(a, b), batch: () => ({ a: ids(), b: ids() }) };
  },
  vit() {
    const module = new Vit({ image: 8, channels: 1, patch: 4, layers: 2, heads: 2, width: 8, classes: 3 });
    const loss = ({ x, y }: Batch) => softmaxCrossEntropy(module.forward(x), y);
    return { module, loss, batch: () => ({ x: random.normal([4, 8, 8, 1]), y: random.integers([4], 0, 3) }) };
  },
};

/** Losses of 50 steps of Adam from one seed. */
function train(make: () => Task, compiled: boolean): number[] {
  random.seed(21);
  const { module, loss, batch } = make();
  const optimiser = new Adam(module.parameters(), { learningRate: 1e-3 });
  const raw = (each: Batch) => optimiser.minimize(() => loss(each));
  const step = compiled ? compile(raw) : (each: Batch) => tf.tidy(() => raw(each));
  const batches = [batch(), batch()];
  return Array.from({ length: 50 }, (_, i) => {
    const value = step(batches[i % 2]);
    const [number] = value.dataSync();
    value.dispose();
    return number;
  });
}

for (const [name, make] of Object.entries(tasks)) {
  test(`${name}: 50 compiled steps equal the eager ones within 1e-5`, () => {
    const eager = train(make, false);
    const compiled = train(make, true);
    for (const [i, value] of eager.entries()) {
      assert.ok(Math.abs(value - compiled[i]) <= 1e-5 * Math.abs(value), `step ${i}: ${value} and ${compiled[i]}`);
    }
    assert.notEqual(eager[0], eager[49]);
  });
}
