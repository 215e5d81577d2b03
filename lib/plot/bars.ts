import type { Figure } from './figure';
import { seriesLegend } from './legend';
import type { ChartOptions } from './lines';
import { ink, palette } from './palette';
import { type VegaSpec, vegaFigure } from './vega';
import { list, say, textTable } from './words';

export interface BarOptions extends ChartOptions {
  /** Bars from left to right, for long labels. */
  horizontal?: boolean;
  yDomain?: [number, number];
  /** Number format of the labels on the bars (d3), default '.3~g'. */
  format?: string;
}
/** Values by label. */
export type Bars = Record<string, number>;

/**
 * One bar a label, with its value written on it.
 * @example await barChart({ prior: 0.2, posterior: 0.429 }, { yTitle: 'P(rain)' })
 */
export async function barChart(values: Bars, options: BarOptions = {}): Promise<Figure> {
  const rows = Object.entries(values).map(([label, value]) => ({ label, value }));
  const alt =
    options.alt ?? `${options.title ? `${options.title}: ` : ''}${list(rows.map(r => `${r.label} ${say(r.value)}`))}.`;
  const text = textTable(
    ['', options.yTitle ?? 'value'],
    rows.map(r => [r.label, say(r.value)]),
    30,
  );
  return vegaFigure(barSpec(rows, Object.keys(values), options), { alt, text });
}

/**
 * Bars side by side: groups of named values, compared label by label.
 * @example await groupedBars({ p: { A: 0.5, B: 0.5 }, q: { A: 0.9, B: 0.1 } })
 */
export async function groupedBars(groups: Record<string, Bars>, options: BarOptions = {}): Promise<Figure> {
  const names = Object.keys(groups);
  const labels = [...new Set(names.flatMap(name => Object.keys(groups[name])))];
  const rows = names.flatMap(group => Object.entries(groups[group]).map(([label, value]) => ({ label, value, group })));
  const said = names.map(
    name => `${name}: ${list(Object.entries(groups[name]).map(([label, v]) => `${label} ${say(v)}`))}`,
  );
  const alt = options.alt ?? `${options.title ? `${options.title}. ` : ''}${said.join('; ')}.`;
  const cell = (value: number | undefined) => (value === undefined ? '' : say(value));
  const text = textTable(
    ['', ...names],
    labels.map(label => [label, ...names.map(name => cell(groups[name][label]))]),
    30,
  );
  return vegaFigure(barSpec(rows, labels, options, names), { alt, text });
}

function barSpec(rows: object[], labels: string[], options: BarOptions, groups?: string[]): VegaSpec {
  const { title, horizontal, width, height } = options;
  const wide =
    width ?? (horizontal ? 560 : Math.min(560, labels.length * Math.max(90, 46 * (groups?.length ?? 1) + 24)));
  const high = height ?? (horizontal ? 34 * labels.length * (groups?.length ?? 1) : 300);
  const legible = horizontal || wide / rows.length >= 40; // room for a number like 0.0781 on each bar
  return {
    ...(title ? { title } : {}),
    width: wide,
    height: high,
    data: { values: rows },
    encoding: barPlaces(labels, options, groups),
    layer: [
      { mark: { type: 'bar', tooltip: true }, encoding: { color: barColour(wide, groups) } },
      ...(legible ? [barNumbers(options)] : []),
    ],
  };
}

/** Labels along one axis, values along the other, groups beside each other. */
function barPlaces(labels: string[], { xTitle, yTitle = 'value', horizontal, yDomain }: BarOptions, groups?: string[]) {
  const [across, along] = horizontal ? ['y', 'x'] : ['x', 'y'];
  const axis = { labelAngle: 0, labelLimit: 260 };
  const scale = yDomain ? { scale: { domain: yDomain } } : {};
  return {
    [across]: { field: 'label', type: 'nominal', sort: labels, title: xTitle ?? null, axis },
    [along]: { field: 'value', type: 'quantitative', title: yTitle, ...scale },
    ...(groups ? { [`${across}Offset`]: { field: 'group', sort: groups } } : {}),
  };
}

function barColour(width: number, groups?: string[]): VegaSpec {
  if (!groups) return { value: palette[0] };
  const scale = { domain: groups, range: palette.slice(0, groups.length) };
  const legend = { ...seriesLegend(groups, width), symbolType: 'square', symbolSize: 100 };
  return { field: 'group', type: 'nominal', scale, legend };
}

/** The value at the end of each bar, outside of it, also where it is negative. */
function barNumbers({ horizontal, format = '.3~g' }: BarOptions): VegaSpec {
  const below = 'datum.value < 0';
  const place = horizontal
    ? { align: { expr: `${below} ? 'right' : 'left'` }, dx: { expr: `${below} ? -4 : 4` } }
    : { baseline: 'middle', dy: { expr: `${below} ? 10 : -10` } };
  const mark = { type: 'text', ...place, color: ink, fontSize: 12 };
  return { mark, encoding: { text: { field: 'value', format } } };
}

export interface HistogramOptions extends ChartOptions {
  bins?: number;
  /** Ends of the first and the last bin; default: the data's own. */
  range?: [number, number];
  /** A density drawn over the bars, e.g. the normal density; the bars then show density, not counts. */
  curve?: (x: number) => number;
}

/** How often values fall into equal bins; values outside `range` are left out and counted in the alt text. */
export async function histogram(values: ArrayLike<number>, options: HistogramOptions = {}): Promise<Figure> {
  const { bins = 30, curve, title, xTitle = 'value', width, height } = options;
  const finite = Array.from(values).filter(Number.isFinite);
  if (finite.length === 0)
    throw new Error(`expected numbers to count, got ${values.length} values of which none is finite`);
  const [low, high] = options.range ?? [
    finite.reduce((a, b) => Math.min(a, b)),
    finite.reduce((a, b) => Math.max(a, b)),
  ];
  const step = (high - low) / bins || 1;
  const counts = new Array<number>(bins).fill(0);
  for (const v of finite) if (v >= low && v <= high) counts[Math.min(bins - 1, Math.floor((v - low) / step))]++;
  const rows = counts.map((count, i) => ({
    from: low + i * step,
    to: low + (i + 1) * step,
    count,
    y: curve ? count / (finite.length * step) : count,
  }));
  const line = curve ? [curveLayer(curve, low, low + bins * step)] : [];
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
  return vegaFigure(spec, { alt: options.alt ?? histogramAlt(finite, rows, low, high, title) });
}

function curveLayer(curve: (x: number) => number, low: number, high: number): VegaSpec {
  const values = Array.from({ length: 121 }, (_, i) => low + ((high - low) * i) / 120).map(x => ({ x, y: curve(x) }));
  const encoding = { x: { field: 'x', type: 'quantitative' }, y: { field: 'y', type: 'quantitative' } };
  return { data: { values }, mark: { type: 'line', color: palette[1] }, encoding };
}

function histogramAlt(
  values: number[],
  rows: { from: number; to: number; count: number }[],
  low: number,
  high: number,
  title?: string,
): string {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
  const peak = rows.reduce((a, b) => (b.count > a.count ? b : a));
  const left = values.filter(v => v < low || v > high).length;
  const outside = left ? ` ${left} lie outside the picture.` : '';
  return (
    `${title ? `${title}: histogram` : 'Histogram'} of ${say(values.length)} values with mean ${say(mean)} and standard deviation ${say(deviation)}; ` +
    `the fullest of ${rows.length} bins, ${say(peak.from)} to ${say(peak.to)}, holds ${say(peak.count)}.${outside}`
  );
}
