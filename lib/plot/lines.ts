import { checkEnds, numbersOf } from './checks';
import type { Figure } from './figure';
import { lineSpec, type Row } from './line-spec';
import { brief } from './measure';
import { drawable, extent, extremes, thin, undrawable } from './thinning';
import { type VegaSpec, vegaFigure } from './vega';
import { leftOut, say, several, textTable, thinnedTo, titled, trend } from './words';

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

/** Points drawn of one curve, and of all; a screen shows no more, and each is bytes in the notebook. */
const MOST_POINTS = 800;
const MOST_IN_ALL = 24_000;

/**
 * Curves over a shared x axis. Colour and dash tell them apart; hover shows the values.
 * @example await lineChart({ loss: [3, 2, 1] }, { title: 'Training', xTitle: 'epoch', yTitle: 'nats' })
 */
export async function lineChart(curves: SeriesMap, options: LineOptions = {}): Promise<Figure> {
  const { spec, ...words } = linePlan(curves, options);
  return vegaFigure(spec, words);
}

/**
 * What lineChart is going to draw and say: marks from a selection of the points, words from all of them.
 * @example linePlan({ loss: [3, 2, 1] }, {}).alt // → loss falls from 3 to 1, over x 1 to 3.
 */
export function linePlan(curves: SeriesMap, options: LineOptions): { spec: VegaSpec; alt: string; text: string } {
  checkEnds('yDomain', options.yDomain, options.logY);
  const isList = (value: unknown) => typeof value === 'object' && value !== null && ('length' in value || 'y' in value);
  if (Array.isArray(curves) || ArrayBuffer.isView(curves) || !Object.values(curves ?? [0]).every(isList))
    throw new Error('expected curves by name, lists of numbers, for example lineChart({ loss: [3, 2, 1] })');
  const names = Object.keys(curves);
  const all = names.map(name => rowsOf(name, curves[name], options));
  const most = Math.max(10, Math.min(MOST_POINTS, Math.floor(MOST_IN_ALL / names.length)));
  const fit = all.map(rows => drawnRows(rows, options));
  const drawn = fit.map(rows => extremes(rows, most, row => row.y));
  return {
    spec: lineSpec(names, drawn.flat(), options),
    alt: (options.alt ?? lineAlt(names, all, options)) + thinnedTo(count(drawn), count(fit), 'points'),
    text: seriesTable(names, all.flat(), options.xTitle ?? 'x'),
  };
}

const count = (parts: readonly (readonly unknown[])[]): number => parts.reduce((sum, part) => sum + part.length, 0);

function rowsOf(name: string, curve: ArrayLike<number> | Series, { x: shared }: LineOptions): Row[] {
  const { x = shared, y, low, high }: Series = 'y' in curve ? curve : { y: curve };
  for (const [what, values] of Object.entries({ x, low, high })) {
    if (values && values.length !== y.length) {
      throw new Error(
        `curve '${name}': expected as many ${what} as y values, got ${values.length} ${what} and ${y.length} y`,
      );
    }
  }
  if ((low === undefined) !== (high === undefined))
    throw new Error(`curve '${name}': expected both ends of the band, got only ${low ? 'low' : 'high'}`);
  const of = (values: ArrayLike<number> | undefined) => values && numbersOf(`curve '${name}'`, values);
  const [xs, lows, highs] = [of(x), of(low), of(high)];
  return numbersOf(`curve '${name}'`, y).map((value, i): Row => {
    const row: Row = { x: xs ? xs[i] : i + 1, y: value, series: name };
    return lows && highs ? { ...row, low: lows[i], high: highs[i] } : row;
  });
}

/** What the axes have a place for: finite values, above 0 where an axis is logarithmic. */
function drawnRows(rows: readonly Row[], { logX, logY }: LineOptions): Row[] {
  const place = (row: Row): Row => {
    const band = row.low === undefined ? {} : { low: drawable(row.low), high: drawable(row.high ?? Number.NaN) };
    return { ...row, x: drawable(row.x), y: drawable(row.y), ...band };
  };
  const kept = rows
    .map(place)
    .filter(row => Number.isFinite(row.x) && (!logX || row.x > 0) && (!logY || !(row.y <= 0)));
  if (!logY || !kept.some(row => row.low !== undefined)) return kept;
  const floor = 10 ** Math.floor(Math.log10(leastAboveZero(kept))); // a band that reaches 0 goes down to the axis
  const above = (value = Number.NaN) => (Number.isFinite(value) ? Math.max(floor, value) : value);
  return kept.map(row => ({ ...row, low: above(row.low), high: above(row.high) }));
}

const leastAboveZero = (rows: readonly Row[]): number =>
  extent(rows.flatMap(({ y, low = y, high = y }) => [y, low, high].filter(v => v > 0)))?.[0] ?? 1;

function lineAlt(names: readonly string[], curves: readonly Row[][], { title, xTitle = 'x', logX, logY }: LineOptions) {
  if (names.length === 0) return titled(title, 'a chart without curves.');
  const seen = curves.map(rows => rows.filter(row => (!logX || row.x > 0) && (!logY || row.y > 0)));
  const said = names.map((name, i) => `${brief(name) || 'a curve'} ${trend(seen[i].map(row => row.y))}`);
  const xs = extent(seen.flatMap(rows => rows.map(row => row.x)));
  const over = xs ? `, over ${xTitle} ${say(xs[0])} to ${say(xs[1])}` : '';
  const all = curves.flat();
  const beyond = leftOut(all.flatMap(row => (undrawable([row.y]) ? [row.y] : [row.x])));
  return `${titled(title, `${several(said)}${over}`)}.${offLog(all, logX, logY)}${beyond}`;
}

/** A sentence about values that a log axis has no place for. */
function offLog(rows: readonly Row[], logX = false, logY = false): string {
  const lost = rows.filter(row => (logX && row.x <= 0) || (logY && row.y <= 0)).length;
  const cut = logY ? rows.filter(row => row.low !== undefined && row.low <= 0).length : 0;
  const points = lost ? ` Points at or below 0, which have no place on a log axis: ${say(lost)}.` : '';
  return `${points}${cut ? ` Points where the band reaches 0 or less and is drawn down to the axis: ${say(cut)}.` : ''}`;
}

/** Values by x, a column for each curve. */
function seriesTable(names: readonly string[], rows: readonly Row[], xTitle: string): string {
  const byX = new Map<number, Map<string, number>>();
  for (const { x, y, series } of rows) byX.set(x, (byX.get(x) ?? new Map<string, number>()).set(series, y));
  const sorted = [...byX].sort(([a], [b]) => a - b);
  const shown = names.slice(0, 12);
  const cell = (value: number | undefined) => (value === undefined ? '' : say(value));
  return textTable(
    [xTitle, ...shown.map(name => brief(name))],
    thin(sorted, 12).map(([x, values]) => [say(x), ...shown.map(n => cell(values.get(n)))]),
  );
}
