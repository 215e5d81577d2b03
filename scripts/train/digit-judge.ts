/** How the trainings on digits judge what a net has painted: lesson 12's classifier, and the test digits. */
import { batchOf, mnist } from '../../lib/data';
import { AutoencoderKL } from '../../lib/models/autoencoder-kl';
import { DigitClassifier } from '../../lib/models/classifier';
import { DIGIT_VAE } from '../../lib/models/digits';
import { loadPretrained } from '../../lib/models/pretrained';
import { compile, tf } from '../../lib/runtime';
import { featureStatistics, frechetDistance } from '../../lib/training';

const REAL = 512;

export interface DigitJudge {
  /** Latents as the nets see them [B, 8, 8, 4] → digits [B, 28, 28, 1] in [−1, 1]. */
  unpack: (z: tf.Tensor) => tf.Tensor;
  /** Fréchet distance of x [B, 28, 28, 1] to every eighteenth test digit, and the share that is read as asked [B]. */
  measure: (x: tf.Tensor, asked: tf.Tensor) => { frechet: number; asked: number };
}

/** @param scale what latents were multiplied by, `digitLatents` says it */
export async function digitJudge(scale: number): Promise<DigitJudge> {
  const [vae, judge] = [new AutoencoderKL(DIGIT_VAE), new DigitClassifier()];
  loadPretrained('digit-vae', vae);
  loadPretrained('mnist-classifier', judge);
  const crop = (x: tf.Tensor) => x.slice([0, 2, 2, 0], [-1, 28, 28, 1]); //       [B, 32, 32, 1] → [B, 28, 28, 1]
  const unpack = compile((z: tf.Tensor) => crop(vae.decode(z.div(scale)).clipByValue(-1, 1)));
  const statistics = (x: tf.Tensor) => featureStatistics(tf.tidy(() => judge.features(x)));
  const positions = Array.from({ length: REAL }, (_, i) => 18 * i);
  const real = statistics(batchOf((await mnist()).test, positions, { range: [-1, 1] }).x);
  const read = (x: tf.Tensor, asked: tf.Tensor) =>
    tf.tidy(() => judge.forward(x).argMax(-1).equal(asked).toFloat().mean().dataSync()[0]);
  return {
    unpack,
    measure: (x, asked) => ({ frechet: frechetDistance(real, statistics(x)), asked: read(x, asked) }),
  };
}
