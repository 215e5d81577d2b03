/**
 * A picture in another colour, so that it looks drawn that way: only its body, the pixels of its ruling hue, is painted;
 * outlines, eyes, white bellies and green leaves stay. Light and shade of the body are kept.
 * @see notebooks/14-text-to-image.ipynb
 */
import type { Colour } from './recolour';

/** Hue in degrees, saturation and value of the paint, 0..1. */
const PAINT: Record<Colour, [number, number, number]> = {
  red: [0, 0.82, 0.9],
  orange: [28, 0.95, 1],
  yellow: [51, 0.9, 1],
  green: [128, 0.72, 0.72],
  blue: [215, 0.8, 0.92],
  purple: [280, 0.62, 0.8],
};

/** A pixel is ink where its darkest channel is below this. */
const INK = 235;
/** A pixel is coloured from this distance of its largest to its smallest channel. */
const COLOURED = 40;
/** A body's hues lie so many degrees around the ruling one. */
const AROUND = 40;
/** Share of the ink that must be body. */
const RULING = 0.4;

export interface Body {
  /** How much of each pixel's hue is body, 0..1. */
  weight: Float32Array;
  /** The body's median saturation and value, 0..1; its hue in degrees, undefined for a grey one. */
  saturation: number;
  value: number;
  hue?: number;
}

/** The part of a picture that carries its colour, or undefined where none rules. pixels: [32, 32, 3], 0–255. */
export function bodyOf(pixels: Uint8Array): Body | undefined {
  const [hues, light] = [new Float32Array(36), [] as number[]];
  let ink = 0;
  const each = Array.from({ length: pixels.length / 3 }, (_, p) => hsvOf(pixels, p));
  for (const { hue, saturation, value, least } of each) {
    if (least >= INK / 255) continue;
    ink++;
    if (saturation * value >= COLOURED / 255) hues[Math.floor(hue / 10) % 36] += saturation * value;
    else if (value > 0.35) light.push(value);
  }
  const ruling = rulingHue(hues);
  const weight = Float32Array.from(each, ({ hue, saturation, value }) =>
    saturation * value < COLOURED / 510 ? 0 : Math.min(1, Math.max(0, 1.5 - away(hue, ruling) / AROUND) * 2),
  );
  const body = each.filter(({ saturation, value }, p) => weight[p] >= 1 && saturation * value >= COLOURED / 255);
  if (body.length >= RULING * ink) {
    const [saturation, value] = [median(body.map(b => b.saturation)), median(body.map(b => b.value))];
    return { weight, saturation, value, hue: ruling };
  }
  if (light.length < 0.6 * ink || median(light) > 0.85) return undefined;
  return { weight: new Float32Array(each.length).fill(1), saturation: 0, value: median(light) };
}

/** The picture with its body in another colour. pixels: [32, 32, 3], 0–255; body: `bodyOf(pixels)`. */
export function repainted(pixels: Uint8Array, body: Body, colour: Colour): Uint8Array {
  const [hue, vivid, bright] = PAINT[colour];
  const missing = missingLight(hue);
  const exact = Math.log(Math.min(bright, 0.97)) / Math.log(Math.min(0.97, Math.max(0.25, body.value)));
  const gamma = Math.min(2, Math.max(0.15, exact)); // more would blacken the shaded side
  const lower = Math.min(1, bright / Math.min(0.97, body.value) ** gamma); // what the bounded exponent leaves to do
  const out = pixels.slice();
  for (let p = 0; p < pixels.length / 3; p++) {
    const weight = body.weight[p];
    if (weight === 0) continue;
    const { saturation, value } = hsvOf(pixels, p);
    const strength =
      body.hue === undefined
        ? Math.max(0, Math.min(1, (1.02 - value) / (1.02 - body.value)))
        : saturation / body.saturation;
    const s = Math.min(1, strength * vivid);
    const v = value ** gamma * lower ** (1 - Math.max(0, 1 - strength)); // not at the white edge
    for (let c = 0; c < 3; c++) {
      const painted = 255 * v * (1 - s * missing[c]);
      out[3 * p + c] = Math.round(pixels[3 * p + c] + weight * (painted - pixels[3 * p + c]));
    }
  }
  return out;
}

/** Degrees between a body's hue and that of a paint, 0..180; 180 for a grey body. */
export const strangeness = ({ hue }: Body, colour: Colour): number =>
  hue === undefined ? 180 : away(hue, PAINT[colour][0]);

/** The middle of the 30° in which most colour lies. */
function rulingHue(hues: Float32Array): number {
  const sums = Array.from(hues, (_, i) => hues[(i + 35) % 36] + hues[i] + hues[(i + 1) % 36]);
  return 10 * sums.indexOf(Math.max(...sums)) + 5;
}

/** Degrees between two hues, 0..180. */
const away = (a: number, b: number) => 180 - Math.abs(180 - (Math.abs(a - b) % 360));

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

function hsvOf(pixels: Uint8Array, p: number): { hue: number; saturation: number; value: number; least: number } {
  const [r, g, b] = [pixels[3 * p] / 255, pixels[3 * p + 1] / 255, pixels[3 * p + 2] / 255];
  const [value, least] = [Math.max(r, g, b), Math.min(r, g, b)];
  const chroma = value - least;
  if (chroma === 0) return { hue: 0, saturation: 0, value, least };
  const sixth = value === r ? (g - b) / chroma : value === g ? 2 + (b - r) / chroma : 4 + (r - g) / chroma;
  return { hue: (60 * sixth + 360) % 360, saturation: chroma / value, value, least };
}

/** For a pure colour of this hue in degrees: how far red, green and blue stay below the brightest of them, 0..1. */
function missingLight(hue: number): number[] {
  return [5, 3, 1].map(offset => {
    const k = (offset + hue / 60) % 6;
    return Math.max(0, Math.min(k, 4 - k, 1));
  });
}
