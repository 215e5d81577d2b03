import type { Figure } from './figure';
import type { ChartOptions } from './lines';
import { palette } from './palette';
import { type VegaSpec, vegaFigure } from './vega';
import { list, say } from './words';

/** A point of a scatter plot; `label` decides its colour. */
export interface Point {
  x: number;
  y: number;
  label?: string | number;
}

export interface ScatterOptions extends ChartOptions {
  /** Area of a point in square pixels; default by the number of points. */
  size?: number;
  /** Equal units on both axes: a square picture over the given range, e.g. [-4, 4]. */
  square?: [number, number];
}

/** Points, coloured by label. */
export async function scatter(points: readonly Point[], options: ScatterOptions = {}): Promise<Figure> {
  const labels = [...new Set(points.map(p => p.label).filter((l): l is string | number => l !== undefined))]
    .map(String)
    .sort(byNumber);
  const rows = points.map(({ x, y, label }) => ({
    x: five(x),
    y: five(y),
    ...(label === undefined ? {} : { label: String(label) }),
  }));
  return vegaFigure(scatterSpec(rows, labels, options), { alt: options.alt ?? scatterAlt(points, labels, options) });
}

const byNumber = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true });
const five = (value: number): number => (Number.isFinite(value) ? Number(value.toPrecision(5)) : value);

function scatterSpec(rows: { x: number; y: number }[], labels: string[], options: ScatterOptions): VegaSpec {
  const {
    title,
    xTitle = 'x',
    yTitle = 'y',
    size = rows.length > 1000 ? 12 : rows.length > 200 ? 25 : 60,
    square,
  } = options;
  const scale = square ? { domain: square, nice: false } : { zero: false };
  const { width = square ? 420 : undefined, height = square ? 420 : undefined } = options;
  // Up to eight classes have colours of their own; ten digits take ten hues of equal lightness steps.
  const colours =
    labels.length <= palette.length ? { range: palette.slice(0, labels.length) } : { scheme: 'tableau10' };
  const color = labels.length
    ? {
        field: 'label',
        type: 'nominal',
        scale: { domain: labels, ...colours },
        legend: { title: null, symbolOpacity: 1, symbolSize: 90, columns: 10 },
      }
    : { value: palette[0] };
  return {
    ...(title ? { title } : {}),
    ...(width ? { width } : {}),
    ...(height ? { height } : {}),
    data: { values: rows },
    mark: { type: 'circle', size, opacity: rows.length > 200 ? 0.6 : 0.85, clip: true, tooltip: true },
    encoding: {
      x: { field: 'x', type: 'quantitative', title: xTitle, scale },
      y: { field: 'y', type: 'quantitative', title: yTitle, scale },
      color,
    },
  };
}

function scatterAlt(points: readonly Point[], labels: string[], { title }: ScatterOptions): string {
  const centre = (group: readonly Point[]) => {
    const mean = (pick: (p: Point) => number) => (group.reduce((sum, p) => sum + pick(p), 0) / group.length).toFixed(2);
    return `(${mean(p => p.x)}, ${mean(p => p.y)})`;
  };
  const head = `${title ? `${title}: scatter plot` : 'Scatter plot'} of ${say(points.length)} points`;
  if (labels.length === 0) return `${head}, centred at ${centre(points)}.`;
  const said = labels.map(label => `${label} at ${centre(points.filter(p => String(p.label) === label))}`);
  return `${head} in ${labels.length} groups; centres: ${list(said)}.`;
}

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

/** A matrix as coloured cells: matrix[row][column]. For more than about 4,000 cells use `imageGrid`. */
export async function heatmap(matrix: readonly ArrayLike<number>[], options: HeatmapOptions = {}): Promise<Figure> {
  const width = matrix[0]?.length ?? 0;
  if (width === 0 || matrix.some(row => row.length !== width)) {
    throw new Error(
      `expected a matrix with rows of equal length, got rows of ${list(matrix.slice(0, 5).map(r => String(r.length))) || 'no'} values`,
    );
  }
  if (!matrix.some(row => Array.from(row).some(Number.isFinite)))
    throw new Error('expected a matrix with finite values, got none');
  const rowNames = (options.rows ?? matrix.map((_, i) => i)).map(String);
  const columnNames = (options.columns ?? Array.from({ length: width }, (_, i) => i)).map(String);
  const cells = matrix.flatMap((row, r) =>
    Array.from(row, (value, c) => ({ row: rowNames[r], column: columnNames[c], value: five(value) })),
  );
  return vegaFigure(heatmapSpec(cells, rowNames, columnNames, options), {
    alt: options.alt ?? heatmapAlt(cells, rowNames, columnNames, options),
  });
}

interface Cell {
  row: string;
  column: string;
  value: number;
}

function heatmapSpec(cells: Cell[], rows: string[], columns: string[], options: HeatmapOptions): VegaSpec {
  const { title, xTitle = null, yTitle = null, values = cells.length <= 100, legend = null } = options;
  const unit = Math.max(8, Math.min(56, Math.floor(480 / Math.max(rows.length, columns.length))));
  const { width = unit * columns.length, height = unit * rows.length } = options;
  const { scale, pale } = heatmapColours(cells, options);
  const place = (field: string, names: string[], caption: string | null) => {
    const axis = { labelAngle: 0, labelOverlap: true, ...(names.length > 20 ? { ticks: false } : {}) };
    return { field, type: 'ordinal', sort: names, title: caption, axis };
  };
  const color = { field: 'value', type: 'quantitative', scale, legend: { title: legend, orient: 'right' } };
  const text = { field: 'value', format: options.format ?? '.3~g' };
  const ink = { condition: { test: pale, value: '#000' }, value: '#fff' };
  return {
    ...(title ? { title } : {}),
    width,
    height,
    data: { values: cells },
    encoding: { x: place('column', columns, xTitle), y: place('row', rows, yTitle) },
    layer: [
      { mark: { type: 'rect', tooltip: true }, encoding: { color } },
      ...(values ? [{ mark: { type: 'text', fontSize: 13 }, encoding: { text, color: ink } }] : []),
    ],
  };
}

/** The colour scale, and which cells are so pale that their number is written in black. */
function heatmapColours(cells: Cell[], { colours = 'magnitude' }: HeatmapOptions) {
  const finite = cells.map(c => c.value).filter(Number.isFinite);
  const [low, high] = [finite.reduce((a, b) => Math.min(a, b)), finite.reduce((a, b) => Math.max(a, b))];
  if (colours === 'magnitude') {
    return { scale: { scheme: 'viridis', domain: [low, high] }, pale: `datum.value > ${low + 0.55 * (high - low)}` };
  }
  const far = Math.max(Math.abs(low), Math.abs(high)) || 1;
  return { scale: { scheme: 'redblue', domain: [-far, far], domainMid: 0 }, pale: `abs(datum.value) < ${0.6 * far}` };
}

function heatmapAlt(cells: Cell[], rows: string[], columns: string[], { title }: HeatmapOptions): string {
  const known = cells.filter(c => Number.isFinite(c.value));
  const [low, high] = [
    known.reduce((a, b) => (b.value < a.value ? b : a)),
    known.reduce((a, b) => (b.value > a.value ? b : a)),
  ];
  const at = (c: Cell) => `${say(c.value)} at row ${c.row}, column ${c.column}`;
  return `${title ? `${title}: heat map` : 'Heat map'} of ${rows.length} rows and ${columns.length} columns; lowest ${at(low)}, highest ${at(high)}.`;
}
