import { checkCount, checkEnds } from './checks';
import type { Figure } from './figure';
import { seriesLegend } from './legend';
import type { ChartOptions } from './lines';
import { brief } from './measure';
import { palette } from './palette';
import { playable, type Slider, sliderParam, variable } from './slider';
import { drawable, extent } from './thinning';
import { type VegaSpec, vegaFigure } from './vega';
import { say, several, titled, trend } from './words';

export { playable, type Slider, sliderParam } from './slider';

export interface FunctionOptions extends ChartOptions {
  /** How many points are computed between the ends. */
  samples?: number;
  yDomain?: [number, number];
  /** The functions' second argument, moved by the reader. */
  slider?: Slider;
}
/** y of x and of the slider's value (0 without a slider). */
export type Curve = (x: number, parameter: number) => number;

/** One curve at one position of the slider; its x are evenly spaced, so only y is stored. */
interface Row {
  series: string;
  p: number;
  y: number[];
}

/**
 * Draws y = f(x) between two ends; with `slider`, f takes a second argument that the reader moves.
 * Every position of the slider is computed here, so f may be any TypeScript.
 * @example
 * const slider1 = { name: 'p', min: 0.1, max: 5, step: 0.1, value: 1 };
 * await functionPlot({ 'x^p': (x, p) => x ** p }, [0, 1], { slider: slider1 })
 */
export async function functionPlot(
  curves: Record<string, Curve>,
  ends: [number, number],
  options: FunctionOptions = {},
): Promise<Figure> {
  const { samples = 121, slider } = options;
  const names = Object.keys(curves);
  if (names.length === 0) throw new Error('expected at least one function of x, got none');
  checkEnds('ends of x', ends);
  checkEnds('yDomain', options.yDomain);
  checkCount('samples', samples, 2, 5000);
  const positions = slider ? steps(slider) : [0];
  checkCount(
    'values to compute (curves × slider positions × samples)',
    names.length * positions.length * samples,
    2,
    400_000,
  );
  const xs = Array.from({ length: samples }, (_, i) => ends[0] + ((ends[1] - ends[0]) * i) / (samples - 1));
  const rows = names.flatMap(series =>
    positions.map((p): Row => ({ series, p, y: xs.map(x => tidy(curves[series](x, p))) })),
  );
  const spec = functionSpec(names, rows, ends, options);
  return vegaFigure(spec, { alt: options.alt ?? functionAlt(names, rows, ends, options) });
}

/** Slider positions from min to max. */
function steps({ name, min, max, step, value }: Slider): number[] {
  const count = Math.round((max - min) / step) + 1;
  if (!Number.isFinite(value)) throw new Error(`slider '${name}': expected a number to start at, got ${value}`);
  if (!(step > 0) || !(count >= 2 && count <= 201)) {
    throw new Error(
      `slider '${name}': expected 2 to 201 positions, got ${count}; choose a step that fits ${min} to ${max}`,
    );
  }
  return Array.from({ length: count }, (_, i) => tidy(min + i * step));
}

/** Five digits: enough for a screen, and few bytes in the notebook. */
const tidy = (value: number): number => Number(drawable(Number(value)).toPrecision(5));

function functionSpec(
  names: string[],
  rows: Row[],
  [from, to]: [number, number],
  { title, xTitle = 'x', yTitle = 'y', slider, yDomain, width, height }: FunctionOptions,
): VegaSpec {
  const domain = yDomain ?? extent(rows.flatMap(row => row.y)) ?? [0, 1]; // fixed while the slider moves
  const legend = seriesLegend(names, width);
  const chosen = slider ? [{ filter: `abs(datum.p - ${variable(slider.name)}) < ${slider.step / 2}` }] : [];
  const count = { window: [{ op: 'row_number', as: 'i' }], groupby: ['series'] };
  return {
    ...(title ? { title } : {}),
    ...(width ? { width } : {}),
    ...(height ? { height } : {}),
    ...(slider ? { params: slidersOf(slider) } : {}),
    data: { values: rows },
    transform: [
      ...chosen,
      { flatten: ['y'] },
      count,
      { calculate: `${from} + (datum.i - 1) * ${(to - from) / (rows[0].y.length - 1)}`, as: 'x' },
    ],
    mark: { type: 'line', clip: true },
    encoding: {
      x: { field: 'x', type: 'quantitative', title: xTitle, scale: { nice: false, zero: false } },
      y: { field: 'y', type: 'quantitative', title: yTitle, scale: { domain, nice: true, zero: false } },
      color: {
        field: 'series',
        type: 'nominal',
        legend,
        scale: { domain: names, range: palette.slice(0, names.length) },
      },
      tooltip: ['series', 'x', 'y'].map(field => ({ field, ...(field === 'series' ? {} : { format: '.4~g' }) })),
    },
  };
}

/** The slider, and the box that plays it where it has seconds. */
const slidersOf = (slider: Slider): VegaSpec[] =>
  slider.seconds === undefined ? [sliderParam(slider)] : playable({ ...slider, seconds: slider.seconds });

function functionAlt(
  names: string[],
  rows: Row[],
  [from, to]: [number, number],
  { title, xTitle = 'x', slider }: FunctionOptions,
): string {
  const shown = slider ? rows.filter(row => Math.abs(row.p - slider.value) < slider.step / 2) : rows;
  const said = names.map(
    name => `${brief(name) || 'a curve'} ${trend(shown.filter(r => r.series === name).flatMap(r => r.y))}`,
  );
  const moved = slider
    ? ` A slider${slider.seconds === undefined ? ' moves' : ' and a box to play move'} ${brief(slider.name)} from ${say(slider.min)} to ${say(slider.max)}; shown at ${say(slider.value)}.`
    : '';
  return `${titled(title, `${several(said)}, over ${xTitle} ${say(from)} to ${say(to)}`)}.${moved}`;
}
