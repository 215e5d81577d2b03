/**
 * Byte-pair encoding (Sennrich et al. 2016, algorithm 1): a piece of text begins as letters; of all neighbours, the pair with
 * the lowest rank becomes one, the leftmost first, until none has a rank.
 */
import { Heap } from './heap';

/** How early a pair is joined; undefined where it never is. */
export type PairRank = (left: string, right: string) => number | undefined;

/** A pair of neighbours that may be joined; stale where one of them has changed since. */
interface Candidate {
  rank: number;
  at: number;
  length: number;
}

/**
 * Pairs in the order in which they are joined: ['t', 'h'] or 't h'.
 * @example ranksOf(['t h', 'th e'])('th', 'e') // → 1
 */
export function ranksOf(merges: readonly (readonly string[] | string)[]): PairRank {
  const ranks = new Map<string, number>();
  for (const [rank, merge] of merges.entries()) {
    if (typeof merge !== 'string' && !(Array.isArray(merge) && merge.every(part => typeof part === 'string')))
      throw new Error(`merge ${rank}: expected two parts, got ${JSON.stringify(merge)}`);
    const pair = typeof merge === 'string' ? merge : merge.join(' ');
    if (pair.split(' ').length !== 2)
      throw new Error(`merge ${rank}: expected two parts, got ${JSON.stringify(merge)}`);
    if (!ranks.has(pair)) ranks.set(pair, rank);
  }
  return (left, right) => ranks.get(`${left} ${right}`);
}

/**
 * A piece's parts after all joins. `parts`: its letters, one or more characters each.
 * @example joinPairs(['t', 'h', 'e'], ranksOf(['t h'])) // → ['th', 'e']
 */
export function joinPairs(parts: readonly string[], rankOf: PairRank): string[] {
  const texts = [...parts];
  const after = texts.map((_, i) => i + 1); // the next part's place; those that were joined to others are skipped
  const before = texts.map((_, i) => i - 1);
  const queue = new Heap<Candidate>((a, b) => a.rank < b.rank || (a.rank === b.rank && a.at < b.at));
  const ask = (at: number) => {
    const right = after[at];
    if (at < 0 || right >= texts.length) return;
    const rank = rankOf(texts[at], texts[right]);
    if (rank !== undefined) queue.push({ rank, at, length: texts[at].length + texts[right].length });
  };
  for (let i = 0; i + 1 < texts.length; i++) ask(i);
  for (let next = queue.pop(); next; next = queue.pop()) {
    const { at, rank, length } = next;
    const right = after[at];
    if (texts[at] === '' || right >= texts.length || texts[at].length + texts[right].length !== length) continue;
    if (rankOf(texts[at], texts[right]) !== rank) continue;
    texts[at] += texts[right];
    texts[right] = '';
    after[at] = after[right];
    if (after[right] < texts.length) before[after[right]] = at;
    ask(before[at]);
    ask(at);
  }
  return texts.filter(text => text !== '');
}
