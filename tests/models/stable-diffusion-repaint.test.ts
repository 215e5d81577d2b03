/** Image-to-image and inpainting with a small random Stable Diffusion: the same pictures as diffusers' pipelines. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { StableDiffusion } from '../../lib/models/stable-diffusion';
import { readTensors } from '../../lib/nn';
import { tf } from '../../lib/runtime';

const FIXTURES = path.join(__dirname, 'fixtures');
const { tensors: expected } = readTensors(path.join(FIXTURES, 'tiny-stable-diffusion-expected.safetensors'));
const { image, mask } = expected;
const PROMPT = ['a red heart'];

/** With the reference's noise instead of a seed's. */
const model = Object.assign(StableDiffusion.load(path.join(FIXTURES, 'tiny-stable-diffusion'), [8, 16]), {
  noise: () => expected.start.clone() as tf.Tensor4D,
});

/** Options as in the reference, and the time steps as they are made. */
function how(steps: number, strength: number) {
  const visited: number[] = [];
  const onStep = ({ t }: { t: number }) => void visited.push(t);
  return { visited, options: { guidance: 5, negative: 'dogs', steps, strength, onStep } };
}

const furthest = (x: tf.Tensor) => x.abs().max().dataSync()[0];

/** The largest difference where `where` is 1; everywhere without it. */
function apart(actual: tf.Tensor, wanted: tf.Tensor, where: tf.Tensor = tf.scalar(1)): number {
  assert.deepEqual(actual.shape, wanted.shape);
  return furthest(actual.sub(wanted).mul(where));
}

for (const [name, steps, strength, made] of [
  ['repaint', 50, 0.8, 40],
  ['repaintLess', 30, 0.55, 16], // ⌊16.5⌋
] as const) {
  test(`image-to-image, ${steps} steps at strength ${strength}: the same ${made} steps, the same picture`, async () => {
    const { visited, options } = how(steps, strength);
    const picture = await model.repaint(image, PROMPT, options);
    assert.deepEqual(visited, [...expected[`${name}.t`].dataSync()]);
    assert.equal(visited.length, made);
    assert.ok(apart(picture, expected[name]) < 1e-4, `${apart(picture, expected[name])}`);
  });
}

test("image-to-image from a draw of the encoder's bells, which diffusers makes", async () => {
  const drawn = (x: tf.Tensor) =>
    tf.tidy(() => {
      const { mean, logVar } = model.vae.encode(x); //                                   2 × [1, 4, 8, 4]
      return mean.add(logVar.mul(0.5).exp().mul(expected.draw)).mul(model.parts.scale) as tf.Tensor4D;
    });
  const { options } = how(50, 0.8);
  const picture = await Object.assign(Object.create(model), { latents: drawn }).repaint(image, PROMPT, options);
  assert.ok(apart(expected.repaintDrawn, expected.repaint) > 1e-2, 'the draw must matter');
  assert.ok(apart(picture, expected.repaintDrawn) < 1e-4, `${apart(picture, expected.repaintDrawn)}`);
});

for (const [name, steps, strength] of [
  ['inpaint', 50, 1],
  ['inpaintLess', 30, 0.55],
] as const) {
  test(`inpainting at strength ${strength}: diffusers' picture inside the mask, the pixels of the original outside`, async () => {
    const { visited, options } = how(steps, strength);
    const picture = await model.inpaint(image, mask, PROMPT, options);
    const outside = tf.sub(1, mask); //                                                   [1, 8, 16, 1]
    assert.deepEqual(visited, [...expected[`${name}.t`].dataSync()]);
    assert.ok(apart(picture, expected[name], mask) < 1e-4, `${apart(picture, expected[name], mask)}`);
    assert.equal(apart(picture, image, outside), 0);
    assert.ok(apart(picture, image, mask) > 0.1, 'inside, something new');
  });
}

test('inpainting at strength 0 makes no step and changes nothing', async () => {
  const { visited, options } = how(30, 0);
  const picture = await model.inpaint(image, mask, PROMPT, options);
  assert.deepEqual(visited, []);
  assert.equal(apart(picture, image), 0);
});
