import { palette } from '../plot/palette';
import { say } from '../plot/words';
import { DISPLAY, type Displayable, type MimeBundle } from '../runtime/display';
import { html } from '../runtime/html';
import { card, plain, prose, type Text } from './text';

type Numbers = number | ArrayLike<number> | { dataSync(): ArrayLike<number>; shape: number[] };

class Unsolved extends Error {
  constructor(readonly hint?: Text) {
    super('not solved yet');
  }
}
class Wrong extends Error {
  constructor(
    readonly says: Text,
    readonly hint?: Text,
  ) {
    super(plain(says));
  }
}

/** How often code that is not written yet was asked for a value in the present check. */
let holes = 0;

/** A value that nobody has computed yet: any part of it, and what it returns, is missing too; as a number it is NaN, as JSON null. */
const HOLE: unknown = new Proxy(() => {}, {
  get(_, key) {
    if (key === 'then') return undefined; // nothing to wait for
    if (key === Symbol.toPrimitive) return (wanted: string) => (wanted === 'string' ? 'null' : Number.NaN);
    if (key === Symbol.iterator) return () => Array(100).fill(HOLE).values();
    return HOLE;
  },
  apply: () => HOLE,
  construct: () => HOLE as object,
});

/**
 * Stands where the reader's code goes: `return todo();` type-checks everywhere and marks the exercise as not solved.
 * It does not throw, so that the check gets as far as its first question and can give the hint that belongs to it.
 * @example
 * const half = (x: number): number => todo();
 * await exercise('half', is => is.near('half of 3', half(3), 1.5)) // not solved yet: says so, and fails nothing
 */
export function todo(): never {
  holes++;
  return HOLE as never;
}

export interface CheckOptions {
  /** Shown where the check fails: a way towards the answer, not the answer. */
  hint?: Text;
  /** Largest difference that counts as equal, absolute or relative to the expected value; default 1e-6. */
  tolerance?: number;
}

/**
 * What a check may ask for. An `undefined` answer counts as not solved; the expected value is never shown.
 * @example new Checks().near('the mean', 2.5, 2.5)
 */
export class Checks {
  /** A number, array or tensor close to the expected one. */
  near(
    what: string,
    got: Numbers | undefined,
    want: number | ArrayLike<number>,
    { hint, tolerance = 1e-6 }: CheckOptions = {},
  ): void {
    const [mine, theirs] = [numbers(given(got, hint)), numbers(want)];
    if (mine.length !== theirs.length)
      throw new Wrong(`${what} should have ${theirs.length} numbers, yours has ${mine.length}.`, hint);
    const i = mine.findIndex(
      (value, n) => !(Math.abs(value - theirs[n]) <= tolerance * Math.max(1, Math.abs(theirs[n]))),
    );
    if (i < 0) return;
    const where = theirs.length > 1 ? `${what}[${i}]` : what;
    const fault = !Number.isFinite(mine[i]) ? 'no finite number' : mine[i] < theirs[i] ? 'too small' : 'too large';
    throw new Wrong(`${where} is ${say(mine[i])}, which is ${fault}.`, hint);
  }

  /** The same value, compared as JSON. */
  equal(what: string, got: unknown, want: unknown, { hint }: CheckOptions = {}): void {
    const mine = JSON.stringify(given(got, hint));
    if (mine !== JSON.stringify(want)) throw new Wrong(`${what} is ${mine}, which is not right.`, hint);
  }

  /** A tensor of the given shape. */
  shape(
    what: string,
    got: { shape: number[] } | undefined,
    want: readonly number[],
    { hint }: CheckOptions = {},
  ): void {
    const mine = given(got, hint).shape;
    if (mine.join() === want.join()) return;
    const [a, b] = [mine, want].map(s => `[${s.join(', ')}]`);
    throw new Wrong(`${what} should have shape ${b}, yours has ${a}.`, hint);
  }

  /** Anything else: `says` is shown when the condition does not hold. */
  holds(condition: boolean | undefined, says: Text, { hint }: CheckOptions = {}): void {
    if (!given(condition, hint)) throw new Wrong(says, hint);
  }
}

/** Goes through the questions of a check for the first hint that one of them gives, and judges nothing. */
class HintSeeker extends Checks {
  found?: Text;

  override near(_what: string, _got: unknown, _want: unknown, options: CheckOptions = {}): void {
    this.found ??= options.hint;
  }

  override equal(_what: string, _got: unknown, _want: unknown, options: CheckOptions = {}): void {
    this.found ??= options.hint;
  }

  override shape(_what: string, _got: unknown, _want: unknown, options: CheckOptions = {}): void {
    this.found ??= options.hint;
  }

  override holds(_condition: unknown, _says: unknown, options: CheckOptions = {}): void {
    this.found ??= options.hint;
  }
}

async function firstHint(check: (is: Checks) => void | Promise<void>): Promise<Text | undefined> {
  const seeker = new HintSeeker();
  try {
    await check(seeker);
  } catch {} // what is not written yet may fail anywhere
  return seeker.found;
}

/** The reader's value; a missing one is an exercise not solved yet, and gets the hint. */
function given<T>(value: T | undefined, hint?: Text): T {
  if (value === undefined || value === HOLE) throw new Unsolved(hint);
  return value;
}

function numbers(value: Numbers): number[] {
  if (typeof value === 'number') return [value];
  return Array.from('dataSync' in value ? value.dataSync() : value);
}

/**
 * What a check found.
 * @example new Verdict('half', 'right', 'half of 3 is 1.5').state // → right
 */
export class Verdict implements Displayable {
  constructor(
    readonly id: string,
    readonly state: 'right' | 'wrong' | 'unsolved',
    readonly says: Text,
    readonly hint?: Text,
  ) {}

  toString(): string {
    const sign = { right: '✓', wrong: '✗', unsolved: '○' }[this.state];
    return `${sign} ${plain(this.says)}${this.hint ? `\nHint:\n${plain(this.hint)}` : ''}`;
  }

  [DISPLAY](): MimeBundle {
    const [sign, colour] = { right: ['✓', palette[2]], wrong: ['✗', palette[1]], unsolved: ['○', palette[6]] }[
      this.state
    ];
    const hint = this.hint ? html`<details><summary>Hint</summary>${prose(this.hint)}</details>` : '';
    return {
      'text/html': card(colour, html`<strong>${sign}</strong> ${prose(this.says)}${hint}`).source,
      'text/plain': this.toString(),
    };
  }
}

/**
 * Tells right from wrong. Never throws: a notebook with unsolved exercises runs from top to bottom.
 * @param id stable name, e.g. 'posterior-of-snow'
 * @param check asks questions of the reader's values; the first that fails is the verdict
 * @example
 * const mine = 0.18 / 0.42;
 * await exercise('posterior', is => is.near('P(rain|clouds)', mine, 0.18 / 0.42, { hint: 'divide by the evidence' }))
 */
export async function exercise(id: string, check: (is: Checks) => void | Promise<void>): Promise<Verdict> {
  holes = 0;
  try {
    await check(new Checks());
    return holes > 0 ? unsolved(id, await firstHint(check)) : new Verdict(id, 'right', 'Right.');
  } catch (error) {
    const hint = error instanceof Unsolved || error instanceof Wrong ? error.hint : undefined;
    if (error instanceof Unsolved || holes > 0) return unsolved(id, hint ?? (await firstHint(check)));
    if (error instanceof Wrong) return new Verdict(id, 'wrong', error.says, hint);
    const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return new Verdict(id, 'wrong', `Your code stopped with an error: ${said}`);
  }
}

const unsolved = (id: string, hint?: Text): Verdict =>
  new Verdict(id, 'unsolved', 'Not solved yet: write your answer above and run the cell again.', hint);
