/** What computes in a page: graphics cards (here programs that play one) give WebAssembly's numbers, or say why they give none. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'puppeteer-core';
import { startBrowser, WEBGPU } from '../../scripts/export/browser';
import { newFolder } from '../folder';
import { WorkerPage } from './worker-page';

/** Operations and their gradients, each on more numbers than tfjs leaves to JavaScript, and a training step. */
const NUMBERS = `
import { Adam, device, mse, random, softmaxCrossEntropy, start, tf, Vae } from './lib';
await start({ seed: 1 });
const found: Record<string, number[]> = {};
const wave = (shape: number[], step = 0.7) => {
  const count = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(Float32Array.from({ length: count }, (_, i) => Math.sin(1 + step * i + 0.001 * i * i)), shape).mul(1);
};
type Act = (...given: tf.Tensor[]) => tf.Tensor;
const keep = (name: string, act: () => tf.Tensor): void => {
  const made = tf.tidy(act);
  found[name] = Array.from(made.dataSync());
  made.dispose();
};
const both = (name: string, act: Act, ...given: tf.Tensor[]): void => {
  keep(name, () => act(...given));
  const gradients = tf.grads((...x: tf.Tensor[]) => {
    const y = act(...x);
    return y.mul(wave(y.shape, 0.3)).sum();
  })(given);
  for (const [i, g] of gradients.entries()) found[name + ', gradient ' + i] = Array.from(g.dataSync());
};
const [a, b, c] = [wave([40, 50]), wave([50, 30], 0.9), wave([40, 50], 0.31)];
const positive = a.abs().add(0.1);
const pictures = wave([2, 16, 16, 4]) as tf.Tensor4D;
const filter = wave([3, 3, 4, 6], 0.37);
both('softmax', x => tf.softmax(x), a);
both('softplus', x => tf.softplus(x), a);
both('erf', x => tf.erf(x), a);
both('log and root', x => x.log().add(x.rsqrt()), positive);
both('quotient and power', (x, y) => x.div(y).add(y.pow(x)), a, positive);
both('a row added to each', (x, y) => x.add(y), a, wave([50]));
for (const [turnA, turnB] of [[false, false], [true, false], [false, true]])
  both('product ' + turnA + turnB, (x, y) => tf.matMul(x as tf.Tensor2D, y as tf.Tensor2D, turnA, turnB),
    turnA ? a.transpose() : a, turnB ? b.transpose() : b);
both('many products', (x, y) => tf.matMul(x, y), wave([6, 20, 30]), wave([6, 30, 10], 0.2));
both('convolution', (x, y) => tf.conv2d(x as tf.Tensor4D, y as tf.Tensor4D, 2, 'same'), pictures, filter);
both('transposed convolution', (x, y) => tf.conv2dTranspose(x as tf.Tensor4D, y as tf.Tensor4D, [2, 32, 32, 6], 2, 'same'),
  pictures, wave([4, 4, 6, 4]));
both('pooling', x => tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid'), pictures);
both('doubling', x => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [32, 32]), pictures);
both('moments', x => { const { mean, variance } = tf.moments(x, [1, 2]); return mean.add(variance); }, pictures);
both('log of sums', x => x.logSumExp(1), a);
for (const reverse of [false, true]) { // each length needs a program of its own
  keep('running sum of 50 ' + reverse, () => tf.cumsum(a, 1, false, reverse));
  keep('running sum of 30 ' + reverse, () => tf.cumsum(b, 1, true, reverse));
}
both('lookup', x => tf.gather(x, tf.tensor1d(Array.from({ length: 1200 }, (_, i) => (i * 7) % 40), 'int32')), a);
both('pieces', (x, y) => tf.concat([x.slice([3, 5], [20, 30]), y.slice([0, 20], [20, 30])], 1), a, c);
both('turned, tiled, padded', x => x.transpose().tile([1, 2]).pad([[1, 2], [3, 4]]), a);
keep('sum of twenty', () => tf.addN(Array.from({ length: 20 }, (_, i) => a.mul(i))));
keep('choice', () => tf.where(a.greater(c).logicalAnd(tf.isFinite(a)), a, c));
keep('places', () => tf.stack([a.argMax(1).toFloat(), tf.topk(a, 2).values.sum(1)]));
keep('kinds', () => tf.unique(a.mul(5).round().flatten().toInt()).values.toFloat());
keep('truth', () => a.toBool().toFloat());
keep('no numbers', () => tf.isNaN(tf.stack([a.sub(2).log(), a])).toFloat());
const labels = random.integers([40], 0, 50);
both('cross-entropy', x => softmaxCrossEntropy(x, labels), a);
const vae = new Vae({ pixels: 196, hidden: [48], latent: 8 });
const [x, eps] = [random.uniform([32, 196]), random.normal([32, 8])];
const { value, grads } = tf.variableGrads(() => vae.negativeElbo(x, { eps }).loss, vae.parameters());
found['VAE, loss'] = Array.from(value.dataSync());
for (const [name, variable] of vae.namedParameters()) found['VAE, gradient of ' + name] = Array.from(grads[variable.name].dataSync());
const adam = new Adam(vae.parameters());
found['VAE, losses of three steps'] = [];
for (let i = 0; i < 3; i++) found['VAE, losses of three steps'].push((await adam.minimize(() => vae.negativeElbo(x, { eps }).loss).data())[0]);
console.log(JSON.stringify([device.kind, tf.getBackend(), found]));
`;

type Found = Record<string, number[]>;

/** The largest difference, in parts of the largest number (or of 1). */
function distance(here: number[], there: number[]): number {
  assert.equal(here.length, there.length);
  const scale = there.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  return here.reduce((most, value, i) => Math.max(most, Math.abs(value - there[i])), 0) / scale;
}

describe('devices of a page', { timeout: 300_000 }, () => {
  const folder = newFolder('devices');
  let browser: Browser;
  let page: WorkerPage;
  let wanted: Found;
  const numbersOf = async (device: string): Promise<[string, string, Found]> => {
    const { text, errors, unable } = await page.run(device, NUMBERS);
    assert.deepEqual({ errors, unable }, { errors: [], unable: undefined });
    return JSON.parse(text.trim().split('\n').at(-1)!) as [string, string, Found];
  };
  before(async () => {
    browser = await startBrowser(WEBGPU);
    page = await WorkerPage.open(browser, folder);
    const [kind, backend, found] = await numbersOf('wasm');
    assert.deepEqual([kind, backend], ['wasm', 'wasm']);
    wanted = found;
    const [first, , third] = found['VAE, losses of three steps'];
    assert.ok(third < first, 'what is compared learns');
  });
  after(async () => {
    page?.close();
    await browser?.close();
  });

  for (const device of ['webgpu', 'webgl'])
    it(`${device} has WebAssembly's values and gradients, within 1e-3`, async () => {
      const [kind, backend, found] = await numbersOf(device);
      assert.deepEqual([kind, backend], [device, device]);
      assert.deepEqual(Object.keys(found), Object.keys(wanted));
      const far = Object.entries(wanted).filter(([name, values]) => !(distance(found[name], values) < 1e-3));
      assert.deepEqual(
        far.map(([name, values]) => `${name}: ${distance(found[name], values)}`),
        [],
      );
    });

  it('WebGPU says what it cannot hold, and reads nothing after an error of the card', async () => {
    const large = await page.run(
      'webgpu',
      "import { tf } from './lib';\nconsole.log(tf.ones([20000, 1]).mul(tf.ones([1, 20000])).sum().dataSync()[0]);",
    );
    assert.equal(large.text, '');
    assert.match(large.errors.join(), /1600000000 bytes: WebGPU holds at most .* choose another device/);
    const broken = await page.run(
      'webgpu',
      `import { tf } from './lib';
      const x = tf.ones([2000]).mul(3);
      const { device } = tf.backend() as unknown as { device: { createShaderModule(given: { code: string }): void } };
      device.createShaderModule({ code: 'no program' });
      await new Promise(resolve => setTimeout(resolve, 200));
      console.log(x.dataSync()[0]);`,
    );
    assert.equal(broken.text, '');
    assert.match(broken.errors.join(), /WebGPU failed .*not to be trusted/);
  });

  it('a device that is not there, or whose numbers do not come back, is refused before a cell runs', async () => {
    const without = await startBrowser(['--use-gl=disabled']);
    const falsified = await startBrowser(['--enable-unsafe-webgpu']); // its canvases give zeros
    const said = async (other: Browser, device: string): Promise<string | undefined> => {
      const opened = await WorkerPage.open(other, folder);
      const { unable, text } = await opened.run(
        device,
        "import { tf } from './lib';\nconsole.log(tf.ones([2]).sum().dataSync());",
      );
      opened.close();
      assert.doesNotMatch(text, /Float32Array/); // tfjs itself may say why
      return unable;
    };
    const away = `${folder}-away`;
    try {
      fs.renameSync(path.join(folder, 'wasm'), away);
      assert.match((await said(without, 'wasm')) ?? '', /WebAssembly did not begin; choose another device/);
      assert.match((await said(without, 'webgl')) ?? '', /WebGL did not begin/);
      assert.match((await said(without, 'webgpu')) ?? '', /no WebGPU/);
      assert.match((await said(falsified, 'webgpu')) ?? '', /reads 0 from WebGPU where/);
    } finally {
      fs.renameSync(away, path.join(folder, 'wasm'));
      await Promise.all([without.close(), falsified.close()]);
    }
  });
});
