/**
 * Generative adversarial nets (Goodfellow et al. 2014) out of convolutions (DCGAN; Radford, Metz & Chintala 2016):
 * a generator turns noise into pictures, a discriminator tells them from real ones, and each is the other's teacher.
 *
 * Parameters carry the names of PyTorch's DCGAN example (`main.0.weight`), so its weights load by name.
 * Shapes: B pictures, Z numbers of noise, S the side of a picture.
 * @see notebooks/11-gan.ipynb
 */
import { BatchNorm2d, Conv2d, ConvTranspose2d, type Initialiser, Module, Sequential } from '../nn';
import { random, tf } from '../runtime';
import { expectCount, expectSizes } from '../runtime/expect';

export interface DcganConfig {
  /** Numbers of noise, Z, that a picture is made of. */
  latent: number;
  /** Channels next to the picture; they double with each halving of the side. */
  width: number;
  /** Channels of a picture: 1 grey, 3 colour. */
  channels: number;
  /** Side of a picture, a power of two, 8 or more. */
  size: number;
}

/** The published one: pictures of 64 × 64 in colour; 3,576,704 parameters make them, 2,765,568 judge them. */
export const PYTORCH_DCGAN: DcganConfig = { latent: 100, width: 64, channels: 3, size: 64 };

/** The course's own for MNIST digits with a margin of 2 pixels, 32 × 32. */
export const MNIST_DCGAN: DcganConfig = { latent: 64, width: 32, channels: 1, size: 32 };

/** All weights start at N(0, 0.02²), the paper's choice. */
const start: Initialiser = shape => random.normal(shape, 0, 0.02);
const OPTIONS = { stride: 2, padding: 1, bias: false, init: start };

/**
 * Noise in, pictures out: 4 × 4 first, then twice as large with each transposed convolution.
 * @example new DcganGenerator(MNIST_DCGAN).sample(2).shape // → [2, 32, 32, 1]
 */
export class DcganGenerator extends Module {
  readonly main: Sequential;

  constructor(readonly config: DcganConfig) {
    super();
    const { latent, width, channels } = config;
    expectSizes('a generator', config);
    const widths = levels(config)
      .map(level => width * 2 ** level)
      .reverse(); // [8w, 4w, 2w, w] for 64 × 64
    const first = new ConvTranspose2d(latent, widths[0], 4, { bias: false, init: start });
    const doubling = widths
      .slice(1)
      .flatMap((to, i) => [new ConvTranspose2d(widths[i], to, 4, OPTIONS), norm(to), tf.relu]);
    const last = new ConvTranspose2d(width, channels, 4, OPTIONS);
    this.main = new Sequential(first, norm(widths[0]), tf.relu, ...doubling, last, tf.tanh);
  }

  /** z: noise [B, Z] → pictures [B, S, S, C] with values in (−1, 1). */
  forward(z: tf.Tensor, training = false): tf.Tensor4D {
    const { latent } = this.config;
    if (z.rank !== 2 || z.shape[1] !== latent) throw new Error(`expected noise [B, ${latent}], got [${z.shape}]`);
    const pixels = z.reshape([z.shape[0], 1, 1, latent]); //          [B, 1, 1, Z]
    return this.main.forward(pixels, training) as tf.Tensor4D; //     [B, S, S, C]
  }

  /** `count` pictures out of fresh noise, with the running statistics of training → [count, S, S, C]. */
  sample(count: number): tf.Tensor4D {
    expectCount('the number of pictures', count);
    return tf.tidy(() => this.forward(random.normal([count, this.config.latent])));
  }
}

/**
 * Pictures in, one logit each: positive says real. The mirror of the generator; no normalisation next to the picture.
 * @example new DcganDiscriminator(MNIST_DCGAN).forward(tf.zeros([2, 32, 32, 1])).shape // → [2]
 */
export class DcganDiscriminator extends Module {
  readonly main: Sequential;

  constructor(readonly config: DcganConfig) {
    super();
    const { width, channels } = config;
    expectSizes('a discriminator', config);
    const widths = levels(config).map(level => width * 2 ** level); //  [w, 2w, 4w, 8w] for 64 × 64
    const first = new Conv2d(channels, width, 4, OPTIONS);
    const halving = widths.slice(1).flatMap((to, i) => [new Conv2d(widths[i], to, 4, OPTIONS), norm(to), leaky]);
    const last = new Conv2d(widths[widths.length - 1], 1, 4, { bias: false, init: start });
    this.main = new Sequential(first, leaky, ...halving, last);
  }

  /** x: pictures [B, S, S, C] in [−1, 1] → logits [B]; the sigmoid of one is D's probability of "real". */
  forward(x: tf.Tensor, training = false): tf.Tensor1D {
    const { size, channels } = this.config;
    if (x.rank !== 4 || String(x.shape.slice(1)) !== String([size, size, channels])) {
      throw new Error(`expected pictures [B, ${size}, ${size}, ${channels}], got [${x.shape}]; pad or crop them`);
    }
    return this.main.forward(x, training).reshape([-1]) as tf.Tensor1D; // [B, 1, 1, 1] → [B]
  }
}

/**
 * What the discriminator makes small: −log D(x) − log(1 − D(G(z))), in nats (Goodfellow et al. 2014, eq. 1).
 * real, fake: logits [B]. Whoever answers ½ to everything pays 2 ln 2 = 1.386.
 * @example discriminatorLoss(tf.zeros([4]), tf.zeros([4])) // → 1.3863
 */
export function discriminatorLoss(real: tf.Tensor, fake: tf.Tensor): tf.Scalar {
  const missed = tf.softplus(tf.neg(real)).mean(); // −log σ(real)
  const fooled = tf.softplus(fake).mean(); //         −log(1 − σ(fake))
  return missed.add(fooled) as tf.Scalar;
}

/**
 * What the generator makes small: −log D(G(z)) (ibid., section 3), whose gradient is large where it loses. fake: logits [B].
 * @example generatorLoss(tf.zeros([4])) // → 0.6931
 */
export function generatorLoss(fake: tf.Tensor): tf.Scalar {
  return tf.softplus(tf.neg(fake)).mean() as tf.Scalar;
}

/**
 * The other form, log(1 − D(G(z))) of eq. 1: its gradient dies where the discriminator is sure. fake: logits [B].
 * @example saturatingGeneratorLoss(tf.zeros([4])) // → -0.6931
 */
export function saturatingGeneratorLoss(fake: tf.Tensor): tf.Scalar {
  return tf.neg(tf.softplus(fake).mean()) as tf.Scalar;
}

const leaky = (x: tf.Tensor): tf.Tensor => tf.leakyRelu(x, 0.2);

/** Batch normalisation whose scales start at N(1, 0.02²). */
function norm(channels: number): BatchNorm2d {
  const layer = new BatchNorm2d(channels);
  tf.tidy(() => layer.weight.assign(random.normal([channels], 1, 0.02)));
  return layer;
}

/** 0, 1, 2 … for each halving from the picture to 4 × 4. */
function levels({ size }: DcganConfig): number[] {
  const halvings = Math.log2(size / 4);
  if (!(Number.isInteger(halvings) && halvings >= 1)) {
    throw new Error(`a picture's side must be 8, 16, 32, 64 …, got ${size}; pad the pictures`);
  }
  return Array.from({ length: halvings }, (_, i) => i);
}
