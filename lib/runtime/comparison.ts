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

/** Does it hold? Where a claim holds, a comparison that does not was no part of what made it true. */
export function holds({ sign, found, bound }: Comparison): boolean {
  if (typeof found !== 'number' || typeof bound !== 'number') return (found === bound) === (sign === '===');
  if (sign === '===') return found === bound;
  if (sign === '!==') return found !== bound;
  if (found === bound) return sign.endsWith('=');
  return sign.startsWith('<') ? found < bound : found > bound; // never with NaN
}

/** How far a comparison is from failing; below 0 it has failed. Texts are equal or not. */
function margin({ sign, found, bound }: Comparison): number {
  if (typeof found !== 'number' || typeof bound !== 'number') return (found === bound) === (sign === '===') ? 1 : -1;
  const over = found - bound;
  if (Number.isNaN(over)) return Number.NEGATIVE_INFINITY;
  if (sign === '===') return -Math.abs(over);
  if (sign === '!==') return Math.abs(over);
  return sign.startsWith('<') ? -over : over;
}
