/** A table in a file that grows while the work goes on: CSV in UTF-8 with the mark that Excel looks for. */
import fs from 'node:fs';
import Papa from 'papaparse';

/** Column → content. */
export type Row = Record<string, string>;

const MARK = '\ufeff';

/** The text of a table. What a spreadsheet would take for a formula gets a ' in front. */
export const csvText = (columns: readonly string[], rows: readonly Row[]): string => MARK + lines(columns, rows, true);

function lines(columns: readonly string[], rows: readonly Row[], header: boolean): string {
  const text = Papa.unparse(
    { fields: [...columns], data: rows.map(row => columns.map(name => row[name] ?? '')) },
    {
      header,
      escapeFormulae: /^(?:[=@\t\r]|[+-](?![\d.]))/,
      newline: '\r\n',
    },
  );
  return text === '' ? '' : `${text}\r\n`;
}

/** Rows of a file, also of one that a spreadsheet has saved, or whose last line is broken; none where it is not there. */
export function readRows(file: string): Row[] {
  if (!fs.existsSync(file)) return [];
  const text = fs.readFileSync(file, 'utf8').replace(/^\ufeff/, '');
  const { data, meta } = Papa.parse<Row>(text, { header: true, skipEmptyLines: true });
  const fields = meta.fields ?? [];
  return data
    .filter(row => fields.every(name => typeof row[name] === 'string'))
    .map(row =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value.replace(/^'(?=[=@+\-\t\r])/, '')])),
    );
}

/** Puts rows at the end of a file; makes it with its first line where it is not there. */
export function appendRows(file: string, columns: readonly string[], rows: readonly Row[]): void {
  if (!fs.existsSync(file)) fs.writeFileSync(file, csvText(columns, []));
  fs.appendFileSync(file, lines(columns, rows, false));
}

/** Writes a whole table, or nothing. */
export function writeRows(file: string, columns: readonly string[], rows: readonly Row[]): void {
  fs.writeFileSync(`${file}.part`, csvText(columns, rows));
  fs.renameSync(`${file}.part`, file);
}

/** Columns side by side, for a terminal. */
export function onScreen(columns: readonly string[], rows: readonly Row[]): string {
  const cells = [columns, ...rows.map(row => columns.map(name => row[name] ?? ''))];
  const widths = columns.map((_, i) => Math.max(...cells.map(row => wide(row[i]))));
  return cells
    .map(row =>
      row
        .map((text, i) => text + ' '.repeat(widths[i] - wide(text)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Columns of a terminal that a text takes: Chinese signs take two. */
const wide = (text: string): number =>
  [...text].reduce(
    (sum, sign) =>
      sum +
      (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(sign)
        ? 2
        : 1),
    0,
  );
