/** Still pictures of 3-D data: a parallel projection, drawn from back to front. */

import { escapeXml } from '../runtime/html';
import { fitted, textWidth } from './measure';
import { fontFamily, ink, palette, paper, viridis } from './palette';
import { round } from './svg';
import { drawable, extent, extremes } from './thinning';
import { say } from './words';

export type Point3 = readonly [x: number, y: number, z: number];

/** A grid of heights: z[row][column] over y[row] and x[column]. */
export interface SurfaceData {
  x: readonly number[];
  y: readonly number[];
  z: readonly (readonly number[])[];
}
/** A curve or a cloud of points. */
export interface PathData {
  points: readonly Point3[];
  mode: 'lines' | 'markers';
  colour?: string;
  name?: string;
}

export interface SpaceOptions {
  width: number;
  height: number;
  title?: string;
  axes: readonly [x: string, y: string, z: string];
}

type Range3 = readonly (readonly [low: number, high: number])[];
interface Item {
  depth: number;
  svg: string;
}

const AZIMUTH = (-35 * Math.PI) / 180;
const ELEVATION = (28 * Math.PI) / 180;

/** The picture as SVG source. */
export function drawSpace(surfaces: readonly SurfaceData[], paths: readonly PathData[], options: SpaceOptions): string {
  const corners = surfaces
    .flatMap(vertices)
    .concat(paths.flatMap(p => p.points))
    .filter(finite);
  if (corners.length === 0) throw new Error('expected finite points to draw, got none');
  const ranges = [0, 1, 2].map(axis => extent(corners.map(p => p[axis])) ?? ([0, 1] as const));
  const view = camera(ranges, options);
  const items = [...surfaces.flatMap(s => quads(s, ranges[2], view)), ...paths.flatMap((p, i) => marks(p, i, view))];
  items.sort((a, b) => b.depth - a.depth);
  const { width, height, title } = options;
  const caption = title ? `<text x="8" y="22" font-size="16">${escapeXml(fitted(title, width - 16, 16))}</text>` : '';
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family='${fontFamily}' font-size="13" fill="${ink}"><rect width="${width}" height="${height}" fill="${paper}"/>${caption}${frame(ranges, view, options.axes)}${items.map(i => i.svg).join('')}</svg>`;
}

/** Numbers all, and not too large for an axis. */
const finite = (p: Point3): boolean => p.every(v => Number.isFinite(drawable(v)));
const vertices = ({ x, y, z }: SurfaceData): Point3[] =>
  y.flatMap((yi, r) => x.map((xi, c): Point3 => [xi, yi, z[r]?.[c] ?? Number.NaN]));

/** Screen position and depth of a point; larger depth is farther away. */
type Camera = (p: Point3) => { at: string; depth: number; x: number; y: number };

/** Scales data to a box of 1 × 1 × 0.7, turns it, and fits it into the picture. */
function camera(ranges: Range3, { width, height, title }: SpaceOptions): Camera {
  const unit = (p: Point3): number[] =>
    p.map((v, i) => ((v - ranges[i][0]) / (ranges[i][1] - ranges[i][0] || 1) - 0.5) * (i === 2 ? 0.7 : 1));
  const scale = Math.min(width / 1.75, (height - (title ? 30 : 0)) / 1.5);
  const [sa, ca, se, ce] = [Math.sin(AZIMUTH), Math.cos(AZIMUTH), Math.sin(ELEVATION), Math.cos(ELEVATION)];
  return p => {
    const [ux, uy, uz] = unit(p);
    const [right, away] = [ux * ca - uy * sa, ux * sa + uy * ca];
    const x = width / 2 + scale * right;
    const y = height / 2 + (title ? 10 : -5) - scale * (uz * ce + away * se);
    return { at: `${round(x)},${round(y)}`, depth: away * ce - uz * se, x, y };
  };
}

/** A surface's cells, coloured by height; large grids are thinned to 30 cells a side. */
function quads({ x, y, z }: SurfaceData, [low, high]: readonly [number, number], view: Camera): Item[] {
  const picks = (n: number) => {
    const count = Math.min(n, 31);
    return Array.from({ length: count }, (_, i) => Math.round((i * (n - 1)) / (count - 1)));
  };
  const [rows, columns] = [picks(y.length), picks(x.length)];
  return rows.slice(1).flatMap((r, i) =>
    columns.slice(1).flatMap((c, j): Item[] => {
      const around = [
        [rows[i], columns[j]],
        [rows[i], c],
        [r, c],
        [r, columns[j]],
      ];
      const corners = around.map(([a, b]): Point3 => [x[b], y[a], z[a]?.[b] ?? Number.NaN]);
      if (!corners.every(finite)) return [];
      const seen = corners.map(view);
      const colour = viridis((corners.reduce((sum, p) => sum + p[2], 0) / 4 - low) / (high - low || 1));
      const svg = `<path d="M${seen.map(s => s.at).join('L')}Z" fill="${colour}" stroke="${colour}" stroke-width=".6"/>`;
      return [{ depth: seen.reduce((sum, s) => sum + s.depth, 0) / 4, svg }];
    }),
  );
}

/** Points drawn of one path or cloud. */
const MOST_MARKS = 2000;

function marks({ points, mode, colour, name }: PathData, index: number, view: Camera): Item[] {
  const fill = escapeXml(colour ?? palette[(index + 1) % palette.length]);
  const seen = extremes(points.filter(finite), MOST_MARKS, p => p[2]).map(view);
  const FRONT = -9; // a path stays visible where a surface would hide it
  const label =
    name && seen.length
      ? [
          {
            depth: FRONT,
            svg: nameAt(seen[seen.length - 1], name, fill),
          },
        ]
      : [];
  if (mode === 'markers') {
    return [
      ...seen.map(s => ({
        depth: FRONT,
        svg: `<circle cx="${round(s.x)}" cy="${round(s.y)}" r="3.5" fill="${fill}"/>`,
      })),
      ...label,
    ];
  }
  const pieces = seen.slice(1).map((s, i) => ({
    depth: FRONT,
    svg: `<path d="M${seen[i].at}L${s.at}" fill="none" stroke="${fill}" stroke-width="3" stroke-linecap="round"/>`,
  }));
  return [...pieces, ...label];
}

/** A path's name behind a stroke of its colour, on paper, since the surface may lie below it. */
function nameAt({ x, y }: { x: number; y: number }, name: string, colour: string): string {
  const stroke = `<path d="M${round(x + 8)},${round(y - 4)}h12" stroke="${colour}" stroke-width="3"/>`;
  const words = fitted(name, 200, 13);
  const sheet = `<rect x="${round(x + 4)}" y="${round(y - 13)}" width="${round(24 + textWidth(words, 13.5))}" height="17" rx="3" fill="${paper}" opacity=".92"/>`;
  return `${sheet}${stroke}<text x="${round(x + 24)}" y="${round(y)}">${escapeXml(words)}</text>`;
}

/** The floor, the upright edge on the left, and the ends of each axis in numbers. */
function frame(
  [[x0, x1], [y0, y1], [z0, z1]]: Range3,
  view: Camera,
  [xName, yName, zName]: SpaceOptions['axes'],
): string {
  const line = (...points: Point3[]) =>
    `<path d="M${points.map(p => view(p).at).join('L')}" fill="none" stroke="${ink}" stroke-width="1.2"/>`;
  const text = (p: Point3, words: string, dx: number, dy: number, anchor: string) => {
    const { x, y } = view(p);
    return `<text x="${round(x + dx)}" y="${round(y + dy)}" text-anchor="${anchor}">${escapeXml(fitted(words, 240, 13))}</text>`;
  };
  const [xMiddle, yMiddle] = [(x0 + x1) / 2, (y0 + y1) / 2];
  return [
    line([x0, y0, z0], [x1, y0, z0], [x1, y1, z0], [x0, y1, z0], [x0, y0, z0]),
    line([x0, y0, z0], [x0, y0, z1]),
    text([x0, y0, z0], say(x0), 2, 22, 'middle'),
    text([x1, y0, z0], say(x1), -6, 18, 'end'),
    text([xMiddle, y0, z0], xName, -14, 26, 'middle'),
    text([x1, y0, z0], say(y0), 8, 14, 'start'),
    text([x1, y1, z0], say(y1), 8, 8, 'start'),
    text([x1, yMiddle, z0], yName, 16, 18, 'start'),
    text([x0, y0, z0], say(z0), -8, -2, 'end'),
    text([x0, y0, z1], say(z1), -8, 8, 'end'),
    text([x0, y0, (z0 + z1) / 2], zName, -10, 4, 'end'),
  ].join('');
}
