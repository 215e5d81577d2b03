import type { Figure } from './figure';
import { seriesLegend } from './legend';
import { dashes, palette } from './palette';
import { type VegaSpec, vegaFigure } from './vega';
import { list, say, textTable, trend } from './words';

/** One curve: its y values, where not 1, 2, 3 … also x, and a band from `low` to `high` around it. */
export interface Series {
  x?: ArrayLike<number>;
  y: ArrayLike<number>;
  low?: ArrayLike<number>;
  high?: ArrayLike<number>;
}
/** Curves by name. A bare array is a curve over 1, 2, 3 … */
export type SeriesMap = Record<string, ArrayLike<number> | Series>;

export interface ChartOptions {
  title?: string;
  xTitle?: string;
  yTitle?: string;
  width?: number;
  height?: number;
  /** Replaces the words made from the data. */
  alt?: string;
}
export interface LineOptions extends ChartOptions {
  /** Shared by curves that bring no x of their own. */
  x?: ArrayLike<number>;
  logX?: boolean;
  logY?: boolean;
  /** Fixed ends of the y axis. */
  yDomain?: [number, number];
  /** Marks every point, for curves with few of them. */
  points?: boolean;
  /** Horizontal reference lines with a name, e.g. a published figure. */
  references?: Record<string, number>;
}

interface Row {
  x: number;
  y: number;
  series: string;
  low?: number;
  high?: number;
}

/**
 * Curves over a shared x axis. Colour and dash tell them apart; hover shows the values.
 * @example await lineChart({ loss, kl }, { xTitle: 'epoch', yTitle: 'nats' })
 */
export async function lineChart(curves: SeriesMap, options: LineOptions = {}): Promise<Figure> {
  const { spec, ...words } = linePlan(curves, options);
  return vegaFigure(spec, words);
}

/** What lineChart is going to draw and say. */
export function linePlan(curves: SeriesMap, options: LineOptions): { spec: VegaSpec; alt: string; text: string } {
  const rows = Object.entries(curves).flatMap(([name, curve]) => rowsOf(name, curve, options));
  const names = Object.keys(curves);
  return {
    spec: lineSpec(names, rows, options),
    alt: options.alt ?? lineAlt(names, rows, options),
    text: seriesTable(names, rows, options.xTitle ?? 'x'),
  };
}

function rowsOf(name: string, curve: ArrayLike<number> | Series, { x: shared, logX, logY }: LineOptions): Row[] {
  const { x = shared, y, low, high }: Series = 'y' in curve ? curve : { y: curve };
  if (x && x.length !== y.length) {
    throw new Error(`curve '${name}': expected as many x as y values, got ${x.length} x and ${y.length} y`);
  }
  const rows = Array.from(y, (value, i): Row => {
    const row: Row = { x: x ? x[i] : i + 1, y: value, series: name };
    return low && high ? { ...row, low: low[i], high: high[i] } : row;
  });
  return rows.filter(row => (!logX || row.x > 0) && (!logY || row.y > 0)); // a log axis has no place for the rest
}

function lineAlt(names: string[], rows: Row[], { title, xTitle = 'x' }: LineOptions): string {
  const xs = rows.map(row => row.x).filter(Number.isFinite);
  const said = names.map(name => `${name} ${trend(rows.filter(r => r.series === name).map(r => r.y))}`);
  const [from, to] = [xs.reduce((a, b) => Math.min(a, b), Infinity), xs.reduce((a, b) => Math.max(a, b), -Infinity)];
  return `${title ? `${title}: ` : ''}${list(said)}, over ${xTitle} ${say(from)} to ${say(to)}.`;
}

/** Values by x, a column for each curve. */
function seriesTable(names: string[], rows: Row[], xTitle: string): string {
  const byX = new Map<number, Map<string, number>>();
  for (const { x, y, series } of rows) byX.set(x, (byX.get(x) ?? new Map<string, number>()).set(series, y));
  const sorted = [...byX].sort(([a], [b]) => a - b);
  const cell = (value: number | undefined) => (value === undefined ? '' : say(value));
  return textTable(
    [xTitle, ...names],
    sorted.map(([x, values]) => [say(x), ...names.map(n => cell(values.get(n)))]),
  );
}

function lineSpec(names: string[], rows: Row[], options: LineOptions): VegaSpec {
  const {
    title,
    xTitle = 'x',
    yTitle = names.length === 1 ? names[0] : 'value',
    logX,
    logY,
    yDomain,
    points,
    width,
    height,
  } = options;
  const yScale = { ...(logY ? { type: 'log' } : { zero: false }), ...(yDomain ? { domain: yDomain } : {}) };
  const legend = seriesLegend(names, width);
  const xAxis = logX ? decades(rows.map(r => r.x)) : counts(rows.map(r => r.x));
  const yAxis = logY && !yDomain ? decades(rows.map(r => r.y)) : {};
  const encoding = {
    x: {
      field: 'x',
      type: 'quantitative',
      title: xTitle,
      axis: xAxis,
      scale: { nice: false, ...(logX ? { type: 'log' } : { zero: false }) },
    },
    y: { field: 'y', type: 'quantitative', title: yTitle, axis: yAxis, scale: yScale },
    color: {
      field: 'series',
      type: 'nominal',
      legend,
      scale: { domain: names, range: palette.slice(0, names.length) },
    },
  };
  const strokeDash = {
    field: 'series',
    type: 'nominal',
    legend,
    scale: { domain: names, range: dashes.slice(0, names.length) },
  };
  const tooltip = ['series', 'x', 'y'].map(field => ({ field, ...(field === 'series' ? {} : { format: '.4~g' }) }));
  const band = {
    mark: { type: 'area', opacity: 0.2 },
    encoding: { ...encoding, y: { ...encoding.y, field: 'low' }, y2: { field: 'high' } },
  };
  const line = {
    mark: { type: 'line', clip: true, point: points ?? rows.length <= 12 * names.length },
    encoding: { ...encoding, strokeDash, tooltip },
  };
  return {
    ...(title ? { title } : {}),
    ...(width ? { width } : {}),
    ...(height ? { height } : {}),
    data: { values: rows },
    layer: [...(rows.some(r => r.low !== undefined) ? [band] : []), line, ...references(options.references ?? {})],
  };
}

/** Ticks of an axis that counts, such as epochs: whole numbers only. */
function counts(values: number[]): VegaSpec {
  if (!values.every(Number.isInteger)) return {};
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!(high - low <= 14)) return { tickMinStep: 1 };
  return { values: Array.from({ length: high - low + 1 }, (_, i) => low + i), format: 'd' };
}

/** Ticks of a log axis: powers of ten where it spans two or more, else Vega's own. */
function decades(values: number[]): VegaSpec {
  const powers = values.filter(v => v > 0 && Number.isFinite(v)).map(Math.log10);
  const low = Math.floor(powers.reduce((a, b) => Math.min(a, b), Infinity) + 1e-9);
  const high = Math.ceil(powers.reduce((a, b) => Math.max(a, b), -Infinity) - 1e-9);
  if (!(high - low >= 2)) return {};
  const labelExpr = "format(datum.value, abs(log(datum.value)) > 10 ? '~e' : '~g')"; // 1e-6 rather than 0.000001
  return { values: Array.from({ length: high - low + 1 }, (_, i) => Number(`1e${low + i}`)), labelExpr };
}

/** Dashed horizontal lines with their names at the right end. */
function references(values: Record<string, number>): VegaSpec[] {
  return Object.entries(values).flatMap(([name, y]) => [
    {
      data: { values: [{ y }] },
      mark: { type: 'rule', strokeDash: [4, 4] },
      encoding: { y: { field: 'y', type: 'quantitative' } },
    },
    {
      data: { values: [{ y, name }] },
      mark: { type: 'text', align: 'right', dy: -8, x: 'width' },
      encoding: { y: { field: 'y', type: 'quantitative' }, text: { field: 'name' } },
    },
  ]);
}
