/**
 * Pictures turned, moved, scaled, bent, mirrored, in other colours, with and without outlines, blurred, partly covered and noisy,
 * so that a judge looks at what they show and not at how a style draws it.
 */
import { THING_SIZE as SIZE } from '../../lib/data';
import type { HostRandom } from '../../lib/runtime';
import { between, colourAt, NOISE, placeOf } from './wobble';

const PIXELS = SIZE * SIZE;

/** pixels: [32, 32, 3], 0–255 → [32, 32, 3] in −1..1. What comes from outside is white. */
export function restyled(pixels: Uint8Array, draw: HostRandom): Float32Array {
  const out = bent(pixels, draw);
  if (draw.uniform() < 0.2) outline(out, between(draw, 0.4, 1));
  if (draw.uniform() < 0.5) blur(out, draw.uniform() < 0.6 ? between(draw, 0, 1) : between(draw, -0.8, 0));
  repaint(out, draw);
  if (draw.uniform() < 0.35) cover(out, draw);
  const noise = draw.uniform() < 0.5 ? between(draw, 0, 0.15) : 0;
  const offset = draw.integer(NOISE.length - out.length);
  for (let i = 0; noise > 0 && i < out.length; i++) out[i] += noise * NOISE[offset + i];
  return out;
}

/** Turned, scaled, slanted, mirrored or not, moved, and bent along a wave in both directions. */
function bent(pixels: Uint8Array, draw: HostRandom): Float32Array {
  const out = new Float32Array(3 * PIXELS);
  const angle = between(draw, -0.3, 0.3);
  const size = between(draw, 0.7, 1.2);
  const squeeze = between(draw, 0.85, 1.15) * (draw.uniform() < 0.5 ? -1 : 1);
  const slant = between(draw, -0.15, 0.15);
  const [dx, dy] = [between(draw, -3.5, 3.5), between(draw, -3.5, 3.5)];
  const [waveX, waveY] = [wave(draw), wave(draw)];
  const [cos, sin, middle] = [Math.cos(angle) / size, Math.sin(angle) / size, (SIZE - 1) / 2];
  for (let p = 0; p < PIXELS; p++) {
    const [column, row] = [p % SIZE, Math.floor(p / SIZE)];
    const [u, v] = [column - middle - dx + waveX[row], row - middle - dy + waveY[column]];
    const [x, y] = [middle + squeeze * (cos * u + (sin + slant) * v), middle + cos * v - sin * u];
    const colour = colourAt(pixels, x, y);
    for (let c = 0; c < 3; c++) out[3 * p + c] = colour[c] / 127.5 - 1;
  }
  return out;
}

function wave(draw: HostRandom): Float32Array {
  const [height, turns, from] = [between(draw, 0, 1.5), between(draw, 0.5, 1.5), between(draw, 0, 2 * Math.PI)];
  return Float32Array.from({ length: SIZE }, (_, i) => height * Math.sin((2 * Math.PI * turns * i) / SIZE + from));
}

/** Darkens the ink that touches white. */
function outline(picture: Float32Array, strength: number): void {
  const ink = Uint8Array.from({ length: PIXELS }, (_, p) =>
    Number(Math.min(picture[3 * p], picture[3 * p + 1], picture[3 * p + 2]) < 0.75),
  );
  for (const p of inner()) {
    if (!ink[p] || ink[p - 1] + ink[p + 1] + ink[p - SIZE] + ink[p + SIZE] === 4) continue;
    for (let c = 0; c < 3; c++) picture[3 * p + c] += strength * (-0.9 - picture[3 * p + c]);
  }
}

/** Towards the mean of 3 × 3 pixels, or, below 0, away from it. */
function blur(picture: Float32Array, strength: number): void {
  const before = picture.slice();
  for (const p of inner()) {
    for (let i = 3 * p; i < 3 * p + 3; i++) {
      let sum = 0;
      for (let row = i - 3 * SIZE; row <= i + 3 * SIZE; row += 3 * SIZE) {
        sum += before[row - 3] + before[row] + before[row + 3];
      }
      picture[i] += strength * (sum / 9 - before[i]);
    }
  }
}

/** The pixels that have eight neighbours. */
function* inner(): Iterable<number> {
  for (let y = 1; y < SIZE - 1; y++) for (let x = 1; x < SIZE - 1; x++) yield SIZE * y + x;
}

/** Paler or richer, hues turned by up to half a radian (in YIQ), lighter or darker. */
function repaint(picture: Float32Array, draw: HostRandom): void {
  const rich = draw.uniform() < 0.6 ? between(draw, 0.3, 1.4) : 1;
  const turn = draw.uniform() < 0.6 ? between(draw, -0.5, 0.5) : 0;
  const [ink, light] = [between(draw, 0.7, 1.2), between(draw, -0.08, 0.08)];
  const [cos, sin] = [rich * Math.cos(turn), rich * Math.sin(turn)];
  for (let p = 0; p < picture.length; p += 3) {
    const [r, g, b] = [picture[p], picture[p + 1], picture[p + 2]];
    const y = 0.299 * r + 0.587 * g + 0.114 * b;
    const [i, q] = [0.596 * r - 0.274 * g - 0.322 * b, 0.211 * r - 0.523 * g + 0.312 * b];
    const [newI, newQ] = [cos * i - sin * q, sin * i + cos * q];
    const rgb = [0.956 * newI + 0.621 * newQ, -0.272 * newI - 0.647 * newQ, -1.106 * newI + 1.703 * newQ];
    for (let c = 0; c < 3; c++) {
      picture[p + c] = Math.max(-1, Math.min(1, 1 + (y + rgb[c] - 1) * ink + light));
    }
  }
}

/** A rectangle of white or of one colour lies on it. */
function cover(picture: Float32Array, draw: HostRandom): void {
  const [width, height] = [5 + draw.integer(9), 5 + draw.integer(9)];
  const [left, top] = [draw.integer(SIZE) - 4, draw.integer(SIZE) - 4];
  const white = draw.uniform() < 0.5;
  const colour = [0, 1, 2].map(() => (white ? 1 : between(draw, -1, 1)));
  for (let y = Math.max(0, top); y < Math.min(SIZE, top + height); y++) {
    for (let x = Math.max(0, left); x < Math.min(SIZE, left + width); x++) picture.set(colour, placeOf(x, y));
  }
}
