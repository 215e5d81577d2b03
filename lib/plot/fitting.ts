/**
 * Bells on their way to a density: what several searches for the best normal do, step by step.
 * @see notebooks/04-entropy-kl.ipynb
 */
import { checkCount, checkEnds } from './checks';
import type { Figure } from './figure';
import { brief } from './measure';
import { ink, palette } from './palette';
import { player } from './player';
import { variable } from './slider';
import { largest } from './thinning';
import { type VegaSpec, vegaFigure } from './vega';
import { list, say, titled } from './words';

/** One step of a search: a normal, and what it costs. */
export interface Fitted {
  mean: number;
  std: number;
  cost: number;
}

export interface FittingOptions {
  title?: string;
  /** What the cost is measured in. */
  costTitle?: string;
  /** Top of the densities' axis. */
  top?: number;
  /** The step shown first, and in still pictures; default the last. */
  at?: number;
  seconds?: number;
}

const SAMPLES = 121;
const [WIDTH, HEIGHT] = [380, 240];

/**
 * Left the truth and one bell a search, right what each step costs so far. A search that is over stands still. Nothing moves
 * until the reader ticks 'play'; it needs no kernel.
 * @param truth the density that is fitted
 * @param searches the steps of each, by its name
 * @param ends of the axis of x
 * @example
 * const bell = (x: number) => Math.exp(-x * x);
 * await fittingFilm(bell, { search: [{ mean: 1, std: 1, cost: 2 }, { mean: 0, std: 0.7, cost: 0 }] }, [-4, 4])
 */
export async function fittingFilm(
  truth: (x: number) => number,
  searches: Record<string, readonly Fitted[]>,
  ends: [number, number],
  options: FittingOptions = {},
): Promise<Figure> {
  checkEnds('ends of x', ends);
  const names = Object.keys(searches).map(name => brief(name));
  const paths = Object.values(searches);
  checkCount('searches', names.length, 1, palette.length);
  const last = largest(paths.map(path => path.length)) - 1;
  checkCount('steps', last, 1, 500);
  for (const { mean, std, cost } of paths.flat())
    if (!([mean, std, cost].every(v => Math.abs(v) < 1e6) && std >= 1e-6))
      throw new Error(
        `expected means, costs and positive standard deviations below a million, got ${[mean, std, cost]}`,
      );
  const { title, at = last, seconds = 8 } = options;
  const film = player({ name: 'step', last, value: at, seconds });
  /** What holds of each search at the step shown. */
  const now = (of: (step: Fitted) => number) =>
    `[${paths.map(path => `[${path.map(step => round(of(step)))}][min(${variable('step')}, ${path.length - 1})]`)}]`;
  const spec: VegaSpec = {
    ...(title ? { title } : {}),
    params: [
      ...film.params,
      { name: 'means', expr: now(step => step.mean) },
      { name: 'stds', expr: now(step => step.std) },
    ],
    spacing: 40,
    hconcat: [bells(truth, names, ends, options), costs(names, paths, last, film.upTo, options)],
  };
  const said = paths.map((path, i) => {
    const [from, to] = [path[0], path[path.length - 1]];
    return `${names[i]} from mean ${say(from.mean)}, width ${say(from.std)} to mean ${say(to.mean)}, width ${say(to.std)}`;
  });
  const alt = titled(title, `Bells that are fitted in ${last} steps; ${list(said)}`);
  return vegaFigure(spec, { alt: `${alt}. A slider and a box to play move the steps.` });
}

const round = (value: number): number => Number(value.toPrecision(4));

/** The truth keeps its place as number −1; the others are computed from what the step says. */
function bells(
  truth: (x: number) => number,
  names: readonly string[],
  [from, to]: [number, number],
  { top }: FittingOptions,
): VegaSpec {
  const x = Array.from({ length: SAMPLES }, (_, i) => round(from + ((to - from) * i) / (SAMPLES - 1)));
  const known = x.map(v => round(truth(v)));
  if (!known.every(y => y >= 0 && y < 1e6)) throw new Error('truth: expected a density, 0 or more everywhere');
  const bell = 'exp(-0.5 * pow((datum.x - means[datum.i]) / stds[datum.i], 2)) / (stds[datum.i] * sqrt(2 * PI))';
  const height = top ?? 1.5 * largest([...known, 1e-6]);
  const place = {
    x: { field: 'x', type: 'quantitative', scale: { domain: [from, to], nice: false } },
    y: { field: 'density', type: 'quantitative', scale: { domain: [0, height], nice: false } },
  };
  const hill = {
    data: { values: [{ x, density: known }] },
    transform: [{ flatten: ['x', 'density'] }],
    mark: { type: 'area', color: ink, opacity: 0.25 },
    encoding: place,
  };
  const fitted = {
    data: { values: names.map((search, i) => ({ search, i, x })) },
    transform: [{ flatten: ['x'] }, { calculate: bell, as: 'density' }],
    mark: { type: 'line', clip: true },
    encoding: { ...place, color: colour(names) },
  };
  return { width: WIDTH, height: HEIGHT, layer: [hill, fitted] };
}

const colour = (names: readonly string[]) => ({
  field: 'search',
  type: 'nominal',
  scale: { domain: names, range: palette.slice(0, names.length) },
  legend: { title: null, orient: 'bottom', columns: 1, labelLimit: 360 },
});

function costs(
  names: readonly string[],
  paths: readonly (readonly Fitted[])[],
  last: number,
  upTo: VegaSpec,
  { costTitle = 'cost' }: FittingOptions,
): VegaSpec {
  const values = paths.map((path, i) => ({
    search: names[i],
    frame: path.map((_, frame) => frame),
    cost: path.map(step => round(step.cost)),
  }));
  return {
    width: 240,
    height: HEIGHT,
    data: { values },
    transform: [{ flatten: ['frame', 'cost'] }, upTo],
    mark: { type: 'line', point: true, clip: true },
    encoding: {
      x: { field: 'frame', type: 'quantitative', title: 'step', scale: { domain: [0, last], nice: false } },
      y: {
        field: 'cost',
        type: 'quantitative',
        title: costTitle,
        scale: {
          domain: [Math.min(0, ...values.flatMap(v => v.cost)), largest([...values.flatMap(v => v.cost), 1e-6])],
        },
      },
      color: colour(names),
    },
  };
}
