/**
 * Words into numbers for the emoji captions, in two languages with one list: an English word is a token, and so is a
 * Chinese character. Real CLIPs cut words into pieces (lesson 20 builds such a tokenizer), so that nothing is unknown to
 * them; with two thousand short captions whole words are simpler, and an unknown word is said to be unknown.
 * @see notebooks/14-text-to-image.ipynb
 */
import { type HostRandom, tf } from '../runtime';
import type { EmojiPicture, Language } from './emoji';

const [PAD, UNKNOWN, START] = [0, 1, 2];
const FIRST = 3; // number of the first word
const WORD = /[\p{Script=Latin}\d]+(?:[’'-][\p{Script=Latin}\d]+)*|\p{Script=Han}/gu;

/**
 * "Red heart, noto" → red, heart, noto; "红心" → 红, 心.
 * @example wordsOf('Red heart, noto').join(' ') // → red heart noto
 */
export const wordsOf = (text: string): string[] => text.toLowerCase().match(WORD) ?? [];

/**
 * @example new CaptionTokenizer(['red', 'heart'], 4).encode(['red heart']).shape // → [1, 4]
 */
export class CaptionTokenizer {
  private readonly numbers: Map<string, number>;
  /** Start token, words, end token, padding: that many together. The end token has the highest number of them. */
  readonly vocab: number;
  private learnt = 0;

  constructor(
    readonly words: readonly string[],
    readonly context = 16,
  ) {
    this.numbers = new Map(words.map((word, i) => [word, i + FIRST]));
    this.vocab = FIRST + words.length + 1;
  }

  /** The tokens as words, for looking at. */
  tokens(text: string): string[] {
    const known = wordsOf(text).map(word => (this.numbers.has(word) ? word : '<unknown>'));
    return ['<start>', ...known.slice(0, this.context - 2), '<end>'];
  }

  /** Words of a text that no caption had; the model can only ignore them. */
  unknown(text: string): string[] {
    return wordsOf(text).filter(word => !this.numbers.has(word));
  }

  /**
   * Makes a new word known, behind all others, and says its number, `vocab` or more. The model has no vector for it until somebody
   * gives it one, as `NewWord` does.
   */
  learn(word: string): number {
    const [only, ...more] = wordsOf(word);
    if (only !== word.toLowerCase() || more.length > 0)
      throw new Error(`expected one word, or one Chinese character, got '${word}'; write it in letters only`);
    if (this.numbers.has(only)) throw new Error(`'${word}' is known already; take a word that means nothing so far`);
    const number = this.vocab + this.learnt++;
    this.numbers.set(only, number);
    return number;
  }

  /** [context] numbers; what is too long is cut, what is short is padded. */
  ids(text: string): number[] {
    const words = wordsOf(text).slice(0, this.context - 2);
    const ids = [START, ...words.map(word => this.numbers.get(word) ?? UNKNOWN), this.vocab - 1];
    return [...ids, ...Array<number>(this.context - ids.length).fill(PAD)];
  }

  /** Texts → [B, context] int32. */
  encode(texts: readonly string[]): tf.Tensor2D {
    return tf.tensor2d(
      texts.map(text => this.ids(text)),
      [texts.length, this.context],
      'int32',
    );
  }
}

/**
 * The list of words of these pictures' captions, and of those tags that at least two of their things share; sorted.
 * @example captionTokenizer(emoji().slice(0, 50)).words.length > 10 // → true
 */
export function captionTokenizer(pictures: readonly EmojiPicture[]): CaptionTokenizer {
  const words = new Set<string>();
  const tagged = new Map<string, number>();
  for (const emoji of new Set(pictures.map(p => p.emoji))) {
    for (const word of new Set([...emoji.tags.en, ...emoji.tags.zh].flatMap(wordsOf))) {
      tagged.set(word, (tagged.get(word) ?? 0) + 1);
    }
  }
  for (const { caption, style } of pictures) {
    for (const word of wordsOf(`${caption.en} ${caption.zh} ${style}`)) words.add(word);
  }
  for (const [word, count] of tagged) if (count > 1) words.add(word);
  return new CaptionTokenizer([...words].sort());
}

/**
 * One of the many texts that fit a picture, for training: caption or (one in five) some of its tags, English or Chinese,
 * every second one with the name of the style at the end.
 * @example textFor(emoji()[0], new HostRandom(1)).length > 0 // → true
 */
export function textFor({ emoji, caption, colour, style }: EmojiPicture, draw: HostRandom): string {
  const language: Language = draw.uniform() < 0.5 ? 'en' : 'zh';
  const tags = emoji.tags[language];
  const byTags = colour === undefined && tags.length > 2 && draw.uniform() < 0.2;
  const text = byTags ? draw.shuffle(tags).slice(0, 3).join(', ') : caption[language];
  return draw.uniform() < 0.5 ? `${text}, ${style}` : text;
}
