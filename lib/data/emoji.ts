/**
 * The emoji set: 1,060 little pictures (things, faces, animals, plain shapes) in two drawing styles, each with a caption
 * and tags in English and Chinese, from Noto (Apache-2.0), Twemoji (CC BY 4.0) and emojibase (MIT).
 * scripts/data/make_emoji.ts made the files.
 * @see notebooks/14-text-to-image.ipynb
 */
import { PNG } from '../platform';
import type { tf } from '../runtime';
import { COLOURS, type Colour, canRecolour, recolour } from './recolour';
import { committed, committedText, cutOut, pictureTensor } from './sheets';

export type EmojiStyle = 'noto' | 'twemoji';
export type Language = 'en' | 'zh';

/** A thing that can be drawn: what the words are about. */
export interface Emoji {
  /** Code points, e.g. `2764-FE0F`. */
  code: string;
  caption: Record<Language, string>;
  tags: Record<Language, string[]>;
  group: string;
  subgroup: string;
}

/** One drawing of it: 32 × 32 pixels, RGB on white. `caption` names the colour too where a program changed it. */
export interface EmojiPicture {
  emoji: Emoji;
  style: EmojiStyle;
  colour?: Colour;
  caption: Record<Language, string>;
  /** [32, 32, 3], 0–255 */
  pixels: Uint8Array;
}

export const EMOJI_SIZE = 32;
const STYLES: EmojiStyle[] = ['noto', 'twemoji'];
const CHECKSUMS = {
  'emoji.json.br': 'a5a5e828c1fc4b6c6adeb14b27f61a97',
  'emoji-noto.png': '5e41b04e168842740af7be26f996106f',
  'emoji-twemoji.png': 'e6e6d385211b58626d347c48892489d9',
} as const;

/** Captions no training step ever sees, in neither style, though all their words occur in others. */
export const HELD_OUT = [
  'red heart',
  'purple heart',
  'green apple',
  'blue book',
  'orange circle',
  'blue square',
  'crying cat',
  'rabbit face',
] as const;

/** The same for pictures whose colour a program changed. */
export const HELD_OUT_RECOLOURED = [
  'blue rocket',
  'green fox',
  'purple automobile',
  'red dolphin',
  'blue banana',
  'purple tropical fish',
  'green teddy bear',
  'yellow umbrella',
  'red frog',
  'orange octopus',
  'purple carrot',
  'blue pizza',
  'green crab',
  'red dress',
  'purple strawberry',
  'green trumpet',
] as const;

let loaded: EmojiPicture[] | undefined;

/**
 * All 2,120 pictures, Noto's first; read once and then kept (7 MB). Throws where a file is missing or altered.
 * @example emoji().length // → 2120
 */
export function emoji(): EmojiPicture[] {
  if (loaded) return loaded;
  const rows: [string, string, string, string[], string[], string, string][] = JSON.parse(
    committedText('emoji', 'emoji.json.br', CHECKSUMS['emoji.json.br']),
  );
  const things = rows.map(([code, en, zh, tagsEn, tagsZh, group, subgroup]): Emoji => {
    return { code, caption: { en: en.toLowerCase(), zh }, tags: { en: tagsEn, zh: tagsZh }, group, subgroup };
  });
  loaded = STYLES.flatMap(style => {
    const sheet = PNG.sync.read(readChecked(`emoji-${style}.png`));
    const columns = sheet.width / EMOJI_SIZE;
    return things.map((thing, i) => {
      const pixels = cutOut(sheet, Math.floor(i / columns), i % columns, EMOJI_SIZE);
      return { emoji: thing, style, caption: thing.caption, pixels };
    });
  });
  return loaded;
}

export interface EmojiSplit {
  /** 1,052 things in two styles. */
  train: EmojiPicture[];
  /** Pictures of the training set in other colours, with the colour in the caption. */
  recoloured: EmojiPicture[];
  /** Eight things in two styles, and sixteen recoloured ones in two styles. */
  heldOut: EmojiPicture[];
}

/**
 * What lessons 14 and 15 train on and what they keep back. A picture with one ruling colour also appears in six others
 * ("blue dog"): that is how a small set shows that a colour word and a thing word can be combined at will.
 * @example Object.keys(emojiSplit())
 */
export function emojiSplit(): EmojiSplit {
  split ??= makeSplit();
  return split;
}

let split: EmojiSplit | undefined;

function makeSplit(): EmojiSplit {
  const out = (p: EmojiPicture) => (HELD_OUT as readonly string[]).includes(p.caption.en);
  const outRecoloured = (p: EmojiPicture) => (HELD_OUT_RECOLOURED as readonly string[]).includes(p.caption.en);
  const train = emoji().filter(p => !out(p));
  const recoloured = train.filter(canRecolour).flatMap(p => COLOURS.map(colour => recolour(p, colour)));
  return {
    train,
    recoloured: recoloured.filter(p => !outRecoloured(p)),
    heldOut: [...emoji().filter(out), ...recoloured.filter(outRecoloured)],
  };
}

/**
 * Pictures as a tensor [N, 32, 32, 3] of −1 (dark) to 1 (light).
 * @example emojiTensor(emoji().slice(0, 2)).shape // → [2, 32, 32, 3]
 */
export function emojiTensor(pictures: readonly EmojiPicture[]): tf.Tensor4D {
  return pictureTensor(pictures, EMOJI_SIZE);
}

const readChecked = (name: keyof typeof CHECKSUMS) => committed('emoji', name, CHECKSUMS[name]);
