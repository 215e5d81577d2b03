/**
 * Text → numbers of tokens and back: special tokens are cut out, the rest is normalised, split into pieces, and each piece
 * becomes tokens by byte-pair encoding. What each step is comes from a file (`readTokenizer`) or from training (`trainBpe`).
 */
import { joinPairs, type PairRank } from './bpe';
import { fromLetters, toLetters } from './bytes';
import type { Split } from './patterns';

/** A token that is found in the text as it stands, before anything is split. */
export interface AddedToken {
  id: number;
  text: string;
  /** Left out of decoded texts: it is a mark for the net, such as the end of a turn. */
  special: boolean;
  /** Found in the normalised text, not in the raw one. */
  normalised?: boolean;
}

export interface TokenizerParts {
  /** Token → its number. Tokens are written in byte letters ('Ġthe' is ' the'). */
  vocabulary: ReadonlyMap<string, number>;
  rank: PairRank;
  split: Split;
  normalise?: (text: string) => string;
  added?: readonly AddedToken[];
  /** A piece that is a token as a whole is not put together from its letters. */
  wholePieces?: boolean;
  /** Stands behind a piece's last letter: CLIP's '</w>'. */
  wordEnd?: string;
  /** What stands for pieces that the vocabulary has no letters for; without it they are an error. */
  unknown?: number;
  /** What is put before and behind a text where it is asked for. */
  frame?: { before: number[]; behind: number[] };
}

export interface EncodeOptions {
  /** Put what the tokenizer puts before and behind a text: Llama's <|begin_of_text|>. */
  frame?: boolean;
  /** Find special tokens that are written in the text, as a chat's template needs it; false takes them as plain letters. */
  special?: boolean;
}

/** Texts longer than this are cut into pieces anew each time: only words come again. */
const REMEMBERED = 64;

/**
 * @example new CharacterTokenizer('hello').size // → 4
 */
export class Tokenizer {
  private readonly texts: (string | undefined)[] = [];
  private readonly added = new Map<number, AddedToken>();
  private readonly raw?: RegExp;
  private readonly normal?: RegExp;
  private readonly byText = new Map<string, number>();
  private readonly known = new Map<string, readonly number[]>();

  constructor(readonly parts: TokenizerParts) {
    const { added = [], normalise = text => text } = parts;
    for (const [text, id] of parts.vocabulary) {
      if (!(Number.isInteger(id) && id >= 0 && id < MOST))
        throw new Error(`the number of ${JSON.stringify(text)} must be whole and below ${MOST}, got ${id}`);
      const known = this.texts[id];
      if (known !== undefined) throw twice(id, known, text);
      this.texts[id] = text;
    }
    for (const token of added) {
      const there = this.byText.get(token.text);
      if (there !== undefined && there !== token.id)
        throw new Error(`${JSON.stringify(token.text)} must be one token, got the numbers ${there} and ${token.id}`);
      this.added.set(token.id, token);
      this.byText.set(token.normalised ? normalise(token.text) : token.text, token.id);
    }
    this.raw = anyOf(added.filter(token => !token.normalised).map(token => token.text));
    this.normal = anyOf(added.filter(token => token.normalised).map(token => normalise(token.text)));
  }

  /** Numbers of tokens, the highest plus one. */
  get size(): number {
    return Math.max(this.texts.length, ...[...this.added.keys()].map(id => id + 1));
  }

  /** The number of a token as the vocabulary writes it ('Ġthe', '<|im_end|>'); undefined where there is none. */
  id(token: string): number | undefined {
    return this.byText.get(token) ?? this.parts.vocabulary.get(token);
  }

  /** A token as the vocabulary writes it. */
  token(id: number): string {
    const text = this.added.get(id)?.text ?? this.texts[id];
    if (text === undefined) throw new Error(`no token has the number ${id}; the vocabulary ends at ${this.size - 1}`);
    return text;
  }

  /** @throws Error where a letter is not in the vocabulary and nothing stands for unknown ones */
  encode(text: string, { frame = false, special = true }: EncodeOptions = {}): number[] {
    if (typeof text !== 'string') throw new Error(`expected a text, got ${typeof text}`);
    const { normalise = same => same, frame: around } = this.parts;
    const ids: number[] = [];
    for (const part of cut(text, special ? this.raw : undefined)) {
      if (special && this.raw && this.byText.has(part)) push(ids, [this.byText.get(part)!]);
      else
        for (const piece of cut(normalise(part), special ? this.normal : undefined))
          push(ids, this.pieces(piece, special));
    }
    return frame && around ? [...around.before, ...ids, ...around.behind] : ids;
  }

  private pieces(text: string, special: boolean): readonly number[] {
    const whole = special && this.normal ? this.byText.get(text) : undefined;
    if (whole !== undefined) return [whole];
    const ids: number[] = [];
    for (const piece of this.parts.split(text)) {
      let known = this.known.get(piece);
      if (!known) {
        known = this.joined(toLetters(piece));
        if (piece.length <= REMEMBERED) this.known.set(piece, known);
      }
      push(ids, known);
    }
    return ids;
  }

  /** One piece in byte letters → numbers. */
  private joined(letters: string): number[] {
    const { vocabulary, rank, wholePieces, wordEnd = '', unknown } = this.parts;
    const whole = wholePieces ? vocabulary.get(letters) : undefined;
    if (whole !== undefined) return [whole];
    const parts = letters.split('');
    parts[parts.length - 1] += wordEnd;
    return joinPairs(parts, rank).map(part => {
      const id = vocabulary.get(part) ?? unknown;
      if (id === undefined) throw new Error(`the vocabulary has no ${JSON.stringify(part)}; was it trained on bytes?`);
      return id;
    });
  }

  /** The bytes that a token stands for: a part of a character, perhaps. Special tokens are their text. */
  bytes(id: number): Uint8Array {
    const added = this.added.get(id);
    const { wordEnd } = this.parts;
    const text = this.token(id);
    if (added) return new TextEncoder().encode(text);
    const plain = wordEnd && text.endsWith(wordEnd) ? `${text.slice(0, -wordEnd.length)}Ġ` : text;
    return fromLetters(plain) ?? new TextEncoder().encode(plain);
  }

  /** Numbers → text. Bytes that make no whole character become '�'. `special`: with the special tokens. */
  decode(ids: ArrayLike<number>, { special = false } = {}): string {
    const shown = Array.from(ids).filter(id => special || !this.added.get(id)?.special);
    const text = Buffer.concat(shown.map(id => this.bytes(id))).toString('utf8');
    return this.parts.wordEnd ? text.trimEnd() : text;
  }

  /** Whether a token is a mark for the net. */
  isSpecial(id: number): boolean {
    return this.added.get(id)?.special ?? false;
  }

  /** Tokens → text as they come, each part once its characters are whole. Call it without a token at the end. */
  stream(): (id?: number) => string {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    return id => {
      if (id === undefined) return decoder.decode();
      return this.isSpecial(id) ? '' : decoder.decode(this.bytes(id), { stream: true });
    };
  }
}

/** Far more tokens than any vocabulary has. */
const MOST = 2 ** 26;

const twice = (id: number, one: string, other: string): Error =>
  new Error(`number ${id} must be one token, got ${JSON.stringify(one)} and ${JSON.stringify(other)}`);

/** No spread: a text of a million tokens is more than a call takes as arguments. */
function push(ids: number[], more: readonly number[]): void {
  for (const id of more) ids.push(id);
}

/** The longest of the texts that begins first. */
function anyOf(texts: readonly string[]): RegExp | undefined {
  const sorted = texts.filter(Boolean).sort((a, b) => b.length - a.length);
  if (sorted.length === 0) return undefined;
  return new RegExp(sorted.map(text => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')).join('|'), 'g');
}

/** Matches and what lies between, in order. */
function cut(text: string, pattern?: RegExp): string[] {
  if (!pattern) return text ? [text] : [];
  const parts: string[] = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    parts.push(text.slice(at, match.index), match[0]);
    at = (match.index ?? 0) + match[0].length;
  }
  parts.push(text.slice(at));
  return parts.filter(Boolean);
}
