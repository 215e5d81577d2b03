/** What the auto-encoders of latent diffusion are trained to make small. */
import type { AutoencoderKL } from '../../lib/models/autoencoder-kl';
import { random, type tf } from '../../lib/runtime';

/** Absolute error and KL term, both summed over a picture and averaged over the batch. x: [B, H, W, C]. */
export function autoencoderTerms(
  vae: Pick<AutoencoderKL, 'encode' | 'decode'>,
  x: tf.Tensor,
): { error: tf.Scalar; kl: tf.Scalar } {
  const { mean, logVar } = vae.encode(x); //                                      2 × [B, H/4, W/4, 4]
  const z = mean.add(logVar.mul(0.5).exp().mul(random.normal(mean.shape))); //    [B, H/4, W/4, 4]
  const error = vae.decode(z).sub(x).abs().sum([1, 2, 3]).mean() as tf.Scalar;
  const each = mean.square().add(logVar.exp()).sub(logVar).sub(1).mul(0.5); //    [B, H/4, W/4, 4]
  return { error, kl: each.sum([1, 2, 3]).mean() as tf.Scalar };
}
