/** danfojs data frames and series as HTML tables. */
import type { MimeBundle } from '../../runtime/display';

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
  const head = ['', ...columns].map(name => `<th>${escapeHtml(name)}</th>`).join('');
  const body = rows.map(
    (row, i) =>
      `<tr><th>${escapeHtml(frame.index[i])}</th>${row.map(cell => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`,
  );
  const [height, width = 1] = frame.shape;
  const note = height > MAX_ROWS || width > MAX_COLUMNS ? ' (the beginning is shown)' : '';
  return {
    'text/html': `<table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table><p>${height} rows × ${width} columns${note}</p>`,
    'text/plain': frame.toString(),
  };
}

function escapeHtml(value: unknown): string {
  const text =
    typeof value === 'number' && !Number.isInteger(value) ? String(Number(value.toPrecision(6))) : String(value ?? '');
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
