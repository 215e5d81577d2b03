/**
 * A small convolutional classifier of MNIST digits. Lesson 12 also uses what its last hidden layer sees:
 * 128 features in which pictures of digits can be compared as a whole set.
 * @see notebooks/12-diffusion.ipynb
 */
import { Conv2d, Linear, Module } from '../nn';
import { tf } from '../runtime';
import { expectFitting } from '../runtime/expect';

/** Numbers in a feature vector. */
export const DIGIT_FEATURES = 128;

/**
 * Three convolutions, each followed by 2 × 2 max pooling, then two layers: 130,890 parameters.
 * @example new DigitClassifier().forward(tf.zeros([1, 28, 28, 1])).shape // → [1, 10]
 */
export class DigitClassifier extends Module {
  conv1 = new Conv2d(1, 32, 3, { padding: 1 });
  conv2 = new Conv2d(32, 64, 3, { padding: 1 });
  conv3 = new Conv2d(64, 64, 3, { padding: 1 });
  fc1 = new Linear(3 * 3 * 64, DIGIT_FEATURES);
  fc2 = new Linear(DIGIT_FEATURES, 10);

  /** Images [B, 28, 28, 1] with values in [−1, 1] → the last hidden layer's activations [B, 128], all ≥ 0. */
  features(x: tf.Tensor): tf.Tensor2D {
    if (x.rank !== 4 || String(x.shape.slice(1)) !== '28,28,1') {
      throw new Error(`expected images [B, 28, 28, 1] in [-1, 1], got [${x.shape}]; reshape first`);
    }
    const a = halved(this.conv1.forward(x)); //                       [B, 14, 14, 32]
    const b = halved(this.conv2.forward(a)); //                       [B, 7, 7, 64]
    const c = halved(this.conv3.forward(b)); //                       [B, 3, 3, 64]
    const flat = c.reshape([x.shape[0], 3 * 3 * 64]); //              [B, 576]
    return tf.relu(this.fc1.forward(flat)) as tf.Tensor2D; //         [B, 128]
  }

  /** Images [B, 28, 28, 1] in [−1, 1] → logits [B, 10]. `keep` < 1 drops features at random, in training. */
  forward(x: tf.Tensor, keep?: tf.Tensor): tf.Tensor2D {
    const features = this.features(x); //                             [B, 128]
    if (keep) expectFitting('keep', keep, features.shape);
    return this.fc2.forward(keep ? features.mul(keep) : features) as tf.Tensor2D; // [B, 10]
  }
}

/** The largest of each 2 × 2 block, then negative values cut off. [B, H, W, C] → [B, ⌊H/2⌋, ⌊W/2⌋, C]. */
function halved(x: tf.Tensor): tf.Tensor4D {
  return tf.relu(tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid'));
}
