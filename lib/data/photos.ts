/**
 * A photograph in colour, committed in datasets/ (source and licence in datasets/README.md).
 * @see notebooks/01-pictures-are-tensors.ipynb
 */
import { fromRoot, fs, PNG } from '../platform';

const FILE = fromRoot('datasets', 'cat.png');

/** Pixels of a photograph, [height, width, 3] in red, green, blue, 0–255; imageGrid takes it as it is. */
export interface Photograph {
  data: Uint8Array;
  height: number;
  width: number;
  channels: 3;
}

/**
 * A cat, 160 × 160 pixels (S. van der Walt's photograph, CC0).
 * @example catPhoto().width // → 160
 */
export function catPhoto(): Photograph {
  if (!fs.existsSync(FILE)) throw new Error(`${FILE} is missing; restore it with: git checkout datasets`);
  const { data, height, width } = PNG.sync.read(fs.readFileSync(FILE)); // RGBA
  return { data: Uint8Array.from(data.filter((_, i) => i % 4 !== 3)), height, width, channels: 3 };
}
