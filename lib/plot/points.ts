import { decimals } from '../runtime/numbers';
import { checkEnds, numbersOf } from './checks';
import type { Figure } from './figure';
import type { ChartOptions } from './lines';
import { brief, textWidth } from './measure';
import { palette } from './palette';
import { drawable, largest, spreadOut } from './thinning';
import { type VegaSpec, vegaFigure } from './vega';
import { leftOut, say, several, thinnedTo, titled } from './words';

/** A point of a scatter plot; `label` decides its colour. */
export interface Point {
  x: number;
  y: number;
  label?: string | number;
}

export interface ScatterOptions extends ChartOptions {
  /** Area of a point in square pixels; default by the number of points. */
  size?: number;
  /** Equal units on both axes: a square picture over the given range, e.g. [-4, 4]. */
  square?: [number, number];
}

/** Points drawn in one chart; more hide each other, and each is bytes in the notebook. */
const MOST_DOTS = 6000;

interface Dot {
  x: number;
  y: number;
  label?: string;
}

/**
 * Points, coloured by label.
 * @example await scatter([{ x: 1, y: 2, label: 'cat' }, { x: 2, y: 1, label: 'dog' }], { title: 'Two animals' })
 */
export async function scatter(points: readonly Point[], options: ScatterOptions = {}): Promise<Figure> {
  if (!Array.isArray(points) || points.some(point => typeof point !== 'object' || point === null || !('x' in point)))
    throw new Error('expected points as a list of { x, y }, for example scatter([{ x: 1, y: 2 }, { x: 2, y: 1 }])');
  checkEnds('square', options.square);
  const [xs, ys] = (['x', 'y'] as const).map(key =>
    numbersOf(
      `${key} of points`,
      points.map(p => p[key]),
    ),
  );
  const named = points.map(({ label }) => (label === undefined || label === null ? undefined : String(label)));
  const labels = [...new Set(named.filter((l): l is string => l !== undefined))].sort(byNumber);
  const rows = points.map((_, i): Dot => {
    const place = { x: five(xs[i]), y: five(ys[i]) };
    return named[i] === undefined ? place : { ...place, label: named[i] };
  });
  const fit = rows.filter(r => Number.isFinite(r.x) && Number.isFinite(r.y));
  const drawn = spreadOut(fit, MOST_DOTS, r => [r.x, r.y, r.label ?? '']);
  const lost = leftOut(rows.filter(r => !Number.isFinite(r.x + r.y)).map(() => Number.NaN));
  const words = options.alt ?? scatterAlt(rows, labels, options) + lost;
  const alt = words + thinnedTo(drawn.length, fit.length, 'points');
  return vegaFigure(scatterSpec(drawn, labels, options), { alt });
}

const byNumber = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true });
const five = (value: number): number => Number(drawable(value).toPrecision(5));

function scatterSpec(rows: readonly Dot[], labels: string[], options: ScatterOptions): VegaSpec {
  const {
    title,
    xTitle = 'x',
    yTitle = 'y',
    size = rows.length > 1000 ? 12 : rows.length > 200 ? 25 : 60,
    square,
  } = options;
  const scale = square ? { domain: square, nice: false } : { zero: false, ...(rows.length ? {} : { domain: [0, 1] }) };
  const { width = square ? 420 : undefined, height = square ? 420 : undefined } = options;
  // Up to eight classes have colours of their own; ten digits take ten hues of equal lightness steps.
  const colours =
    labels.length <= palette.length ? { range: palette.slice(0, labels.length) } : { scheme: 'tableau10' };
  const column = 36 + largest(labels.map(label => Math.min(260, textWidth(label, 13))));
  const columns = Math.max(1, Math.min(10, Math.floor(((width ?? 560) + 40) / column)));
  const color = labels.length
    ? {
        field: 'label',
        type: 'nominal',
        scale: { domain: labels, ...colours },
        legend: { title: null, symbolOpacity: 1, symbolSize: 90, columns },
      }
    : { value: palette[0] };
  return {
    ...(title ? { title } : {}),
    ...(width ? { width } : {}),
    ...(height ? { height } : {}),
    data: { values: rows },
    mark: { type: 'circle', size, opacity: rows.length > 200 ? 0.6 : 0.85, clip: true, tooltip: true },
    encoding: {
      x: { field: 'x', type: 'quantitative', title: xTitle, scale },
      y: { field: 'y', type: 'quantitative', title: yTitle, scale },
      color,
    },
  };
}

function scatterAlt(points: readonly Dot[], labels: readonly string[], { title }: ScatterOptions): string {
  const head = `${title?.trim() ? titled(title, 'scatter plot') : 'Scatter plot'} of ${say(points.length)} points`;
  if (points.length === 0) return `${head}.`;
  if (labels.length === 0) return `${head}, ${centre(points)}.`;
  const groups = new Map(labels.map(label => [label, [] as Dot[]]));
  for (const point of points) groups.get(point.label ?? '')?.push(point);
  const said = [...groups].map(([label, own]) => `${brief(label)} ${centre(own).replace('centred ', '')}`);
  return `${head} in ${labels.length} groups; centres: ${several(said)}.`;
}

/** 'centred at (1.00, -2.50)'; only finite coordinates count. */
function centre(points: readonly Dot[]): string {
  const known = points.filter(p => Number.isFinite(p.x) && Number.isFinite(p.y));
  if (known.length === 0) return 'none at a finite place';
  const mean = (pick: (p: Dot) => number) => {
    const value = known.reduce((sum, p) => sum + pick(p) / known.length, 0);
    return Math.abs(value) < 1e6 ? decimals(value, 2) : say(value);
  };
  return `centred at (${mean(p => p.x)}, ${mean(p => p.y)})`;
}
