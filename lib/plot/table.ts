import { Figure } from './figure';
import { escapeXml } from './svg';
import { say, textTable } from './words';

export type TableCell = string | number | boolean | null | undefined;
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
  const show = (value: TableCell): string => {
    if (value === null || value === undefined) return '';
    if (typeof value !== 'number') return String(value);
    if (decimals !== undefined) return value.toFixed(decimals);
    return Number.isInteger(value) ? value.toLocaleString('en-US') : say(value, 4);
  };
  const head = columns.map(c => `<th scope="col">${escapeXml(c)}</th>`).join('');
  const cell = (value: TableCell) => {
    const side = typeof value === 'number' ? 'right' : 'left';
    return `<td style="text-align: ${side}">${escapeXml(show(value))}</td>`;
  };
  const body = rows.map(row => `<tr>${columns.map(c => cell(row[c])).join('')}</tr>`).join('\n');
  const caption = title ? `<caption>${escapeXml(title)}</caption>` : '';
  const text = textTable(
    columns,
    rows.map(row => columns.map(c => show(row[c]))),
    1000,
  );
  const bundle = {
    'text/html': `<table>${caption}<thead><tr>${head}</tr></thead>\n<tbody>${body}</tbody></table>`,
    'text/plain': title ? `${title}\n${text}` : text,
  };
  return new Figure(bundle, title ?? `Table with ${rows.length} rows and the columns ${columns.join(', ')}`);
}
