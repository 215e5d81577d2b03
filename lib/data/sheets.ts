/** Files that are committed in datasets/, checked; packed texts; and what is cut out of a sheet of little pictures. */
import { brotliDecompressSync, createHash, fromRoot, fs, type PNG, path } from '../platform';
import { tf } from '../runtime';

const FOLDER = fromRoot('datasets');

/**
 * The bytes of datasets/`name`.
 * @param set the name of the set that it belongs to, for errors
 * @throws Error where the file is missing, or is not the one with that MD5
 */
export function committed(set: string, name: string, md5: string): Buffer {
  const file = path.join(FOLDER, name);
  if (!fs.existsSync(file)) throw new Error(`${set}: ${file} is missing; get it with: git checkout datasets`);
  const bytes = fs.readFileSync(file);
  const checksum = createHash('md5').update(bytes).digest('hex');
  if (checksum === md5) return bytes;
  throw new Error(`${set}: ${name} was altered (MD5 ${checksum}); restore it with: git checkout datasets`);
}

/** The same for a text that was packed with brotli, unpacked. */
export const committedText = (set: string, name: string, md5: string): string =>
  brotliDecompressSync(committed(set, name, md5)).toString('utf8');

/** The picture in one place of a sheet of squares, RGB, [size, size, 3], 0–255. */
export function cutOut({ width, data }: PNG, row: number, column: number, size: number): Uint8Array {
  const pixels = new Uint8Array(size * size * 3);
  for (let p = 0; p < size * size; p++) {
    const y = row * size + Math.floor(p / size);
    const from = 4 * (y * width + column * size + (p % size));
    for (let c = 0; c < 3; c++) pixels[3 * p + c] = data[from + c];
  }
  return pixels;
}

/** Pictures [size, size, 3], 0–255 → one tensor [N, size, size, 3] of −1 (dark) to 1 (light). */
export function pictureTensor(pictures: readonly { pixels: Uint8Array }[], size: number): tf.Tensor4D {
  const values = new Float32Array(pictures.length * size * size * 3);
  pictures.forEach(({ pixels }, i) => {
    for (let j = 0; j < size * size * 3; j++) values[i * size * size * 3 + j] = pixels[j] / 127.5 - 1;
  });
  return tf.tensor4d(values, [pictures.length, size, size, 3]);
}
