/**
 * What a net on latents is asked for, and at which levels of noise: `node --import tsx scripts/train/latent-objectives.ts`.
 * Lesson 13's U-Net on 8 × 8 × 4 latents learns 6,000 digits for STEPS (800) steps with each of three objectives, all else
 * alike (seed, batches, rate, average of the weights): v at steps spread evenly over t (Salimans & Ho 2022), the velocity
 * u = ε − z0 of the straight line at times spread evenly over s (flow matching, Lipman et al. 2023), and u at times that
 * gather in the middle (logit-normal, Esser et al. 2024, eq. 19, mean 0, deviation 1). SEEDS (201 to 203) in the
 * environment. Writes a line for each objective, seed and number of steps of drawing to
 * datasets/checkpoints/latent-objectives.log: 512 digits, their Fréchet distance to 512 test digits, the share read as asked.
 */
import {
  cosineSchedule,
  type Denoiser,
  diffusionLoss,
  euler,
  flowField,
  flowLoss,
  flowTimes,
  onLine,
  sample,
  solve,
} from '../../lib/diffusion';
import { DIGIT_LATENT_UNET } from '../../lib/models/digits';
import { UNet } from '../../lib/models/unet';
import { Adam, Ema, mse } from '../../lib/nn';
import { random, start, tf } from '../../lib/runtime';
import { progressBar, train } from '../../lib/training';
import { logFile, sayAndKeep, shuffled } from './common';
import { digitLatents, type Latents, latentsAt, sometimesAny } from './digit-common';
import { digitJudge } from './digit-judge';

const STEPS = Number(process.env.STEPS ?? 800);
const SEEDS = (process.env.SEEDS ?? '201,202,203').split(',').map(Number);
const [COUNT, SIZE, PAINTED] = [6000, 64, 512];
const schedule = cosineSchedule();

interface Objective {
  name: string;
  /** model answers z [B, 8, 8, 4] at t [B], from 0 to 1,000 for all objectives → scalar */
  loss: (model: Denoiser, z: tf.Tensor) => tf.Scalar;
  /** noise [B, 8, 8, 4], digits asked for [B] → latents [B, 8, 8, 4] in so many steps */
  draw: (net: UNet, start: tf.Tensor, asked: tf.Tensor, steps: number) => Promise<tf.Tensor>;
}

/** A net that counts its time from 0 to 1,000, asked for a time from 0 to 1. */
const atShare =
  (model: Denoiser): Denoiser =>
  (x, s) =>
    model(x, s.mul(1000));

/** flowLoss with times that gather in the middle: the logistic function of a normal number. */
function gatheredLoss(model: Denoiser, z: tf.Tensor): tf.Scalar {
  return tf.tidy(() => {
    const noise = random.normal(z.shape); //                    [B, 8, 8, 4]
    const s = random.normal([z.shape[0]]).sigmoid(); //         [B]
    return mse(model(onLine(z, noise, s), s), noise.sub(z));
  });
}

const byEuler: Objective['draw'] = (net, start, asked, steps) =>
  solve(flowField(atShare((z, t) => net.forward(z, t, asked))), { start, levels: flowTimes(steps), solver: euler });

const OBJECTIVES: Objective[] = [
  {
    name: 'v, even in t',
    loss: (model, z) => diffusionLoss(model, z, schedule, 'v'),
    draw: (net, start, condition, steps) =>
      sample((z: tf.Tensor, t: tf.Tensor, y: tf.Tensor) => net.forward(z, t, y), {
        schedule,
        shape: start.shape,
        start,
        steps,
        prediction: 'v',
        clip: undefined,
        condition,
      }),
  },
  { name: 'u, even in s', loss: (model, z) => flowLoss(atShare(model), z), draw: byEuler },
  { name: 'u, gathered in the middle', loss: (model, z) => gatheredLoss(atShare(model), z), draw: byEuler },
];

/** The net after STEPS steps, with the average of its weights over the last quarter. */
async function trained({ loss }: Objective, latents: Latents, seed: number): Promise<UNet> {
  random.seed(seed);
  const net = new UNet(DIGIT_LATENT_UNET);
  const adam = new Adam(net.parameters(), { learningRate: 2e-3, clipNorm: 1 });
  const ema = new Ema(net, 1 - 4 / STEPS);
  await train({
    step: ({ x, y }) => {
      const told = sometimesAny(y, 0.1); // [B]
      const value = adam.minimize(() => loss((z, t) => net.forward(z, t, told), x));
      ema.update();
      return { loss: value };
    },
    *batches() {
      for (let i = 0; i < STEPS; i++) yield latentsAt(latents, shuffled(COUNT, SIZE, i, seed));
    },
    epochs: 1,
    stepsPerEpoch: STEPS,
    observers: [progressBar()],
  });
  ema.swap();
  return net;
}

async function main(): Promise<void> {
  await start({ seed: 1 });
  const latents = await digitLatents(10_000);
  const { unpack, measure } = await digitJudge(latents.scale);
  const asked = tf.tensor1d(
    Array.from({ length: PAINTED }, (_, i) => i % 10),
    'int32',
  );
  for (const seed of SEEDS) {
    for (const objective of OBJECTIVES) {
      const net = await trained(objective, latents, seed);
      for (const steps of [4, 20]) {
        random.seed(seed);
        const noise = random.normal([PAINTED, 8, 8, 4]);
        const z = await objective.draw(net, noise, asked, steps);
        const x = unpack(z); // [512, 28, 28, 1]
        sayAndKeep(logFile('latent-objectives'), {
          objective: objective.name,
          seed,
          drawn: steps,
          ...measure(x, asked),
        });
        tf.dispose([noise, z, x]);
      }
    }
  }
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
