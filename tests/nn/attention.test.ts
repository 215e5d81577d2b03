/** Attention to many tokens, which is made part by part. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attention, attentionMaps } from '../../lib/nn';
import { compile, random, tf } from '../../lib/runtime';

/** 16 · 64 heads that look at 64 tokens: 1,024 questions are 2²⁶ scores, and six more need a second part. */
const [B, H, T, S] = [16, 64, 1030, 64];

test('more scores than are made at once: the answers are those of the questions alone, with every form of mask', () => {
  random.seed(5);
  const [q, k, v] = [T, S, S].map(length => random.normal([B, H, length, 1]) as tf.Tensor4D);
  const masks = {
    none: undefined,
    'by question': random.normal([T, S]), //          [T, S]
    'by text': random.normal([B, 1, 1, S]), //        [B, 1, 1, S]
  };
  for (const [name, mask] of Object.entries(masks)) {
    const whole = attention(q, k, v, mask); //        [B, H, T, 1]
    const compiled = compile(() => attention(q, k, v, mask))();
    for (const [from, size] of [
      [0, 3],
      [1020, 10], // across the border
    ]) {
      const rows = (x: tf.Tensor4D) => tf.slice(x, [0, 0, from, 0], [B, H, size, 1]) as tf.Tensor4D;
      const own = name === 'by question' && mask ? tf.slice(mask, [from, 0], [size, S]) : mask;
      const alone = attention(rows(q), k, v, own); // [B, H, size, 1]
      for (const answer of [whole, compiled]) {
        const apart = rows(answer as tf.Tensor4D)
          .sub(alone)
          .abs()
          .max()
          .dataSync()[0];
        assert.ok(apart < 1e-5, `mask ${name}, questions ${from} to ${from + size}: ${apart}`);
      }
    }
    tf.dispose([whole, compiled]);
  }
});

test('nothing is left over but the answers', () => {
  const [q, k] = [T, S].map(length => tf.ones([B, H, length, 1]) as tf.Tensor4D);
  const before = tf.memory().numTensors;
  const answers = tf.tidy(() => attention(q, k, k)); // all 1
  assert.equal(tf.memory().numTensors, before + 1);
  assert.ok(answers.sub(1).abs().max().dataSync()[0] < 1e-5);
});

test('who looked where is one map, however many parts the answers were made in', () => {
  const [q, k] = [T, S].map(length => tf.ones([B, H, length, 1]) as tf.Tensor4D);
  const before = tf.memory().numTensors;
  const maps = attentionMaps(() => attention(q, k, k));
  assert.deepEqual(
    maps.map(({ shape }) => shape),
    [[B, H, T, S]],
  );
  assert.equal(tf.memory().numTensors, before + 1);
  assert.ok(
    tf.tidy(
      () =>
        maps[0]
          .sub(1 / S)
          .abs()
          .max()
          .dataSync()[0] < 1e-6,
    ),
  );
  tf.dispose(maps);
});
