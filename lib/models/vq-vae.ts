/**
 * The vector-quantised auto-encoder (van den Oord, Vinyals & Kavukcuoglu 2017): a picture becomes a small map of words out
 * of a dictionary that is learnt with it. A language model (gpt.ts) can then write pictures.
 * Read it from top to bottom: pack (encode), look up the nearest word (quantise), unpack (decode), and what that costs (loss).
 *
 * Shapes: B pictures of H × W × C, a map of h × w places (halved with each width), D numbers a word, K words.
 * @see notebooks/17-attention-gpt.ipynb
 */
import {
  binaryCrossEntropyWithLogits,
  Conv2d,
  ConvTranspose2d,
  type Layer,
  Module,
  stopGradient,
  variable,
} from '../nn';
import { random, tf } from '../runtime';
import { expectNumber, expectShape, expectSizes } from '../runtime/expect';
import { indicesBelow } from '../runtime/values';

export interface VqVaeConfig {
  /** Channels of a picture, C. */
  channels: number;
  /** Channels after each halving of the sides, first to last. */
  widths: number[];
  /** Numbers in a word, D. */
  width: number;
  /** Words in the dictionary, K. */
  codes: number;
}

/** The course's own for 28 × 28 digits: 49 places, one of 64 words at each. */
export const DIGIT_VQ_VAE: VqVaeConfig = { channels: 1, widths: [16, 32], width: 16, codes: 64 };

/** What a picture became. */
export interface Quantised {
  /** The encoder's answer, [B, h, w, D]. */
  z: tf.Tensor4D;
  /** The nearest word of each place, [B, h, w, D]; gradients reach the dictionary, not the encoder. */
  words: tf.Tensor4D;
  /** Its number in the dictionary, [B, h, w] int32. */
  ids: tf.Tensor3D;
}

/** The loss and its parts: nats a picture, and squared distances summed over a picture, each averaged over the batch. */
export interface VqTerms extends Record<string, tf.Scalar> {
  loss: tf.Scalar;
  reconstruction: tf.Scalar;
  distance: tf.Scalar;
}

/**
 * @example
 * const net = new VqVae(DIGIT_VQ_VAE);
 * net.encode(tf.zeros([2, 28, 28, 1])).shape // → [2, 7, 7]
 */
export class VqVae extends Module {
  readonly encoder: Layer[];
  readonly dictionary: tf.Variable;
  readonly decoder: Layer[];

  constructor(readonly config: VqVaeConfig) {
    super();
    expectSizes('a VQ-VAE', config);
    const { channels, widths, width, codes } = config;
    const down = [channels, ...widths];
    const up = [...down].reverse();
    const options = { stride: 2, padding: 1 };
    const halving = widths.map((to, i) => new Conv2d(down[i], to, 4, options));
    const doubling = widths.map((_, i) => new ConvTranspose2d(up[i], up[i + 1], 4, options));
    this.encoder = [...halving, new Conv2d(up[0], width, 1)];
    this.dictionary = variable(random.uniform([codes, width], -1 / codes, 1 / codes)); // [K, D], the paper's start
    this.decoder = [new Conv2d(width, up[0], 3, { padding: 1 }), ...doubling];
  }

  /** Pack: picture → the numbers of its words. x: [B, H, W, C] with values in 0..1 → [B, h, w] int32. */
  encode(x: tf.Tensor): tf.Tensor3D {
    return tf.tidy(() => this.quantise(x).ids);
  }

  /** Unpack: the numbers of words → one logit a pixel. ids: [B, h, w] int32 → [B, H, W, C]. */
  decode(ids: tf.Tensor): tf.Tensor4D {
    return tf.tidy(() => {
      expectShape('a map of words', ids, ['B', 'h', 'w']);
      const { indices } = indicesBelow('word ids', ids, this.config.codes);
      return this.paint(tf.gather(this.dictionary, indices)); //             [B, H, W, C]
    });
  }

  /** Each place takes the word nearest to it. x: [B, H, W, C] → 2 × [B, h, w, D] and [B, h, w]. */
  quantise(x: tf.Tensor): Quantised {
    const { z, words, share } = this.lookUp(x); //                           2 × [B, h, w, D], [B·h·w, K]
    const ids = share.argMax(1).reshape(z.shape.slice(0, 3)).toInt() as tf.Tensor3D; // [B, h, w]
    return { z, words, ids };
  }

  /** What training needs of it: without the words' numbers, but with their share, 1 at the nearest. */
  private lookUp(x: tf.Tensor): Omit<Quantised, 'ids'> & { share: tf.Tensor2D } {
    expectShape('pictures', x, ['B', 'H', 'W', this.config.channels]);
    const z = through(this.encoder, x) as tf.Tensor4D; //                    [B, h, w, D]
    const share = nearest(z.reshape([-1, this.config.width]), this.dictionary); // [B·h·w, K]
    const words = tf.matMul(share, this.dictionary as tf.Tensor2D).reshape(z.shape) as tf.Tensor4D; // [B, h, w, D]
    return { z, words, share };
  }

  /**
   * Reconstruction + ‖sg(z) − e‖² + β‖z − sg(e)‖² (eq. 3): the words come to the encoder's answers, and these to their words.
   * The picture's gradient jumps over the dictionary, from e straight to z. x: [B, H, W, C] with values in 0..1.
   */
  loss(x: tf.Tensor, { beta = 0.25 } = {}): VqTerms {
    expectNumber('beta', beta, { from: 0 });
    const { z, words } = this.lookUp(x); //                                  2 × [B, h, w, D]
    const logits = this.paint(z.add(stopGradient(words.sub(z)))); //         [B, H, W, C]
    const perPicture = (t: tf.Tensor) => t.sum([1, 2, 3]).mean() as tf.Scalar;
    const reconstruction = perPicture(binaryCrossEntropyWithLogits(logits, x));
    const distance = perPicture(stopGradient(z).sub(words).square());
    const commitment = perPicture(z.sub(stopGradient(words)).square());
    return { loss: reconstruction.add(distance).add(commitment.mul(beta)) as tf.Scalar, reconstruction, distance };
  }

  /** Puts the dictionary's words where pictures lie: answers of the encoder, drawn at random. x: [B, H, W, C], B·h·w ≥ K. */
  startFrom(x: tf.Tensor): void {
    tf.tidy(() => {
      const answers = through(this.encoder, x).reshape([-1, this.config.width]); // [B·h·w, D]
      const { indices } = tf.topk(random.uniform([answers.shape[0]]), this.config.codes); // [K], none twice
      this.dictionary.assign(tf.gather(answers, indices));
    });
  }

  /** e: [B, h, w, D] → logits [B, H, W, C]. */
  private paint(e: tf.Tensor): tf.Tensor4D {
    return through(this.decoder, e) as tf.Tensor4D;
  }
}

/** ReLU between the layers, none after the last. */
function through(layers: readonly Layer[], x: tf.Tensor): tf.Tensor {
  return layers.reduce((h, layer, i) => layer.forward(i ? tf.relu(h) : h), x);
}

/** 1 at the word with the smallest squared distance, 0 elsewhere; no gradient passes. z: [N, D], words: [K, D] → [N, K]. */
function nearest(z: tf.Tensor, words: tf.Tensor): tf.Tensor2D {
  const choose = tf.customGrad(((from: tf.Tensor2D, to: tf.Tensor2D) => {
    const far = to
      .square()
      .sum(1)
      .sub(tf.matMul(from, to, false, true).mul(2)); // [N, K], squared distances less ‖z‖²
    const value = tf.oneHot(far.argMin(1).toInt(), to.shape[0]).toFloat(); //       [N, K]
    return { value, gradFunc: () => [tf.zeros(from.shape), tf.zeros(to.shape)] };
  }) as Parameters<typeof tf.customGrad>[0]);
  return choose(z, words) as tf.Tensor2D;
}
