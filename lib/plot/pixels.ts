/** Pictures as bytes: from tensors and arrays to a sheet of tiles to PNG. */
import { PNG } from 'pngjs';
import type { tf } from '../runtime';

/** What counts as pictures: tensors [N, H, W, 1 | 3] or [N, H, W], or one array of pixels a picture. */
export type Images = tf.Tensor | readonly tf.Tensor[] | readonly Pixels[];

/** One picture: rows of bytes 0–255 or of numbers 0–1 (as `range` says), `channels` values a pixel. */
export interface Pixels {
  data: ArrayLike<number>;
  height: number;
  width: number;
  channels: 1 | 3;
}

/** Values that become black and white: [0, 1] or [-1, 1] for floats, [0, 255] for bytes. */
export type Range = readonly [number, number];

const isTensor = (value: unknown): value is tf.Tensor =>
  typeof value === 'object' && value !== null && 'shape' in value && 'dataSync' in value;

/** Copies pictures out of tensors; tensors are left alive. */
export async function toPixels(images: Images): Promise<Pixels[]> {
  if (isTensor(images)) return split(images.shape, await images.data());
  const parts = await Promise.all(
    images.map(async image => (isTensor(image) ? split(image.shape, await image.data()) : [image])),
  );
  return parts.flat();
}

function split(shape: number[], data: ArrayLike<number>): Pixels[] {
  const single = shape.length === 3 && (shape[2] === 1 || shape[2] === 3);
  const [n, height, width, channels] = single ? [1, ...shape] : shape.length === 3 ? [...shape, 1] : shape;
  if (shape.length < 3 || shape.length > 4 || (channels !== 1 && channels !== 3)) {
    throw new Error(
      `expected images [N, H, W, 1 | 3], [N, H, W] or [H, W, 1 | 3], got [${shape.join(', ')}]; reshape first`,
    );
  }
  const size = height * width * channels;
  const picture = (i: number) => Array.from({ length: size }, (_, j) => data[i * size + j]);
  return Array.from({ length: n }, (_, i) => ({ data: picture(i), height, width, channels }));
}

/** [0, 255] for bytes; for floats [0, 1], or [-1, 1] where any value is below zero by more than noise. */
export function guessRange(images: readonly Pixels[]): Range {
  let [low, high] = [0, 0];
  for (const { data } of images) {
    for (let i = 0; i < data.length; i++) {
      low = Math.min(low, data[i]);
      high = Math.max(high, data[i]);
    }
  }
  return high > 8 ? [0, 255] : low < -0.25 ? [-1, 1] : [0, 1];
}

export interface Sheet {
  columns: number;
  /** Screen pixels for a picture's pixel. */
  scale: number;
  /** Screen pixels between tiles; they stay transparent. */
  gap: number;
  range: Range;
}

/** Tiles pictures row by row into one transparent RGBA sheet, each pixel a square of `scale` by `scale`. */
export function tile(images: readonly Pixels[], { columns, scale, gap, range: [low, high] }: Sheet): PNG {
  const tileHeight = Math.max(...images.map(i => i.height)) * scale;
  const tileWidth = Math.max(...images.map(i => i.width)) * scale;
  const rows = Math.ceil(images.length / columns);
  const png = new PNG({ width: columns * (tileWidth + gap) - gap, height: rows * (tileHeight + gap) - gap });
  const byte = (value: number) => Math.max(0, Math.min(255, Math.round(((value - low) / (high - low)) * 255))) || 0;
  images.forEach((image, n) => {
    const left = (n % columns) * (tileWidth + gap);
    const top = Math.floor(n / columns) * (tileHeight + gap);
    for (let y = 0; y < image.height * scale; y++) {
      for (let x = 0; x < image.width * scale; x++) {
        const from = (Math.floor(y / scale) * image.width + Math.floor(x / scale)) * image.channels;
        const to = ((top + y) * png.width + left + x) * 4;
        for (let c = 0; c < 3; c++) png.data[to + c] = byte(image.data[from + (image.channels === 3 ? c : 0)]);
        png.data[to + 3] = 255;
      }
    }
  });
  return png;
}

/** PNG bytes, grey where no colour is needed; the same pixels always give the same bytes. */
export function encode(png: PNG): Buffer {
  let [grey, opaque] = [true, true];
  for (let i = 0; i < png.data.length; i += 4) {
    const [r, g, b, alpha] = png.data.subarray(i, i + 4);
    grey = grey && r === g && g === b;
    opaque = opaque && alpha === 255;
  }
  const colorType = ((grey ? 0 : 2) + (opaque ? 0 : 4)) as 0 | 2 | 4 | 6; // PNG's codes: 0 grey, 2 colour, +4 with alpha
  return PNG.sync.write(png, { deflateLevel: 9, colorType });
}
