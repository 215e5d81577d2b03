import type { Figure } from './figure';
import { lineSpec, type Row } from './line-spec';
import { type VegaSpec, vegaFigure } from './vega';
import { list, say, textTable, thin, trend } from './words';

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

/** Points drawn of one curve; a screen shows no more, and each is bytes in the notebook. */
const MOST_POINTS = 800;

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
  const kept = rows.filter(row => (!logX || row.x > 0) && (!logY || row.y > 0)); // a log axis has no place for the rest
  return thin(kept, MOST_POINTS);
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
