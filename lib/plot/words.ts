/** Numbers and trends in words: what alt texts and text tables are made of. */

/** A number as a person would say it: three significant digits (or `digits`), no trailing zeros. */
export function say(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'not a number' : value > 0 ? 'infinity' : 'minus infinity';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1000 && size < 1e7) return Math.round(value).toLocaleString('en-US');
  if (size >= 1e7 || size < 1e-3)
    return value
      .toExponential(2)
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e');
  return String(Number(value.toPrecision(digits)));
}

/** 'falls from 543 to 104', with the lowest or highest point where that lies inside the curve. */
export function trend(y: readonly number[]): string {
  const known = y.filter(Number.isFinite);
  if (known.length === 0) return 'has no finite values';
  const first = known[0];
  const last = known[known.length - 1];
  if (known.length === 1) return `is ${say(first)}`;
  const low = known.reduce((a, b) => Math.min(a, b));
  const high = known.reduce((a, b) => Math.max(a, b));
  const range = high - low;
  if (range <= 1e-9 * Math.max(1, Math.abs(high))) return `stays at ${say(first)}`;
  const verb = last < first - 0.02 * range ? 'falls' : last > first + 0.02 * range ? 'rises' : 'goes';
  const inside: string[] = [];
  if (low < Math.min(first, last) - 0.05 * range) inside.push(`with a low of ${say(low)}`);
  if (high > Math.max(first, last) + 0.05 * range) inside.push(`with a high of ${say(high)}`);
  return [`${verb} from ${say(first)} to ${say(last)}`, ...inside].join(', ');
}

/** 'a, b and c'. */
export const list = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`;

/** Rows of text with aligned columns; long tables are thinned evenly to `most` rows. */
export function textTable(header: readonly string[], rows: readonly (readonly string[])[], most = 12): string {
  const kept = thin(rows, most);
  const widths = header.map((h, i) => Math.max(width(h), ...kept.map(row => width(row[i] ?? ''))));
  const line = (cells: readonly string[]) =>
    cells
      .map((c, i) => c + ' '.repeat(Math.max(0, widths[i] - width(c))))
      .join('  ')
      .trimEnd();
  return [line(header), line(widths.map(w => '─'.repeat(w))), ...kept.map(line)].join('\n');
}

/** Every n-th element, with the first and the last, at most `most` of them. */
export function thin<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  return Array.from({ length: most }, (_, i) => items[Math.round((i * (items.length - 1)) / (most - 1))]);
}

/** Columns a text takes on a terminal: Chinese characters take two. */
const width = (text: string): number =>
  [...text].reduce(
    (n, c) =>
      n +
      (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(c) ? 2 : 1),
    0,
  );
