import { escapeXml } from '../runtime/html';
import { Figure } from './figure';
import { say, textTable } from './words';

/** Words that lead somewhere, e.g. to another lesson. */
export interface Link {
  text: string;
  href: string;
}
export type TableCell = string | number | boolean | null | undefined | Link;
export interface TableOptions {
  title?: string;
  /** Which columns, in which order; default: the keys of the first row. */
  columns?: readonly string[];
  /** Decimals of numbers; default four significant digits. */
  decimals?: number;
}

/**
 * Rows as a table: HTML for the page, aligned text elsewhere. Numbers stand right.
 * @example table([{ model: 'VAE', bound: 102.4 }, { model: 'PCA', bound: 130.1 }])
 */
export function table(rows: readonly Record<string, TableCell>[], options: TableOptions = {}): Figure {
  if (rows.length === 0) throw new Error('expected at least one row for a table, got none');
  const { title, decimals, columns = Object.keys(rows[0]) } = options;
  const counted = new Set(
    columns.filter(c => rows.every(row => typeof row[c] !== 'number' || Number.isInteger(row[c]))),
  );
  const numeric = new Set(columns.filter(c => rows.some(row => typeof row[c] === 'number')));
  const show = (column: string, value: TableCell): string => {
    if (value === null || value === undefined) return '';
    if (typeof value === 'object') return value.text;
    if (typeof value !== 'number') return String(value);
    if (decimals !== undefined && !counted.has(column)) return value.toFixed(decimals);
    return Number.isInteger(value) ? value.toLocaleString('en-US') : say(value, 4);
  };
  const cell = (tag: string, column: string, content: string) =>
    `<${tag} style="text-align: ${numeric.has(column) ? 'right' : 'left'}">${content}</${tag.slice(0, 2)}>`;
  const content = (column: string, value: TableCell): string => {
    const words = escapeXml(show(column, value));
    return isLink(value) ? `<a href="${escapeXml(value.href)}">${words}</a>` : words;
  };
  const head = columns.map(c => cell('th scope="col"', c, escapeXml(c))).join('');
  const body = rows.map(row => `<tr>${columns.map(c => cell('td', c, content(c, row[c]))).join('')}</tr>`).join('\n');
  const caption = title ? `<caption>${escapeXml(title)}</caption>` : '';
  const text = textTable(
    columns,
    rows.map(row => columns.map(c => show(c, row[c]))),
    1000,
  );
  const bundle = {
    'text/html': `<table>${caption}<thead><tr>${head}</tr></thead>\n<tbody>${body}</tbody></table>`,
    'text/plain': title ? `${title}\n${text}` : text,
  };
  return new Figure(bundle, title ?? `Table with ${rows.length} rows and the columns ${columns.join(', ')}`);
}

const isLink = (value: TableCell): value is Link => typeof value === 'object' && value !== null;
