/** What the trainings on digits share: digits at two sizes, their latents, and labels that are sometimes hidden. */
import fs from 'node:fs';
import path from 'node:path';
import { batchOf, type ImageSet, mnist } from '../../lib/data';
import { AutoencoderKL } from '../../lib/models/autoencoder-kl';
import { DIGIT_VAE } from '../../lib/models/digits';
import { loadPretrained } from '../../lib/models/pretrained';
import { readTensors, writeTensors } from '../../lib/nn';
import { compile, random, tf } from '../../lib/runtime';

/** The digits at these positions with a margin of 2 black pixels, and their labels: x [B, 32, 32, 1] in [−1, 1], y [B]. */
export function framedDigits(digits: ImageSet, positions: readonly number[]): { x: tf.Tensor4D; y: tf.Tensor1D } {
  const { x, y } = batchOf(digits, positions, { range: [-1, 1] });
  const framed = tf.pad(x as tf.Tensor4D, [[0, 0], [2, 2], [2, 2], [0, 0]], -1); // biome-ignore format: one line
  x.dispose();
  return { x: framed, y };
}

/** Half the height and width, each pixel the mean of four. [B, H, W, C] → [B, H/2, W/2, C]. */
export const halved = (x: tf.Tensor4D): tf.Tensor4D => tf.avgPool(x, 2, 2, 'valid');

/** Latents of a whole set, scaled to variance 1, with their labels; `small` are those of the digits at half the size. */
export interface Latents {
  /** [N, 8, 8, 4] */
  large: tf.Tensor4D;
  /** [N, 4, 4, 4] */
  small: tf.Tensor4D;
  /** [N] */
  labels: tf.Tensor1D;
  /** What they were multiplied by: 1 / their standard deviation, Stable Diffusion's 0.18215 of this auto-encoder. */
  scale: number;
}

/** The first `count` training digits, encoded (the bells' means). Takes some minutes, so it is kept in checkpoints/. */
export async function digitLatents(count: number): Promise<Latents> {
  const file = path.join(__dirname, '../../checkpoints', `digit-latents-${count}.safetensors`);
  if (!fs.existsSync(file)) await encodeAll(count, file);
  const { tensors, metadata } = readTensors(file);
  const { large, small, labels } = tensors as unknown as Omit<Latents, 'scale'>;
  return { large, small, labels, scale: Number(metadata.scale) };
}

/** Latents and labels at these positions: x [B, 8, 8, 4], y [B]. */
export function latentsAt({ large, labels }: Latents, positions: readonly number[]): { x: tf.Tensor; y: tf.Tensor } {
  return tf.tidy(() => {
    const rows = tf.tensor1d([...positions], 'int32'); // [B]
    return { x: tf.gather(large, rows), y: tf.gather(labels, rows) };
  });
}

async function encodeAll(count: number, file: string): Promise<void> {
  const digits = (await mnist()).train;
  const vae = new AutoencoderKL(DIGIT_VAE);
  loadPretrained('digit-vae', vae);
  const encode = compile((x: tf.Tensor) => ({
    large: vae.encode(x).mean,
    small: vae.encode(halved(x as tf.Tensor4D)).mean,
  }));
  const parts: { large: tf.Tensor; small: tf.Tensor; y: tf.Tensor }[] = [];
  for (let from = 0; from < count; from += 200) {
    const { x, y } = framedDigits(
      digits,
      Array.from({ length: 200 }, (_, i) => from + i),
    );
    parts.push({ ...encode(x), y });
    x.dispose();
  }
  tf.tidy(() => {
    const [large, small] = [tf.concat(parts.map(p => p.large)), tf.concat(parts.map(p => p.small))]; // [N, 8, 8, 4], [N, 4, 4, 4]
    const scale = 1 / Math.sqrt(tf.moments(large).variance.dataSync()[0]);
    const tensors = { large: large.mul(scale), small: small.mul(scale), labels: tf.concat(parts.map(p => p.y)) };
    fs.mkdirSync(path.dirname(file), { recursive: true });
    writeTensors(file, tensors, { scale: String(scale) });
  });
  tf.dispose(parts);
}

/** Labels of which a share is replaced by 10, any digit: from these the net learns to draw without being told. y: [B] int32. */
export const sometimesAny = (y: tf.Tensor, share: number): tf.Tensor =>
  tf.tidy(() => tf.where(random.uniform(y.shape).less(share), tf.fill(y.shape, 10, 'int32'), y.toInt()));
