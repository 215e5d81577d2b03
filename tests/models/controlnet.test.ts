/** ControlNet against diffusers' with small random weights (controlnet_reference.py), and what holds at its start. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { ConditionalUNet, type ConditionalUNetConfig, SD15_UNET } from '../../lib/models/conditional-unet';
import { ControlNet, type HintConfig } from '../../lib/models/controlnet';
import { UNet } from '../../lib/models/unet';
import { Adam, mse, readTensors, valuesAndGradients } from '../../lib/nn';
import { random, shapesOnly, tf } from '../../lib/runtime';
import { filledByName } from './filled';

const CONFIG: ConditionalUNetConfig = {
  channels: 3,
  widths: [8, 12],
  blocks: 1,
  attention: [0],
  heads: 2,
  context: 6,
  groups: 4,
};
const HINT: HintConfig = { channels: 1, widths: [4, 6] };
const NORMS = /norm[^.]*\.weight$/;
const inputs = () => ({
  x: random.normal([2, 4, 4, 3]),
  t: tf.tensor1d([7, 801]),
  words: random.normal([2, 5, 6]),
  hint: random.uniform([2, 8, 8, 1], 0, 1),
});

function close(actual: tf.Tensor, expected: tf.Tensor, what: string): void {
  assert.deepEqual(actual.shape, expected.shape, what);
  const off = tf.tidy(() => actual.sub(expected).abs().max().div(expected.abs().max().add(1e-3)).dataSync()[0]);
  assert.ok(off <= 1e-4, `${what}: off by ${off} of its largest value`);
}

test('what ControlNet adds, what the U-Net makes of it, and the gradients equal the reference', () => {
  const { tensors } = readTensors(path.join(__dirname, 'controlnet-expected.safetensors'));
  const { x, t, words, hint, mid, y, grads } = tensors;
  const unet = filledByName(new ConditionalUNet(CONFIG), NORMS);
  const control = filledByName(new ControlNet(CONFIG, HINT), NORMS);
  const added = control.forward(x, t, words, hint);
  close(added.mid, mid, 'the turn');
  for (const [i, skip] of added.skips.entries()) close(skip, tensors[`skip.${i}`], `map ${i}`);
  const answer = () => unet.forward(x, t, words, undefined, undefined, control.forward(x, t, words, hint));
  close(answer(), y, 'answer');
  const named = control.namedParameters().sort(([a], [b]) => (a < b ? -1 : 1));
  const variables = named.map(([, variable]) => variable);
  const found = valuesAndGradients(() => tf.sin(answer()).sum() as tf.Scalar, variables).grads;
  assert.equal(named.length, grads.shape[0]);
  for (const [i, [sum, norm]] of (grads.arraySync() as number[][]).entries()) {
    const [ours, length] = [found[i].sum().dataSync()[0], found[i].norm().dataSync()[0]];
    assert.ok(Math.abs(length - norm) <= 1e-3 * norm + 1e-5, `${named[i][0]}: norm ${length}, expected ${norm}`);
    assert.ok(Math.abs(ours - sum) <= 1e-3 * norm + 1e-5, `${named[i][0]}: sum ${ours}, expected ${sum}`);
  }
});

test("Stable Diffusion 1.5's has 361,279,120 parameters", () => {
  const full = shapesOnly(() => new ControlNet(SD15_UNET, { channels: 3, widths: [16, 32, 96, 256] }));
  assert.equal(full.parameterCount(), 361_279_120);
});

test('a copy changes nothing at the start, exactly; one step of training leaves the net as it was', () => {
  random.seed(3);
  const unet = filledByName(new ConditionalUNet({ ...CONFIG, pooled: true, layout: [2, 2] }), NORMS);
  const control = ControlNet.of(unet, HINT);
  const { x, t, words, hint } = inputs();
  const steered = () => unet.forward(x, t, words, undefined, undefined, control.forward(x, t, words, hint));
  const plain = unet.forward(x, t, words);
  assert.equal(steered().sub(plain).abs().max().dataSync()[0], 0);
  const own = control.mid_block.stateDict();
  for (const [name, weight] of Object.entries(unet.mid_block.stateDict()))
    assert.equal(weight.sub(own[name]).abs().max().dataSync()[0], 0, name);
  const adam = new Adam(control.parameters(), { learningRate: 1e-2 });
  adam.minimize(() => mse(steered(), tf.ones([2, 4, 4, 3])) as tf.Scalar);
  assert.equal(unet.forward(x, t, words).sub(plain).abs().max().dataSync()[0], 0);
  assert.ok(steered().sub(plain).abs().max().dataSync()[0] > 0);
});

test('beside a net that is told classes: the same at the start, then another', () => {
  random.seed(4);
  const config = { channels: 1, base: 4, mults: [1, 2], blocks: 1, attention: [], groups: 2, classes: 3 };
  const unet = filledByName(new UNet(config), NORMS);
  const control = ControlNet.of(unet, { channels: 1, widths: [4] });
  const x = random.normal([2, 4, 4, 1]);
  const [t, y] = [tf.tensor1d([7, 801]), tf.tensor1d([0, 2], 'int32')];
  const steered = () => unet.forward(x, t, y, control.forward(x, t, y, x));
  const plain = unet.forward(x, t, y);
  assert.equal(steered().sub(plain).abs().max().dataSync()[0], 0);
  const adam = new Adam(control.parameters(), { learningRate: 1e-2 });
  adam.minimize(() => mse(steered(), tf.ones(x.shape)) as tf.Scalar);
  assert.ok(steered().sub(plain).abs().max().dataSync()[0] > 0);
});

test('what does not fit is refused in words', () => {
  assert.throws(() => new ControlNet({ ...CONFIG, added: { pooled: 4, waves: 4 } }, HINT), /XL is not built/);
  assert.throws(() => new ControlNet(CONFIG, { channels: 1, widths: [] }), /widths of the layers that read the hint/);
  const unet = new ConditionalUNet(CONFIG);
  const { x, t, words, hint } = inputs();
  const control = ControlNet.of(unet, HINT);
  assert.throws(() => control.forward(x, t, words, tf.zeros([2, 4, 4, 1])), /expected a hint \[2, 8, 8, 1\]/);
  const { skips, mid } = control.forward(x, t, words, hint);
  const fewer = { skips: skips.slice(1), mid };
  assert.throws(() => unet.forward(x, t, words, undefined, undefined, fewer), /answer for 4 maps, got 3/);
});
