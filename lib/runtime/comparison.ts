/** What a claim's condition compared, as the kernel notes it (kernel/compiler/witness.ts). */
export interface Comparison {
  sign: '<' | '<=' | '>' | '>=' | '===' | '!==';
  found: number | string;
  bound: number | string;
  /** How often it was made: `list.every(x => x < 1)` compares each; kept is the one nearest to failing. */
  times: number;
}

/** Is `a` nearer to failing than `b`, of the same place in the code? */
export function isTighter(a: Comparison, b: Comparison): boolean {
  return margin(a) < margin(b);
}

/** Does it hold? Where a claim holds, a comparison that does not was no part of what made it true. Texts compare letter by letter. */
export function holds({ sign, found, bound }: Comparison): boolean {
  switch (sign) {
    case '===':
      return found === bound;
    case '!==':
      return found !== bound;
    case '<':
      return found < bound; // never with NaN
    case '<=':
      return found <= bound;
    case '>':
      return found > bound;
    case '>=':
      return found >= bound;
  }
}

/** How far a comparison is from failing; below 0 it has failed. Texts have no distance: they hold or not. */
function margin(comparison: Comparison): number {
  const { sign, found, bound } = comparison;
  if (typeof found !== 'number' || typeof bound !== 'number') return holds(comparison) ? 1 : -1;
  const over = found - bound;
  if (Number.isNaN(over)) return Number.NEGATIVE_INFINITY;
  if (sign === '===') return -Math.abs(over);
  if (sign === '!==') return Math.abs(over);
  return sign.startsWith('<') ? -over : over;
}
