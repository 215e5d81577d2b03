/** CLIP against Hugging Face's implementation (small random weights), its published sizes and its invariants. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { CLIP, CLIP_SCALE, Clip, type ClipConfig, ClipTextModel, contrastiveLoss } from '../../lib/models/clip';
import { loadModule, valuesAndGradients } from '../../lib/nn';
import { random, tf } from '../../lib/runtime';
import { readPacked } from '../packed';

interface Packed {
  shape: number[];
  data: number[];
}
const reference = readPacked(__dirname, 'clip-reference.json');
const SMALL: ClipConfig = {
  text: { vocab: 13, context: 7, width: 12, layers: 2, heads: 3 },
  vision: { image: 8, patch: 4, width: 16, layers: 2, heads: 4 },
  embedding: 10,
};

function close(actual: tf.Tensor, { shape, data }: Packed, tolerance: number, what: string): void {
  assert.deepEqual(actual.shape, shape, what);
  const values = actual.dataSync();
  const scale = Math.max(1e-3, ...data.map(Math.abs));
  data.forEach((v, i) => {
    assert.ok(Math.abs(values[i] - v) <= tolerance * scale, `${what}[${i}]: ${values[i]} ≠ ${v}`);
  });
}

test('pictures, texts, logits, loss and gradients equal the reference, weights loaded by name', () => {
  const clip = new Clip(SMALL);
  loadModule(path.join(__dirname, 'clip-reference.safetensors'), clip);
  const x = tf.tensor4d(reference.x.data, reference.x.shape);
  const ids = tf.tensor2d(reference.ids, undefined, 'int32');
  const [images, texts] = [clip.embedImages(x), clip.embedTexts(ids)];
  close(images, reference.images, 1e-4, 'pictures');
  close(texts, reference.texts, 1e-4, 'texts');
  close(clip.text_model.sequence(ids), reference.sequence, 1e-4, 'sequence');
  close(clip.logits(images, texts), reference.logits, 1e-4, 'logits');
  const named = clip.namedParameters();
  const { value, grads } = valuesAndGradients(
    () => clip.loss(x, ids),
    named.map(([, v]) => v),
  );
  assert.ok(Math.abs((value as tf.Scalar).dataSync()[0] - reference.loss) < 1e-4);
  assert.equal(named.length, Object.keys(reference.grads).length);
  named.forEach(([name], i) => {
    const torch = name.endsWith('patch_embedding.weight') ? tf.transpose(grads[i], [3, 2, 0, 1]) : grads[i];
    // the bias of a key shifts all scores of a row alike and so has no gradient but rounding
    if (!name.endsWith('k_proj.bias')) close(torch, reference.grads[name], 1e-3, name);
  });
});

test('untrained: the loss is about ln B, the scale starts at ln(1/0.07) and stays below ln 100', () => {
  random.seed(3);
  const clip = new Clip(SMALL);
  assert.ok(Math.abs(clip.logit_scale.dataSync()[0] - 2.65926) < 1e-5);
  assert.equal(
    contrastiveLoss(tf.zeros([64, 64]))
      .dataSync()[0]
      .toFixed(5),
    Math.log(64).toFixed(5),
  );
  clip.logit_scale.assign(tf.scalar(9));
  const same = tf.tensor2d([[1, 0]]);
  assert.ok(Math.abs(clip.logits(same, same).dataSync()[0] - Math.exp(CLIP_SCALE.most)) < 1e-3);
});

/** Counted by hand from the shapes, so that nothing of that size must be made; one of the real ones is made in lesson 14. */
function parameters({ text, vision, embedding }: ClipConfig): { text: number; vision: number; total: number } {
  const block = (w: number) => 4 * (w * w + w) + 2 * (2 * w) + (w * 4 * w + 4 * w) + (4 * w * w + w);
  const t = (text.vocab + text.context) * text.width + text.layers * block(text.width) + 2 * text.width;
  const N = (vision.image / vision.patch) ** 2;
  const v = vision.width * (1 + 3 * vision.patch ** 2 + N + 1 + 4) + vision.layers * block(vision.width);
  const [projectedText, projectedVision] = [t + text.width * embedding, v + vision.width * embedding];
  return { text: t, vision: projectedVision, total: projectedText + projectedVision + 1 };
}

test('sizes: the formula counts what the nets have, and gives the published numbers', () => {
  const small = new Clip(SMALL);
  assert.equal(small.parameterCount(), parameters(SMALL).total);
  assert.equal(new ClipTextModel(SMALL.text).parameterCount(), parameters(SMALL).text);
  const totals = Object.values(CLIP).map(config => parameters(config).total);
  assert.deepEqual(totals, [151_277_313, 149_620_737, 427_616_513, 427_944_193]);
  assert.equal(parameters(CLIP.large14).text, 123_060_480);
});

test('what does not fit is said', () => {
  const clip = new Clip(SMALL);
  assert.throws(() => clip.embedImages(tf.zeros([1, 9, 8, 3])), /expected images \[B, 8, 8, 3\], got \[1,9,8,3\]/);
  assert.throws(() => clip.embedTexts(tf.zeros([1, 8], 'int32')), /T of at most 7, got \[1,8\]/);
});
