/**
 * Teaches lesson 13's DiT to draw in 4 steps what it draws in 32, with a LoRA: `node --import tsx
 * scripts/train/latent-dit-few-steps.ts`. Progressive distillation (Salimans & Ho 2022): 16 steps learn from 32 of the net with
 * guidance 1.5, then 8 from those 16, then 4 from those 8, each round going on with the adapters of the last. Writes the
 * adapters to datasets/checkpoints/latent-dit-few-steps.safetensors, and its log; goes on from where it was stopped.
 */
import { cosineSchedule, type Denoiser, guided, twoStepsInOne } from '../../lib/diffusion';
import { DIGIT_DIT, FEW_STEPS_LORA } from '../../lib/models/digits';
import { Dit } from '../../lib/models/dit';
import { loadPretrained } from '../../lib/models/pretrained';
import { Adam, Lora, mse, saveModule } from '../../lib/nn';
import { start, tf } from '../../lib/runtime';
import { type Batch, progressBar, train } from '../../lib/training';
import { followRate, inChunks, logAndSave, riseAndFall, shuffled, weightsFile } from './common';
import { digitLatents, latentsAt } from './digit-common';

const NAME = 'latent-dit-few-steps';
const RUN = {
  seed: 13,
  size: 64,
  steps: Number(process.env.STEPS ?? 600),
  learningRate: 2e-3,
  warmUp: 20,
  decay: 0.8,
  guidance: 1.5,
};
/** The student's steps, round by round; its teacher makes twice as many. */
const ROUNDS = [16, 8, 4];
const CHUNK = 50;
const COUNT = 30_000;

/** The DiT with adapters, which change nothing yet. */
function adapted(): { net: Dit; lora: Lora } {
  const net = new Dit(DIGIT_DIT);
  loadPretrained('latent-dit', net);
  return { net, lora: new Lora(net, FEW_STEPS_LORA) };
}

async function main(): Promise<void> {
  await start({ seed: RUN.seed });
  const latents = await digitLatents(COUNT);
  const schedule = cosineSchedule();
  const [student, teacher] = [adapted(), adapted()];
  const told = (y: tf.Tensor): Denoiser => {
    const any = tf.fill(y.shape, DIGIT_DIT.classes, 'int32'); // [B]
    return guided((x, t, label) => teacher.net.forward(x, t, label), y, any, RUN.guidance);
  };
  for (const [round, count] of ROUNDS.entries()) {
    teacher.lora.merge(); // the same answers in less time
    const teaching = (y: tf.Tensor): Denoiser => (round === 0 ? told(y) : (x, t) => teacher.net.forward(x, t, y));
    const optimiser = new Adam(student.lora.parameters(), { learningRate: RUN.learningRate, clipNorm: 1 });
    const batchAt = (i: number): Batch =>
      latentsAt(latents, shuffled(COUNT, RUN.size, round * RUN.steps + i, RUN.seed));
    const { seed, size, steps, guidance } = RUN;
    const facts = {
      seed,
      batch: size,
      rounds: ROUNDS.join(' '),
      'steps a round': steps,
      guidance,
      prediction: 'v',
      scale: latents.scale,
    };
    await train({
      step: ({ x: z, y }: Batch) => {
        const { x, t, answer } = twoStepsInOne(teaching(y), z, schedule, count, 'v'); // x, answer [B, 8, 8, 4], t [B]
        const loss = optimiser.minimize(() => mse(student.net.forward(x, t, y), answer));
        return { loss, drawnIn: tf.scalar(count) };
      },
      ...inChunks(RUN.steps, batchAt, CHUNK),
      observers: [
        progressBar(),
        followRate(optimiser, riseAndFall(RUN)),
        logAndSave(NAME, facts, metadata => saveModule(weightsFile(NAME), student.lora, metadata, { half: true })),
      ],
      checkpoint: {
        path: `checkpoints/${NAME}-${count}.safetensors`,
        every: CHUNK,
        modules: { lora: student.lora },
        optimiser,
      },
    });
    optimiser.dispose();
    teacher.lora.unmerge();
    tf.tidy(() => void teacher.lora.loadStateDict(student.lora.stateDict()));
  }
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
