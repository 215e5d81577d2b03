/**
 * The same picture in another colour: hue is exchanged, light and shade stay. That way a program, not a painter, makes
 * "blue dog" out of "dog", and the caption is right by construction.
 * @see notebooks/14-text-to-image.ipynb
 */
import type { EmojiPicture } from './emoji';

export type Colour = 'red' | 'orange' | 'yellow' | 'green' | 'blue' | 'purple';

/** Hue in degrees; `lift` below 1 brightens (dark orange would be brown); the Chinese name as the captions have it. */
const PAINT: Record<Colour, { hue: number; lift: number; zh: string }> = {
  red: { hue: 0, lift: 1, zh: '红色' },
  orange: { hue: 30, lift: 0.5, zh: '橙色' },
  yellow: { hue: 52, lift: 0.4, zh: '黄色' },
  green: { hue: 125, lift: 1, zh: '绿色' },
  blue: { hue: 215, lift: 1, zh: '蓝色' },
  purple: { hue: 280, lift: 1, zh: '紫色' },
};

export const COLOURS = Object.keys(PAINT) as Colour[];

/** A pixel counts as coloured from this distance of its largest to its smallest value. */
const COLOURED = 50;
/** Share of the ink that must be coloured. */
const RULING = 0.6;
const NAMED = /\b(red|orange|yellow|green|blue|purple|pink|brown|black|white|grey)\b/;
/** Families whose own colours are in the set, some of them held out: "blue heart" must not come back as "red heart". */
const FAMILY = /\b(hearts?|suit|books?|apple|circle|square)\b/;

/**
 * True where most of the ink is coloured and the caption doesn't name a colour already.
 * @example emoji().filter(canRecolour).length > 100 // → true
 */
export function canRecolour({ emoji, pixels }: EmojiPicture): boolean {
  if (NAMED.test(emoji.caption.en) || FAMILY.test(emoji.caption.en)) return false;
  let [ink, coloured] = [0, 0];
  for (let i = 0; i < pixels.length; i += 3) {
    const most = Math.max(pixels[i], pixels[i + 1], pixels[i + 2]);
    const least = Math.min(pixels[i], pixels[i + 1], pixels[i + 2]);
    if (least < 240) ink++;
    if (most - least >= COLOURED) coloured++;
  }
  return coloured >= RULING * ink;
}

/**
 * The picture with every coloured pixel at the new hue (HSV; saturation and value are kept), and its caption.
 * @example recolour(emoji().filter(canRecolour)[0], 'blue').caption
 */
export function recolour(picture: EmojiPicture, colour: Colour): EmojiPicture {
  const { hue, lift, zh } = PAINT[colour];
  const missing = missingLight(hue);
  const pixels = picture.pixels.slice();
  for (let i = 0; i < pixels.length; i += 3) {
    const most = Math.max(pixels[i], pixels[i + 1], pixels[i + 2]);
    const least = Math.min(pixels[i], pixels[i + 1], pixels[i + 2]);
    if (most - least < COLOURED / 2) continue;
    const value = 255 * (most / 255) ** lift;
    const saturation = 1 - least / most;
    for (let c = 0; c < 3; c++) pixels[i + c] = Math.round(value * (1 - saturation * missing[c]));
  }
  const { en, zh: thing } = picture.caption;
  return { ...picture, colour, pixels, caption: { en: `${colour} ${en}`, zh: `${zh}的${thing}` } };
}

/** The blue of painted porcelain, RGB. */
const COBALT = [0, 20, 140];

/**
 * The picture as if painted on porcelain: only cobalt blue on white, darker where the picture is darker. No caption of the course's
 * sets has a word for it, so a model has to learn it.
 * @example porcelain({ pixels: new Uint8Array([0, 0, 0]) }).pixels // → [0, 20, 140]
 */
export function porcelain<P extends { pixels: Uint8Array }>(picture: P): P {
  const pixels = picture.pixels.slice();
  for (let i = 0; i < pixels.length; i += 3) {
    const light = (0.299 * pixels[i] + 0.587 * pixels[i + 1] + 0.114 * pixels[i + 2]) / 255;
    const paint = (1 - light) ** 0.6; // even light parts get some blue
    for (let c = 0; c < 3; c++) pixels[i + c] = Math.round(255 + paint * (COBALT[c] - 255));
  }
  return { ...picture, pixels };
}

/** For a pure colour of this hue in degrees: how far red, green and blue stay below the brightest of them, 0..1. */
function missingLight(hue: number): number[] {
  return [5, 3, 1].map(offset => {
    const k = (offset + hue / 60) % 6;
    return Math.max(0, Math.min(k, 4 - k, 1));
  });
}
