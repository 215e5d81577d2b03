import { checkCount, checkEnds, numbersOf } from './checks';
import type { Figure } from './figure';
import { brief } from './measure';
import { palette } from './palette';
import { type PlotlyTrace, plotlyFigure } from './plotly';
import { drawable } from './thinning';
import { say, titled } from './words';

export interface SurfaceOptions {
  title?: string;
  xTitle?: string;
  yTitle?: string;
  zTitle?: string;
  /** Points a side. */
  samples?: number;
  /** Curves on the surface by name, e.g. the path of gradient descent: [x, y] points. */
  paths?: Record<string, readonly (readonly [number, number])[]>;
  alt?: string;
}

/**
 * The surface z = f(x, y), to be turned with the mouse.
 * @example await surfacePlot((w, b) => w * w + b * b, [-2, 2], [-1, 1], { zTitle: 'loss' })
 */
export async function surfacePlot(
  f: (x: number, y: number) => number,
  xEnds: readonly [number, number],
  yEnds: readonly [number, number],
  options: SurfaceOptions = {},
): Promise<Figure> {
  const { title, xTitle = 'x', yTitle = 'y', zTitle = 'z', samples = 41, paths = {} } = options;
  checkEnds('ends of x', xEnds);
  checkEnds('ends of y', yEnds);
  checkCount('samples', samples, 2, 200);
  const steps = ([low, high]: readonly [number, number]) =>
    Array.from({ length: samples }, (_, i) => four(low + ((high - low) * i) / (samples - 1)));
  const [x, y] = [steps(xEnds), steps(yEnds)];
  const z = y.map(yi => x.map(xi => four(f(xi, yi))));
  if (!z.flat().some(Number.isFinite)) throw new Error('expected a function with finite heights below 1e300, got none');
  const curves = Object.entries(paths).map(([name, points], i) =>
    pathOn(f, name, points, palette[(i + 1) % palette.length]),
  );
  const opacity = curves.length ? 0.9 : 1;
  const surface: PlotlyTrace = { type: 'surface', x, y, z, colorscale: 'Viridis', showscale: false, opacity };
  const axis = (text: string) => ({ title: { text } });
  const layout = {
    ...(title ? { title: { text: title } } : {}),
    scene: { xaxis: axis(xTitle), yaxis: axis(yTitle), zaxis: axis(zTitle) },
    margin: { l: 0, r: 0, t: title ? 40 : 0, b: 0 },
    showlegend: curves.length > 1,
  };
  return plotlyFigure([surface, ...curves], layout, { alt: options.alt ?? surfaceAlt(x, y, z, options) });
}

/** A way over the surface, lifted to its height. */
function pathOn(
  f: (x: number, y: number) => number,
  name: string,
  points: readonly (readonly [number, number])[],
  color: string,
): PlotlyTrace {
  const [x, y, z] = [points.map(p => p[0]), points.map(p => p[1]), points.map(p => f(p[0], p[1]))].map(v =>
    numbersOf(`path '${name}'`, v).map(four),
  );
  return {
    type: 'scatter3d',
    mode: 'lines+markers',
    name,
    x,
    y,
    z,
    line: { color, width: 6 },
    marker: { size: 3, color },
  };
}

/** Four digits: a surface is read by eye. */
const four = (value: number): number => Number(drawable(Number(value)).toPrecision(4));

function surfaceAlt(
  x: number[],
  y: number[],
  z: number[][],
  { title, xTitle = 'x', yTitle = 'y', zTitle = 'z' }: SurfaceOptions,
): string {
  const cells = z
    .flatMap((row, r) => row.map((value, c) => ({ value, x: x[c], y: y[r] })))
    .filter(c => Number.isFinite(c.value));
  const [low, high] = [
    cells.reduce((a, b) => (b.value < a.value ? b : a)),
    cells.reduce((a, b) => (b.value > a.value ? b : a)),
  ];
  const at = (c: { value: number; x: number; y: number }) =>
    `${say(c.value)} at ${brief(xTitle)} ${say(c.x)}, ${brief(yTitle)} ${say(c.y)}`;
  const head = title?.trim() ? titled(title, 'surface') : 'Surface';
  return `${head} of ${brief(zTitle)} over ${brief(xTitle)} and ${brief(yTitle)}; lowest ${at(low)}, highest ${at(high)}.`;
}
