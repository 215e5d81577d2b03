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
