/** Words of a text, and which of them need no translation. */
import { fs, path } from '../platform';

/** Names by their reason, and patterns of what is no prose at all: the file `allow.json`. */
export interface Allowed {
  /** reason → words, parted by spaces. */
  words: Record<string, string>;
  /** reason → regular expression of a whole word. */
  patterns: Record<string, string>;
  /**
   * lesson → reason → whole texts that are data there (captions, prompts); '@id' stands for all that a cell prints, '/…/' is a regular
   * expression of a whole text or word: what a net writes differs after each training.
   */
  data: Record<string, Record<string, string[]>>;
  /** lesson → reason → Chinese that an English page shows because it is the subject. */
  chinese: Record<string, Record<string, string[]>>;
}

export const I18N = path.join('lib', 'i18n');

export const readAllowed = (root: string): Allowed =>
  JSON.parse(fs.readFileSync(path.join(root, I18N, 'allow.json'), 'utf8')) as Allowed;

const LETTER = 'A-Za-zÀ-ÖØ-öø-ÿ';
/** A word, a name with points or hyphens in it, or a call: `Adam`, `conv_in.weight`, `U-Net`, `argMax(`. */
const WORD = new RegExp(String.raw`(?<![\d.${LETTER}])[${LETTER}][${LETTER}\w]*(?:['’.-][${LETTER}\w]+)*\(?`, 'g');
/** Code, formulas, addresses, paths, colours, types in Chinese quotes. */
const KEPT = /`[^`]*`|\$[^$]*\$|\bhttps?:\S+|[\w~./-]*\/[\w./-]+\.\w+|#[0-9A-Fa-f]{3,8}\b|“[\w<>[\]]+”/g;
/** An item of `data` that is a regular expression. */
const PATTERN = /^\/.+\/$/;
/** Matches what one of the expressions matches from end to end. */
const whole = (patterns: string[]) => new RegExp(`^(?:${patterns.join('|') || '(?!)'})$`);
const LATIN = /[A-Za-z]/;
const HAN = /[\u3400-\u9fff]/;

export const hasLatin = (text: string): boolean => LATIN.test(text);
export const hasHan = (text: string): boolean => HAN.test(text);

/** Tells prose from names, identifiers and formulas. */
export class Names {
  private readonly words: Set<string>;
  private readonly pattern: RegExp;
  private readonly data: Set<string>;
  private readonly dataPattern: RegExp;

  constructor(allowed: Allowed, lesson = '') {
    this.words = new Set(Object.values(allowed.words).flatMap(words => words.split(' ')));
    this.pattern = whole(Object.values(allowed.patterns));
    const data = Object.values(allowed.data[lesson] ?? {}).flat();
    const patterns = data.filter(item => PATTERN.test(item));
    this.data = new Set(data.filter(item => !PATTERN.test(item)));
    this.dataPattern = whole(patterns.map(item => item.slice(1, -1)));
  }

  /** Everything that a cell prints is data. */
  isDataCell(id: string): boolean {
    return this.data.has(`@${id}`);
  }

  /** A text that is data of the lesson stays as it is. */
  isData(text: string): boolean {
    return this.data.has(text) || this.dataPattern.test(text);
  }

  /** The words of a text that a Chinese page may not show. Code in backticks, formulas and addresses do not count. */
  foreign(text: string): string[] {
    if (!hasLatin(text) || this.isData(text.trim())) return [];
    const prose = text.replace(KEPT, ' ');
    return (prose.match(WORD) ?? []).filter(word => !this.isName(word));
  }

  private isName(word: string): boolean {
    return this.words.has(word) || this.pattern.test(word) || this.isData(word);
  }
}
