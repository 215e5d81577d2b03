/** Ways downhill over the contour lines of a function of two numbers, to be played step by step. */
import { checkCount, checkEnds, numbersOf } from './checks';
import type { Figure } from './figure';
import type { ChartOptions } from './lines';
import { brief } from './measure';
import { palette } from './palette';
import { player } from './player';
import { drawable } from './thinning';
import { vegaFigure } from './vega';
import { say, several, titled } from './words';

type Ends = readonly [number, number];
type Path = readonly (readonly [x: number, y: number])[];

export interface DescentOptions extends ChartOptions {
  /** Heights of the contour lines. */
  levels: readonly number[];
  /** A point to mark, e.g. the lowest one. */
  goal?: readonly [number, number];
  /** How long it plays. */
  seconds?: number;
}

/** A contour line, or the piece of one that lies between the edges. */
interface Line {
  level: number;
  x: number[];
  y: number[];
}

/**
 * Contour lines of z = f(x, y) with paths over them that grow while it plays, one point a frame; a path that has ended waits.
 * @param paths by name, each a list of [x, y] from its start on
 * @example
 * const walk = [{ x: 2, y: 2 }, { x: 1, y: 1 }, { x: 0, y: 0 }];
 * await descentPlot((x, y) => x * x + y * y, [-1, 3], [-1, 3], { walk: walk.map(p => [p.x, p.y] as [number, number]) }, { levels: [0.1, 1, 10] })
 */
export async function descentPlot(
  f: (x: number, y: number) => number,
  xEnds: Ends,
  yEnds: Ends,
  paths: Record<string, Path>,
  options: DescentOptions,
): Promise<Figure> {
  checkEnds('ends of x', xEnds);
  checkEnds('ends of y', yEnds);
  const names = Object.keys(paths);
  const longest = Math.max(...names.map(name => paths[name].length), 0);
  checkCount('points of the longest path', longest, 2, 1000);
  for (const name of names)
    if (paths[name].length === 0)
      throw new Error(`path '${name}': expected one point at the least, got none; leave it out`);
  checkHeights(options.levels);
  const rows = names.flatMap(series => rowsOf(series, paths[series], longest));
  const step = player({ name: 'step', last: longest - 1, seconds: options.seconds });
  const { title, xTitle = 'x', yTitle = 'y', width = 560, height = 420, goal } = options;
  const axis = (field: string, text: string, domain: Ends) => ({
    field,
    type: 'quantitative',
    title: text,
    scale: { domain, nice: false, zero: false },
  });
  const place = { x: axis('x', xTitle, xEnds), y: axis('y', yTitle, yEnds) };
  const scale = { domain: names, range: names.map((_, i) => palette[i % palette.length]) };
  const color = { field: 'series', type: 'nominal', scale, legend: { title: null, orient: 'bottom' } };
  const tooltip = ['series', 'frame', 'z'].map(field => ({ field, ...(field === 'z' ? { format: '.3~g' } : {}) }));
  const spec = {
    ...(title ? { title } : {}),
    width,
    height,
    params: step.params,
    layer: [
      {
        data: { values: contourLines(f, xEnds, yEnds, options.levels).map((line, n) => ({ ...line, n })) },
        transform: [{ flatten: ['x', 'y'] }, { window: [{ op: 'row_number', as: 'i' }], groupby: ['n'] }],
        mark: { type: 'line', color: '#888888', strokeWidth: 0.7, clip: true },
        encoding: { ...place, detail: { field: 'n' }, order: { field: 'i' } },
      },
      {
        data: { values: rows },
        transform: [step.upTo],
        mark: { type: 'line', point: { size: 22 }, strokeWidth: 2, clip: true },
        encoding: { ...place, color, order: { field: 'frame' }, tooltip },
      },
      {
        data: { values: rows },
        transform: [step.now],
        mark: { type: 'point', filled: true, size: 150, opacity: 1, clip: true },
        encoding: { ...place, color, shape: { field: 'series', legend: null } },
      },
      ...(goal
        ? [
            {
              data: { values: [{ x: goal[0], y: goal[1] }] },
              mark: { type: 'point', shape: 'cross', size: 120, color: '#888888', filled: true },
              encoding: place,
            },
          ]
        : []),
    ],
  };
  return vegaFigure(spec, { alt: options.alt ?? descentAlt(names, paths, f, options) });
}

/** One row a frame; the last point stays until the longest path has ended. */
function rowsOf(series: string, path: Path, longest: number) {
  const [xs, ys] = [0, 1].map(side =>
    numbersOf(
      `path '${series}'`,
      path.map(p => p[side]),
    ),
  );
  return Array.from({ length: longest }, (_, frame) => {
    const at = Math.min(frame, path.length - 1);
    return { series, frame, x: four(xs[at]), y: four(ys[at]) };
  });
}

function checkHeights(levels: readonly number[]): void {
  const odd = levels.find(level => !Number.isFinite(level));
  if (odd !== undefined) throw new Error(`levels: expected finite heights, got ${odd}`);
}

const four = (value: number): number => Number(drawable(value).toPrecision(4));
const SAMPLES = 61;

/** Vega's own contours, in the units of the axes; what runs along the edge of the grid is left out. */
export function contourLines(
  f: (x: number, y: number) => number,
  xEnds: Ends,
  yEnds: Ends,
  levels: readonly number[],
): Line[] {
  const at = ([low, high]: Ends, i: number) => low + ((high - low) * i) / (SAMPLES - 1);
  const range = Array.from({ length: SAMPLES }, (_, i) => i);
  const values = range.flatMap(row => range.map(column => drawable(Number(f(at(xEnds, column), at(yEnds, row))))));
  return ringsOf(values, levels).flatMap(({ level, ring }) =>
    withoutEdge(ring).map(piece => ({
      level,
      x: piece.map(([column]) => four(at(xEnds, column - 0.5))),
      y: piece.map(([, row]) => four(at(yEnds, row - 0.5))),
    })),
  );
}

type Ring = [column: number, row: number][];
interface Dataflow {
  run(): { data(name: string): { contour: { value: number; coordinates: Ring[][] } }[] };
}

function ringsOf(values: number[], levels: readonly number[]): { level: number; ring: Ring }[] {
  const vega = require('vega') as { parse(spec: unknown): unknown; View: new (runtime: unknown) => Dataflow };
  const grid = { name: 'grid', values: [{ width: SAMPLES, height: SAMPLES, values }] };
  const transform = [{ type: 'isocontour', thresholds: [...levels], smooth: true }];
  const view = new vega.View(vega.parse({ data: [grid, { name: 'lines', source: 'grid', transform }] }));
  return view
    .run()
    .data('lines')
    .flatMap(({ contour }) =>
      contour.coordinates.flatMap(rings => rings.map(ring => ({ level: contour.value, ring }))),
    );
}

/** The pieces of a closed ring between the points where it follows the grid's edge. */
function withoutEdge(ring: Ring): Ring[] {
  const onEdge = ([column, row]: Ring[number]) => [column, row].some(v => v <= 0.5 + 1e-9 || v >= SAMPLES - 0.5 - 1e-9);
  const start = ring.findIndex(onEdge);
  const turned = start < 0 ? ring : [...ring.slice(start, -1), ...ring.slice(0, start + 1)];
  const pieces: Ring[] = [[]];
  for (const point of turned) {
    if (onEdge(point)) pieces.push([]);
    else pieces[pieces.length - 1].push(point);
  }
  return pieces.filter(piece => piece.length > 1);
}

function descentAlt(
  names: readonly string[],
  paths: Record<string, Path>,
  f: (x: number, y: number) => number,
  { title, xTitle = 'x', yTitle = 'y' }: DescentOptions,
): string {
  const said = names.map(name => {
    const path = paths[name];
    const [from, to] = [path[0], path[path.length - 1]].map(([x, y]) => f(x, y));
    return `${brief(name)} goes from ${say(from)} to ${say(to)} in ${say(path.length - 1)} steps`;
  });
  return `${titled(title, `paths over contour lines of ${brief(xTitle)} and ${brief(yTitle)}`)}; ${several(said)}. \
A slider and a box to play move the steps.`;
}
