/** Pictures a little turned, moved, scaled, mirrored and noisy, so that a judge looks at what they show. */
import { THING_SIZE as SIZE } from '../../lib/data';
import { HostRandom } from '../../lib/runtime';

export const between = (draw: HostRandom, from: number, to: number) => from + (to - from) * draw.uniform();

/** Noise is drawn once; a picture takes a stretch of it from anywhere. */
const noiseMaker = new HostRandom(1);
export const NOISE = Float32Array.from({ length: 40_000 }, () => noiseMaker.normal());

/** pixels: [32, 32, 3], 0–255 → [32, 32, 3] in −1..1, written to `out` from `at` on. What comes from outside is white. */
export function wobble(pixels: Uint8Array, draw: HostRandom, out: Float32Array, at: number): void {
  const angle = between(draw, -0.25, 0.25);
  const size = between(draw, 0.75, 1.15);
  const squeeze = between(draw, 0.9, 1.1) * (draw.uniform() < 0.5 ? -1 : 1);
  const [dx, dy] = [between(draw, -3, 3), between(draw, -3, 3)];
  const noise = draw.uniform() < 0.5 ? between(draw, 0, 0.15) : 0;
  const light = between(draw, -0.08, 0.08) - 1;
  const offset = draw.integer(NOISE.length - 3 * SIZE * SIZE);
  const [cos, sin, middle] = [Math.cos(angle) / size, Math.sin(angle) / size, (SIZE - 1) / 2];
  for (let p = 0; p < SIZE * SIZE; p++) {
    const [u, v] = [(p % SIZE) - middle - dx, Math.floor(p / SIZE) - middle - dy];
    const [x, y] = [middle + squeeze * (cos * u + sin * v), middle + cos * v - sin * u];
    const colour = colourAt(pixels, x, y);
    for (let c = 0; c < 3; c++) out[at + 3 * p + c] = colour[c] / 127.5 + light + noise * NOISE[offset + 3 * p + c];
  }
}

/** Red, green and blue, 0–255, at a place between the pixels of [32, 32, 3]: of the four around it, the nearer the more. */
export function colourAt(pixels: Uint8Array, x: number, y: number): number[] {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [a, b] = [x - left, y - top];
  const corners = [placeOf(left, top), placeOf(left + 1, top), placeOf(left, top + 1), placeOf(left + 1, top + 1)];
  const weights = [(1 - a) * (1 - b), a * (1 - b), (1 - a) * b, a * b];
  return [0, 1, 2].map(c => {
    let value = 0;
    for (let i = 0; i < 4; i++) value += weights[i] * (corners[i] < 0 ? 255 : pixels[corners[i] + c]);
    return value;
  });
}

/** Where a pixel's three numbers begin, or −1 outside. */
export const placeOf = (x: number, y: number) => (x < 0 || y < 0 || x >= SIZE || y >= SIZE ? -1 : 3 * (SIZE * y + x));
