/**
 * From logits to the next token: how sure the net should be made (temperature), and which tokens are cut off (top-k, top-p).
 * The order of the steps is that of Hugging Face's transformers.
 */
import type { HostRandom } from '../runtime';
import { expectNumber } from '../runtime/expect';

export interface SamplingOptions {
  /** Logits are divided by it: below 1 likely tokens become likelier, 0 always takes the likeliest. 1 unless given. */
  temperature?: number;
  /** Only this many of the likeliest stay. */
  topK?: number;
  /** Only the likeliest stay that together have at least this probability (Holtzman et al. 2020). */
  topP?: number;
  /** Tokens that were there get their logits divided by it, or multiplied where negative (Keskar et al. 2019). */
  repetition?: number;
}

/** A token that may come next. */
export interface Candidate {
  id: number;
  /** Of those that are left, summing to 1. */
  probability: number;
}

/**
 * The tokens that are left, the likeliest first.
 * @param logits one for each token
 * @param previous tokens so far, for `repetition`
 * @example candidates([2, 1, 0], { topK: 2 }).length // → 2
 */
export function candidates(
  logits: ArrayLike<number>,
  options: SamplingOptions = {},
  previous: Iterable<number> = [],
): Candidate[] {
  const { temperature, topK, topP } = checked(options);
  const scores = repeated(logits, options.repetition ?? 1, previous);
  const order = Uint32Array.from({ length: scores.length }, (_, id) => id);
  order.sort((a, b) => scores[b] - scores[a] || a - b);
  if (temperature === 0) return [{ id: order[0], probability: 1 }];
  const most = scores[order[0]];
  const last = topK < order.length ? scores[order[topK - 1]] : Number.NEGATIVE_INFINITY; // as likely as the k-th: stays, too
  const kept: Candidate[] = [];
  let sum = 0;
  for (const id of order) {
    if (scores[id] < last) break;
    const probability = Math.exp((scores[id] - most) / temperature);
    if (probability === 0) break; // what is impossible is never drawn, whatever rounding leaves at the end
    kept.push({ id, probability });
    sum += probability;
  }
  let before = 0; // probability of those that are likelier
  const left = kept.filter(({ probability }, i) => {
    const stays = i === 0 || before < topP;
    before += probability / sum;
    return stays;
  });
  const total = left.reduce((all, each) => all + each.probability, 0);
  return left.map(({ id, probability }) => ({ id, probability: probability / total }));
}

/**
 * Draws the next token. `random` is not asked where temperature is 0.
 * @example sampleToken([2, 1, 0], new HostRandom(1), { temperature: 0 }) // → 0
 */
export function sampleToken(
  logits: ArrayLike<number>,
  random: HostRandom,
  options: SamplingOptions = {},
  previous: Iterable<number> = [],
): number {
  if (options.temperature === 0) {
    checked(options);
    return likeliest(repeated(logits, options.repetition ?? 1, previous));
  }
  const left = candidates(logits, options, previous);
  let rest = random.uniform();
  for (const { id, probability } of left) {
    rest -= probability;
    if (rest < 0) return id;
  }
  return left[left.length - 1].id;
}

/**
 * The place of the largest number, the first of equals.
 * @example likeliest([1, 3, 2]) // → 1
 */
export function likeliest(logits: ArrayLike<number>): number {
  expectLogits(logits);
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id] > logits[best]) best = id;
  return best;
}

/** @throws Error naming the option, its value and its range */
function checked({ temperature = 1, topK, topP = 1, repetition = 1 }: SamplingOptions) {
  expectNumber('temperature', temperature, { from: 0 }, '0 always takes the likeliest token');
  if (topK !== undefined) expectNumber('topK', topK, { from: 1, whole: true }, 'leave it out to keep all tokens');
  expectNumber('topP', topP, { above: 0, to: 1 }, '1 keeps all tokens');
  expectNumber('repetition', repetition, { above: 0 }, '1 changes nothing');
  return { temperature, topK: topK ?? Number.POSITIVE_INFINITY, topP };
}

function repeated(logits: ArrayLike<number>, penalty: number, previous: Iterable<number>): ArrayLike<number> {
  expectLogits(logits);
  if (penalty === 1) return logits;
  const scores = Float64Array.from(logits);
  for (const id of new Set(previous)) scores[id] = scores[id] > 0 ? scores[id] / penalty : scores[id] * penalty;
  expectLogits(scores); // a penalty near 0 makes ∞ of them
  return scores;
}

/** −∞ makes a token impossible; one at least must be possible, and none NaN, of which no draw would tell. */
function expectLogits(logits: ArrayLike<number>): void {
  if (logits.length === 0) throw new Error('expected logits, one for each token, got none');
  let possible = false;
  for (let id = 0; id < logits.length; id++) {
    if (typeof logits[id] !== 'number' || !(logits[id] < Number.POSITIVE_INFINITY))
      throw new Error(`logits must be numbers or −∞, got ${logits[id]} for token ${id}; has the training diverged?`);
    possible ||= logits[id] > Number.NEGATIVE_INFINITY;
  }
  if (!possible) throw new Error('every logit is −∞: no token is possible; expected one at the least');
}
