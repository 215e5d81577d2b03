/** A digit drawn on request: the DiT of lesson 13 makes a code, the VAE's decoder a picture. */
import { cosineSchedule, guided, sample } from '../diffusion';
import { AutoencoderKL, DIGIT_DIT, DIGIT_VAE, Dit, loadPretrained } from '../models';
import { imageGrid } from '../plot';
import { HostRandom, tf } from '../runtime';
import { expectNumber } from '../runtime/expect';

export interface DrawnDigit {
  /** 28 rows of 28 grey levels from 0 to 255. */
  pixels: number[][];
  /** The same as a PNG, eight times enlarged. */
  png: Buffer;
}

const STEPS = 25;
/** Far beyond the plain answer: fewer handwritings, but more often the digit that was asked for (lesson 13 measures both). */
const GUIDANCE = 4;

interface Painter {
  vae: AutoencoderKL;
  dit: Dit;
  /** What latents were multiplied by in training. */
  scale: number;
}

let painter: Painter | undefined;
function loadPainter(): Painter {
  if (painter) return painter;
  const [vae, dit] = [new AutoencoderKL(DIGIT_VAE), new Dit(DIGIT_DIT)];
  loadPretrained('digit-vae', vae);
  const { scale } = loadPretrained('latent-dit', dit);
  painter = { vae, dit, scale: Number(scale) };
  return painter;
}

let lastTurn: Promise<unknown> = Promise.resolve();

/** One after the other: two at once would only share the processor. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const mine = lastTurn.then(work);
  lastTurn = mine.catch(() => {});
  return mine;
}

/**
 * The same digit and seed give the same picture. The random numbers of the caller stay where they are.
 * @param signal stops between two steps
 * @see docs/tools.md
 * @example (await drawDigit(7, 1)).pixels.length // → 28
 */
export async function drawDigit(digit: number, seed = 1, signal?: AbortSignal): Promise<DrawnDigit> {
  expectNumber('a digit', digit, { from: 0, to: 9, whole: true });
  const dice = new HostRandom(seed);
  return inTurn(async () => {
    signal?.throwIfAborted();
    const { vae, dit, scale } = loadPainter();
    const start = tf.tensor4d(
      Float32Array.from({ length: 256 }, () => dice.normal()),
      [1, 8, 8, 4],
    );
    const [wanted, any] = [tf.tensor1d([digit], 'int32'), tf.tensor1d([DIGIT_DIT.classes], 'int32')];
    try {
      const net = guided((z: tf.Tensor, t: tf.Tensor, y: tf.Tensor) => dit.forward(z, t, y), wanted, any, GUIDANCE);
      const z = await sample(net, {
        schedule: cosineSchedule(),
        shape: [1, 8, 8, 4],
        start,
        steps: STEPS,
        prediction: 'v',
        clip: undefined,
        onStep: () => signal?.throwIfAborted(),
      }); // [1, 8, 8, 4]
      const picture = tf.tidy(() => vae.decode(z.div(scale)).clipByValue(-1, 1).slice([0, 2, 2, 0], [1, 28, 28, 1])); // the margin goes
      const pixels = tf.tidy(() => picture.add(1).mul(127.5).round().reshape([28, 28]).arraySync() as number[][]);
      const { png } = await imageGrid(picture, { columns: 1, range: [-1, 1], scale: 8, alt: `the digit ${digit}` });
      tf.dispose([z, picture]);
      return { pixels, png: png as Buffer };
    } finally {
      tf.dispose([start, wanted, any]);
    }
  });
}
