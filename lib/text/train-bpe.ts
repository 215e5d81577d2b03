/**
 * Training byte-pair encoding: the most frequent pair of neighbours becomes a token, again and again. Ties and numbers are
 * those of Hugging Face's tokenizers (`BpeTrainer` with the byte alphabet), so that the same text gives the same merges.
 */
import { expectCount, expectNumber } from '../runtime/expect';
import { ranksOf } from './bpe';
import { BYTE_LETTERS, toLetters } from './bytes';
import { Heap } from './heap';
import { GPT2_PIECES, type Split, splitAt, toRegExp } from './patterns';
import { Tokenizer } from './tokenizer';

/** A different piece of the text, as numbers of tokens, and how often it stands there. */
interface Word {
  ids: number[];
  count: number;
}

interface Candidate {
  left: number;
  right: number;
  count: number;
}

export interface TrainedBpe {
  tokenizer: Tokenizer;
  /** In the order in which they were made; in byte letters. */
  merges: [left: string, right: string][];
  /** How often each pair stood in the text when it was joined. */
  counts: number[];
}

/** Pairs have one number: there are far fewer than 2²⁶ tokens. */
const PAIR = 2 ** 26;

/**
 * @param merges tokens beyond the 256 bytes, at most
 * @param split how texts fall into pieces, over which no pair reaches; GPT-2's unless given
 * @example trainBpe('the then there', 2)
 */
export function trainBpe(
  texts: readonly string[] | string,
  merges: number,
  { split = splitAt(toRegExp(GPT2_PIECES, "GPT-2's pattern")), least = 1 }: { split?: Split; least?: number } = {},
): TrainedBpe {
  expectNumber('merges', merges, { from: 0, whole: true });
  expectCount('least', least);
  for (const text of [texts].flat())
    if (typeof text !== 'string') throw new Error(`expected texts to learn from, got ${typeof text}`);
  const letters = [...BYTE_LETTERS].sort(); // the order of their code points
  const vocabulary = new Map(letters.map((letter, id) => [letter, id]));
  const tokens = [...letters];
  const words = wordsOf([texts].flat() as string[], split, vocabulary);
  const pairs = new Pairs(words);
  const made: TrainedBpe['merges'] = [];
  const counts: number[] = [];
  while (made.length < merges) {
    const best = pairs.best();
    if (!best || best.count < least) break;
    const joined = tokens[best.left] + tokens[best.right];
    const id = vocabulary.get(joined) ?? tokens.push(joined) - 1; // two ways may lead to one token
    vocabulary.set(joined, id);
    made.push([tokens[best.left], tokens[best.right]]);
    counts.push(best.count);
    pairs.join(best, id);
  }
  return { tokenizer: new Tokenizer({ vocabulary, rank: ranksOf(made), split }), merges: made, counts };
}

function wordsOf(texts: readonly string[], split: Split, vocabulary: Map<string, number>): Word[] {
  const counts = new Map<string, number>();
  for (const text of texts) for (const piece of split(text)) counts.set(piece, (counts.get(piece) ?? 0) + 1);
  return [...counts].map(([piece, count]) => ({
    ids: toLetters(piece)
      .split('')
      .map(letter => vocabulary.get(letter)!),
    count,
  }));
}

/** How often each pair stands in the words, and where. */
class Pairs {
  private readonly counts = new Map<number, number>();
  private readonly places = new Map<number, Set<number>>();
  private readonly queue = new Heap<Candidate>(
    (a, b) =>
      a.count > b.count || (a.count === b.count && (a.left < b.left || (a.left === b.left && a.right < b.right))),
  );

  constructor(private readonly words: Word[]) {
    for (let i = 0; i < words.length; i++) this.count(i, 1);
    for (const pair of this.counts.keys()) this.offer(pair);
  }

  /** The most frequent pair, of the lowest numbers among equals. Counts that have changed meanwhile are put back. */
  best(): Candidate | undefined {
    for (let next = this.queue.pop(); next; next = this.queue.pop()) {
      const now = this.counts.get(next.left * PAIR + next.right) ?? 0;
      if (now === next.count) return next;
      if (now > 0) this.queue.push({ ...next, count: now });
    }
    return undefined;
  }

  /** Makes the pair one token wherever it stands. */
  join({ left, right }: Candidate, id: number): void {
    const pair = left * PAIR + right;
    const fresh = new Set<number>();
    for (const place of this.places.get(pair) ?? []) {
      this.count(place, -1);
      const word = this.words[place];
      word.ids = joined(word.ids, left, right, id);
      this.count(place, 1, (a, b) => {
        if (a === id || b === id) fresh.add(a * PAIR + b);
      });
    }
    this.counts.delete(pair);
    this.places.delete(pair);
    for (const each of fresh) this.offer(each);
  }

  private offer(pair: number): void {
    const count = this.counts.get(pair) ?? 0;
    if (count > 0) this.queue.push({ left: Math.floor(pair / PAIR), right: pair % PAIR, count });
  }

  /** Adds or takes away all pairs of a word. */
  private count(place: number, sign: number, seen?: (left: number, right: number) => void): void {
    const { ids, count } = this.words[place];
    for (let i = 0; i + 1 < ids.length; i++) {
      const pair = ids[i] * PAIR + ids[i + 1];
      this.counts.set(pair, (this.counts.get(pair) ?? 0) + sign * count);
      if (sign > 0) {
        if (!this.places.has(pair)) this.places.set(pair, new Set());
        this.places.get(pair)!.add(place);
      }
      seen?.(ids[i], ids[i + 1]);
    }
  }
}

function joined(ids: readonly number[], left: number, right: number, id: number): number[] {
  const out: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    const both = ids[i] === left && ids[i + 1] === right;
    out.push(both ? id : ids[i]);
    if (both) i++;
  }
  return out;
}
