/** danfojs data frames and series as HTML tables. */
import type { MimeBundle } from '../../runtime/display';
import { html } from '../../runtime/html';
import { withMinus } from '../../runtime/numbers';

interface DataFrameLike {
  shape: [number, number];
  columns: string[];
  index: (string | number)[];
  values: unknown[][] | unknown[];
  toString(): string;
}

const MAX_ROWS = 20;
const MAX_COLUMNS = 20;

export function isDataFrame(value: unknown): value is DataFrameLike {
  const frame = value as Partial<DataFrameLike> | null;
  if (typeof frame !== 'object' || frame === null || !('$data' in frame)) return false;
  return Array.isArray(frame.columns) && Array.isArray(frame.index) && Array.isArray(frame.shape);
}

export function showDataFrame(frame: DataFrameLike): MimeBundle {
  const columns = frame.columns.slice(0, MAX_COLUMNS);
  const rows = frame.values.slice(0, MAX_ROWS).map(row => (Array.isArray(row) ? row : [row]).slice(0, MAX_COLUMNS));
  const head = ['', ...columns].map(name => html`<th>${say(name)}</th>`);
  const body = rows.map(
    (row, i) =>
      html`<tr><th>${withMinus(say(frame.index[i]))}</th>${row.map(cell => html`<td>${withMinus(say(cell))}</td>`)}</tr>`,
  );
  const [height, width = 1] = frame.shape;
  const note = height > MAX_ROWS || width > MAX_COLUMNS ? ' (the beginning is shown)' : '';
  const size = html`<p>${height} rows × ${width} columns${note}</p>`;
  return {
    'text/html': html`<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>${size}`.source,
    'text/plain': frame.toString(),
  };
}

/** Six digits of a number; anything else as it prints. */
const say = (value: unknown): string =>
  typeof value === 'number' && !Number.isInteger(value) ? String(Number(value.toPrecision(6))) : String(value ?? '');
