/**
 * The auto-encoder: pack a picture into few numbers, unpack it again, and be paid for what comes back (Hinton &
 * Salakhutdinov 2006). Nothing is random, and nothing says where the codes should lie; the VAE (vae.ts) adds both.
 *
 * Shapes: B pictures in a batch, P pixels, Z numbers in a code.
 * @see notebooks/08-latent-spaces.ipynb
 */
import { heNormal, type Initialiser, Linear, Module, mse, silu } from '../nn';
import { tf } from '../runtime';
import { expectSizes } from '../runtime/expect';

export interface AutoEncoderConfig {
  /** Numbers from the picture to the code: [784, 512, 256, 32]. The decoder has them in reverse. */
  sizes: number[];
  /** What follows every layer but the last of each half; SiLU where nothing is said. */
  activation?: (x: tf.Tensor) => tf.Tensor;
  init?: Initialiser;
}

/** The course's own: 784 pixels → 32 numbers → 784 pixels, 1,083,696 parameters. */
export const COURSE_AUTOENCODER: AutoEncoderConfig = { sizes: [784, 512, 256, 32] };

/**
 * @example new AutoEncoder({ sizes: [784, 32] }).encode(tf.zeros([2, 784])).shape // → [2, 32]
 */
export class AutoEncoder extends Module {
  readonly encoder: Linear[];
  readonly decoder: Linear[];
  readonly config: Required<AutoEncoderConfig>;

  constructor(config: AutoEncoderConfig) {
    super();
    this.config = { activation: silu, init: heNormal, ...config };
    const { sizes, init } = this.config;
    expectSizes('an auto-encoder', config);
    if (sizes.length < 2) throw new Error(`sizes [${sizes}] name no code; give pixels and code, e.g. [784, 32]`);
    this.encoder = chain(sizes, init);
    this.decoder = chain([...sizes].reverse(), init);
  }

  /** Pack. x: [B, P] → [B, Z]. */
  encode(x: tf.Tensor): tf.Tensor2D {
    return this.through(this.encoder, x);
  }

  /** Unpack. z: [B, Z] → [B, P], brightness; nothing holds it within 0..1. */
  decode(z: tf.Tensor): tf.Tensor2D {
    return this.through(this.decoder, z);
  }

  /** Pack, then unpack. x: [B, P] → [B, P]. */
  reconstruct(x: tf.Tensor): tf.Tensor2D {
    return tf.tidy(() => this.decode(this.encode(x)));
  }

  /** Mean squared error of what comes back, over pixels and pictures. x: [B, P] → []. */
  loss(x: tf.Tensor): tf.Scalar {
    return mse(this.decode(this.encode(x)), x);
  }

  private through(layers: Linear[], x: tf.Tensor): tf.Tensor2D {
    const width = layers[0].inputs;
    if (x.rank !== 2 || x.shape[1] !== width) {
      throw new Error(`expected [B, ${width}], got [${x.shape}]; flat pictures to encode, codes to decode`);
    }
    return tf.tidy(() => {
      let h = x; //                                                              [B, P or Z]
      for (const layer of layers.slice(0, -1)) h = this.config.activation(layer.forward(h)); // [B, H]
      return layers[layers.length - 1].forward(h) as tf.Tensor2D; //             [B, Z or P]
    });
  }
}

/** Linear layers between neighbouring sizes: [a, b, c] → a→b, b→c. */
function chain(sizes: number[], init: Initialiser): Linear[] {
  return sizes.slice(1).map((outputs, i) => new Linear(sizes[i], outputs, { init }));
}
