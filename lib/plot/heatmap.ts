import { withMinus } from '../runtime/numbers';
import { numbersOf } from './checks';
import type { Figure } from './figure';
import type { ChartOptions } from './lines';
import { brief } from './measure';
import { contrast, diverging, sequential, viridis } from './palette';
import { drawable, extent } from './thinning';
import { type VegaSpec, vegaFigure } from './vega';
import { leftOut, list, say, titled } from './words';

export interface HeatmapOptions extends ChartOptions {
  /** Names of rows, top to bottom, and of columns. */
  rows?: readonly (string | number)[];
  columns?: readonly (string | number)[];
  /** Writes the value into each cell; default for at most 100 cells. */
  values?: boolean;
  /** 'magnitude' runs from dark to light; 'diverging' is white at 0, red below, blue above. */
  colours?: 'magnitude' | 'diverging';
  format?: string;
  /** The quantity's name, beside the colour bar. */
  legend?: string;
}

/** Rows or columns of one picture; a matrix with more is drawn in blocks. */
const MOST_LINES = 100;

interface Cell {
  row: string;
  column: string;
  value: number;
}
/** Cells row by row, and the names of rows and columns. */
interface Grid {
  values: number[][];
  rows: string[];
  columns: string[];
}

/**
 * A matrix as coloured cells: matrix[row][column]. Above 100 rows or columns, neighbours are drawn as one cell with that of
 * their values which lies farthest from the mean; for pictures use `imageGrid`.
 * @example await heatmap([[1, 2], [3, 4]], { title: 'four cells' })
 */
export async function heatmap(matrix: readonly ArrayLike<number>[], options: HeatmapOptions = {}): Promise<Figure> {
  const width = matrix[0]?.length ?? 0;
  if (width === 0 || matrix.some(row => row.length !== width)) {
    throw new Error(
      `expected a matrix with rows of equal length, got rows of ${list(matrix.slice(0, 5).map(r => String(r.length))) || 'no'} values`,
    );
  }
  const values = matrix.map((row, r) => numbersOf(`row ${r} of the matrix`, row));
  const whole: Grid = {
    values: values.map(row => row.map(five)),
    rows: namesOf('rows', matrix.length, options.rows),
    columns: namesOf('columns', width, options.columns),
  };
  if (!extent(whole.values.flat())) throw new Error('expected a matrix with finite values below 1e300, got none');
  const grid = blocks(whole);
  const drawn =
    grid.values.length < matrix.length || grid.values[0].length < width
      ? ` Drawn in ${grid.rows.length} by ${grid.columns.length} blocks, each with its value farthest from the mean.`
      : '';
  const alt = (options.alt ?? heatmapAlt(whole, options) + leftOut(values.flat())) + drawn;
  return vegaFigure(heatmapSpec(grid, options), { alt });
}

const five = (value: number): number => Number(drawable(value).toPrecision(5));

function namesOf(what: string, count: number, names?: readonly (string | number)[]): string[] {
  if (names && names.length !== count)
    throw new Error(`expected a name for each of the ${count} ${what} of the matrix, got ${names.length}`);
  return (names ?? Array.from({ length: count }, (_, i) => i)).map(name => withMinus(String(name)));
}

/** The matrix with neighbours joined until it has at most 100 rows and columns. */
function blocks(grid: Grid): Grid {
  const { values, rows, columns } = grid;
  const [high, wide] = [rows, columns].map(names => Math.ceil(names.length / MOST_LINES));
  if (high === 1 && wide === 1) return grid;
  const known = values.flat().filter(Number.isFinite);
  const mean = known.reduce((sum, v) => sum + v / known.length, 0);
  const starts = (count: number, step: number) => Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
  const farthest = (top: number, left: number): number => {
    let best = Number.NaN;
    for (const row of values.slice(top, top + high))
      for (const v of row.slice(left, left + wide))
        if (Number.isFinite(v) && !(Math.abs(v - mean) <= Math.abs(best - mean))) best = v;
    return best;
  };
  const [tops, lefts] = [starts(rows.length, high), starts(columns.length, wide)];
  const named = (names: string[], at: number[], step: number) =>
    at.map(i => (step === 1 ? names[i] : `${names[i]} – ${names[Math.min(names.length, i + step) - 1]}`));
  return {
    values: tops.map(top => lefts.map(left => farthest(top, left))),
    rows: named(rows, tops, high),
    columns: named(columns, lefts, wide),
  };
}

function heatmapSpec({ values: matrix, rows, columns }: Grid, options: HeatmapOptions): VegaSpec {
  const count = rows.length * columns.length;
  const { title, xTitle = null, yTitle = null, values = count <= 100, legend = null } = options;
  const unit = Math.max(8, Math.min(56, Math.floor(480 / Math.max(rows.length, columns.length))));
  const { width = unit * columns.length, height = unit * rows.length } = options;
  const [across, down] = [axisOf('column', columns, xTitle, unit), axisOf('row', rows, yTitle, unit)];
  const cells = matrix.flatMap((line, r) =>
    line.map((value, c) => ({ row: rows[r], column: columns[c], ...down.place(r), ...across.place(c), value })),
  );
  const { scale, pale } = heatmapColours(matrix.flat(), options);
  const color = { field: 'value', type: 'quantitative', scale, legend: { title: legend, orient: 'right' } };
  const text = { field: 'value', format: options.format ?? '.3~g' };
  const onCell = { condition: { test: pale, value: '#000000' }, value: '#ffffff' };
  const tooltip = ['column', 'row', 'value'].map(field => ({ field }));
  return {
    ...(title ? { title } : {}),
    width,
    height,
    ...(across.params || down.params ? { params: [...(across.params ?? []), ...(down.params ?? [])] } : {}),
    data: { values: cells },
    encoding: { x: across.channel, y: down.channel },
    layer: [
      { mark: { type: 'rect' }, encoding: { color, tooltip } },
      ...(values ? [{ mark: { type: 'text', fontSize: 13 }, encoding: { text, color: onCell } }] : []),
    ],
  };
}

/** An axis with a place for each line of the matrix. Lines of equal names are told apart by number and share only the word. */
function axisOf(field: 'row' | 'column', names: readonly string[], title: string | null, unit: number) {
  const room = field === 'column' ? { labelLimit: Math.max(60, unit * 3) } : {};
  const axis = { labelAngle: 0, labelOverlap: true, ...room, ...(names.length > 20 ? { ticks: false } : {}) };
  const channel = { field, type: 'ordinal', sort: null, title, axis };
  if (new Set(names).size === names.length) return { channel, place: () => ({}) };
  const [number, param] = [`${field}Number`, `${field}Names`];
  const named = { ...axis, labelExpr: `${param}[datum.value]` };
  return {
    params: [{ name: param, value: names }],
    channel: { ...channel, field: number, axis: named },
    place: (i: number) => ({ [number]: i }),
  };
}

/** The colour scale, and which cells are so pale that their number is written in black. */
function heatmapColours(values: readonly number[], { colours = 'magnitude' }: HeatmapOptions) {
  const [low, high] = extent(values) ?? [0, 1];
  if (colours === 'magnitude') {
    const top = high > low ? high : low + Math.max(1, Math.abs(low) * 1e-6);
    const from = low + (top - low) * shareWhere(1, sequential);
    return { scale: { range: sequential, domain: [low, top], interpolate: 'rgb' }, pale: `datum.value > ${from}` };
  }
  const far = Math.max(Math.abs(low), Math.abs(high)) || 1;
  const [below, above] = [-1, 1].map(side => far * (2 * shareWhere(side, diverging) - 1));
  return {
    scale: { range: diverging, domain: [-far, far], domainMid: 0, interpolate: 'rgb' },
    pale: `datum.value > ${below} && datum.value < ${above}`,
  };
}

/** Where along a scale, seen from its middle (side −1 or 1) or from its dark end, black begins or ends to read better than white. */
function shareWhere(side: number, scale: readonly string[]): number {
  const blackReads = (share: number) =>
    contrast(viridis(share, scale), '#000000') > contrast(viridis(share, scale), '#ffffff');
  const shares = Array.from({ length: 201 }, (_, i) => i / 200);
  if (scale === sequential) return shares.find(blackReads) ?? 1;
  const arm = side < 0 ? shares.slice(0, 101).reverse() : shares.slice(100);
  return arm.find(share => !blackReads(share)) ?? (side < 0 ? 0 : 1);
}

function heatmapAlt({ values, rows, columns }: Grid, { title }: HeatmapOptions): string {
  let [low, high]: [Cell | undefined, Cell | undefined] = [undefined, undefined];
  values.forEach((line, r) => {
    line.forEach((value, c) => {
      if (!Number.isFinite(value)) return;
      const cell = { row: rows[r], column: columns[c], value };
      if (!low || value < low.value) low = cell;
      if (!high || value > high.value) high = cell;
    });
  });
  const at = (c?: Cell) => (c ? `${say(c.value)} at row ${brief(c.row)}, column ${brief(c.column)}` : 'none');
  const head = title?.trim() ? titled(title, 'heat map') : 'Heat map';
  return `${head} of ${rows.length} rows and ${columns.length} columns; lowest ${at(low)}, highest ${at(high)}.`;
}
