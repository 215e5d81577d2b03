/** How texts fall into pieces before byte-pair encoding, and the regular expressions of other libraries made JavaScript's. */

/** What \s is outside of JavaScript: with U+0085, without U+FEFF. */
const SPACE = String.raw`\p{White_Space}`;

/**
 * A pattern as tokenizer files write it (the syntax of Oniguruma) → JavaScript's: `(?i:…)` is spelt out, since Node 20
 * does not know it, and \s is Unicode's.
 * @throws Error naming the field where it is none that JavaScript can read
 * @example toRegExp('\\s+', 'pattern').test(' ') // → true
 */
export function toRegExp(pattern: string, field: string): RegExp {
  const plain = pattern
    .replace(/\(\?i:((?:[^()\\]|\\.)*)\)/g, (_, inside: string) => `(?:${inside.replace(/[a-z]/gi, eitherCase)})`)
    .replace(/\\([sS])/g, (_, letter: string) => (letter === 's' ? SPACE : SPACE.replace('p', 'P')));
  try {
    return new RegExp(plain, 'gu');
  } catch (error) {
    throw new Error(`${field}: the pattern ${pattern} can't be read: ${(error as Error).message}`);
  }
}

const eitherCase = (letter: string): string => `[${letter.toLowerCase()}${letter.toUpperCase()}]`;

const CONTRACTIONS = "'s|'t|'re|'ve|'m|'ll|'d";
const ANY_CASE = `(?i:${CONTRACTIONS})`;
const SPACES = String.raw`\s+(?!\S)|\s+`;

/** GPT-2's (Radford et al. 2019): words with the space before them, numbers, other signs, spaces. */
export const GPT2_PIECES = String.raw`${CONTRACTIONS}| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|${SPACES}`;

/** GPT-4's: at most three digits, contractions in either case, a sign may lead a word; `digits` is one of them in Qwen2's. */
const gpt4 = (digits: string) =>
  String.raw`${ANY_CASE}|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}${digits}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|${SPACES}`;
export const CL100K_PIECES = gpt4('{1,3}');
export const QWEN2_PIECES = gpt4('');

const UPPER = String.raw`\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}`;
const LOWER = String.raw`\p{Ll}\p{Lm}\p{Lo}\p{M}`;
const ENDING = `${ANY_CASE}?`;

/** GPT-4o's: a word ends where a capital letter follows a small one. */
export const O200K_PIECES = [
  String.raw`[^\r\n\p{L}\p{N}]?[${UPPER}]*[${LOWER}]+${ENDING}`,
  String.raw`[^\r\n\p{L}\p{N}]?[${UPPER}]+[${LOWER}]*${ENDING}`,
  String.raw`\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|${SPACES}`,
].join('|');

/** Text → pieces. */
export type Split = (text: string) => string[];

/**
 * Splits at the matches of a pattern. Each match is a piece of its own, and so is what lies between; `inverted`: what lies
 * between are the matches; `dropped`: matches are left out.
 * @example splitAt(/ /g)('a b').length // → 3
 */
export function splitAt(pattern: RegExp, { inverted = false, dropped = false } = {}): Split {
  return text => {
    const pieces: string[] = [];
    const put = (piece: string, matched: boolean) => {
      if (piece && !(dropped && matched !== inverted)) pieces.push(piece);
    };
    let at = 0;
    for (const match of text.matchAll(pattern)) {
      put(text.slice(at, match.index), false);
      put(match[0], true);
      at = (match.index ?? 0) + match[0].length;
    }
    put(text.slice(at), false);
    return pieces;
  };
}

/**
 * One split after the other.
 * @example splits(splitAt(/ /g), splitAt(/b/g))('a bc').length // → 4
 */
export const splits =
  (...each: Split[]): Split =>
  text =>
    each.reduce<string[]>((pieces, split) => pieces.flatMap(split), [text]);
