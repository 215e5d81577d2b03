import { checkCount, checkEnds, numbersOf } from './checks';
import type { Figure } from './figure';
import type { ChartOptions } from './lines';
import { palette } from './palette';
import { drawable, extent } from './thinning';
import { type VegaSpec, vegaFigure } from './vega';
import { leftOut, say, titled } from './words';

export interface HistogramOptions extends ChartOptions {
  bins?: number;
  /** Ends of the first and the last bin; default: the data's own. */
  range?: [number, number];
  /** A density drawn over the bars, e.g. the normal density; the bars then show density, not counts. */
  curve?: (x: number) => number;
}

interface Bin {
  from: number;
  to: number;
  count: number;
  y: number;
}

/**
 * How often values fall into equal bins; values outside `range` are left out and counted in the alt text.
 * @example await histogram([1, 2, 2, 3, 3, 3], { title: 'six values' })
 */
export async function histogram(values: ArrayLike<number>, options: HistogramOptions = {}): Promise<Figure> {
  const { bins = 30, curve, title, xTitle = 'value', width, height } = options;
  checkCount('bins', bins, 1, 1000);
  checkEnds('range', options.range);
  const all = numbersOf('histogram', values);
  const finite = all.map(drawable).filter(Number.isFinite);
  const [low, high] = options.range ?? extent(finite) ?? [];
  if (low === undefined || high === undefined || finite.length === 0)
    throw new Error(`expected numbers to count, got ${values.length} values of which none is finite and below 1e300`);
  const rows = count(finite, low, high, bins, curve !== undefined);
  const line = curve ? [curveLayer(curve, low, rows[bins - 1].to)] : [];
  const spec: VegaSpec = {
    ...(title ? { title } : {}),
    ...(width ? { width } : {}),
    ...(height ? { height } : {}),
    layer: [
      {
        data: { values: rows },
        mark: { type: 'bar', color: palette[0], opacity: curve ? 0.75 : 1, tooltip: true, binSpacing: 1 },
        encoding: {
          x: { field: 'from', type: 'quantitative', bin: 'binned', title: xTitle },
          x2: { field: 'to' },
          y: { field: 'y', type: 'quantitative', title: curve ? 'density' : 'count' },
        },
      },
      ...line,
    ],
  };
  const alt = options.alt ?? histogramAlt(finite, rows, low, high, title) + leftOut(all);
  return vegaFigure(spec, { alt });
}

/** Equal bins from low to high; where all values are equal, bins of width 1, or of what that number can tell apart. */
function count(values: readonly number[], low: number, high: number, bins: number, density: boolean): Bin[] {
  const step = (high - low) / bins || Math.max(1, Math.abs(low) * 1e-6);
  const counts = new Array<number>(bins).fill(0);
  for (const v of values) if (v >= low && v <= high) counts[Math.min(bins - 1, Math.floor((v - low) / step))]++;
  return counts.map((n, i) => ({
    from: low + i * step,
    to: low + (i + 1) * step,
    count: n,
    y: density ? n / (values.length * step) : n,
  }));
}

function curveLayer(curve: (x: number) => number, low: number, high: number): VegaSpec {
  const values = Array.from({ length: 121 }, (_, i) => low + ((high - low) * i) / 120).map(x => ({
    x,
    y: drawable(curve(x)),
  }));
  const encoding = { x: { field: 'x', type: 'quantitative' }, y: { field: 'y', type: 'quantitative' } };
  return { data: { values }, mark: { type: 'line', color: palette[1] }, encoding };
}

function histogramAlt(
  values: readonly number[],
  rows: readonly Bin[],
  low: number,
  high: number,
  title?: string,
): string {
  const size = Math.max(...(extent(values.map(Math.abs)) ?? [1])) || 1; // squares are taken of shares of it, or they overflow
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((a, b) => a + (b / size - mean / size) ** 2, 0) / values.length;
  const deviation = size * Math.sqrt(variance);
  const peak = rows.reduce((a, b) => (b.count > a.count ? b : a));
  const left = values.filter(v => v < low || v > high).length;
  const outside = left ? ` ${left} lie outside the picture.` : '';
  const head = title ? titled(title, 'histogram') : 'Histogram';
  return (
    `${head} of ${say(values.length)} values with mean ${say(mean)} and standard deviation ${say(deviation)}; ` +
    `the fullest of ${rows.length} bins, ${say(peak.from)} to ${say(peak.to)}, holds ${say(peak.count)}.${outside}`
  );
}
