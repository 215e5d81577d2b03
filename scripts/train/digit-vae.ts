/**
 * Trains the auto-encoder of lesson 13 on MNIST digits: `node --import tsx scripts/train/digit-vae.ts`.
 * 32 × 32 pixels become 8 × 8 × 4 latents. Every step also sees the digits at half the size, 16 × 16 → 4 × 4 × 4.
 * Writes datasets/checkpoints/digit-vae.safetensors and its log; goes on from checkpoints/digit-vae.safetensors.
 */
import { mnist } from '../../lib/data';
import { AutoencoderKL } from '../../lib/models/autoencoder-kl';
import { DIGIT_VAE } from '../../lib/models/digits';
import { Adam, Ema, saveModule } from '../../lib/nn';
import { start, type tf } from '../../lib/runtime';
import { type Batch, progressBar, train } from '../../lib/training';
import { autoencoderTerms } from './autoencoder-terms';
import { CHUNK, followRate, inChunks, logAndSave, riseAndFall, shuffled, weightsFile } from './common';
import { framedDigits, halved } from './digit-common';

const RUN = { seed: 13, size: 32, steps: 2000, learningRate: 3e-3, warmUp: 50, decay: 0.4, ema: 0.99 };
/** Weight of the KL term beside the summed absolute error: small, the latents need order more than a perfect bell. */
const KL = 0.05;

async function main(): Promise<void> {
  await start({ seed: RUN.seed });
  const digits = (await mnist()).train;
  const vae = new AutoencoderKL(DIGIT_VAE);
  const optimiser = new Adam(vae.parameters(), { learningRate: RUN.learningRate, clipNorm: 1 });
  const ema = new Ema(vae, RUN.ema);
  const step = ({ x, small }: Batch) => {
    const losses = optimiser.minimize(() => {
      const [large, half] = [autoencoderTerms(vae, x), autoencoderTerms(vae, small)];
      const loss = large.error.add(half.error).add(large.kl.add(half.kl).mul(KL)) as tf.Scalar;
      return { loss, error: large.error.div(1024) as tf.Scalar, kl: large.kl };
    });
    ema.update();
    return losses;
  };
  await train({
    step,
    ...inChunks(RUN.steps, i => {
      const { x, y } = framedDigits(digits, shuffled(digits.count, RUN.size, i, RUN.seed));
      y.dispose();
      return { x, small: halved(x) };
    }),
    observers: [
      progressBar(),
      followRate(optimiser, riseAndFall(RUN)),
      logAndSave('digit-vae', { seed: RUN.seed, batch: RUN.size, steps: RUN.steps, kl: KL, ema: RUN.ema }, metadata =>
        ema.with(() => saveModule(weightsFile('digit-vae'), vae, metadata, { half: true })),
      ),
    ],
    checkpoint: { path: 'checkpoints/digit-vae.safetensors', every: CHUNK, modules: { vae }, optimiser, ema },
  });
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
