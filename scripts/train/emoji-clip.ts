/**
 * Trains the CLIP of lesson 18 on emoji and their captions in two languages: `node --import tsx scripts/train/emoji-clip.ts`.
 * Writes datasets/checkpoints/emoji-clip.safetensors and its log. Stop it at will (Ctrl-C): it goes on from
 * checkpoints/emoji-clip.safetensors when started again.
 */
import { captionTokenizer, type EmojiPicture, emojiSplit, emojiTensor, textFor } from '../../lib/data';
import { emojiClip } from '../../lib/models';
import { Clip } from '../../lib/models/clip';
import { Adam, saveModule } from '../../lib/nn';
import { HostRandom, start, type tf } from '../../lib/runtime';
import { type Batch, progressBar, train } from '../../lib/training';
import { CHUNK, followRate, inChunks, logAndSave, riseAndFall, shuffled, weightsFile } from './common';

const RUN = {
  seed: 14,
  size: 128,
  steps: Number(process.env.STEPS ?? 1600),
  learningRate: 1e-3,
  warmUp: 100,
  decay: 0.5,
};
const WEIGHT_DECAY = 0.05;
/** Pictures are moved by up to so many pixels, so that a place is no feature. */
const SHIFT = 2;

/** Pictures as a tensor, each moved a little over its white ground. */
function moved(pictures: EmojiPicture[], draw: HostRandom): tf.Tensor {
  const pixels = pictures.map(p => {
    const [dx, dy] = [0, 1].map(() => draw.integer(2 * SHIFT + 1) - SHIFT);
    const out = new Uint8Array(p.pixels.length).fill(255);
    for (let y = Math.max(0, dy); y < Math.min(32, 32 + dy); y++) {
      const [from, to] = [Math.max(0, -dx), Math.min(32, 32 - dx)];
      out.set(p.pixels.subarray(3 * (32 * (y - dy) + from), 3 * (32 * (y - dy) + to)), 3 * (32 * y + from + dx));
    }
    return { ...p, pixels: out };
  });
  return emojiTensor(pixels);
}

async function main(): Promise<void> {
  await start({ seed: RUN.seed });
  const { train: drawn, recoloured } = emojiSplit();
  const pictures = [...drawn, ...drawn, ...drawn, ...recoloured]; // about as many originals as recoloured ones
  const tokenizer = captionTokenizer([...drawn, ...recoloured]);
  const clip = new Clip(emojiClip(tokenizer.vocab));
  console.log(`${clip.parameterCount()} parameters, ${tokenizer.words.length} words`);
  const optimiser = new Adam(clip.parameters(), {
    learningRate: RUN.learningRate,
    weightDecay: WEIGHT_DECAY,
    clipNorm: 1,
  });
  await train({
    step: ({ x, ids }: Batch) => ({ loss: optimiser.minimize(() => clip.loss(x, ids)) }),
    ...inChunks(RUN.steps, i => {
      const draw = new HostRandom(RUN.seed * 1_000_003 + i);
      const chosen = shuffled(pictures.length, RUN.size, i, RUN.seed).map(p => pictures[p]);
      return { x: moved(chosen, draw), ids: tokenizer.encode(chosen.map(p => textFor(p, draw))) };
    }),
    observers: [
      progressBar(),
      followRate(optimiser, riseAndFall(RUN)),
      logAndSave(
        'emoji-clip',
        { seed: RUN.seed, batch: RUN.size, steps: RUN.steps, weightDecay: WEIGHT_DECAY },
        metadata => saveModule(weightsFile('emoji-clip'), clip, metadata, { half: true }),
      ),
    ],
    checkpoint: { path: 'checkpoints/emoji-clip.safetensors', every: CHUNK, modules: { clip }, optimiser },
  });
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
