/**
 * What makes an unpacked picture sharp: the decoder of lesson 13's auto-encoder is trained on with three losses, one thing changed
 * each time. `node --import tsx scripts/train/decoder-losses.ts [SEEDS]` (3) writes datasets/checkpoints/decoder-losses.log, a line
 * for each loss and seed, and a .png beside it: twelve test digits, and what each loss makes of them (packed without loss afterwards).
 *
 * The latents are made four times coarser first (each the mean of 2 × 2), so that there is something that the decoder can't know.
 * All three start from the same decoder, used to the coarse latents with the squared error, and make the same steps on the same digits:
 * - squared: the mean squared error of the pixels;
 * - perceptual: and the distance in what a classifier sees (Zhang et al. 2018, "The Unreasonable Effectiveness of Deep Features",
 *   eq. 1, without learnt weights); that classifier is trained here, and is not the judge;
 * - adversarial: and what a discriminator of patches says (Isola et al. 2017, section 3.2.2), weighted so that both pull equally
 *   hard at the last layer (Esser et al. 2021, "Taming Transformers", eq. 7). Stable Diffusion's auto-encoder has these three.
 */
import fs from 'node:fs';
import { batchOf, type ImageSet, mnist } from '../../lib/data';
import { discriminatorLoss, generatorLoss } from '../../lib/models';
import { AutoencoderKL } from '../../lib/models/autoencoder-kl';
import { DigitClassifier } from '../../lib/models/classifier';
import { DIGIT_VAE } from '../../lib/models/digits';
import { loadPretrained } from '../../lib/models/pretrained';
import { Adam, Conv2d, mse, Sequential, type StateDict, softmaxCrossEntropy, valuesAndGradients } from '../../lib/nn';
import { HostRandom, random, start, tf } from '../../lib/runtime';
import { featureStatistics, frechetDistance } from '../../lib/training';
import { writePng } from '../paint/pictures';
import { logFile, sayAndKeep } from './common';
import { framedDigits, halved } from './digit-common';

const RUN = { batch: 32, learn: 2048, test: 256, before: 100, steps: 100, perceptual: 0.5, adversarial: 0.5 };
const LOSSES = ['squared', 'perceptual', 'adversarial'] as const;
type Loss = (typeof LOSSES)[number];

interface Pairs {
  /** [N, 32, 32, 1] */
  x: tf.Tensor4D;
  /** [N, 8, 8, 4], where four neighbours are alike */
  z: tf.Tensor4D;
}

const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);
const leaky = (x: tf.Tensor) => tf.leakyRelu(x, 0.2);
/** Without the margin. [B, 32, 32, 1] → [B, 28, 28, 1]. */
const cropped = (x: tf.Tensor) => tf.slice(x, [0, 2, 2, 0], [x.shape[0], 28, 28, 1]);

/** Digits and their coarse latents. */
function pairsOf(vae: AutoencoderKL, digits: ImageSet, from: number, count: number): Pairs {
  const parts = range(0, count / 64).map(i =>
    tf.tidy(() => {
      const { x } = framedDigits(digits, range(from + 64 * i, 64)); //         [64, 32, 32, 1]
      const coarse = halved(vae.encode(x).mean); //                            [64, 4, 4, 4]
      return { x, z: tf.image.resizeNearestNeighbor(coarse, [8, 8]) }; //      [64, 8, 8, 4]
    }),
  );
  return { x: tf.concat(parts.map(p => p.x)), z: tf.concat(parts.map(p => p.z)) };
}

/** A classifier of its own: other weights than the judge's, other steps. */
function otherClassifier(digits: ImageSet): DigitClassifier {
  random.seed(5);
  const [net, draw] = [new DigitClassifier(), new HostRandom(5)];
  const adam = new Adam(net.parameters(), { learningRate: 2e-3 });
  for (let i = 0; i < 100; i++) {
    tf.tidy(() => {
      const chosen = Array.from({ length: 64 }, () => draw.integer(digits.count));
      const { x, y } = batchOf(digits, chosen, { range: [-1, 1] }); //         [64, 28, 28, 1], [64]
      adam.minimize(() => softmaxCrossEntropy(net.forward(x), y) as tf.Scalar);
    });
  }
  return net;
}

/** Squared distance between what a classifier sees in both, each place's vector of length 1; summed over two layers. */
function perceptualDistance(eye: DigitClassifier, a: tf.Tensor, b: tf.Tensor): tf.Scalar {
  const seen = (x: tf.Tensor) => {
    const first = tf.relu(tf.maxPool(eye.conv1.forward(cropped(x)) as tf.Tensor4D, 2, 2, 'valid')); // [B, 14, 14, 32]
    const second = tf.relu(tf.maxPool(eye.conv2.forward(first) as tf.Tensor4D, 2, 2, 'valid')); //    [B, 7, 7, 64]
    return [first, second].map(map => map.div(map.square().sum(3, true).add(1e-6).sqrt()));
  };
  const [ours, theirs] = [seen(a), seen(b)];
  return tf.addN(ours.map((map, i) => map.sub(theirs[i]).square().sum(3).mean())) as tf.Scalar;
}

/** A logit for each patch of 22 × 22 pixels: positive says real. [B, 32, 32, 1] → [B, 8, 8, 1]. */
const patchDiscriminator = () =>
  new Sequential(
    new Conv2d(1, 16, 4, { stride: 2, padding: 1 }), //  [B, 16, 16, 16]
    leaky,
    new Conv2d(16, 32, 4, { stride: 2, padding: 1 }), // [B, 8, 8, 32]
    leaky,
    new Conv2d(32, 1, 3, { padding: 1 }), //             [B, 8, 8, 1]
  );

/** Trains the decoder on. Returns the adversarial loss's last weight, 0 where there is none. */
function trainOn(
  vae: AutoencoderKL,
  { x, z }: Pairs,
  eye: DigitClassifier,
  loss: Loss,
  steps: number,
  seed: number,
): number {
  random.seed(seed);
  const [draw, critic] = [new HostRandom(seed), patchDiscriminator()];
  const adam = new Adam([...vae.decoder.parameters(), ...vae.post_quant_conv.parameters()], {
    learningRate: 2e-3,
    clipNorm: 1,
  });
  const criticAdam = new Adam(critic.parameters(), { learningRate: 1e-3 });
  const last = vae.decoder.conv_out.weight;
  const pull = (f: () => tf.Scalar) => valuesAndGradients(f, [last]).grads[0].norm().dataSync()[0];
  let weight = 0;
  for (let step = 0; step < steps; step++) {
    tf.tidy(() => {
      const chosen = Array.from({ length: RUN.batch }, () => draw.integer(x.shape[0]));
      const [real, latents] = [tf.gather(x, chosen), tf.gather(z, chosen)]; // [B, 32, 32, 1], [B, 8, 8, 4]
      const error = (y: tf.Tensor) => {
        const squared = mse(y, real) as tf.Scalar;
        return (
          loss === 'squared' ? squared : squared.add(perceptualDistance(eye, y, real).mul(RUN.perceptual))
        ) as tf.Scalar;
      };
      const fooling = (y: tf.Tensor) => generatorLoss(critic.forward(y));
      if (loss === 'adversarial' && step % 10 === 0)
        weight = pull(() => error(vae.decode(latents))) / (pull(() => fooling(vae.decode(latents))) + 1e-4);
      adam.minimize(() => {
        const y = vae.decode(latents); //                                      [B, 32, 32, 1]
        return (
          loss === 'adversarial' ? error(y).add(fooling(y).mul(weight * RUN.adversarial)) : error(y)
        ) as tf.Scalar;
      });
      if (loss !== 'adversarial') return;
      const made = vae.decode(latents);
      criticAdam.minimize(() => discriminatorLoss(critic.forward(real), critic.forward(made)));
    });
  }
  critic.dispose();
  return weight;
}

/** Mean square of the steps from each pixel to its neighbours below and on the right. */
const steepness = (x: tf.Tensor) =>
  tf.tidy(() => {
    const [B, H, W] = x.shape;
    const down = tf.slice(x, [0, 1, 0, 0], [B, H - 1, W, 1]).sub(tf.slice(x, [0, 0, 0, 0], [B, H - 1, W, 1]));
    const right = tf.slice(x, [0, 0, 1, 0], [B, H, W - 1, 1]).sub(tf.slice(x, [0, 0, 0, 0], [B, H, W - 1, 1]));
    return down.square().mean().add(right.square().mean()).dataSync()[0];
  });

async function main([seeds = '3']: string[]): Promise<void> {
  await start({ seed: 13 });
  const [digits, judge, vae] = [await mnist(), new DigitClassifier(), new AutoencoderKL(DIGIT_VAE)];
  loadPretrained('mnist-classifier', judge);
  loadPretrained('digit-vae', vae);
  const shipped = vae.stateDict();
  const [learn, test] = [pairsOf(vae, digits.train, 0, RUN.learn), pairsOf(vae, digits.test, 0, RUN.test)];
  const labels = range(0, RUN.test).map(i => digits.test.at(i).label);
  const eye = otherClassifier(digits.train);
  const read = (net: DigitClassifier, x: tf.Tensor) =>
    tf.tidy(() => Array.from(net.forward(cropped(x)).argMax(1).dataSync())).filter((d, i) => d === labels[i]).length /
    RUN.test;
  const statistics = (x: tf.Tensor) => featureStatistics(tf.tidy(() => judge.features(cropped(x))));
  const others = statistics(framedDigits(digits.test, range(1000, RUN.test)).x);
  const file = logFile('decoder-losses');
  const say = (facts: object) => sayAndKeep(file, facts);
  const round = (value: number) => Number(value.toPrecision(4));
  const found = (y: tf.Tensor) => ({
    squaredError: round(mse(y, test.x).dataSync()[0]),
    perceptual: round(tf.tidy(() => perceptualDistance(eye, y, test.x).dataSync()[0])),
    steepness: round(steepness(y) / steepness(test.x)),
    read: round(read(judge, y)),
    frechet: round(frechetDistance(others, statistics(y))),
  });
  fs.writeFileSync(file, '');
  say({ ...RUN, seeds: Number(seeds), eyeRight: round(read(eye, test.x)) });
  say({ loss: 'originals', ...found(test.x) });
  const rows: tf.Tensor[] = [test.x];
  const put = (weights: StateDict) => vae.loadStateDict(weights);
  for (let seed = 1; seed <= Number(seeds); seed++) {
    put(shipped);
    trainOn(vae, learn, eye, 'squared', RUN.before, 100 + seed);
    const used = vae.stateDict();
    for (const loss of LOSSES) {
      put(used);
      const weight = trainOn(vae, learn, eye, loss, RUN.steps, seed);
      const y = tf.tidy(() => vae.decode(test.z).clipByValue(-1, 1)); //       [256, 32, 32, 1]
      say({ loss, seed, ...found(y), weight: round(weight) });
      if (seed === 1) rows.push(y);
    }
    tf.dispose(used);
  }
  const strip = (x: tf.Tensor) => tf.concat(tf.split(x.slice([0], [12]), 12), 2); // [1, 32, 384, 1]
  const sheet = tf.tidy(() => tf.tile(tf.concat(rows.map(strip), 1), [1, 1, 1, 3]) as tf.Tensor4D); // [1, 128, 384, 3]
  writePng(file.replace('.log', '.png'), sheet);
}

main(process.argv.slice(2)).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
