/** WebAssembly's convolution gradients, by matrix products, against those of plain JavaScript, whose kernels stand in tfjs. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { tf as Tf } from '../../lib/runtime';

let tf: typeof Tf;
before(async () => {
  process.env.LAB_DEVICE = 'wasm';
  const runtime = await import('../../lib/runtime');
  await runtime.start({ seed: 1 });
  tf = runtime.tf;
});

type Pad = Parameters<typeof Tf.conv2d>[3] | [[number, number], [number, number], [number, number], [number, number]];
interface Case {
  images: [batch: number, height: number, width: number, channels: number];
  filter: [height: number, width: number, inChannels: number, outChannels: number];
  step: number | [number, number];
  pad: Pad;
}

const waves = (shape: number[], seed: number): Tf.Tensor4D =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => Math.sin(seed + 1.7 * i + 0.01 * i * i)),
    shape as [number, number, number, number],
  );

/** Gradients by images and by filter, as numbers. */
function gradients({ images, filter, step, pad }: Case): number[][] {
  const before = tf.memory().numTensors;
  const found = tf.tidy(() => {
    const y = (x: Tf.Tensor, w: Tf.Tensor) => tf.conv2d(x as Tf.Tensor4D, w as Tf.Tensor4D, step, pad as 'same');
    const both = [waves(images, 1), waves(filter, 2)];
    const weights = waves(y(both[0], both[1]).shape, 3); // every position counts differently
    return tf
      .grads((x, w) => y(x, w).mul(weights).sum())(both)
      .map(each => Array.from(each.dataSync()));
  });
  assert.equal(tf.memory().numTensors, before);
  return found;
}

async function inPlainJs(given: Case): Promise<number[][]> {
  await tf.setBackend('cpu');
  try {
    return gradients(given);
  } finally {
    await tf.setBackend('wasm');
  }
}

const CASES: Record<string, Case> = {
  'steps of 1, same': { images: [3, 7, 6, 2], filter: [3, 3, 2, 4], step: 1, pad: 'same' },
  'steps of 1, valid': { images: [2, 7, 9, 3], filter: [3, 2, 3, 2], step: 1, pad: 'valid' },
  'a filter of one place': { images: [2, 5, 4, 3], filter: [1, 1, 3, 5], step: 1, pad: 'same' },
  'an even filter': { images: [2, 6, 6, 1], filter: [4, 4, 1, 2], step: 1, pad: 'same' },
  'steps of 2, same': { images: [3, 8, 8, 2], filter: [3, 3, 2, 3], step: 2, pad: 'same' },
  'steps of 2, same, odd size': { images: [2, 7, 9, 2], filter: [4, 4, 2, 3], step: 2, pad: 'same' },
  'steps of 2, valid, a rest': { images: [2, 8, 8, 2], filter: [3, 3, 2, 3], step: 2, pad: 'valid' },
  'unequal steps': { images: [1, 9, 8, 2], filter: [2, 3, 2, 2], step: [3, 2], pad: 'valid' },
  'steps longer than the filter': { images: [2, 7, 7, 2], filter: [1, 1, 2, 3], step: 2, pad: 'same' },
  'padding written out': {
    images: [2, 5, 6, 2],
    filter: [3, 3, 2, 2],
    step: 1,
    pad: [
      [0, 0],
      [2, 1],
      [0, 3],
      [0, 0],
    ],
  },
  'more patches than fit at once': { images: [3, 24, 24, 24], filter: [5, 5, 24, 3], step: 1, pad: 'same' },
  'more patches than fit at once, steps of 2': { images: [3, 48, 48, 24], filter: [5, 5, 24, 3], step: 2, pad: 'same' },
};

for (const [name, given] of Object.entries(CASES)) {
  test(`${name}: as in plain JavaScript`, async () => {
    assert.equal(tf.getBackend(), 'wasm');
    const [found, wanted] = [gradients(given), await inPlainJs(given)];
    for (const [i, values] of found.entries()) {
      assert.equal(values.length, wanted[i].length);
      const scale = wanted[i].reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      values.forEach((value, k) => {
        assert.ok(Math.abs(value - wanted[i][k]) < 1e-5 * scale, `${i}, ${k}: ${value}, expected ${wanted[i][k]}`);
      });
    }
  });
}
