/**
 * Trains the auto-encoder of lessons 13 to 15 on emoji: `node --import tsx scripts/train/emoji-vae.ts`.
 * 32 × 32 × 3 pixels become 8 × 8 × 4 latents, a twelfth of the numbers. Writes datasets/checkpoints/emoji-vae.safetensors
 * and its log. Stop it at will (Ctrl-C): it goes on from checkpoints/emoji-vae.safetensors when started again.
 */
import { emojiSplit, emojiTensor } from '../../lib/data';
import { EMOJI_VAE } from '../../lib/models';
import { AutoencoderKL } from '../../lib/models/autoencoder-kl';
import { Adam, Ema, saveModule } from '../../lib/nn';
import { start, type tf } from '../../lib/runtime';
import { type Batch, progressBar, train } from '../../lib/training';
import { autoencoderTerms } from './autoencoder-terms';
import { CHUNK, followRate, inChunks, logAndSave, riseAndFall, shuffled, weightsFile } from './common';

const RUN = {
  seed: 14,
  size: 32,
  steps: Number(process.env.STEPS ?? 1800),
  learningRate: 2e-3,
  warmUp: 100,
  decay: 0.4,
  ema: 0.995,
};
/** Weight of the KL term beside the summed absolute error: small, the latents need order more than a perfect bell. */
const KL = 0.02;

async function main(): Promise<void> {
  await start({ seed: RUN.seed });
  const { train: drawn, recoloured } = emojiSplit();
  const pictures = [...drawn, ...drawn, ...recoloured];
  const vae = new AutoencoderKL(EMOJI_VAE);
  const optimiser = new Adam(vae.parameters(), { learningRate: RUN.learningRate, clipNorm: 1 });
  const ema = new Ema(vae, RUN.ema);
  const step = ({ x }: Batch) => {
    const losses = optimiser.minimize(() => {
      const { error, kl } = autoencoderTerms(vae, x);
      return { loss: error.add(kl.mul(KL)) as tf.Scalar, error: error.div(3072) as tf.Scalar, kl };
    });
    ema.update();
    return losses;
  };
  await train({
    step,
    ...inChunks(RUN.steps, i => ({
      x: emojiTensor(shuffled(pictures.length, RUN.size, i, RUN.seed).map(p => pictures[p])),
    })),
    observers: [
      progressBar(),
      followRate(optimiser, riseAndFall(RUN)),
      logAndSave('emoji-vae', { seed: RUN.seed, batch: RUN.size, steps: RUN.steps, kl: KL, ema: RUN.ema }, metadata =>
        ema.with(() => saveModule(weightsFile('emoji-vae'), vae, metadata, { half: true })),
      ),
    ],
    checkpoint: { path: 'checkpoints/emoji-vae.safetensors', every: CHUNK, modules: { vae }, optimiser, ema },
  });
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
