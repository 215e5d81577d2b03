/**
 * A transposed convolution as a film: each pixel of a small picture is a stamp's strength, and the stamps add up.
 * @see notebooks/06-convolution.ipynb
 */
import { checkCount } from './checks';
import type { Figure } from './figure';
import { cells, checkPlanes, greys, heading, squares } from './grids';
import { ink, palette } from './palette';
import { player } from './player';
import { type VegaSpec, vegaFigure } from './vega';
import { say } from './words';

export interface SpreadingOptions {
  /** Pixels of the output from one stamp to the next. */
  stride?: number;
  title?: string;
  /** Screen pixels for a pixel of the output. */
  scale?: number;
  /** The stamp shown first, and in still pictures, from 0; default halfway. */
  at?: number;
  seconds?: number;
}

/**
 * The picture, each of whose pixels times the kernel is added to the output, at its place times the stride.
 * @example spread([[1, 2]], [[1, 1, 1]], 2) // → [[1, 1, 3, 2, 2]]
 */
export function spread(picture: readonly number[][], kernel: readonly number[][], stride = 1): number[][] {
  checkPlanes('picture', [picture]);
  checkPlanes('kernel', [kernel]);
  checkCount('stride', stride, 1, 1000);
  const out = blank(picture, kernel, stride);
  for (let r = 0; r < picture.length; r++)
    for (let c = 0; c < picture[0].length; c++)
      for (let i = 0; i < kernel.length; i++)
        for (let j = 0; j < kernel[0].length; j++) out[r * stride + i][c * stride + j] += kernel[i][j] * picture[r][c];
  return out;
}

function blank(picture: readonly number[][], kernel: readonly number[][], stride: number): number[][] {
  const side = (n: number, k: number) => (n - 1) * stride + k;
  const width = side(picture[0].length, kernel[0].length);
  return Array.from({ length: side(picture.length, kernel.length) }, () => Array<number>(width).fill(0));
}

/**
 * The film of `spread`. Nothing moves until the reader presses play; a slider goes from stamp to stamp.
 * @example await spreadingKernel([[1, 0], [0, 1]], [[1, 1, 1], [1, 1, 1], [1, 1, 1]], { stride: 2 })
 */
export async function spreadingKernel(
  picture: readonly number[][],
  kernel: readonly number[][],
  { stride = 1, title, scale = 14, at, seconds }: SpreadingOptions = {},
): Promise<Figure> {
  const out = spread(picture, kernel, stride);
  const [h, w, kh, kw] = [picture.length, picture[0].length, kernel.length, kernel[0].length];
  const last = h * w - 1;
  const value = at ?? Math.floor(last / 2);
  const film = player({ name: 'place', last, value, seconds: seconds ?? Math.min(30, (last + 1) / 4) });
  const place = (film.params[0] as { name: string }).name;
  const input = squares(w, h);
  const target = squares(out[0].length, out.length);
  const pixels = cells([picture]);
  const [row, column] = [`floor(${place} / ${w})`, `(${place} % ${w})`];
  const stamps = picture.flatMap((line, r) =>
    line.flatMap((v, c) =>
      kernel.flatMap((k, i) => k.map((x, j) => ({ i: r * w + c, y: r * stride + i, c: c * stride + j, v: x * v }))),
    ),
  );
  const spec: VegaSpec = {
    ...(title ? { title } : {}),
    params: film.params,
    spacing: 24,
    resolve: { scale: { color: 'independent' } },
    hconcat: [
      {
        title: heading('picture'),
        width: w * scale * 1.5,
        height: h * scale * 1.5,
        ...pixels,
        layer: [
          { mark: { type: 'rect' }, encoding: { ...input, color: greys(picture.flat()) } },
          { transform: [{ filter: `datum.i == ${place}` }], mark: FRAME, encoding: input },
        ],
      },
      {
        title: heading('output'),
        width: out[0].length * scale,
        height: out.length * scale,
        view: { stroke: ink },
        layer: [
          {
            data: { values: stamps.map(s => ({ ...s, v: Number(s.v.toFixed(3)) })) },
            transform: [
              { filter: `datum.i <= ${place}` },
              { aggregate: [{ op: 'sum', field: 'v', as: 'data' }], groupby: ['c', 'y'] },
              { calculate: 'datum.c + 1', as: 'c2' },
              { calculate: 'datum.y + 1', as: 'y2' },
            ],
            mark: { type: 'rect' },
            encoding: { ...target, color: greys(out.flat()) },
          },
          {
            data: { sequence: { start: 0, stop: 1 } },
            transform: [
              { calculate: `${column} * ${stride}`, as: 'c' },
              { calculate: `datum.c + ${kw}`, as: 'c2' },
              { calculate: `${row} * ${stride}`, as: 'y' },
              { calculate: `datum.y + ${kh}`, as: 'y2' },
            ],
            mark: FRAME,
            encoding: target,
          },
        ],
      },
    ],
  };
  const alt = `Each of ${h}×${w} pixels is stamped with a kernel of ${kh}×${kw}, ${stride} apart; the stamps add up to ${out.length}×${out[0].length} numbers, from ${say(Math.min(...out.flat()))} to ${say(Math.max(...out.flat()))}.`;
  return vegaFigure(spec, {
    alt: `${title ? `${title}: ` : ''}${alt} A slider and a box to play move the place; shown: ${value} of ${last}.`,
  });
}

const FRAME = { type: 'rect', filled: false, stroke: palette[1], strokeWidth: 3 };
