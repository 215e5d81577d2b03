/** Numbers and trends in words: what alt texts and text tables are made of. */
import { rounded } from '../runtime/numbers';
import { brief, isSquare } from './measure';
import { oneLine } from './svg';
import { extent, largest, thin, undrawable } from './thinning';

/** A number as a person would say it: three significant digits (or `digits`), no trailing zeros but where it is only nearly whole. */
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
  return rounded(value, digits);
}

/** 'falls from 543 to 104', with the lowest or highest point where that lies inside the curve. */
export function trend(y: readonly number[]): string {
  const known = y.filter(Number.isFinite);
  if (known.length === 0) return 'has no finite values';
  const first = known[0];
  const last = known[known.length - 1];
  if (known.length === 1) return `is ${say(first)}`;
  const [low, high] = extent(known) ?? [first, last];
  const size = Math.max(Math.abs(low), Math.abs(high)) || 1; // shares of it, since a difference may overflow
  const range = high / size - low / size;
  if (range <= 1e-9) return `stays at ${say(first)}`;
  const change = (last / size - first / size) / range;
  const verb = change < -0.02 ? 'falls' : change > 0.02 ? 'rises' : 'goes';
  const inside: string[] = [];
  const [least, most] = [Math.min(first, last), Math.max(first, last)];
  if (least / size - low / size > 0.05 * range) inside.push(`with a low of ${say(low)}`);
  if (high / size - most / size > 0.05 * range) inside.push(`with a high of ${say(high)}`);
  return [`${verb} from ${say(first)} to ${say(last)}`, ...inside].join(', ');
}

/** 'a, b and c'. */
export const list = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`;

/** A list that names the first `most` of its items and counts the rest. */
export const several = (items: readonly string[], most = 20): string =>
  items.length <= most ? list(items) : list([...items.slice(0, most - 1), `${say(items.length - most + 1)} more`]);

/** Words behind the title of a figure, where it has one. */
export const titled = (title: string | undefined, words: string, between = ': '): string =>
  title?.trim() ? `${brief(title, 200)}${between}${words}` : words;

/** A sentence about values that no chart can draw; empty where there are none. */
export function leftOut(values: Iterable<number>): string {
  const count = undrawable(values);
  return count ? ` Values left out because they are not finite or too large: ${say(count)}.` : '';
}

/** A sentence about marks that stand for more data than is drawn; empty where all is drawn. */
export const thinnedTo = (drawn: number, all: number, marks: string): string =>
  drawn < all ? ` Drawn are ${say(drawn)} of ${say(all)} ${marks}, the extremes among them.` : '';

/** Rows of text with aligned columns; long tables are thinned evenly to `most` rows. */
export function textTable(header: readonly string[], rows: readonly (readonly string[])[], most = 12): string {
  const [head, ...kept] = [header, ...thin(rows, most)].map(row => row.map(cell => oneLine(cell)));
  const widths = head.map((h, i) => largest([h, ...kept.map(row => row[i] ?? '')].map(width)));
  const line = (cells: readonly string[]) =>
    cells
      .map((c, i) => c + ' '.repeat(Math.max(0, widths[i] - width(c))))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map(w => '─'.repeat(w))), ...kept.map(line)].join('\n');
}

/** Columns a text takes on a terminal: Chinese characters take two. */
const width = (text: string): number => Array.from(text, c => (isSquare(c) ? 2 : 1)).reduce<number>((a, b) => a + b, 0);
