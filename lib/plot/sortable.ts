/** A table that the reader sorts and filters inside the page: Vega does it, so exports need no kernel. */
import { checkCount } from './checks';
import type { Figure } from './figure';
import { brief } from './measure';
import { ink } from './palette';
import { drawable } from './thinning';
import { type VegaSpec, vegaFigure } from './vega';
import { say, several, textTable, titled } from './words';

export interface SortableColumn {
  title: string;
  /** Width in pixels. */
  width: number;
  /** What a cell says of a number; default counts in full and other numbers with three digits. */
  show?: (value: number) => string;
}

export interface SortableOptions {
  title?: string;
  /** Columns in order, by the rows' keys; numbers stand right and can be sorted by. */
  columns: Readonly<Record<string, SortableColumn>>;
  /** Key of the column that a list chooses rows by. */
  filter: string;
  /** Key of the column of numbers that orders the rows at first, the largest on top. */
  sort: string;
  /** More to be said of a row where the pointer rests, by the rows' keys. */
  hover?: Readonly<Record<string, string>>;
}

type Row = Readonly<Record<string, string | number>>;

/** A column as it is drawn: its field in the chart's data, and where its text stands. */
interface Drawn extends SortableColumn {
  key: string;
  field: string;
  numeric: boolean;
  at: number;
}

const LINE = 17;

/**
 * Rows as text, with a list to sort by, a box for the order, and a list to choose rows by.
 * @example
 * const columns = { name: { title: 'name', width: 60 }, kind: { title: 'kind', width: 60 }, size: { title: 'size', width: 60 } };
 * const rows = [{ name: 'a', kind: 'x', size: 1 }, { name: 'b', kind: 'y', size: 2 }];
 * await sortableTable(rows, { title: 'Two', columns, filter: 'kind', sort: 'size' })
 */
export async function sortableTable(rows: readonly Row[], options: SortableOptions): Promise<Figure> {
  const { title, filter, sort, hover = {} } = options;
  checkCount('rows', rows.length, 1, 500);
  const drawn = columnsOf(rows[0], options);
  const numeric = drawn.filter(column => column.numeric);
  const kind = drawn.find(({ key }) => key === filter);
  if (!kind) throw new Error(`filter: expected one of the columns ${named(drawn)}, got '${filter}'`);
  const first = numeric.findIndex(({ key }) => key === sort);
  if (first < 0)
    throw new Error(`sort: expected a column of numbers, ${named(numeric) || 'and there is none'}, got '${sort}'`);
  const inOrder = [...rows].sort((a, b) => Number(b[sort]) - Number(a[sort]));
  const cells = inOrder.map(row => drawn.map(column => shown(row[column.key], column)));
  const values = inOrder.map((row, i) => ({
    ...Object.fromEntries(drawn.map(({ field }, c) => [field, cells[i][c]])),
    ...Object.fromEntries(Object.keys(hover).map((key, h) => [`more_${h}`, brief(String(row[key] ?? ''), 200)])),
    numbers: numeric.map(({ key }) => drawable(Number(row[key]))),
  }));
  const kinds = [...new Set(values.map(row => (row as unknown as Record<string, string>)[kind.field]))];
  const heads = drawn.map(column => column.title);
  const alt = titled(
    title,
    `${say(rows.length)} rows, with ${several(heads.map(head => brief(head)))}; lists below choose the order and the rows.`,
  );
  const spec = specOf(values, drawn, controls(numeric, first, kind, kinds), options);
  return vegaFigure(spec, { alt, text: textTable(heads, cells, 500) });
}

const named = (columns: readonly Drawn[]): string => columns.map(({ key }) => `'${key}'`).join(', ');

/** Columns from left to right. A row's own cells decide what holds numbers. */
function columnsOf(row: Row, { columns }: SortableOptions): Drawn[] {
  const keys = Object.keys(columns);
  checkCount('columns', keys.length, 1, 20);
  let right = 0;
  return keys.map((key, i) => {
    const { title, width } = columns[key];
    if (!Object.hasOwn(row, key)) throw new Error(`expected a column '${key}' in every row, got ${Object.keys(row)}`);
    checkCount('the width of a column', width, 1, 2000);
    const numeric = typeof row[key] === 'number';
    right += width;
    return {
      ...columns[key],
      title: brief(title),
      key,
      field: `cell_${i}`,
      numeric,
      at: numeric ? right - 8 : right - width,
    };
  });
}

const shown = (value: string | number | undefined, { show }: SortableColumn): string => {
  if (typeof value !== 'number') return brief(String(value ?? ''));
  if (show) return brief(show(value));
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? value.toLocaleString('en-US') : say(value);
};

function specOf(
  values: readonly object[],
  drawn: readonly Drawn[],
  { params, only }: { params: VegaSpec[]; only: string },
  { title, hover = {} }: SortableOptions,
): VegaSpec {
  const mark = ({ numeric }: Drawn, bold = false) => ({
    type: 'text',
    align: numeric ? 'right' : 'left',
    color: ink,
    fontSize: 11,
    ...(bold ? { fontWeight: 'bold' } : {}),
  });
  const scale = { domain: [0, values.length], reverse: true };
  const y = { field: 'place', type: 'quantitative', axis: null, scale };
  const tooltip = [
    ...drawn.map(({ field, title }) => ({ field, title })),
    ...Object.values(hover).map((title, h) => ({ field: `more_${h}`, title: brief(title) })),
  ];
  return {
    ...(title ? { title: brief(title) } : {}),
    width: drawn.reduce((sum, column) => sum + column.width, 0),
    height: LINE * (values.length + 1),
    params,
    data: { values },
    transform: [
      { filter: only },
      { calculate: '(smallest ? 1 : -1) * datum.numbers[sorted]', as: 'order_by' },
      { window: [{ op: 'row_number', as: 'place' }], sort: [{ field: 'order_by', order: 'ascending' }] },
    ],
    layer: [
      ...drawn.map(column => ({
        mark: mark(column),
        encoding: { y, x: { value: column.at }, text: { field: column.field, title: column.title }, tooltip },
      })),
      ...drawn.map(column => ({
        data: { values: [{ place: 0 }] },
        mark: mark(column, true),
        encoding: { y, x: { value: column.at }, text: { value: column.title } },
      })),
    ],
    config: { view: { stroke: null } },
  };
}

/** Two lists and a box. What the lists choose are numbers and data, so that they hold in every language. */
function controls(
  numeric: readonly Drawn[],
  first: number,
  kind: Drawn,
  kinds: readonly string[],
): { params: VegaSpec[]; only: string } {
  const sortBy = { input: 'select', options: numeric.map((_, i) => i), labels: numeric.map(({ title }) => title) };
  const choice = { input: 'select', options: [null, ...kinds], labels: ['all', ...kinds] };
  const params = [
    { name: 'sorted', value: first, bind: { ...sortBy, name: 'sort by ' } },
    { name: 'smallest', value: false, bind: { input: 'checkbox', name: 'smallest first ' } },
    { name: 'only', value: null, bind: { ...choice, name: `${kind.title} ` } },
  ];
  return { params, only: `only === null || datum.${kind.field} === only` };
}
