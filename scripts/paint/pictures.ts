/** PNG files as tensors and back, for `npm run text-to-image`. */
import { PNG } from 'pngjs';
import { writeAtomic } from '../../lib/formats';
import { tf } from '../../lib/runtime';
import { bytesOf, plainPng, withTexts } from './png-texts';

/** [height, width] in pixels. */
export type Size = [number, number];

/**
 * A PNG as numbers in −1..1, [1, H, W, 3]; what is transparent counts by its colour.
 * @param option the option that named the file, for the error
 */
export function readPng(file: string, option: string): tf.Tensor4D {
  const { data, width, height } = decoded(file, option); // RGBA
  const rgb = new Float32Array(width * height * 3);
  for (let to = 0, from = 0; to < rgb.length; from += 4)
    for (let c = 0; c < 3; c++, to++) rgb[to] = data[from + c] / 127.5 - 1;
  return tf.tensor4d(rgb, [1, height, width, 3]);
}

function decoded(file: string, option: string): PNG {
  const bytes = bytesOf(file, `${option} takes a PNG`);
  try {
    return PNG.sync.read(plainPng(bytes, 'it'));
  } catch (error) {
    throw new Error(
      `${file} can't be read as a PNG (${(error as Error).message}); ${option} takes a PNG, save it as one`,
    );
  }
}

/** Where a mask is white, or nearer to white than to black: 1, else 0. [1, H, W, 3] → [1, H, W, 1]. */
export const opened = (mask: tf.Tensor4D): tf.Tensor4D =>
  tf.tidy(() => mask.mean(3, true).greaterEqual(0).toFloat() as tf.Tensor4D);

/** The middle of a picture, cut to the proportions of `size` and brought to it. [1, H, W, 3] → [1, height, width, 3]. */
export function fitted(x: tf.Tensor4D, [height, width]: Size): tf.Tensor4D {
  return tf.tidy(() => {
    const [, H, W] = x.shape;
    const zoom = Math.min(H / height, W / width);
    const [h, w] = [height, width].map(n => Math.max(1, Math.floor(n * zoom)));
    const middle = tf.slice(x, [0, (H - h) >> 1, (W - w) >> 1, 0], [1, h, w, 3]);
    const whole = Math.max(1, Math.floor(zoom)); // several pixels become one: their mean, so that none is left out
    const smaller = tf.avgPool(middle, whole, whole, 'valid'); //    [1, h/whole, w/whole, 3]
    return tf.image.resizeBilinear(smaller, [height, width]); //     [1, height, width, 3]
  });
}

/** Writes a picture [1, H, W, 3] with values in −1..1, whole or not at all, and texts beside it by keyword. */
export function writePng(file: string, picture: tf.Tensor4D, texts: Record<string, string> = {}): void {
  const [, height, width] = picture.shape;
  const png = new PNG({ width, height });
  picture.dataSync().forEach((value, i) => {
    png.data[Math.floor(i / 3) * 4 + (i % 3)] = Math.round((Math.min(1, Math.max(-1, value)) + 1) * 127.5);
  });
  for (let i = 3; i < png.data.length; i += 4) png.data[i] = 255;
  writeAtomic(file, withTexts(PNG.sync.write(png), texts));
}
