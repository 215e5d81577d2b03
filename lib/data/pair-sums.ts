/**
 * A task whose answers a program can check, small enough to learn in minutes: which two of five numbers make the target?
 * Answers are attempts, "3 8 = 11 ✗", one after the other, until one is right or the writer gives up. Numbers are tokens of
 * their own and may be written in two ways, 12 or 十二.
 */
import type { HostRandom } from '../runtime';
import { expectNumber } from '../runtime/expect';

/** Largest number that has a token. */
const MOST = 30;
/** Numbers of a question, and the largest of them. */
const [NUMBERS, LARGEST] = [5, 15];
/** The tokens of an attempt: two numbers, =, a sum, a mark. */
const ATTEMPT = 5;

/** Tokens that are no numbers. */
export const PAIR_MARKS = {
  asks: 2 * MOST,
  equals: 2 * MOST + 1,
  yes: 2 * MOST + 2,
  no: 2 * MOST + 3,
  end: 2 * MOST + 4,
} as const;
/** How many tokens there are. */
export const PAIR_VOCAB = 2 * MOST + 5;
/** Tokens of a question: five numbers, an arrow, the target. */
export const PAIR_PROMPT = NUMBERS + 2;

export type Notation = 'digits' | 'characters';

export interface PairQuestion {
  numbers: number[];
  target: number;
}

/**
 * The token of a number from 1 to 30.
 * @example numberToken(3, 'characters') - numberToken(3, 'digits') // → 30
 */
export function numberToken(n: number, notation: Notation = 'digits'): number {
  return (
    expectNumber('a number with a token', n, { from: 1, to: MOST, whole: true }) -
    1 +
    (notation === 'digits' ? 0 : MOST)
  );
}

const isNumber = (token: number): boolean => token < 2 * MOST;
const numberOf = (token: number): number => (token % MOST) + 1;
const notationOf = (token: number): Notation => (token < MOST ? 'digits' : 'characters');

/**
 * Five different numbers, and the sum of two of them.
 * @see notebooks/22-r1.ipynb
 * @example pairQuestion(new HostRandom(1)).numbers.length // → 5
 */
export function pairQuestion(random: HostRandom): PairQuestion {
  const numbers = random.shuffle(Array.from({ length: LARGEST }, (_, i) => i + 1)).slice(0, NUMBERS);
  const [a, b] = random.shuffle([...numbers]);
  return { numbers, target: a + b };
}

/**
 * The tokens of a question, always in digits.
 * @example pairPrompt({ numbers: [1, 2, 3, 4, 5], target: 9 }).length // → 7
 */
export function pairPrompt({ numbers, target }: PairQuestion): number[] {
  return [...numbers.map(n => numberToken(n)), PAIR_MARKS.asks, numberToken(target)];
}

const DIGITS = '零一二三四五六七八九十';
const MARKS: Record<number, string> = {
  [PAIR_MARKS.asks]: '→',
  [PAIR_MARKS.equals]: '=',
  [PAIR_MARKS.yes]: '✓',
  [PAIR_MARKS.no]: '✗',
  [PAIR_MARKS.end]: '∎',
};

/** 12 → 十二 */
function inCharacters(n: number): string {
  const [tens, ones] = [Math.floor(n / 10), n % 10];
  return (tens > 1 ? DIGITS[tens] : '') + (tens > 0 ? '十' : '') + (ones > 0 ? DIGITS[ones] : '');
}

/**
 * Tokens as people read them.
 * @example showPairs([...pairPrompt({ numbers: [1, 2, 3, 4, 5], target: 9 }), PAIR_MARKS.end]) // → 1 2 3 4 5 → 9 ∎
 */
export function showPairs(tokens: readonly number[]): string {
  return tokens
    .map(
      token =>
        MARKS[token] ?? (notationOf(token) === 'digits' ? String(numberOf(token)) : inCharacters(numberOf(token))),
    )
    .join(' ');
}

export interface Demonstrator {
  /** Chance of giving up after a failure. */
  quit?: number;
  /** Chance that an attempt is written in characters. */
  characters?: number;
  /** Chance that the pair is known and written at once. */
  direct?: number;
  /** Tokens of an answer at most, with its end mark. */
  most?: number;
}

/**
 * The tokens of an answer by someone who tries two of the numbers at random, and writes down whether they fit.
 * @example
 * const question = { numbers: [1, 2, 3, 4, 5], target: 9 };
 * showPairs(pairDemonstration(question, new HostRandom(1), { direct: 1 })) // → 4 5 = 9 ✓ ∎
 */
export function pairDemonstration(
  { numbers, target }: PairQuestion,
  random: HostRandom,
  { quit = 0.3, characters = 0, direct = 0, most = 41 }: Demonstrator = {},
): number[] {
  for (const [name, chance] of Object.entries({ quit, characters, direct }))
    expectNumber(name, chance, { from: 0, to: 1 });
  const knows = random.uniform() < direct;
  const answer: number[] = [];
  while (answer.length + ATTEMPT < most) {
    let [a, b] = random.shuffle([...numbers]);
    while (knows && a + b !== target) [a, b] = random.shuffle([...numbers]);
    const notation = random.uniform() < characters ? 'characters' : 'digits';
    const mark = a + b === target ? PAIR_MARKS.yes : PAIR_MARKS.no;
    answer.push(
      numberToken(a, notation),
      numberToken(b, notation),
      PAIR_MARKS.equals,
      numberToken(a + b, notation),
      mark,
    );
    if (mark === PAIR_MARKS.yes || random.uniform() < quit) break;
  }
  return [...answer, PAIR_MARKS.end];
}

/** What a program finds in an answer. */
export interface PairVerdict {
  /** The last attempt takes two of the numbers that make the target, says so, and the answer ends there. */
  right: boolean;
  /** A ✓ stands somewhere. */
  ticked: boolean;
  /** Attempts of the right form. */
  attempts: number;
  /** Those whose sum is not the sum. */
  falseSums: number;
  /** Attempts after one marked ✗: looking at it, and trying another. */
  retries: number;
  /** Both ways of writing numbers occur. */
  mixed: boolean;
  /** The answer is attempts and an end mark, and nothing else. */
  wellFormed: boolean;
}

/**
 * @param answer tokens after the question
 * @example
 * const question = { numbers: [1, 2, 3, 4, 5], target: 9 };
 * judgePairs(question, pairDemonstration(question, new HostRandom(1), { direct: 1 })).right // → true
 */
export function judgePairs({ numbers, target }: PairQuestion, answer: readonly number[]): PairVerdict {
  const finished = answer[answer.length - 1] === PAIR_MARKS.end;
  const body = finished ? answer.slice(0, -1) : answer;
  const attempts = Array.from({ length: Math.ceil(body.length / ATTEMPT) }, (_, i) =>
    readAttempt(body.slice(i * ATTEMPT, (i + 1) * ATTEMPT)),
  );
  const read = attempts.filter(attempt => attempt !== undefined) as Attempt[];
  const last = attempts[attempts.length - 1];
  const from = (a: number, b: number) => a !== b && numbers.includes(a) && numbers.includes(b);
  const notations = new Set(answer.filter(isNumber).map(notationOf));
  return {
    right: Boolean(finished && last?.yes && from(last.a, last.b) && last.a + last.b === target && last.sum === target),
    ticked: answer.includes(PAIR_MARKS.yes),
    attempts: read.length,
    falseSums: read.filter(({ a, b, sum }) => a + b !== sum).length,
    retries: attempts.filter((attempt, i) => attempt && i > 0 && attempts[i - 1] && !attempts[i - 1]!.yes).length,
    mixed: notations.size > 1,
    wellFormed: finished && read.length > 0 && read.length === attempts.length,
  };
}

interface Attempt {
  a: number;
  b: number;
  sum: number;
  yes: boolean;
}

function readAttempt([a, b, equals, sum, mark]: readonly number[]): Attempt | undefined {
  const numbers = [a, b, sum].every(token => token !== undefined && isNumber(token));
  const marked = mark === PAIR_MARKS.yes || mark === PAIR_MARKS.no;
  if (!numbers || equals !== PAIR_MARKS.equals || !marked) return undefined;
  return { a: numberOf(a), b: numberOf(b), sum: numberOf(sum), yes: mark === PAIR_MARKS.yes };
}
