/**
 * The things set: 123 things that a child can name, each drawn by up to nine sets of emoji, and repainted in six colours.
 * Three of the styles are what the text-to-image model learns from; the other six are left to whoever judges it.
 * scripts/data/make_things.ts made the files; datasets/README.md names the sets and their licences.
 * @see notebooks/14-text-to-image.ipynb
 */
import { PNG } from '../platform';
import type { HostRandom, tf } from '../runtime';
import { CaptionTokenizer, wordsOf } from './captions';
import type { Language } from './emoji';
import { COLOURS, type Colour } from './recolour';
import { bodyOf, repainted, strangeness } from './repaint';
import { committed, cutOut, pictureTensor } from './sheets';

export const THING_SIZE = 32;
const CHECKSUMS = {
  'things.json': '271ea74e3961eca4b13ef4da0a8e97be',
  'things.png': '4a2c3fd69b6d9bcd533232f16759ee86',
} as const;

/** Styles that the text-to-image model learns from; no judge sees them. */
export const PAINTER_STYLES = ['noto', 'twemoji', 'fluent-emoji-flat'] as const;
/** The others: what a judge learns from. */
export const JUDGE_STYLES = ['emojione', 'fluent-emoji', 'emojione-v1', 'noto-v1', 'fxemoji', 'openmoji'] as const;

/** White, black or of all colours at once: a paint would sit on their edges only. */
const UNPAINTED = ['panda', 'sheep', 'cloud', 'rainbow', 'football', 'snowman', 'ghost', 'skull', 'lollipop'];
const PLURAL = ['grapes', 'glasses', 'scissors'];

/** A held-out colour lies so many degrees from the thing's own, at least. */
const STRANGE = 60;

const COLOUR_ZH: Record<Colour, string> = {
  red: '红色',
  orange: '橙色',
  yellow: '黄色',
  green: '绿色',
  blue: '蓝色',
  purple: '紫色',
};

/** One picture of a thing: 32 × 32 pixels, RGB on white. */
export interface ThingPicture {
  /** Number of the thing in `thingNames()`. */
  thing: number;
  style: string;
  /** Undefined as the set drew it. */
  colour?: Colour;
  /** [32, 32, 3], 0–255. */
  pixels: Uint8Array;
}

interface Things {
  names: Record<Language, string>[];
  drawn: ThingPicture[];
}

let loaded: Things | undefined;

function things(): Things {
  if (loaded) return loaded;
  const words: { styles: string[]; things: [string, string][] } = JSON.parse(
    readChecked('things.json').toString('utf8'),
  );
  const sheet = PNG.sync.read(readChecked('things.png'));
  const drawn = words.things.flatMap((_, thing) =>
    words.styles.map((style, column) => ({ thing, style, pixels: cutOut(sheet, thing, column, THING_SIZE) })),
  );
  loaded = {
    names: words.things.map(([en, zh]) => ({ en, zh })),
    drawn: drawn.filter(({ pixels }) => pixels.some(v => v !== 255)),
  };
  return loaded;
}

/**
 * Names of the things in both languages.
 * @example thingNames()[0].en.length > 0 // → true
 */
export const thingNames = (): readonly Record<Language, string>[] => things().names;

/**
 * The pictures of some styles as their makers drew them.
 * @example drawnThings(['noto']).length > 10 // → true
 */
export function drawnThings(styles: readonly string[]): ThingPicture[] {
  return things().drawn.filter(({ style }) => styles.includes(style));
}

const ruling = ({ thing, pixels }: ThingPicture) =>
  UNPAINTED.includes(thingNames()[thing].en) ? undefined : bodyOf(pixels);

/**
 * The same pictures in each of the six colours, where a ruling colour can be exchanged.
 * @example repaintedThings(drawnThings(['noto']).slice(0, 5)).length // → 30
 */
export function repaintedThings(pictures: readonly ThingPicture[]): ThingPicture[] {
  return pictures.flatMap(picture => {
    const body = ruling(picture);
    return body ? COLOURS.map(colour => ({ ...picture, colour, pixels: repainted(picture.pixels, body, colour) })) : [];
  });
}

/**
 * The pairs that the text-to-image model never sees, one for every second thing that can be repainted in each of the painter's
 * styles: `blue fox`. Never a colour close to what the thing has by nature, since that would be the picture of the plain word.
 * @example heldOutPairs().length > 0 // → true
 */
export function heldOutPairs(): { thing: number; colour: Colour }[] {
  const pairs = thingNames().flatMap((_, thing) => {
    const bodies = drawnThings(PAINTER_STYLES)
      .filter(p => p.thing === thing)
      .map(ruling);
    if (bodies.some(body => body === undefined)) return [];
    const free = COLOURS.filter(colour => bodies.every(body => strangeness(body!, colour) >= STRANGE));
    return [{ thing, colour: free[(thing * 7) % free.length] }];
  });
  return pairs.filter((_, i) => i % 2 === 0);
}

export interface ThingSplit {
  train: ThingPicture[];
  /** Pictures of the pairs that are held out. */
  heldOut: ThingPicture[];
}

/**
 * What the text-to-image model learns from and what it never sees.
 * @example Object.keys(thingSplit())
 */
export function thingSplit(): ThingSplit {
  const drawn = drawnThings(PAINTER_STYLES);
  const repainted = repaintedThings(drawn);
  const out = new Set(heldOutPairs().map(({ thing, colour }) => `${thing} ${colour}`));
  const isOut = ({ thing, colour }: ThingPicture) => out.has(`${thing} ${colour}`);
  return { train: [...drawn, ...repainted.filter(p => !isOut(p))], heldOut: repainted.filter(isOut) };
}

/**
 * `a red fox` or `红色的狐狸`; without a colour `a fox`, `狐狸`.
 * @example thingCaption({ thing: 0, colour: 'red' }).startsWith('a red ') // → true
 */
export function thingCaption(
  { thing, colour }: Pick<ThingPicture, 'thing' | 'colour'>,
  language: Language = 'en',
): string {
  const name = thingNames()[thing][language];
  if (language === 'zh') return colour ? `${COLOUR_ZH[colour]}的${name}` : name;
  const phrase = colour ? `${colour} ${name}` : name;
  if (PLURAL.includes(name)) return phrase;
  return `${/^[aeiou]/.test(phrase) ? 'an' : 'a'} ${phrase}`;
}

/**
 * A caption for training: two of three English, every second with the name of the style at the end.
 * @example thingText(drawnThings(['noto'])[0], new HostRandom(1)).length > 0 // → true
 */
export function thingText(picture: ThingPicture, draw: HostRandom): string {
  const text = thingCaption(picture, draw.uniform() < 2 / 3 ? 'en' : 'zh');
  return draw.uniform() < 0.5 ? `${text}, ${picture.style}` : text;
}

/**
 * The words of every caption, and of the painter's styles.
 * @example thingTokenizer().words.length > 10 // → true
 */
export function thingTokenizer(): CaptionTokenizer {
  const texts = thingNames().flatMap((_, thing) =>
    [undefined, ...COLOURS].flatMap(colour =>
      (['en', 'zh'] as const).map(language => thingCaption({ thing, colour }, language)),
    ),
  );
  const words = new Set([...texts, ...PAINTER_STYLES, 'an'].flatMap(wordsOf));
  return new CaptionTokenizer([...words].sort(), 10);
}

/**
 * Pictures as a tensor [N, 32, 32, 3] of −1 (dark) to 1 (light).
 * @example thingTensor(drawnThings(['noto']).slice(0, 2)).shape // → [2, 32, 32, 3]
 */
export function thingTensor(pictures: readonly Pick<ThingPicture, 'pixels'>[]): tf.Tensor4D {
  return pictureTensor(pictures, THING_SIZE);
}

const readChecked = (name: keyof typeof CHECKSUMS) => committed('things', name, CHECKSUMS[name]);
