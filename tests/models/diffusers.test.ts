/** The models of Stable Diffusion and DiT against Hugging Face's diffusers: small random weights, read by name. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { AutoencoderKL, SD_VAE } from '../../lib/models/autoencoder-kl';
import { ConditionalUNet, SD15_UNET } from '../../lib/models/conditional-unet';
import { DIT, Dit, type DitConfig } from '../../lib/models/dit';
import { loadModule, type Module, readTensors, type StateDict, valuesAndGradients } from '../../lib/nn';
import { random, shapesOnly, tf } from '../../lib/runtime';

const SMALL_DIT: DitConfig = {
  size: 4,
  channels: 3,
  patch: 2,
  width: 16,
  layers: 2,
  heads: 2,
  classes: 5,
  learnSigma: true,
};

/** A model's weights filled in from the fixture, and what diffusers got with them. */
function reference<M extends Module>(name: string, model: M): { model: M; expected: StateDict } {
  loadModule(path.join(__dirname, `${name}-reference.safetensors`), model);
  return { model, expected: readTensors(path.join(__dirname, `${name}-expected.safetensors`)).tensors };
}

/** Largest difference, as a share of the largest expected value. */
function distance(actual: tf.Tensor, expected: tf.Tensor): number {
  assert.deepEqual(actual.shape, expected.shape);
  return tf.tidy(() => {
    const scale = Math.max(1e-3, expected.abs().max().dataSync()[0]);
    return actual.sub(expected).abs().max().dataSync()[0] / scale;
  });
}

function close(actual: tf.Tensor, expected: tf.Tensor, tolerance: number, what: string): void {
  const found = distance(actual, expected);
  assert.ok(found <= tolerance, `${what}: off by ${found} of its largest value`);
}

/** Every weight's gradient within 1e-3 of the reference's. */
function closeGradients(module: Module, loss: () => tf.Scalar, expected: StateDict): void {
  const named = module.namedParameters().filter(([, variable]) => variable.trainable);
  const { grads } = valuesAndGradients(
    loss,
    named.map(([, variable]) => variable),
  );
  named.forEach(([name], i) => {
    const want = expected[`grad.${name}`];
    const kernel = want.rank === 4 ? tf.transpose(grads[i], [3, 2, 0, 1]) : grads[i]; // HWIO → OIHW
    close(kernel, want, 1e-3, `gradient of ${name}`);
  });
  assert.equal(named.length, Object.keys(expected).filter(key => key.startsWith('grad.')).length);
}

test('the auto-encoder: bells, pictures and gradients equal the reference', () => {
  const config = { channels: 3, widths: [8, 12], blocks: 1, latent: 2, groups: 4 };
  const { model, expected } = reference('autoencoder-kl', new AutoencoderKL(config));
  const { mean, logVar } = model.encode(expected.x);
  close(mean, expected.mean, 1e-4, 'mean');
  close(logVar, expected.logVar, 1e-4, 'logVar');
  close(model.decode(mean), expected.y, 1e-4, 'picture');
  const loss = () => {
    const q = model.encode(expected.x);
    return tf.sin(model.decode(q.mean)).sum().add(tf.sin(q.logVar).sum()) as tf.Scalar;
  };
  closeGradients(model, loss, expected);
});

test('the U-Net for text: answers, with and without a mask, and gradients equal the reference', () => {
  const config = { channels: 3, widths: [8, 12], blocks: 1, attention: [0], heads: 2, context: 6, groups: 4 };
  const { model, expected } = reference('conditional-unet', new ConditionalUNet(config));
  const { x, t, words, mask } = expected;
  close(model.forward(x, t, words), expected.y, 1e-4, 'all words');
  close(model.forward(x, t, words, mask), expected.masked, 1e-4, 'masked words');
  closeGradients(model, () => tf.sin(model.forward(x, t, words, mask)).sum() as tf.Scalar, expected);
});

test("DiT: noise, uncertainty and gradients equal the reference; positions are the file's", () => {
  const net = new Dit(SMALL_DIT);
  const fixed = net.pos_embed.clone();
  const { model, expected } = reference('dit', net);
  close(fixed, model.pos_embed, 1e-6, 'positions');
  const { x, t, classes } = expected;
  close(model.forward(x, t, classes), expected.y, 1e-4, 'answer');
  closeGradients(model, () => tf.sin(model.forward(x, t, classes)).sum() as tf.Scalar, expected);
  close(model.denoise(x, t, classes), tf.slice(expected.y, [0, 0, 0, 0], [3, 4, 4, 3]), 1e-4, 'noise alone');
});

test('a fresh DiT answers exactly 0, and refuses what does not fit in words', () => {
  const net = new Dit(SMALL_DIT);
  const [x, t, y] = [random.normal([2, 4, 4, 3]), tf.tensor1d([1, 999]), tf.tensor1d([0, 5], 'int32')];
  const answer = net.forward(x, t, y);
  assert.deepEqual(answer.shape, [2, 4, 4, 6]);
  assert.equal(answer.abs().max().dataSync()[0], 0);
  assert.throws(() => net.forward(tf.zeros([2, 4, 4, 4]), t, y), /latents \[B, 4, 4, 3\], got \[2,4,4,4\]/);
  assert.throws(() => new Dit({ ...SMALL_DIT, size: 5 }), /patches of 2 do not tile a map of 5/);
  assert.throws(() => new Dit({ ...SMALL_DIT, width: 18 }), /divisible by 4/);
});

test('published sizes, counted without making the weights', () => {
  const before = process.memoryUsage().rss;
  const tensors = tf.memory().numTensors;
  const count = <M extends Module>(build: () => M, of: (module: M) => number[]): number[] => {
    const module = shapesOnly(build);
    const counts = of(module);
    module.dispose();
    return counts;
  };
  const halves = ({ encoder, decoder }: AutoencoderKL) => [encoder.parameterCount(), decoder.parameterCount()];
  assert.deepEqual(
    count(() => new AutoencoderKL(SD_VAE), halves),
    [34_163_592, 49_490_179],
  );
  const whole = (module: Module) => [module.parameterCount()];
  assert.deepEqual(
    count(() => new AutoencoderKL(SD_VAE), whole),
    [83_653_863],
  );
  assert.deepEqual(
    count(() => new ConditionalUNet(SD15_UNET), whole),
    [859_520_964],
  );
  const withPositions = (net: Dit) => [net.parameterCount(), net.parameterCount() + net.pos_embed.size];
  const dit = (config: DitConfig) => count(() => new Dit(config), withPositions);
  assert.deepEqual(dit(DIT.small), [32_865_056, 32_963_360]);
  assert.deepEqual(dit(DIT.base), [130_315_808, 130_512_416]);
  assert.deepEqual(dit(DIT.large), [457_840_672, 458_102_816]);
  assert.deepEqual(dit(DIT.xlarge), [674_834_720, 675_129_632]);
  assert.equal(tf.memory().numTensors, tensors);
  const grown = process.memoryUsage().rss - before;
  assert.ok(grown < 5e8, `${grown} bytes more; the weights counted here would take 8.9 GB`);
});

test('a module that is only shapes cannot compute, takes weights, and then is like any other', () => {
  random.seed(5);
  const config = { channels: 3, widths: [8, 8], blocks: 1, latent: 2, groups: 4 };
  const [full, hollow] = [new AutoencoderKL(config), shapesOnly(() => new AutoencoderKL(config))];
  const z = random.normal([1, 2, 2, 2]);
  assert.throws(() => hollow.decode(z));
  hollow.loadStateDict(full.stateDict());
  assert.equal(distance(hollow.decode(z), full.decode(z)), 0);
});

test('a fresh auto-encoder draws around its means; wrong sizes are refused in words', () => {
  random.seed(1);
  const vae = new AutoencoderKL({ channels: 3, widths: [8, 8, 8], blocks: 1, latent: 4, groups: 4 });
  const x = random.normal([2, 16, 8, 3]);
  const { mean, logVar } = vae.encode(x);
  assert.deepEqual(mean.shape, [2, 4, 2, 4]);
  assert.deepEqual(vae.decode(mean).shape, [2, 16, 8, 3]);
  const z = vae.sample(x).sub(mean).div(logVar.mul(0.5).exp()); // the noise that was drawn
  assert.ok(Math.abs(z.square().mean().dataSync()[0] - 1) < 0.5);
  assert.throws(() => vae.encode(tf.zeros([1, 18, 16, 3])), /divisible by 4, got \[1,18,16,3\]/);
  assert.throws(() => vae.decode(tf.zeros([1, 4, 4, 3])), /latents \[B, h, w, 4\]/);
  assert.throws(
    () => new AutoencoderKL({ channels: 3, widths: [8, 10], blocks: 1, latent: 4, groups: 4 }),
    /width 10 can't be split into 4 groups/,
  );
});

test('a fresh U-Net for text answers 0; captions of another width or number are refused in words', () => {
  const config = { channels: 4, widths: [8, 8], blocks: 1, attention: [1], heads: 2, context: 6, groups: 4 };
  const net = new ConditionalUNet(config);
  const [x, t] = [random.normal([2, 4, 4, 4]), tf.tensor1d([3, 900], 'int32')];
  assert.equal(
    net
      .forward(x, t, random.normal([2, 7, 6]))
      .abs()
      .max()
      .dataSync()[0],
    0,
  );
  assert.throws(() => net.forward(x, t, tf.zeros([2, 7, 5])), /caption \[S, 6\] for each of 2 latents, got \[2,7,5\]/);
  assert.throws(() => net.forward(x, t, tf.zeros([1, 7, 6])), /for each of 2/);
  assert.throws(() => net.forward(tf.zeros([2, 3, 4, 4]), t, tf.zeros([2, 7, 6])), /divisible by 2, got \[2,3,4,4\]/);
});
