/** The U-Net and the digit classifier: published size, shapes, and what they must do before any training. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffusionLoss, linearSchedule } from '../../lib/diffusion';
import { sinusoids } from '../../lib/models/blocks';
import { DigitClassifier } from '../../lib/models/classifier';
import { CIFAR10_UNET, GUIDED_MNIST_UNET, MNIST_UNET, UNet } from '../../lib/models/unet';
import { random, tf } from '../../lib/runtime';

test('the CIFAR-10 net has the published 35,746,307 parameters under the names of diffusers', () => {
  const net = new UNet(CIFAR10_UNET);
  assert.equal(net.parameterCount(), 35_746_307);
  const names = new Set(net.namedParameters().map(([name]) => name));
  for (const name of [
    'conv_in.weight',
    'time_embedding.linear_2.bias',
    'down_blocks.0.resnets.1.time_emb_proj.weight',
    'down_blocks.1.attentions.0.to_out.0.weight',
    'down_blocks.1.resnets.0.conv_shortcut.weight',
    'down_blocks.2.downsamplers.0.conv.weight',
    'mid_block.attentions.0.group_norm.weight',
    'up_blocks.2.attentions.2.to_q.bias',
    'up_blocks.0.upsamplers.0.conv.weight',
    'conv_norm_out.bias',
  ]) {
    assert.ok(names.has(name), name);
  }
  net.dispose();
});

test('same shape in and out; a fresh net answers 0, so the first loss is 1', () => {
  random.seed(1);
  const net = new UNet(MNIST_UNET);
  assert.equal(net.parameterCount(), 636_465);
  tf.tidy(() => {
    const x0 = random.normal([32, 28, 28, 1]);
    const y = net.forward(x0, tf.range(0, 32, 1, 'int32'));
    assert.deepEqual(y.shape, [32, 28, 28, 1]);
    assert.equal(y.abs().max().dataSync()[0], 0);
    const loss = diffusionLoss((x, t) => net.forward(x, t), x0, linearSchedule()).dataSync()[0];
    assert.ok(Math.abs(loss - 1) < 0.03, String(loss));
  });
  net.dispose();
});

test('a net with classes answers differently for each, and wants to be told', () => {
  random.seed(4);
  const net = new UNet(GUIDED_MNIST_UNET);
  assert.equal(net.parameterCount(), 636_465 + 11 * 64);
  net.conv_out.parameters()[0].assign(random.normal(net.conv_out.parameters()[0].shape));
  for (const block of [...net.down_blocks, ...net.up_blocks]) {
    for (const { conv2 } of block.resnets) conv2.parameters()[0].assign(random.normal(conv2.parameters()[0].shape));
  }
  tf.tidy(() => {
    const [x, t] = [tf.zeros([2, 28, 28, 1]), tf.tensor1d([5, 5], 'int32')];
    const [three, any] = tf.unstack(net.forward(x, t, tf.tensor1d([3, 10], 'int32')));
    assert.ok(three.sub(any).abs().max().dataSync()[0] > 1e-3);
    assert.throws(() => net.forward(x, t), /11 classes; give it y/);
  });
  net.dispose();
});

test('every parameter matters: after the zeros are filled, each has a gradient', () => {
  random.seed(2);
  const net = new UNet({ channels: 3, base: 8, mults: [1, 2], blocks: 2, attention: [0], groups: 4 });
  for (const parameter of net.parameters()) parameter.assign(random.normal(parameter.shape, 0, 0.2));
  tf.tidy(() => {
    const x = random.normal([2, 8, 8, 3]);
    const target = random.normal([2, 8, 8, 3]);
    const t = tf.tensor1d([3, 700], 'int32');
    const { grads } = tf.variableGrads(
      () => net.forward(x, t).sub(target).square().mean() as tf.Scalar,
      net.parameters(),
    );
    for (const [name, variable] of net.namedParameters()) {
      const size = grads[variable.name].abs().max().dataSync()[0];
      if (!/norm2?\.|to_k\.bias/.test(name)) assert.ok(size > 1e-7, `${name}: ${size}`); // a key's bias cancels in the softmax
    }
    const apart = net
      .forward(x, t)
      .sub(net.forward(x, tf.tensor1d([3, 10], 'int32')))
      .abs();
    assert.ok(apart.slice([1]).max().dataSync()[0] > 1e-4, 'the time step must matter');
    assert.equal(apart.slice([0], [1]).max().dataSync()[0], 0);
  });
  net.dispose();
});

test('pictures of 256 x 256 in colour pass through; other sizes are refused in words', () => {
  const net = new UNet({ channels: 3, base: 4, mults: [1, 1, 1, 1], blocks: 1, attention: [], groups: 2 });
  tf.tidy(() => {
    const x = tf.zeros([1, 256, 256, 3]);
    assert.deepEqual(net.forward(x, tf.tensor1d([5], 'int32')).shape, [1, 256, 256, 3]);
    assert.throws(
      () => net.forward(tf.zeros([1, 28, 28, 3]), tf.tensor1d([5])),
      /divisible by 8, got \[1, 28, 28, 3\]/,
    );
    assert.throws(() => net.forward(tf.zeros([1, 32, 32, 1]), tf.tensor1d([5])), /\[B, H, W, 3\]/);
  });
  net.dispose();
});

test('sinusoids: sines then cosines at falling frequencies', () => {
  const values = sinusoids(tf.tensor1d([0, 3]), 4).arraySync() as number[][];
  assert.deepEqual(values[0], [0, 0, 1, 1]);
  const expected = [Math.sin(3), Math.sin(3e-4), Math.cos(3), Math.cos(3e-4)];
  for (const [i, v] of values[1].entries()) assert.ok(Math.abs(v - expected[i]) < 1e-6);
});

test('the classifier: 130,890 parameters, features of 128, logits of 10', () => {
  const net = new DigitClassifier();
  assert.equal(net.parameterCount(), 130_890);
  tf.tidy(() => {
    const x = tf.zeros([5, 28, 28, 1]);
    assert.deepEqual(net.features(x).shape, [5, 128]);
    assert.deepEqual(net.forward(x).shape, [5, 10]);
    assert.ok(net.features(x).min().dataSync()[0] >= 0);
    assert.throws(() => net.forward(tf.zeros([5, 784])), /reshape first/);
  });
  net.dispose();
});
