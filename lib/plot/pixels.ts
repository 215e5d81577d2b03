/** Pictures as bytes: from tensors and arrays to a sheet of tiles to PNG. */
import { PNG, pngBytes } from '../platform';
import type { tf } from '../runtime';
import { largest } from './thinning';

/** What counts as pictures: tensors [N, H, W, 1 | 3] or [N, H, W], or one array of pixels a picture. */
export type Images = tf.Tensor | readonly tf.Tensor[] | readonly Pixels[];

/** One picture, row by row, `channels` values a pixel: bytes 0–255 (a Uint8Array), or floats 0–1 or −1–1. */
export interface Pixels {
  data: ArrayLike<number>;
  height: number;
  width: number;
  channels: 1 | 3;
}

/** Values that become black and white. */
export type Range = readonly [number, number];

/** What the type of the values says about them; a plain list of numbers has no type. */
type Kind = 'bytes' | 'flags' | 'floats' | 'numbers';

/** A picture, and what its values are. */
export interface Picture extends Pixels {
  kind: Kind;
}

const isTensor = (value: unknown): value is tf.Tensor =>
  typeof value === 'object' && value !== null && 'shape' in value && 'dataSync' in value;

/** Copies pictures out of tensors; tensors are left alive. */
export async function toPixels(images: Images): Promise<Picture[]> {
  if (isTensor(images)) return picturesOf(images);
  const parts = await Promise.all(images.map(async image => (isTensor(image) ? picturesOf(image) : [picture(image)])));
  return parts.flat();
}

async function picturesOf(images: tf.Tensor): Promise<Picture[]> {
  const kind = { int32: 'bytes', bool: 'flags', float32: 'floats' }[images.dtype as string] as Kind | undefined;
  if (!kind) throw new Error(`expected pictures of numbers, got a tensor of ${images.dtype}`);
  return split(images.shape, await images.data(), kind);
}

function picture({ data, height, width, channels }: Pixels): Picture {
  const fits = [height, width].every(n => Number.isInteger(n) && n > 0) && (channels === 1 || channels === 3);
  if (!fits || data.length !== height * width * channels) {
    throw new Error(
      `expected a picture with height × width × channels (1 or 3) values, got ${height} × ${width} × ${channels} and ${data.length} values`,
    );
  }
  const floats = data instanceof Float32Array || data instanceof Float64Array;
  const kind = floats ? 'floats' : ArrayBuffer.isView(data) ? 'bytes' : 'numbers';
  return { data, height, width, channels, kind };
}

function split(shape: number[], data: ArrayLike<number>, kind: Kind): Picture[] {
  const single = shape.length === 3 && (shape[2] === 1 || shape[2] === 3);
  const [n, height, width, channels] = single ? [1, ...shape] : shape.length === 3 ? [...shape, 1] : shape;
  if (shape.length < 3 || shape.length > 4 || (channels !== 1 && channels !== 3)) {
    throw new Error(
      `expected images [N, H, W, 1 | 3], [N, H, W] or [H, W, 1 | 3], got [${shape.join(', ')}]; reshape first`,
    );
  }
  const size = height * width * channels;
  const part = (i: number) => Array.prototype.slice.call(data, i * size, (i + 1) * size) as number[];
  return Array.from({ length: n }, (_, i) => ({ data: part(i), height, width, channels, kind }));
}

/** Noise around the ends of a range that still counts as inside. */
const SLACK = 0.25;

/**
 * What becomes black and white, decided by the type of the values: bytes 0 and 255, flags 0 and 1, floats 0 and 1, or −1 and 1
 * where any is below zero. Floats that keep to neither are stretched from their lowest, or 0, to their highest.
 */
export function rangeOf(images: readonly Picture[]): Range {
  const plain = images.filter(image => image.kind === 'numbers');
  const kinds = new Set(images.map(image => image.kind));
  if (kinds.delete('numbers') && kinds.size === 0) kinds.add(areBytes(plain) ? 'bytes' : 'floats');
  if (kinds.size > 1) {
    throw new Error(
      `expected pictures with values of one type, got ${[...kinds].join(' and ')}; pass range, e.g. [0, 255], after bringing them to one`,
    );
  }
  if (!kinds.has('floats')) return kinds.has('bytes') ? [0, 255] : [0, 1];
  const [low, high] = ends(images);
  if (high > 1 + SLACK || low < -1 - SLACK) return [low, high];
  return low < -SLACK ? [-1, 1] : [0, 1];
}

/** Lists of whole numbers, of which some are above 1. */
function areBytes(images: readonly Picture[]): boolean {
  const whole = images.every(({ data }) => Array.prototype.every.call(data, Number.isInteger));
  return whole && ends(images)[1] > 1;
}

/** Least and most of the finite values, 0 included. */
function ends(images: readonly Picture[]): [low: number, high: number] {
  let [low, high] = [0, 0];
  for (const { data } of images) {
    for (let i = 0; i < data.length; i++) {
      if (data[i] < low && data[i] > -Infinity) low = data[i];
      if (data[i] > high && data[i] < Infinity) high = data[i];
    }
  }
  return [low, high];
}

/** How many values lie outside of a range by more than noise. */
export function outside(images: readonly Picture[], [low, high]: Range): number {
  const slack = SLACK * Math.abs(high - low);
  let count = 0;
  for (const { data } of images)
    for (let i = 0; i < data.length; i++) if (!(data[i] >= low - slack && data[i] <= high + slack)) count++;
  return count;
}

export interface Sheet {
  columns: number;
  /** Screen pixels for a picture's pixel. */
  scale: number;
  /** Screen pixels between tiles; they stay transparent. */
  gap: number;
  range: Range;
}

/** A sheet with more pixels takes seconds to draw and megabytes to keep. */
const MOST_PIXELS = 40e6;

/** Tiles pictures row by row into one transparent RGBA sheet, each pixel a square of `scale` by `scale`. */
export function tile(images: readonly Pixels[], { columns, scale, gap, range: [low, high] }: Sheet): PNG {
  const tileHeight = Math.round(largest(images.map(i => i.height)) * scale);
  const tileWidth = Math.round(largest(images.map(i => i.width)) * scale);
  const rows = Math.ceil(images.length / columns);
  const size = { width: columns * (tileWidth + gap) - gap, height: rows * (tileHeight + gap) - gap };
  if (!(size.width * size.height <= MOST_PIXELS)) {
    throw new Error(
      `${images.length} pictures would make a sheet of ${size.width} × ${size.height} pixels; show fewer of them or choose a smaller scale`,
    );
  }
  const png = new PNG(size);
  const byte = (value: number) => Math.max(0, Math.min(255, Math.round(((value - low) / (high - low)) * 255))) || 0;
  const at = (screen: number, length: number) => Math.min(length - 1, Math.floor(screen / scale));
  images.forEach((image, n) => {
    const left = (n % columns) * (tileWidth + gap);
    const top = Math.floor(n / columns) * (tileHeight + gap);
    for (let y = 0; y < Math.round(image.height * scale); y++) {
      for (let x = 0; x < Math.round(image.width * scale); x++) {
        const [row, column] = [at(y, image.height), at(x, image.width)];
        const from = (row * image.width + column) * image.channels;
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
  return pngBytes(png, ((grey ? 0 : 2) + (opaque ? 0 : 4)) as 0 | 2 | 4 | 6);
}
