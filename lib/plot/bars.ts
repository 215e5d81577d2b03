import { checkEnds, numbersOf } from './checks';
import type { Figure } from './figure';
import { seriesLegend } from './legend';
import type { ChartOptions } from './lines';
import { brief, textWidth } from './measure';
import { ink, palette } from './palette';
import { drawable, extremes, undrawable } from './thinning';
import { type VegaSpec, vegaFigure } from './vega';
import { leftOut, list, say, textTable, thinnedTo, titled } from './words';

export interface BarOptions extends ChartOptions {
  /** Bars from left to right, for long labels. */
  horizontal?: boolean;
  yDomain?: [number, number];
  /** Number format of the labels on the bars (d3), default '.3~g'. */
  format?: string;
}
/** Values by label. */
export type Bars = Record<string, number>;

interface Bar {
  label: string;
  value: number;
  group?: string;
}

/** Bars drawn in one chart; a screen shows no more, and each is bytes in the notebook. */
const MOST_BARS = 400;

/**
 * One bar a label, with its value written on it.
 * @example await barChart({ prior: 0.2, posterior: 0.429 }, { yTitle: 'P(rain)' })
 */
export async function barChart(values: Bars, options: BarOptions = {}): Promise<Figure> {
  const rows = barsOf('bars', values);
  const drawn = extremes(rows, MOST_BARS, r => drawable(r.value));
  const words = `${saidBars(rows)}.${leftOut(rows.map(r => r.value))}`;
  const alt = (options.alt ?? titled(options.title, words)) + thinnedTo(drawn.length, rows.length, 'bars');
  const text = textTable(
    ['', options.yTitle ?? 'value'],
    rows.map(r => [brief(r.label), say(r.value)]),
    30,
  );
  return vegaFigure(barSpec(drawn, options), { alt, text });
}

/**
 * Bars side by side: groups of named values, compared label by label.
 * @example await groupedBars({ p: { A: 0.5, B: 0.5 }, q: { A: 0.9, B: 0.1 } })
 */
export async function groupedBars(groups: Record<string, Bars>, options: BarOptions = {}): Promise<Figure> {
  const names = Object.keys(groups);
  const bars = names.map(group => barsOf(group, groups[group]).map(bar => ({ ...bar, group })));
  const all = bars.flat();
  const most = Math.max(5, Math.floor(MOST_BARS / Math.max(1, names.length)));
  const drawn = bars.flatMap(own => extremes(own, most, r => drawable(r.value)));
  const said = bars.slice(0, 20).map((own, i) => `${brief(names[i])}: ${saidBars(own)}`);
  if (names.length > said.length) said.push(`and ${say(names.length - said.length)} more groups`);
  const words = `${said.join('; ') || 'no bars'}.${leftOut(all.map(r => r.value))}`;
  const thinned = thinnedTo(drawn.length, all.length, 'bars');
  const alt = (options.alt ?? titled(options.title, words, '. ')) + thinned;
  return vegaFigure(barSpec(drawn, options, names), { alt, text: groupTable(all, names) });
}

const barsOf = (what: string, values: Bars): Bar[] => {
  const labels = Object.keys(values);
  return numbersOf(what, Object.values(values)).map((value, i) => ({ label: labels[i], value }));
};

/** All bars where they are few, else their number, the lowest and the highest. */
function saidBars(bars: readonly Bar[]): string {
  if (bars.length === 0) return 'no bars';
  const one = (bar: Bar) => `${brief(bar.label)} ${say(bar.value)}`;
  if (bars.length <= 40) return list(bars.map(one));
  const known = bars.filter(bar => Number.isFinite(bar.value));
  if (known.length === 0) return `${say(bars.length)} bars without a finite value`;
  const [low, high] = [
    known.reduce((a, b) => (b.value < a.value ? b : a)),
    known.reduce((a, b) => (b.value > a.value ? b : a)),
  ];
  return `${say(bars.length)} bars, the lowest ${one(low)}, the highest ${one(high)}`;
}

/** Values by label, a column for each group. */
function groupTable(bars: readonly Bar[], groups: readonly string[]): string {
  const byLabel = new Map<string, Map<string, number>>();
  for (const { label, group = '', value } of bars)
    byLabel.set(label, (byLabel.get(label) ?? new Map<string, number>()).set(group, value));
  const cell = (value: number | undefined) => (value === undefined ? '' : say(value));
  const rows = [...byLabel].map(([label, values]) => [brief(label), ...groups.map(name => cell(values.get(name)))]);
  return textTable(['', ...groups.map(name => brief(name))], rows, 30);
}

function barSpec(bars: readonly Bar[], options: BarOptions, groups?: string[]): VegaSpec {
  checkEnds('yDomain', options.yDomain);
  const rows = bars.map(bar => ({ ...bar, value: drawable(bar.value) }));
  const labels = new Set(rows.map(r => r.label)).size;
  const { title, horizontal, width, height } = options;
  const wide =
    width ?? (horizontal ? 560 : Math.min(560, labels * Math.max(90, 46 * (groups?.length ?? 1) + 24)) || 90);
  const high = height ?? (horizontal ? Math.min(4000, 34 * labels * (groups?.length ?? 1)) || 34 : 300);
  const step = (horizontal ? high : wide) / Math.max(1, labels);
  const legible = (horizontal && high / rows.length >= 14) || wide / rows.length >= 40; // room for a number like 0.0781 on each bar
  return {
    ...(title ? { title } : {}),
    width: wide,
    height: high,
    data: { values: rows },
    encoding: barPlaces(step, rows, options, groups),
    layer: [
      { mark: { type: 'bar', tooltip: true }, encoding: { color: barColour(wide, groups) } },
      ...(legible ? [barNumbers(options)] : []),
    ],
  };
}

/** Labels along one axis, values along the other, groups beside each other. */
function barPlaces(step: number, rows: readonly Bar[], options: BarOptions, groups?: string[]) {
  const empty = undrawable(rows.map(r => r.value)) === rows.length;
  const { xTitle, yTitle = 'value', horizontal, yDomain = empty ? [0, 1] : undefined } = options;
  const [across, along] = horizontal ? ['y', 'x'] : ['x', 'y'];
  // Vega takes every letter for 0.8 of its height where it cannot measure: labels that do fit must not be cut for that.
  const fits = rows.every(({ label }) => textWidth(label, 13) <= step - 4);
  const room = { labelLimit: horizontal ? 260 : Math.max(24, Math.floor(step) - 4) * (fits ? 2 : 1) };
  const axis = { labelAngle: 0, ...room, ...(step < 24 ? { labelOverlap: true, ticks: false } : {}) };
  const scale = yDomain ? { scale: { domain: yDomain, clamp: true } } : {};
  return {
    [across]: { field: 'label', type: 'nominal', sort: null, title: xTitle ?? null, axis },
    [along]: { field: 'value', type: 'quantitative', title: yTitle, ...scale },
    ...(groups ? { [`${across}Offset`]: { field: 'group', sort: null } } : {}),
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
