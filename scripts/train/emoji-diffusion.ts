/**
 * Trains the text-to-image model of lessons 14 and 15: `node --import tsx scripts/train/emoji-diffusion.ts`.
 * Needs the weights that emoji-vae.ts and emoji-clip.ts write; both stay as they are. Latents are encoded once and kept in
 * memory. Writes datasets/checkpoints/emoji-diffusion.safetensors (half precision) and its log. Stop it at will (Ctrl-C): it
 * goes on from checkpoints/emoji-diffusion.safetensors when started again.
 */
import { captionTokenizer, type EmojiPicture, emojiSplit, emojiTensor, isPainted, textFor } from '../../lib/data';
import { cosineSchedule, diffusionLoss } from '../../lib/diffusion';
import { EMOJI_UNET, EMOJI_VAE, emojiClip, loadPretrained } from '../../lib/models';
import { AutoencoderKL } from '../../lib/models/autoencoder-kl';
import { Clip } from '../../lib/models/clip';
import { ConditionalUNet } from '../../lib/models/conditional-unet';
import { Adam, Ema, saveModule } from '../../lib/nn';
import { HostRandom, start, tf } from '../../lib/runtime';
import { type Batch, progressBar, train } from '../../lib/training';
import { CHUNK, followRate, inChunks, logAndSave, riseAndFall, shuffled, weightsFile } from './common';

const RUN = {
  seed: 14,
  size: 64,
  steps: Number(process.env.STEPS ?? 6000),
  learningRate: 1e-3,
  warmUp: 200,
  decay: 0.2,
  ema: 0.998,
};
/** Share of the captions that are left out, so that the net also learns to paint without: guidance needs both. */
const UNTOLD = 0.12;

/** Means of the latents, 128 pictures at a time, as one array of 8 · 8 · 4 a picture, and the standard deviation of all. */
function encodeAll(vae: AutoencoderKL, pictures: EmojiPicture[]): { latents: Float32Array; deviation: number } {
  const size = 8 * 8 * 4;
  const latents = new Float32Array(pictures.length * size);
  for (let from = 0; from < pictures.length; from += 128) {
    const part = pictures.slice(from, from + 128);
    latents.set(tf.tidy(() => vae.encode(emojiTensor(part)).mean.dataSync()) as Float32Array, from * size);
  }
  const deviation = Math.sqrt(latents.reduce((sum, z) => sum + z * z, 0) / latents.length);
  return { latents, deviation };
}

async function main(): Promise<void> {
  await start({ seed: RUN.seed });
  const split = emojiSplit();
  const [drawn, recoloured] = [split.train.filter(isPainted), split.recoloured.filter(isPainted)];
  const pictures = [...drawn, ...recoloured];
  const often = drawn.map((_, i) => i);
  const stream = [...often, ...often, ...often, ...pictures.keys()]; // about as many originals as recoloured ones
  const tokenizer = captionTokenizer([...split.train, ...split.recoloured]);
  const [vae, clip] = [new AutoencoderKL(EMOJI_VAE), new Clip(emojiClip(tokenizer.vocab))];
  loadPretrained('emoji-vae', vae);
  loadPretrained('emoji-clip', clip);
  const { latents, deviation } = encodeAll(vae, pictures);
  console.log(`${pictures.length} latents, standard deviation ${deviation.toFixed(4)}`);

  const schedule = cosineSchedule();
  const net = new ConditionalUNet(EMOJI_UNET);
  const optimiser = new Adam(net.parameters(), { learningRate: RUN.learningRate, clipNorm: 1 });
  const ema = new Ema(net, RUN.ema);
  const step = ({ z, ids }: Batch) => {
    const words = clip.text_model.sequence(ids); // [B, 16, 96]
    const loss = optimiser.minimize(() => diffusionLoss((x, t) => net.forward(x, t, words), z, schedule, 'v'));
    ema.update();
    return { loss };
  };
  await train({
    step,
    ...inChunks(RUN.steps, i => {
      const draw = new HostRandom(RUN.seed * 1_000_003 + i);
      const chosen = shuffled(stream.length, RUN.size, i, RUN.seed).map(p => stream[p]);
      const texts = chosen.map(p => (draw.uniform() < UNTOLD ? '' : textFor(pictures[p], draw)));
      const rows = chosen.flatMap(p => Array.from(latents.subarray(p * 256, (p + 1) * 256), v => v / deviation));
      return { z: tf.tensor4d(rows, [RUN.size, 8, 8, 4]), ids: tokenizer.encode(texts) };
    }),
    observers: [
      progressBar(),
      followRate(optimiser, riseAndFall(RUN)),
      logAndSave(
        'emoji-diffusion',
        {
          seed: RUN.seed,
          batch: RUN.size,
          steps: RUN.steps,
          untold: UNTOLD,
          ema: RUN.ema,
          prediction: 'v',
          schedule: 'cosine',
          deviation,
        },
        metadata => ema.with(() => saveModule(weightsFile('emoji-diffusion'), net, metadata, { half: true })),
      ),
    ],
    checkpoint: { path: 'checkpoints/emoji-diffusion.safetensors', every: CHUNK, modules: { net }, optimiser, ema },
  });
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
