/** The parts of the text-to-image model of things, without its weights. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { thingTokenizer } from '../../lib/data';
import { folded, ThingNet, ThingPainter, unfolded, wordMaps } from '../../lib/models';
import { random, tf } from '../../lib/runtime';

const numbers = (x: tf.Tensor) => Array.from(x.dataSync());

test('folding keeps every pixel, blocks first, and is undone exactly', () => {
  const x = tf.range(0, 2 * 4 * 6 * 3).reshape([2, 4, 6, 3]);
  const z = folded(x);
  assert.deepEqual(z.shape, [2, 2, 3, 12]);
  const block = [0, 1, 2, 3, 4, 5, 18, 19, 20, 21, 22, 23]; // two pixels of the first row, two of the second
  assert.deepEqual(numbers(z.slice([0, 0, 0, 0], [1, 1, 1, 12])), block);
  assert.deepEqual(numbers(unfolded(z)), numbers(x));
  assert.deepEqual(numbers(unfolded(folded(x.tile([1, 2, 2, 1]), 4), 4)), numbers(x.tile([1, 2, 2, 1])));
  assert.throws(() => folded(tf.zeros([1, 5, 4, 3])), /expected sides divisible by 2, got 5 and 4/);
});

/** Parts that start at zero answer nothing; random weights there make every path visible. */
function awake(net: ThingNet): ThingNet {
  random.seed(3);
  for (const weight of net.parameters()) {
    if (!weight.abs().max().dataSync()[0]) weight.assign(random.normal(weight.shape, 0, 0.1));
  }
  return net;
}

test('the caption as a whole reaches the net, also without attention to its words', () => {
  const tokenizer = thingTokenizer();
  const net = awake(new ThingNet(tokenizer));
  const [x, t] = [random.normal([1, 16, 16, 12]), tf.tensor1d([500], 'int32')];
  const answer = (caption: string) => numbers(net.unet.forward(x, t, net.text.forward(tokenizer.encode([caption]))));
  const distance = (a: number[], b: number[]) => Math.hypot(...a.map((v, i) => v - b[i])) / Math.hypot(...a);
  assert.ok(distance(answer('a fox'), answer('a red fox')) > 1e-3);
  for (const [name, weight] of net.unet.namedParameters())
    if (name.includes('attn2')) weight.assign(tf.zerosLike(weight));
  assert.ok(distance(answer('a fox'), answer('a red fox')) > 1e-3, 'by pooled words and layout');
  for (const [name, weight] of net.unet.namedParameters()) {
    if (/(class|layout)_embedding/.test(name)) weight.assign(tf.zerosLike(weight));
  }
  assert.ok(distance(answer('a fox'), answer('a red fox')) < 1e-6, 'all ways are closed');
  net.dispose();
});

test('pictures stay within −1..1, and a painter returns what it folded', async () => {
  const tokenizer = thingTokenizer();
  const painter = new ThingPainter(tokenizer, awake(new ThingNet(tokenizer)));
  const x = tf.fill([1, 32, 32, 3], 0.25).concat(tf.fill([1, 32, 32, 3], -1));
  const back = painter.pictures(painter.latents(x));
  assert.ok(Math.max(...numbers(back.sub(x).abs())) < 1e-6);
  const painted = await painter.paint(['a red fox', '红色的狐狸'], { steps: 3, guidance: 5 });
  assert.deepEqual(painted.shape, [2, 32, 32, 3]);
  assert.ok(numbers(painted).every(v => v >= -1 && v <= 1));
});

test('word maps: each pixel shares itself out among the words, and looks where the keys are', () => {
  const tokenizer = thingTokenizer();
  const net = awake(new ThingNet(tokenizer));
  const [x, t] = [random.normal([2, 16, 16, 12]), tf.tensor1d([500, 20], 'int32')];
  const words = net.text.forward(tokenizer.encode(['a red fox', 'a bell']));
  const before = tf.memory().numTensors;
  const maps = wordMaps(net.unet, x, t, words);
  assert.equal(tf.memory().numTensors, before + 1);
  assert.deepEqual(maps.shape, [2, 4, 4, 10]);
  assert.ok(numbers(maps.sum(3)).every(sum => Math.abs(sum - 1) < 1e-5));
  const mask = tf.tensor2d([
    [1, 1, 1, 1, 1, 0, 0, 0, 0, 0],
    [1, 1, 1, 1, 0, 0, 0, 0, 0, 0],
  ]);
  const hidden = wordMaps(net.unet, x, t, words, mask);
  assert.equal(Math.max(...numbers(hidden.slice([0, 0, 0, 5]))), 0, 'nobody looks at padding');
  for (const [name, weight] of net.unet.namedParameters()) {
    if (/attn2.to_k/.test(name)) weight.assign(tf.zerosLike(weight));
  }
  const even = wordMaps(net.unet, x, t, words);
  assert.ok(
    numbers(even).every(v => Math.abs(v - 0.1) < 1e-5),
    'without keys all words are alike',
  );
});
