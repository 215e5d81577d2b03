/** The training steps that are timed. scripts/bench/reference.py holds the same ones in PyTorch, layer by layer. */
import { Gpt } from '../../lib/models/gpt';
import { Llama } from '../../lib/models/llama';
import { TextRnn } from '../../lib/models/rnn';
import { T5Model } from '../../lib/models/t5';
import { UNet } from '../../lib/models/unet';
import { PYTORCH_VAE, Vae } from '../../lib/models/vae';
import { Vit } from '../../lib/models/vit';
import { Adam, Conv2d, Linear, Module, mse, softmaxCrossEntropy } from '../../lib/nn';
import { random, tf } from '../../lib/runtime';

type Batch = Record<string, tf.Tensor>;

/** One model with its data: `loss` is what a step minimises, `data` makes a batch. */
export interface Task {
  module: Module;
  loss: (batch: Batch) => tf.Scalar;
  data: () => Batch;
}

const images = (count: number, side: number, channels: number) => random.uniform([count, side, side, channels]);
const classes = (shape: number[], count: number) => random.integers(shape, 0, count);

/** Two convolutions and two linear layers: 421,642 parameters at 28 × 28. */
class Cnn extends Module {
  readonly conv1 = new Conv2d(1, 32, 3, { padding: 1 });
  readonly conv2 = new Conv2d(32, 64, 3, { padding: 1 });
  readonly fc1 = new Linear(7 * 7 * 64, 128);
  readonly fc2 = new Linear(128, 10);

  forward(x: tf.Tensor): tf.Tensor {
    const a = tf.maxPool(tf.relu(this.conv1.forward(x)) as tf.Tensor4D, 2, 2, 'valid'); // [B, 14, 14, 32]
    const b = tf.maxPool(tf.relu(this.conv2.forward(a)) as tf.Tensor4D, 2, 2, 'valid'); // [B, 7, 7, 64]
    return this.fc2.forward(tf.relu(this.fc1.forward(b.reshape([x.shape[0], -1])))); // [B, 10]
  }
}

export const TASKS: Record<string, () => Task> = {
  vae() {
    const module = new Vae(PYTORCH_VAE);
    return { module, loss: ({ x }) => module.negativeElbo(x).loss, data: () => ({ x: random.uniform([128, 784]) }) };
  },
  cnn() {
    const module = new Cnn();
    const loss = ({ x, y }: Batch) => softmaxCrossEntropy(module.forward(x), y);
    return { module, loss, data: () => ({ x: images(128, 28, 1), y: classes([128], 10) }) };
  },
  unet() {
    const module = new UNet({ channels: 1, base: 32, mults: [1, 2, 2], blocks: 1, attention: [], groups: 8 });
    const loss = ({ x, t }: Batch) => {
      const noise = random.normal(x.shape);
      return mse(module.forward(x.add(noise) as tf.Tensor4D, t), noise);
    };
    return { module, loss, data: () => ({ x: images(32, 32, 1), t: classes([32], 1000) }) };
  },
  gpt() {
    const module = new Gpt({ vocab: 65, context: 64, layers: 4, heads: 4, width: 128 });
    const loss = ({ ids, next }: Batch) => module.loss(ids, next);
    return { module, loss, data: () => ({ ids: classes([12, 64], 65), next: classes([12, 64], 65) }) };
  },
  lstm() {
    const module = new TextRnn({ kind: 'lstm', vocab: 65, embedding: 64, width: 256 });
    const loss = ({ ids, next }: Batch) => module.loss(ids, next);
    return { module, loss, data: () => ({ ids: classes([32, 64], 65), next: classes([32, 64], 65) }) };
  },
  llama() {
    const sizes = { vocab: 65, context: 64, width: 128, hidden: 344, layers: 4, heads: 4, keyHeads: 2 };
    const module = new Llama({ ...sizes, theta: 10000, tied: true });
    const loss = ({ ids, next }: Batch) => module.loss(ids, next);
    return { module, loss, data: () => ({ ids: classes([12, 64], 65), next: classes([12, 64], 65) }) };
  },
  t5() {
    const sizes = { vocab: 65, width: 128, headWidth: 32, heads: 4, hidden: 256, layers: 2 };
    const module = new T5Model({ ...sizes, version: '1.1' });
    const loss = ({ ids, answer }: Batch) => module.loss(ids, answer);
    return { module, loss, data: () => ({ ids: classes([16, 36], 65), answer: classes([16, 30], 65) }) };
  },
  vit() {
    const module = new Vit({ image: 32, channels: 3, patch: 4, layers: 4, heads: 4, width: 128, classes: 10 });
    const loss = ({ x, y }: Batch) => softmaxCrossEntropy(module.forward(x), y);
    return { module, loss, data: () => ({ x: images(64, 32, 3), y: classes([64], 10) }) };
  },
};

export const optimiserOf = (task: Task): Adam => new Adam(task.module.parameters(), { learningRate: 1e-3 });
export type { Batch };
export { tf };
