/** GPT and ViT against Hugging Face's implementations (small random weights) and their published sizes. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { Gpt } from '../../lib/models/gpt';
import { Vit } from '../../lib/models/vit';
import { loadModule, type Module, valuesAndGradients } from '../../lib/nn';
import { random, tf } from '../../lib/runtime';
import { readPacked } from '../packed';

interface Packed {
  shape: number[];
  data: number[];
}
const read = (name: string) => readPacked(__dirname, name);

function close(actual: tf.Tensor, expected: Packed, tolerance: number, what: string): void {
  assert.deepEqual(actual.shape, expected.shape, what);
  const values = actual.dataSync();
  const scale = Math.max(1e-3, ...expected.data.map(Math.abs));
  expected.data.forEach((value, i) => {
    assert.ok(Math.abs(values[i] - value) <= tolerance * scale, `${what}[${i}]: ${values[i]} ≠ ${value}`);
  });
}

/** Every weight's gradient, in PyTorch's layout, within 1e-3 of the reference. */
function closeGradients(module: Module, loss: () => tf.Scalar, expected: Record<string, Packed>): void {
  const named = module.namedParameters();
  const { grads } = valuesAndGradients(
    loss,
    named.map(([, variable]) => variable),
  );
  named.forEach(([name], i) => {
    const grad = name === 'patch_embed.proj.weight' ? tf.transpose(grads[i], [3, 2, 0, 1]) : grads[i];
    close(grad, expected[name], 1e-3, name);
  });
  assert.equal(named.length, Object.keys(expected).length);
}

test('GPT: logits, loss and gradients equal the reference, weights loaded by name', () => {
  const reference = read('gpt-reference.json');
  const gpt = new Gpt({ vocab: 11, context: 8, layers: 2, heads: 3, width: 12 });
  loadModule(path.join(__dirname, 'gpt-reference.safetensors'), gpt);
  const ids = tf.tensor2d(reference.ids, undefined, 'int32');
  const now = tf.slice(ids, [0, 0], [2, 4]);
  const next = tf.slice(ids, [0, 1], [2, 4]);
  close(gpt.forward(now), reference.logits, 1e-4, 'logits');
  const loss = () => gpt.loss(now, next, false);
  assert.ok(Math.abs(loss().dataSync()[0] - reference.loss) < 1e-4);
  closeGradients(gpt, loss, reference.grads);
});

test('ViT: logits and gradients equal the reference, weights loaded by name', () => {
  const reference = read('vit-reference.json');
  const vit = new Vit({ image: 8, patch: 4, layers: 2, heads: 3, width: 12, classes: 5 });
  loadModule(path.join(__dirname, 'vit-reference.safetensors'), vit);
  const x = tf.tensor4d(reference.x.data, reference.x.shape);
  close(vit.forward(x), reference.logits, 1e-4, 'logits');
  closeGradients(vit, () => tf.sin(vit.forward(x)).sum() as tf.Scalar, reference.grads);
});

test('an untrained GPT is as unsure as it can be: loss ≈ ln V', () => {
  random.seed(1);
  const gpt = new Gpt({ vocab: 65, context: 64, layers: 4, heads: 4, width: 128 });
  const loss = gpt.loss(random.integers([8, 64], 0, 65), random.integers([8, 64], 0, 65), false).dataSync()[0];
  assert.ok(Math.abs(loss - Math.log(65)) < 0.05, `${loss} against ${Math.log(65)}`);
});

test('changing token t leaves outputs before t as they were', () => {
  const gpt = new Gpt({ vocab: 7, context: 6, layers: 2, heads: 2, width: 8 });
  const [a, b] = [[[1, 2, 3, 4, 5]], [[1, 2, 3, 6, 5]]].map(ids => gpt.forward(tf.tensor2d(ids, [1, 5], 'int32')));
  const difference = a.sub(b).abs().max(-1).dataSync();
  assert.deepEqual([...difference.slice(0, 3)], [0, 0, 0]);
  assert.ok(difference[3] > 0 && difference[4] > 0);
});

test('parameter counts are the published ones', () => {
  const count = (module: Module) => {
    const total = module.parameterCount();
    module.dispose();
    return total;
  };
  assert.equal(count(new Gpt({ vocab: 65, context: 64, layers: 4, heads: 4, width: 128, bias: false })), 804_096);
  assert.equal(count(new Gpt({ vocab: 65, context: 256, layers: 6, heads: 6, width: 384, bias: false })), 10_745_088);
});

test('what does not fit is refused', () => {
  const gpt = new Gpt({ vocab: 7, context: 4, layers: 1, heads: 2, width: 8 });
  assert.throws(() => gpt.forward(tf.zeros([1, 5], 'int32')), /5 tokens do not fit the context of 4/);
  assert.throws(() => new Vit({ image: 9, patch: 4, layers: 1, heads: 1, width: 4, classes: 2 }), /do not tile/);
  const vit = new Vit({ image: 8, patch: 4, layers: 1, heads: 1, width: 4, classes: 2 });
  assert.throws(() => vit.forward(tf.zeros([1, 8, 8, 1])), /expected images \[B, 8, 8, 3\]/);
});
