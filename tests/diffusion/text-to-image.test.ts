/** Guidance, strength and masks, on nets whose answers are known. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ConditionalDenoiser, cosineSchedule, guided, sample, TextToImage, weightsAt } from '../../lib/diffusion';
import { random, tf } from '../../lib/runtime';

const schedule = cosineSchedule(50);

/** Every prompt means one grey level, "" means 0; the net knows the picture and answers with it ('x0'). */
const LEVELS: Record<string, number> = { dark: -0.5, light: 0.75 };
const painter = new TextToImage({
  words: texts => tf.tensor3d(texts.map(text => [[LEVELS[text] ?? 0]])), // [B, 1, 1]
  net: (x, _t, words) => tf.mul(tf.onesLike(x), words.reshape([-1, 1, 1, 1])),
  vae: {
    encode: x => ({ mean: tf.avgPool(tf.mean(x, 3, true) as tf.Tensor4D, 2, 2, 'valid') as tf.Tensor4D }),
    decode: z => tf.mul(tf.image.resizeNearestNeighbor(z as tf.Tensor4D, [8, 8]), tf.ones([1, 1, 1, 3])) as tf.Tensor4D,
  },
  scale: 2,
  schedule,
  prediction: 'x0',
  latent: [4, 4, 1],
});

const values = (x: tf.Tensor) => Array.from(x.dataSync());
const near = (x: tf.Tensor, expected: number, what: string, tolerance = 1e-4) =>
  assert.ok(
    values(x).every(v => Math.abs(v - expected) < tolerance),
    `${what}: ${values(x).slice(0, 4)} ≠ ${expected}`,
  );

test('guidance goes from the answer without words through the one with them', () => {
  const net: ConditionalDenoiser = (x, t, words) => x.add(t.reshape([-1, 1, 1, 1])).mul(words.reshape([-1, 1, 1, 1]));
  const x = tf.ones([2, 1, 1, 1]);
  const t = tf.tensor1d([1, 3], 'int32');
  const words = tf.tensor3d([[[2]], [[3]]]);
  const negative = tf.tensor3d([[[1]], [[-1]]]);
  const [plain, far] = [1, 4].map(w => values(guided(net, words, negative, w)(x, t)));
  assert.deepEqual(plain, [4, 12]); // (1 + t)·word
  assert.deepEqual(far, [2 + 4 * 2, -4 + 4 * 16]); // without + 4·(with − without)
});

test('text-to-image: the prompt decides, guidance exaggerates, a negative prompt pushes away, no tensors are left', async () => {
  const before = tf.memory().numTensors;
  const [plain, more, away] = [
    await painter.paint(['dark', 'light'], { guidance: 1, steps: 5 }),
    await painter.paint(['dark'], { guidance: 2, steps: 5 }),
    await painter.paint(['dark'], { guidance: 2, steps: 5, negative: 'light' }),
  ];
  assert.deepEqual(plain.shape, [2, 8, 8, 3]);
  near(plain.slice([0], [1]), -0.25, 'dark'); // a latent of −0.5, divided by the scale
  near(plain.slice([1], [1]), 0.375, 'light');
  near(more, -0.5, 'twice as dark');
  near(away, -0.875, 'away from light'); // (0.75 + 2·(−0.5 − 0.75)) / 2
  tf.dispose([plain, more, away]);
  assert.ok(tf.memory().numTensors - before <= 6, `${tf.memory().numTensors - before} tensors more`); // the slices above
});

test('the noise of a seed is the same in any company', () => {
  const [alone, third] = [painter.noise(1, 7), painter.noise(3, 5).slice([2], [1])];
  assert.deepEqual(values(alone), values(third));
});

test('image-to-image: strength 0 keeps the picture, strength 1 forgets it', async () => {
  const picture = tf.fill([1, 8, 8, 3], 0.6);
  near(await painter.repaint(picture, ['dark'], { strength: 0 }), 0.6, 'kept');
  near(await painter.repaint(picture, ['dark'], { strength: 1, guidance: 1, steps: 5 }), -0.25, 'forgotten');
  await assert.rejects(painter.repaint(picture, ['dark'], { strength: 1.2 }), /between 0 and 1, got 1.2/);
});

test('inpainting changes nothing outside the mask', async () => {
  random.seed(2);
  const picture = random.uniform([1, 8, 8, 3]);
  const mask = tf.tensor4d(
    Array.from({ length: 64 }, (_, i) => (i % 8 < 3 ? 1 : 0)),
    [1, 8, 8, 1],
  );
  const painted = await painter.inpaint(picture, mask, ['dark'], { guidance: 1, steps: 5 });
  const outside = painted.sub(picture).mul(tf.sub(1, mask)).abs().max();
  assert.equal(outside.dataSync()[0], 0);
  near(painted.slice([0, 0, 0, 0], [1, 8, 3, 3]), -0.25, 'inside');
  await assert.rejects(painter.inpaint(picture, tf.zeros([1, 7, 8, 1]), ['dark']), /expected a mask \[1, H, W, 1\]/);
});

test('resampling makes each step but the last several times, and lets what is new follow what stays', async () => {
  // one kept half of 1, and a net whose picture is, everywhere, the mean of what it sees of the noisy whole
  let calls = 0;
  const meanOf = (x: tf.Tensor, t: tf.Tensor) => {
    const { signal } = weightsAt(schedule, t);
    return tf.mul(tf.onesLike(x), x.mean([1, 2], true).div(signal));
  };
  const open = tf.concat([tf.ones([1, 4, 2, 1]), tf.zeros([1, 4, 2, 1])], 2);
  const picture = tf.ones([1, 4, 4, 1]);
  const path = [30, 20, 10];
  const gap = async (resample: number) => {
    random.seed(9);
    calls = 0;
    const how = { schedule, shape: [1, 4, 4, 1] as [number, number, number, number], prediction: 'x0' as const, path };
    const start = tf.fill([1, 4, 4, 1], -1);
    const keep = { picture, open, resample };
    const x = await sample(meanOf, { ...how, clip: undefined, start, keep, onStep: () => void calls++ });
    return 1 - values(x.slice([0, 0, 0, 0], [1, 4, 2, 1])).reduce((sum, v) => sum + v / 8, 0);
  };
  const gaps = [await gap(1), await gap(12)];
  assert.equal(calls, path.length, 'who watches sees each step once');
  assert.ok(gaps[0] > 0.3, `without: ${gaps[0]} from the kept half`);
  assert.ok(Math.abs(gaps[1]) < gaps[0] / 2, `with: ${gaps[1]}, without ${gaps[0]}`);
  await assert.rejects(gap(0), /keep.resample/);
});
