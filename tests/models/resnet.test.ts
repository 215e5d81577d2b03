/** Residual nets: published sizes, shapes, and what the shortcut promises. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResNet } from '../../lib/models/resnet';
import { random, tf } from '../../lib/runtime';

const PUBLISHED = { 20: 269_722, 32: 464_154, 44: 658_586, 56: 853_018, 110: 1_727_962 };

for (const [depth, count] of Object.entries(PUBLISHED)) {
  test(`ResNet-${depth} for CIFAR has ${count} parameters, and so has the plain net`, () => {
    for (const residual of [true, false]) {
      const net = new ResNet({ depth: Number(depth), residual });
      assert.equal(net.parameterCount(), count);
      net.dispose();
    }
  });
}

test('shapes: pictures in, logits out, in training and evaluation', () => {
  random.seed(1);
  const net = new ResNet({ depth: 8 });
  const x = random.normal([2, 32, 32, 3]);
  assert.deepEqual(net.forward(x, true).shape, [2, 10]);
  assert.deepEqual(net.forward(x).shape, [2, 10]);
});

test('a block whose second norm is zero hands its positive input through', () => {
  const net = new ResNet({ depth: 8, width: 4 });
  const [block] = net.layer1;
  block.bn2.weight.assign(tf.zeros([4]));
  const x = random.uniform([1, 5, 5, 4]);
  const gap = block.forward(x, true).sub(x).abs().max().dataSync()[0];
  assert.equal(gap, 0);
});

test('where the shape changes, the shortcut skips pixels and pads channels with zeros', () => {
  const net = new ResNet({ depth: 8, width: 4 });
  const [block] = net.layer2;
  block.bn2.weight.assign(tf.zeros([8]));
  const x = random.uniform([1, 4, 4, 4]);
  const y = block.forward(x, true); // [1, 2, 2, 8]
  assert.deepEqual(y.shape, [1, 2, 2, 8]);
  const expected = tf.pad(tf.stridedSlice(x, [0, 0, 0, 0], [1, 4, 4, 4], [1, 2, 2, 1]), [
    [0, 0],
    [0, 0],
    [0, 0],
    [2, 2],
  ]);
  assert.equal(y.sub(expected).abs().max().dataSync()[0], 0);
});

test('depths that do not exist are refused', () => {
  assert.throws(() => new ResNet({ depth: 21 }), /6n \+ 2/);
});
