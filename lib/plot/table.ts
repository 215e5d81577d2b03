import { type Hole, html, legal, Markup } from '../runtime/html';
import * as numbers from '../runtime/numbers';
import { Figure } from './figure';
import { oneLine } from './svg';
import { say, several, textTable } from './words';

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
 * Rows as a table: HTML for the page, aligned text elsewhere. Numbers stand right, and have a minus sign on the page.
 * @example table([{ model: 'VAE', bound: 102.4 }, { model: 'PCA', bound: 130.1 }])
 */
export function table(rows: readonly Record<string, TableCell>[], options: TableOptions = {}): Figure {
  if (rows.length === 0) throw new Error('expected at least one row for a table, got none');
  const { title, decimals, columns = Object.keys(rows[0]) } = options;
  const show = shower(rows, columns, decimals);
  const numeric = new Set(columns.filter(c => rows.some(row => typeof own(row, c) === 'number')));
  const align = (column: string) => `text-align: ${numeric.has(column) ? 'right' : 'left'}`;
  const content = (column: string, value: TableCell): Hole =>
    isLink(value) ? html`<a href="${value.href}">${value.text}</a>` : numbers.withMinus(show(column, value));
  const shown = rows.slice(0, MOST_ROWS);
  const rest = rows.length > shown.length ? `The first ${say(shown.length)} of ${say(rows.length)} rows.` : '';
  const caption = title ? html`<caption>${title}</caption>` : '';
  const head = columns.map(c => html`<th scope="col" style="${align(c)}">${c}</th>`);
  const cell = (column: string, value: TableCell) =>
    html`<td style="${align(column)}"${notMaths(value)}>${content(column, value)}</td>`;
  const cells = (row: Row) => columns.map(c => cell(c, own(row, c)));
  const body = new Markup(shown.map(row => html`<tr>${cells(row)}</tr>`.source).join('\n'));
  const text = textTable(
    columns,
    shown.map(row => columns.map(c => show(c, own(row, c)))),
    MOST_ROWS,
  );
  const lines = html`<table>${caption}<thead><tr>${head}</tr></thead>\n<tbody>${body}</tbody></table>`;
  const bundle = {
    'text/html': html`${lines}${rest ? html`<p>${rest}</p>` : ''}`.source,
    'text/plain': legal([title, text, rest].filter(Boolean).join('\n')),
  };
  const alt = title?.trim() ? title : `Table with ${say(rows.length)} rows and the columns ${several(columns)}`;
  return new Figure(bundle, oneLine(alt));
}

/** What stands between two dollar signs in a cell is text of a program; MathJax 2 (exports) and 3 (JupyterLab) shall not set it. */
const notMaths = (value: TableCell): Hole =>
  typeof value === 'string' && /\$[^$]*\$/.test(value) ? new Markup(' class="tex2jax_ignore mathjax_ignore"') : '';

type Row = Readonly<Record<string, TableCell>>;

/** A column may be called 'constructor': what a row inherits is none of its cells. */
const own = (row: Row, column: string): TableCell => (Object.hasOwn(row, column) ? row[column] : undefined);

/** How cells of a column read: counts in full, other numbers with `decimals` or four digits. */
function shower(rows: readonly Row[], columns: readonly string[], decimals?: number) {
  const whole = (value: TableCell) => typeof value !== 'number' || Number.isInteger(value);
  const counted = new Set(columns.filter(c => rows.every(row => whole(own(row, c)))));
  return (column: string, value: TableCell): string => {
    if (value === null || value === undefined) return '';
    if (isLink(value)) return value.text;
    if (typeof value !== 'number') return String(value);
    if (!Number.isFinite(value)) return say(value);
    if (decimals !== undefined && !counted.has(column)) return numbers.decimals(value, decimals);
    if (Number.isInteger(value) && Math.abs(value) < 1e15) return value.toLocaleString('en-US');
    return say(value, 4);
  };
}

/** Longer tables are data, not something to read. */
const MOST_ROWS = 1000;

const isLink = (value: TableCell): value is Link => typeof value === 'object' && value !== null;
