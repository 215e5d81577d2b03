/**
 * A table whose gaps stay gaps: a missing value is null, and no sum, mean or group counts it as 0.
 * Columns hold numbers, truth values or texts. @see readCsv
 */
import { DISPLAY, type Displayable, html, type MimeBundle, tf } from '../runtime';
import { withMinus } from '../runtime/numbers';

/** What stands in a cell of a table; null where nothing does. */
export type DataCell = number | string | boolean | null;
export type DataRow = Record<string, DataCell>;
export type Kind = 'number' | 'text' | 'truth';

/** From the values that are there, never none, to one number. */
type Summary = (values: readonly number[]) => number;

const mean: Summary = values => values.reduce((a, b) => a + b, 0) / values.length;
const SUMMARIES = {
  mean,
  sum: values => values.reduce((a, b) => a + b, 0),
  least: values => values.reduce((a, b) => Math.min(a, b)),
  most: values => values.reduce((a, b) => Math.max(a, b)),
  /** The middle value, or the mean of the two in the middle. */
  median: values => {
    const sorted = [...values].sort((a, b) => a - b);
    return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
  },
  /** Of the sample: squares are divided by n − 1. */
  deviation: values => {
    const centre = mean(values);
    return Math.sqrt(values.reduce((a, b) => a + (b - centre) ** 2, 0) / (values.length - 1));
  },
} satisfies Record<string, Summary>;
export type SummaryName = keyof typeof SUMMARIES;

const SHOWN = 20;

/**
 * @example new DataTable('pets', { name: ['Rex', 'Tom'], age: [3, 5] }).mean('age') // → 4
 */
export class DataTable implements Displayable {
  readonly columns: string[];
  /** Rows in it. */
  readonly count: number;
  private readonly cells: Map<string, readonly DataCell[]>;

  /**
   * @param name what errors call it
   * @param columns name → values, all equally many; NaN and undefined are missing values
   * @param place says where row i comes from, in errors
   */
  constructor(
    readonly name: string,
    columns: Record<string, readonly (DataCell | undefined)[]> | Map<string, readonly (DataCell | undefined)[]>,
    readonly place: (row: number) => string = row => `row ${row + 1}`,
  ) {
    const entries = columns instanceof Map ? [...columns] : Object.entries(columns);
    this.cells = new Map(entries.map(([column, values]) => [column, values.map(v => v ?? null).map(gap)]));
    this.columns = [...this.cells.keys()];
    this.count = entries[0]?.[1].length ?? 0;
    const odd = entries.find(([, values]) => values.length !== this.count);
    if (odd) throw new Error(`${name}: column "${odd[0]}" has ${odd[1].length} values, the first has ${this.count}`);
    for (const column of this.columns) this.kind(column);
  }

  /** The values of a column; null where one is missing. */
  column(column: string): readonly DataCell[] {
    const values = this.cells.get(column);
    if (!values) throw new Error(`${this.name} has no column "${column}"; it has ${this.columns.join(', ')}`);
    return values;
  }

  /** What a column holds; 'text' if nothing at all. */
  kind(column: string): Kind {
    const kinds = new Set(
      this.column(column).flatMap(value => (value === null ? [] : [KINDS[typeof value as 'number']])),
    );
    if (kinds.size > 1) throw new Error(`${this.name}: column "${column}" mixes ${[...kinds].join(' and ')}; use one`);
    return [...kinds][0] ?? 'text';
  }

  /** The numbers of a column; null where one is missing. @throws Error that names the first cell that holds no number */
  numbers(column: string): (number | null)[] {
    const values = this.column(column);
    if (values.every(isNumberOrGap)) return [...values];
    const reads = (value: DataCell) => isNumberOrGap(value) || Number.isFinite(Number(value));
    const odd = values.findIndex(value => !reads(value));
    const row = odd >= 0 ? odd : values.findIndex(value => !isNumberOrGap(value)); // all look like numbers, but are codes
    const hint = /^[-+]?\d+,\d+$/.test(String(values[row])) ? ", read the file with { decimal: ',' }" : '';
    throw new Error(
      `${this.name}, ${this.place(row)}, column "${column}": expected a number, got ${JSON.stringify(values[row])}${hint}`,
    );
  }

  /** How many values are missing in a column. */
  missing(column: string): number {
    return this.column(column).filter(value => value === null).length;
  }

  /** One number for the values that are there; NaN if none is. */
  summary(column: string, how: SummaryName): number {
    return summarise(this.numbers(column), how);
  }

  /** Mean of the values that are there; NaN if none is. */
  mean(column: string): number {
    return this.summary(column, 'mean');
  }

  rows(): DataRow[] {
    return Array.from({ length: this.count }, (_, i) =>
      Object.fromEntries(this.columns.map(column => [column, this.column(column)[i]])),
    );
  }

  /** The rows for which `test` holds. */
  where(test: (row: DataRow) => boolean): DataTable {
    return this.pick([...this.rows().entries()].filter(([, row]) => test(row)).map(([i]) => i));
  }

  /** The rows that lack none of these columns' values; of all columns if none is named. */
  complete(...columns: string[]): DataTable {
    const asked = (columns.length ? columns : this.columns).map(column => this.column(column));
    return this.pick([...Array(this.count).keys()].filter(i => asked.every(values => values[i] !== null)));
  }

  /**
   * One row a group of equal keys, in the order of first appearance: the key, the summary of the values that are there,
   * and how many those are. A missing key is a group of its own.
   */
  group(key: string, column: string, how: SummaryName = 'mean'): DataTable {
    const keys = this.column(key);
    const values = this.numbers(column);
    const groups = new Map<DataCell, (number | null)[]>();
    keys.forEach((each, i) => {
      const group = groups.get(each);
      if (group) group.push(values[i]);
      else groups.set(each, [values[i]]);
    });
    const named = (name: string) => (name === key ? `${name} (of each)` : name); // two columns of one name would be one
    return new DataTable(
      this.name,
      new Map<string, DataCell[]>([
        [key, [...groups.keys()]],
        [named(`${how} of ${column}`), [...groups.values()].map(group => summarise(group, how))],
        [named('values'), [...groups.values()].map(group => group.filter(value => value !== null).length)],
      ]),
    );
  }

  /** Columns of numbers as a tensor, [rows, columns]. @throws Error that names the first missing value */
  tensor(...columns: string[]): tf.Tensor2D {
    const asked = columns.map(column => this.numbers(column));
    const rows = Array.from({ length: this.count }, (_, row) =>
      asked.map((values, c): number => {
        const value = values[row];
        if (value !== null) return value;
        const at = `${this.name}, ${this.place(row)}, column "${columns[c]}"`;
        throw new Error(`${at}: the value is missing; leave such rows out with complete(…), or fill them`);
      }),
    );
    return tf.tensor2d(rows, [this.count, columns.length], 'float32'); // [rows, columns]
  }

  [DISPLAY](): MimeBundle {
    const shown = this.rows().slice(0, SHOWN);
    const body = shown.map(
      row => html`<tr>${Object.values(row).map(cell => html`<td>${withMinus(say(cell))}</td>`)}</tr>`,
    );
    const size = `${this.count} rows × ${this.columns.length} columns${this.count > SHOWN ? ' (the beginning is shown)' : ''}`;
    const head = html`<thead><tr>${this.columns.map(name => html`<th>${name}</th>`)}</tr></thead>`;
    return {
      'text/html': html`<table>${head}<tbody>${body}</tbody></table><p>${size}</p>`.source,
      'text/plain': [this.columns, ...shown.map(row => Object.values(row).map(say)), [size]]
        .map(r => r.join('  '))
        .join('\n'),
    };
  }

  private pick(rows: number[]): DataTable {
    const columns = this.columns.map(column => [column, rows.map(i => this.column(column)[i])] as const);
    return new DataTable(this.name, new Map(columns), row => this.place(rows[row]));
  }
}

const KINDS = { number: 'number', string: 'text', boolean: 'truth' } as const;
const isNumberOrGap = (value: DataCell): value is number | null => value === null || typeof value === 'number';
const gap = (value: DataCell): DataCell => (typeof value === 'number' && Number.isNaN(value) ? null : value);

/** Of the values that are there; NaN if none is. */
function summarise(values: readonly (number | null)[], how: SummaryName): number {
  if (!Object.hasOwn(SUMMARIES, how))
    throw new Error(`no summary ${how}; expected one of ${Object.keys(SUMMARIES).join(', ')}`);
  const there = values.filter(value => value !== null);
  return there.length === 0 ? Number.NaN : SUMMARIES[how](there as number[]);
}

/** Six digits of a number; nothing for a missing value. */
const say = (cell: DataCell): string =>
  typeof cell === 'number' && !Number.isInteger(cell) ? String(Number(cell.toPrecision(6))) : String(cell ?? '');
