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

/** A number with what may stand before it: a comparison, a name and its sign of equality, the N of a normal. */
const AMOUNT = /^(?:[≥≤<>≈± (]*|(?!const |let )[\w |()]+ = |N\()-?\d/;

/**
 * An amount as a page sets it: with the sign − that formulas and charts have, where text and code have a keyboard's hyphen. What
 * is no amount (code, dates, words with hyphens) stays. Only for what is seen: `Number('−1')` is NaN.
 * @example withMinus('≥ -0.004 ± 1e-5') // → ≥ −0.004 ± 1e−5
 */
export const withMinus = (text: string): string => (AMOUNT.test(text) ? minusInText(text) : text);

/** A hyphen before a number where no word or call goes before it (`reverse(-1)` is code, N(-2, 1) a normal), and in an exponent. */
const MINUS = /(?<=^|[\s=≥≤<>≈±→:,|[]|(?<![\w.\])])\(|\bN\()-(?=\d)|(?<=\de)-(?=\d)/g;
/** A sign before zeros after a point: what rounds to nothing has none. */
const MINUS_NOTHING = /−(?=0\.0+(?![\d.e]))/g;

/**
 * A sentence with its amounts so: alt texts, claims, words in pictures. Dates, ranges, names and calls keep their hyphens.
 * @example minusInText('falls from -0.1 to -2e-3, at (-1, 0); x.reverse(-1)') // → falls from −0.1 to −2e−3, at (−1, 0); x.reverse(-1)
 */
export const minusInText = (text: string): string => text.replace(MINUS, '−').replace(MINUS_NOTHING, '');

/** The same for the words of a chart, whose data may hold numbers as text: what is a number and no more stays one. */
export const minusInWords = (text: string): string => (Number.isNaN(Number(text)) ? minusInText(text) : text);

/**
 * A number with so many decimals; what rounds to nothing has no sign.
 * @example decimals(-0.0000001, 3) // → 0.000
 * @example decimals(-0.0006, 3) // → -0.001
 */
export const decimals = (value: number, digits: number): string => value.toFixed(digits).replace(/^-(?=[0.]*$)/, '');
