/** Numbers as they are shown. */

/**
 * A number with so many significant digits and no trailing zeros, unless it would read as a whole one that it is not.
 * @example rounded(0.25) // → 0.25
 * @example rounded(0.99997) // → 1.000
 */
export function rounded(value: number, digits = 4): string {
  const text = String(Number(value.toPrecision(digits)));
  return Number.isInteger(value) || !/^-?\d{1,3}$/.test(text) ? text : value.toPrecision(digits);
}

/**
 * An amount as a page sets it: with the sign − that formulas and charts have, where text and code have a keyboard's hyphen. What
 * is no amount (code, dates, words with hyphens) stays. Only for what is seen: `Number('−1')` is NaN.
 * @example withMinus('≥ -0.004 ± 1e-5') // → ≥ −0.004 ± 1e−5
 */
export const withMinus = (text: string): string =>
  /^[≥≤<>≈± (]*-?\d/.test(text) ? text.replace(/(^|[\s(])-(?=\d)/g, '$1−').replace(/(\de)-(?=\d)/g, '$1−') : text;

/**
 * A number with so many decimals; what rounds to nothing has no sign.
 * @example decimals(-0.0000001, 3) // → 0.000
 * @example decimals(-0.0006, 3) // → -0.001
 */
export const decimals = (value: number, digits: number): string => value.toFixed(digits).replace(/^-(?=[0.]*$)/, '');
