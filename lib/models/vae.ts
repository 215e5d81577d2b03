/**
 * The variational auto-encoder of Kingma & Welling (2014), as a multi-layer perceptron on flattened pictures.
 * Read it from top to bottom: pack (encode), shake (reparameterise), unpack (decode), and what that costs (negativeElbo).
 *
 * Shapes: B pictures in a batch, P pixels, H hidden units, Z latents, K samples per picture.
 * Parameters carry the names of PyTorch's example VAE, so its weights load by name: fc1 and fc3 enter the two halves,
 * fc21 gives the mean, fc22 the logarithm of the variance, fc4 the pixels.
 * @see notebooks/10-training-a-vae.ipynb
 */
import { binaryCrossEntropyWithLogits, heNormal, type Initialiser, kaimingUniform, Linear, Module, silu } from '../nn';
import { random, tf } from '../runtime';
import { expectCount, expectNumber, expectSame, expectShape, expectSizes } from '../runtime/expect';

export interface VaeConfig {
  /** Numbers in a picture. */
  pixels: number;
  /** Units of the encoder's hidden layers, first to last; the decoder has them in reverse. */
  hidden: number[];
  /** Numbers in the code z. */
  latent: number;
  /** What follows every hidden layer; ReLU where nothing is said. */
  activation?: (x: tf.Tensor) => tf.Tensor;
  /** Where the weights start; PyTorch's default where nothing is said. */
  init?: Initialiser;
}

/** PyTorch's example: 652,824 parameters. */
export const PYTORCH_VAE: VaeConfig = { pixels: 784, hidden: [400], latent: 20 };

/** The course's own: 784 → 128 means + 128 log-variances → 784. */
export const COURSE_VAE: VaeConfig = {
  pixels: 784,
  hidden: [512, 512],
  latent: 128,
  activation: silu,
  init: heNormal,
};

/** Two latents, so that the whole latent space fits on a page. */
export const PLANE_VAE: VaeConfig = { ...COURSE_VAE, latent: 2 };

/** The encoder's answer: not a point but a bell, q(z|x) = N(mean, exp(logVar)), one per latent. Both [B, Z]. */
export interface Encoding {
  mean: tf.Tensor2D;
  logVar: tf.Tensor2D;
}

/** The negative ELBO and its two terms, all in nats per picture: loss = reconstruction + β·kl. */
export interface ElboTerms extends Record<string, tf.Scalar> {
  loss: tf.Scalar;
  reconstruction: tf.Scalar;
  kl: tf.Scalar;
}

/**
 * @example
 * const small = new Vae({ pixels: 784, hidden: [64], latent: 8 });
 * small.encode(tf.zeros([2, 784])).mean.shape // → [2, 8]
 */
export class Vae extends Module {
  readonly fc1: Linear;
  readonly encoder: Linear[];
  readonly fc21: Linear;
  readonly fc22: Linear;
  readonly fc3: Linear;
  readonly decoder: Linear[];
  readonly fc4: Linear;
  readonly config: Required<VaeConfig>;

  constructor(config: VaeConfig) {
    super();
    this.config = { activation: tf.relu, init: kaimingUniform, ...config };
    const { pixels, hidden, latent, init } = this.config;
    expectSizes('a VAE', config);
    if (hidden.length === 0) throw new Error('a VAE needs at least one hidden layer; give hidden: [400]');
    const up = hidden;
    const down = [...hidden].reverse();
    const last = down[0];
    this.fc1 = new Linear(pixels, up[0], { init });
    this.encoder = chain(up, init);
    this.fc21 = new Linear(last, latent);
    this.fc22 = new Linear(last, latent);
    this.fc3 = new Linear(latent, last, { init });
    this.decoder = chain(down, init);
    this.fc4 = new Linear(up[0], pixels);
  }

  /** Pack: picture → bell. */
  encode(x: tf.Tensor): Encoding {
    const { pixels, activation } = this.config;
    if (x.rank !== 2 || x.shape[1] !== pixels) {
      throw new Error(`encode expected flat pictures [B, ${pixels}], got [${x.shape}]; reshape first`);
    }
    let h = activation(this.fc1.forward(x)); //                                [B, H]
    for (const layer of this.encoder) h = activation(layer.forward(h)); //     [B, H]
    const mean = this.fc21.forward(h) as tf.Tensor2D; //                       [B, Z]
    const logVar = this.fc22.forward(h) as tf.Tensor2D; //                     [B, Z]
    return { mean, logVar };
  }

  /** Unpack: code → picture, as one logit per pixel; `sigmoid` of it is the pixel's brightness. */
  decode(z: tf.Tensor): tf.Tensor2D {
    const { latent, activation } = this.config;
    if (z.rank !== 2 || z.shape[1] !== latent)
      throw new Error(`decode expected codes [B, ${latent}], got [${z.shape}]`);
    let h = activation(this.fc3.forward(z)); //                                [B, H]
    for (const layer of this.decoder) h = activation(layer.forward(h)); //     [B, H]
    return this.fc4.forward(h) as tf.Tensor2D; //                              [B, P]
  }

  /**
   * What training makes small: −ELBO = −E_q[log p(x|z)] + β·KL(q(z|x) ‖ p(z)), one sample of z per picture
   * (Kingma & Welling 2014, eq. 10; β: Higgins et al. 2017). Each term is SUMMED over its axis and only then
   * averaged over the batch, so the unit is nats per picture. x: [B, P] with values in 0..1; eps: [B, Z].
   */
  negativeElbo(x: tf.Tensor, { beta = 1, eps = undefined as tf.Tensor | undefined } = {}): ElboTerms {
    expectNumber('beta', beta, { from: 0 }, '1 is the ELBO');
    const { mean, logVar } = this.encode(x); //                                2 × [B, Z]
    const z = reparameterise(mean, logVar, eps); //                            [B, Z]
    const logits = this.decode(z); //                                          [B, P]
    const reconstruction = reconstructionNats(logits, x).mean() as tf.Scalar; // [B] → []
    const kl = klPerLatent(mean, logVar).sum() as tf.Scalar; //                [Z] → []
    const loss = reconstruction.add(kl.mul(beta)) as tf.Scalar;
    return { loss, reconstruction, kl };
  }

  /** Pack and unpack without noise: brightness 0..1 of each pixel. x: [B, P] → [B, P]. */
  reconstruct(x: tf.Tensor): tf.Tensor2D {
    return tf.tidy(() => tf.sigmoid(this.decode(this.encode(x).mean)));
  }

  /** New pictures: z from the prior N(0, I), then the decoder. → [count, P] in 0..1. */
  sample(count: number): tf.Tensor2D {
    expectCount('the number of pictures', count);
    return tf.tidy(() => tf.sigmoid(this.decode(random.normal([count, this.config.latent]))));
  }

  /**
   * log p(x) from below, with K samples of z per picture (Burda et al. 2016, eq. 8):
   * log (1/K) Σₖ p(x|zₖ) p(zₖ) / q(zₖ|x). K = 1 is the ELBO; more samples never loosen it on average.
   * x: [B, P] → [B] in nats. Samples are drawn `chunk` at a time, to bound memory.
   */
  logLikelihood(x: tf.Tensor, samples: number, chunk = 50): tf.Tensor1D {
    expectCount('chunk', chunk, undefined, 'so many samples are drawn at a time');
    if (!(Number.isInteger(samples) && samples > 0)) throw new Error(`samples must be 1, 2, 3 …, got ${samples}`);
    return tf.tidy(() => {
      const posterior = this.encode(x); //                                     2 × [B, Z]
      let total = tf.fill([x.shape[0]], -Infinity); //                         [B] log of the sum so far
      for (let done = 0; done < samples; done += chunk) {
        const before = total;
        total = tf.tidy(() => {
          const logWeights = this.logWeights(x, Math.min(chunk, samples - done), posterior); // [K, B]
          return tf.logSumExp(tf.concat([before.expandDims(0), logWeights], 0), 0); //          [B]
        });
        before.dispose();
      }
      return total.sub(Math.log(samples)) as tf.Tensor1D; //                   [B]
    });
  }

  /**
   * log p(x|z) + log p(z) − log q(z|x) for K draws z ~ q(z|x): their mean is the ELBO, and `importanceBound` makes
   * tighter bounds of them. x: [B, P] → [K, B].
   * @see notebooks/09-elbo.ipynb
   */
  logWeights(x: tf.Tensor, K: number, { mean, logVar }: Encoding = this.encode(x)): tf.Tensor2D {
    expectCount('samples', K);
    const [B, Z] = mean.shape;
    expectSame({ mean, 'log-variance': logVar });
    expectShape('flat pictures', x, [B, this.config.pixels], 'one for each code');
    const eps = random.normal([K, B, Z]); //                                   [K, B, Z]
    const z = mean.add(logVar.mul(0.5).exp().mul(eps)); //                     [K, B, Z]
    const logits = this.decode(z.reshape([K * B, Z])).reshape([K, B, -1]); //  [K, B, P]
    const pixels = tf.softplus(logits).sub(logits.mul(x)); //                  [K, B, P] cross-entropy
    const logPrior = z.square().sum(-1).mul(-0.5); //                          [K, B] both lack −Z/2·log 2π,
    const logQ = eps.square().add(logVar).sum(-1).mul(-0.5); //                [K, B] which cancels
    return pixels.sum(-1).neg().add(logPrior).sub(logQ) as tf.Tensor2D;
  }
}

/**
 * The reparameterisation trick (Kingma & Welling 2014, §2.4): z = μ + σ·ε with σ = exp(½ log σ²). The chance sits in ε,
 * so gradients pass through μ and σ. `eps` is fresh N(0, 1) noise unless given. mean, logVar: [B, Z] → [B, Z].
 * @example reparameterise(tf.ones([1, 2]), tf.zeros([1, 2]), tf.zeros([1, 2])) // → [[1, 1]]
 */
export function reparameterise(
  mean: tf.Tensor,
  logVar: tf.Tensor,
  eps: tf.Tensor = random.normal(mean.shape),
): tf.Tensor {
  expectSame({ mean, 'log-variance': logVar, noise: eps });
  const sigma = logVar.mul(0.5).exp(); //                                      [B, Z]
  return mean.add(sigma.mul(eps)); //                                          [B, Z]
}

/**
 * −log p(x|z) in nats per picture, for pixels read as the chance of being white (Bernoulli): the cross-entropy
 * SUMMED over pixels. All logits 0 cost 784·ln 2 = 543.427. logits, x: [B, P] → [B].
 * @example reconstructionNats(tf.zeros([1, 784]), tf.ones([1, 784])) // → [543.43]
 */
export function reconstructionNats(logits: tf.Tensor, x: tf.Tensor): tf.Tensor1D {
  expectShape('logits', logits, ['B', 'P'], 'one row for each picture');
  return binaryCrossEntropyWithLogits(logits, x).sum(-1) as tf.Tensor1D;
}

/**
 * KL(N(μ, σ²) ‖ N(0, 1)) = ½(μ² + σ² − log σ² − 1) of each latent, in nats, averaged over the batch
 * (Kingma & Welling 2014, appendix B). Their sum is the KL term of the ELBO. mean, logVar: [B, Z] → [Z].
 * @example klPerLatent(tf.ones([4, 2]), tf.zeros([4, 2])) // → [0.5, 0.5]
 */
export function klPerLatent(mean: tf.Tensor, logVar: tf.Tensor): tf.Tensor1D {
  expectShape('means', mean, ['B', 'Z'], 'one row for each picture');
  expectSame({ mean, 'log-variance': logVar });
  const each = mean.square().add(logVar.exp()).sub(logVar).sub(1).mul(0.5); // [B, Z]
  return each.mean(0) as tf.Tensor1D; //                                       [Z]
}

/**
 * `steps` codes on the straight line from a to b, both included. a, b: [Z] or [1, Z] → [steps, Z].
 * @example interpolate(tf.zeros([2]), tf.ones([2]), 3) // → [[0, 0], [0.5, 0.5], [1, 1]]
 */
export function interpolate(a: tf.Tensor, b: tf.Tensor, steps: number): tf.Tensor2D {
  expectSame({ a, b });
  expectCount('steps', steps);
  if (a.rank !== 1) expectShape('a code', a, [1, 'Z'], 'one code, not several');
  const t = tf.linspace(0, 1, steps).expandDims(1); //                         [steps, 1]
  return a.mul(tf.sub(1, t)).add(b.mul(t)) as tf.Tensor2D; //                  [steps, Z]
}

/** Linear layers between neighbouring sizes: [a, b, c] → a→b, b→c. */
function chain(sizes: number[], init: Initialiser): Linear[] {
  return sizes.slice(1).map((outputs, i) => new Linear(sizes[i], outputs, { init }));
}
