import type { HostRandom } from '../runtime';
import { ImageSet } from './images';

/**
 * The same pictures, each moved by a random whole number of pixels, up to `most` in both directions; what leaves the
 * frame is lost, and black comes in. The same generator state gives the same moves.
 * @see notebooks/08-latent-spaces.ipynb
 * @example moved(smallDigits(), 1, new HostRandom(1)).count // → 1797
 */
export function moved(set: ImageSet, most: number, random: HostRandom): ImageSet {
  const { height, width, count } = set;
  const images = new Uint8Array(set.images.length);
  for (let i = 0; i < count; i++) {
    const [dy, dx] = [random.integer(2 * most + 1) - most, random.integer(2 * most + 1) - most];
    const [left, right] = [Math.max(0, -dx), Math.min(width, width - dx)]; // columns that stay in the frame
    for (let y = Math.max(0, -dy); y < Math.min(height, height - dy); y++) {
      const from = (i * height + y) * width;
      images.set(set.images.subarray(from + left, from + right), (i * height + y + dy) * width + left + dx);
    }
  }
  return new ImageSet(`${set.name}, moved by up to ${most}`, images, set.labels, height, width);
}
