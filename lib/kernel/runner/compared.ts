/** Notes what conditions compare (compiler/witness.ts put the calls there), until the claim that asks for it takes it. */
import { type Comparison, isTighter } from '../../runtime/comparison';

type Sign = Comparison['sign'];
const LONGEST = 60;
let made = new Map<number, Comparison>();

/** What was compared since it was last asked, in the order of the code. */
export function takeComparisons(): Comparison[] {
  const taken = [...made].sort(([a], [b]) => a - b).map(([, comparison]) => comparison);
  made = new Map();
  return taken;
}

function note(site: number, sign: Sign, found: unknown, bound: unknown): void {
  if (!isSimple(found) || !isSimple(bound)) return;
  const known = made.get(site);
  const comparison = { sign, found, bound, times: (known?.times ?? 0) + 1 };
  made.set(site, known && !isTighter(comparison, known) ? { ...known, times: comparison.times } : comparison);
}

const isSimple = (value: unknown): value is number | string =>
  typeof value === 'number' || (typeof value === 'string' && value.length <= LONGEST);

/** The comparison itself, as JavaScript makes it. */
const OPERATORS: Record<Sign, (a: never, b: never) => boolean> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '===': (a, b) => a === b,
  '!==': (a, b) => a !== b,
};

export const comparing = {
  compared(site: number, sign: Sign, left: unknown, right: unknown): boolean {
    note(site, sign, left, right);
    return OPERATORS[sign](left as never, right as never);
  },
  /** The same where the bound stands on the left; the sign is already turned. */
  comparedFrom(site: number, sign: Sign, left: unknown, right: unknown): boolean {
    note(site, sign, right, left);
    return OPERATORS[sign](right as never, left as never);
  },
};
