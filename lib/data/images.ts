/** Labelled pictures in memory, and batches of them as tensors. */
import { PNG } from '../platform';
import { DISPLAY, type Displayable, HostRandom, html, type MimeBundle, tf } from '../runtime';

/** One picture: grey levels 0–255, row by row, [height, width]. */
export interface LabelledImage {
  pixels: Uint8Array;
  label: number;
}

/**
 * Grey pictures of one size with a label each. Shows itself as its first pictures and its label counts.
 * @example new ImageSet('two dots', Uint8Array.from([0, 255, 255, 0]), Uint8Array.from([0, 1]), 1, 2).count // → 2
 */
export class ImageSet implements Displayable {
  readonly count: number;

  constructor(
    readonly name: string,
    /** All pictures end to end, [count, height, width], 0–255. */
    readonly images: Uint8Array,
    /** [count] */
    readonly labels: Uint8Array,
    readonly height: number,
    readonly width: number,
  ) {
    this.count = labels.length;
    const expected = this.count * height * width;
    if (images.length !== expected) {
      throw new Error(
        `${name}: ${this.count} labels need ${expected} pixels of ${height}×${width}, got ${images.length}`,
      );
    }
  }

  /** Picture i, without copying; i from 0 to count − 1, negative counts from the end. */
  at(i: number): LabelledImage {
    const index = i < 0 ? this.count + i : i;
    if (!Number.isInteger(index) || index < 0 || index >= this.count) {
      throw new RangeError(`${this.name} has pictures 0 to ${this.count - 1}, got ${i}`);
    }
    const size = this.height * this.width;
    return { pixels: this.images.subarray(index * size, (index + 1) * size), label: this.labels[index] };
  }

  /** Picture i in the form in which imageGrid and filmStrip take pictures. */
  picture(i: number): { data: Uint8Array; height: number; width: number; channels: 1 } {
    return { data: this.at(i).pixels, height: this.height, width: this.width, channels: 1 };
  }

  /** A set with only the pictures of the given positions, in that order. */
  subset(indices: readonly number[], name = this.name): ImageSet {
    const size = this.height * this.width;
    const images = new Uint8Array(indices.length * size);
    const labels = new Uint8Array(indices.length);
    indices.forEach((index, i) => {
      const { pixels, label } = this.at(index);
      images.set(pixels, i * size);
      labels[i] = label;
    });
    return new ImageSet(name, images, labels, this.height, this.width);
  }

  /** Positions of all pictures with this label. */
  indicesOf(label: number): number[] {
    return Array.from(this.labels.keys()).filter(i => this.labels[i] === label);
  }

  /** How many pictures each label has: counts[label]. */
  labelCounts(): number[] {
    const counts: number[] = [];
    for (const label of this.labels) counts[label] = (counts[label] ?? 0) + 1;
    return Array.from(counts, count => count ?? 0);
  }

  [DISPLAY](): MimeBundle {
    const png = contactSheet(this, 4, 16).toString('base64');
    const counts = this.labelCounts().map((count, label) => `${label}: ${count}`);
    const shown = Math.min(64, this.count);
    const alt = `The first ${shown} pictures of ${this.name}; labels ${Array.from(this.labels.subarray(0, shown)).join(' ')}`;
    const line = `${this.name}: ${this.count} pictures of ${this.height}×${this.width}`;
    const figure = html`<figure style="margin:0"><img alt="${alt}" src="data:image/png;base64,${png}" style="max-width:100%">
<figcaption><b>${line}</b> · ${counts.join(' · ')}</figcaption></figure>`;
    return { 'text/html': figure.source, 'text/plain': `${line} (${counts.join(', ')})` };
  }
}

/** PNG of the first rows × columns pictures, side by side with one pixel between, twice enlarged. */
function contactSheet(set: ImageSet, rows: number, columns: number): Buffer {
  const [cellH, cellW] = [set.height + 1, set.width + 1];
  const zoom = 2;
  const used = Math.min(rows, Math.ceil(set.count / columns));
  const png = new PNG({ width: columns * cellW * zoom, height: used * cellH * zoom, colorType: 0 });
  png.data.fill(255);
  for (let y = 0; y < png.height; y++) {
    for (let x = 0; x < png.width; x++) {
      const [row, column] = [Math.floor(y / zoom), Math.floor(x / zoom)];
      const index = Math.floor(row / cellH) * columns + Math.floor(column / cellW);
      const [r, c] = [row % cellH, column % cellW];
      if (index >= set.count || r === set.height || c === set.width) continue;
      const grey = 255 - set.images[(index * set.height + r) * set.width + c]; // ink on paper
      png.data.fill(grey, 4 * (y * png.width + x), 4 * (y * png.width + x) + 3);
    }
  }
  return PNG.sync.write(png, { colorType: 0, inputColorType: 6 });
}

export interface BatchOptions {
  /** Pictures in a batch. */
  size: number;
  /** Shuffles; the same seed and epoch give the same order. Without it: the file's order. */
  shuffleSeed?: number;
  /** A new order each epoch. */
  epoch?: number;
  /** true: x is [B, height·width]; else [B, height, width, 1]. */
  flat?: boolean;
  /** What 0 and 255 become. */
  range?: readonly [number, number];
  /** Only the first so many pictures of the set (before shuffling). */
  limit?: number;
  /** Leaves out a last batch that is not full; default true when shuffled (training), else false (testing). */
  dropLast?: boolean;
}

/** A batch: x float32 as BatchOptions say, y int32 [B]. Whoever takes it disposes it. */
export type ImageBatch = { x: tf.Tensor; y: tf.Tensor1D };

/**
 * The set as batches of tensors, made one at a time.
 * @example
 * for (const { x, y } of batchesOf(smallDigits(), { size: 64, shuffleSeed: 1, limit: 128 })) {
 *   x.shape; // [64, 8, 8, 1]
 *   tf.dispose([x, y]);
 * }
 */
export function* batchesOf(set: ImageSet, options: BatchOptions): Iterable<ImageBatch> {
  const { size, shuffleSeed, epoch = 0, limit = set.count, dropLast = shuffleSeed !== undefined } = options;
  if (!Number.isInteger(size) || size < 1) throw new Error(`batch size ${size} must be a whole number of 1 or more`);
  const count = Math.min(limit, set.count);
  if (dropLast && size > count) {
    throw new Error(`batches of ${size} from ${count} pictures, short ones dropped: none is left; lower size`);
  }
  const inOrder = Array.from({ length: count }, (_, i) => i);
  const order = shuffleSeed === undefined ? inOrder : new HostRandom(shuffleSeed * 1_000_003 + epoch).shuffle(inOrder);
  for (let from = 0; from < count; from += size) {
    const indices = order.slice(from, from + size);
    if (dropLast && indices.length < size) return;
    yield batchOf(set, indices, options);
  }
}

/**
 * Number of batches that batchesOf gives.
 * @example batchCount(smallDigits(), { size: 100 }) // → 18
 */
export function batchCount(set: ImageSet, options: BatchOptions): number {
  const count = Math.min(options.limit ?? set.count, set.count) / options.size;
  return (options.dropLast ?? options.shuffleSeed !== undefined) ? Math.floor(count) : Math.ceil(count);
}

/**
 * The pictures at the given positions as one batch.
 * @example batchOf(smallDigits(), [0, 1, 2]).x.shape // → [3, 8, 8, 1]
 */
export function batchOf(
  set: ImageSet,
  indices: readonly number[],
  { flat = false, range = [0, 1] }: Pick<BatchOptions, 'flat' | 'range'> = {},
): ImageBatch {
  const pixels = set.height * set.width;
  const levels = Float32Array.from({ length: 256 }, (_, grey) => range[0] + ((range[1] - range[0]) * grey) / 255);
  const x = new Float32Array(indices.length * pixels);
  indices.forEach((index, b) => {
    const image = set.at(index).pixels;
    for (let i = 0; i < pixels; i++) x[b * pixels + i] = levels[image[i]];
  });
  const labels = Int32Array.from(indices, index => set.at(index).label);
  const shape = flat ? [indices.length, pixels] : [indices.length, set.height, set.width, 1];
  return { x: tf.tensor(x, shape), y: tf.tensor1d(labels, 'int32') };
}
