import { palette } from '../plot/palette';
import { say } from '../plot/words';
import { DISPLAY, type Displayable, type MimeBundle } from '../runtime/display';
import { card, html, plain, type Text } from './text';

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

/** Stands where the reader's code goes: `return todo();` type-checks everywhere and marks the exercise as not solved. */
export function todo(): never {
  throw new Unsolved();
}

export interface CheckOptions {
  /** Shown where the check fails: a way towards the answer, not the answer. */
  hint?: Text;
  /** Largest difference that counts as equal, absolute or relative to the expected value; default 1e-6. */
  tolerance?: number;
}

/** What a check may ask for. An `undefined` answer counts as not solved; the expected value is never shown. */
export class Checks {
  /** A number, array or tensor close to the expected one. */
  near(
    what: string,
    got: Numbers | undefined,
    want: number | ArrayLike<number>,
    { hint, tolerance = 1e-6 }: CheckOptions = {},
  ): void {
    const [mine, theirs] = [numbers(given(got, hint)), numbers(want)];
    if (mine.length !== theirs.length) {
      throw new Wrong(
        {
          en: `${what} should have ${theirs.length} numbers, yours has ${mine.length}.`,
          zh: `${what} 应有 ${theirs.length} 个数，得到 ${mine.length} 个。`,
        },
        hint,
      );
    }
    const i = mine.findIndex(
      (value, n) => !(Math.abs(value - theirs[n]) <= tolerance * Math.max(1, Math.abs(theirs[n]))),
    );
    if (i < 0) return;
    const where = theirs.length > 1 ? `${what}[${i}]` : what;
    const [en, zh] = !Number.isFinite(mine[i])
      ? ['which is no finite number', '不是有限的数']
      : mine[i] < theirs[i]
        ? ['which is too small', '偏小']
        : ['which is too large', '偏大'];
    throw new Wrong({ en: `${where} is ${say(mine[i])}, ${en}.`, zh: `${where} 等于 ${say(mine[i])}，${zh}。` }, hint);
  }

  /** The same value, compared as JSON. */
  equal(what: string, got: unknown, want: unknown, { hint }: CheckOptions = {}): void {
    const mine = JSON.stringify(given(got, hint));
    if (mine !== JSON.stringify(want))
      throw new Wrong({ en: `${what} is ${mine}, which is not right.`, zh: `${what} 是 ${mine}，不对。` }, hint);
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
    throw new Wrong(
      { en: `${what} should have shape ${b}, yours has ${a}.`, zh: `${what} 的形状应为 ${b}，得到 ${a}。` },
      hint,
    );
  }

  /** Anything else: `says` is shown when the condition does not hold. */
  holds(condition: boolean | undefined, says: Text, { hint }: CheckOptions = {}): void {
    if (!given(condition, hint)) throw new Wrong(says, hint);
  }
}

/** The reader's value; a missing one is an exercise not solved yet, and gets the hint. */
function given<T>(value: T | undefined, hint?: Text): T {
  if (value === undefined) throw new Unsolved(hint);
  return value;
}

function numbers(value: Numbers): number[] {
  if (typeof value === 'number') return [value];
  return Array.from('dataSync' in value ? value.dataSync() : value);
}

/** What a check found. */
export class Verdict implements Displayable {
  constructor(
    readonly id: string,
    readonly state: 'right' | 'wrong' | 'unsolved',
    readonly says: Text,
    readonly hint?: Text,
  ) {}

  toString(): string {
    const sign = { right: '✓', wrong: '✗', unsolved: '○' }[this.state];
    return `${sign} ${plain(this.says)}${this.hint ? `\n${plain(HINT)}\n${plain(this.hint)}` : ''}`;
  }

  [DISPLAY](): MimeBundle {
    const [sign, colour] = { right: ['✓', palette[2]], wrong: ['✗', palette[1]], unsolved: ['○', palette[6]] }[
      this.state
    ];
    const hint = this.hint ? `<details><summary>Hint / 提示</summary>${html(this.hint)}</details>` : '';
    return {
      'text/html': card(colour, `<strong>${sign}</strong> ${html(this.says)}${hint}`),
      'text/plain': this.toString(),
    };
  }
}
const HINT = 'Hint / 提示:';

/**
 * Tells right from wrong. Never throws: a notebook with unsolved exercises runs from top to bottom.
 * @param id stable name, e.g. 'posterior-of-snow'
 * @param check asks questions of the reader's values; the first that fails is the verdict
 * @example await exercise('posterior', is => is.near('P(rain|clouds)', mine, 0.18 / 0.42, { hint: 'divide by the evidence' }))
 */
export async function exercise(id: string, check: (is: Checks) => void | Promise<void>): Promise<Verdict> {
  try {
    await check(new Checks());
    return new Verdict(id, 'right', { en: 'Right.', zh: '答对了。' });
  } catch (error) {
    if (error instanceof Unsolved) {
      const says = {
        en: 'Not solved yet: write your answer above and run the cell again.',
        zh: '还没有作答：在上面写下答案，再运行这个单元格。',
      };
      return new Verdict(id, 'unsolved', says, error.hint);
    }
    if (error instanceof Wrong) return new Verdict(id, 'wrong', error.says, error.hint);
    const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return new Verdict(id, 'wrong', { en: `Your code stopped with an error: ${said}`, zh: `代码出错，停在：${said}` });
  }
}
