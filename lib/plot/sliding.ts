/**
 * A kernel that slides over a picture, in a chart that needs no kernel of Jupyter's: left the picture with the window, in the
 * middle the products under the window, right what has come out so far.
 * @see notebooks/06-convolution.ipynb
 */
import { checkCount } from './checks';
import type { Figure } from './figure';
import { cells, checkPlanes, greys, heading, type Planes, padPlane, squares } from './grids';
import { ink, palette } from './palette';
import { player } from './player';
import { type VegaSpec, vegaFigure } from './vega';
import { say } from './words';

export interface SlidingOptions {
  /** Pixels from one place to the next. */
  stride?: number;
  /** Pixels of 0 added on each side. */
  padding?: number;
  /** 'sum' of the products (convolution), or the 'largest' value under the window (pooling; the kernel gives its size). */
  take?: 'sum' | 'largest';
  title?: string;
  /** Screen pixels for a picture's pixel. */
  scale?: number;
  /** The place shown first, and in still pictures, from 0; default halfway. */
  at?: number;
  seconds?: number;
}

interface Slide {
  picture: Planes; // padded
  kernel: Planes;
  out: number[][];
  stride: number;
  padding: number;
}

/**
 * What a kernel makes of a picture, in numbers: the sum over channels, rows and columns of weight × pixel at each place.
 * @throws where kernel and picture have different channels, or no place is left
 * @example slide([[[1, 2], [3, 4]]], [[[1, -1]]]) // → [[-1], [-1]]
 */
export function slide(picture: Planes, kernel: Planes, options: SlidingOptions = {}): number[][] {
  const { stride = 1, padding = 0, take = 'sum' } = options;
  checkPlanes('picture', picture);
  checkPlanes('kernel', kernel);
  checkCount('stride', stride, 1, 1000);
  checkCount('padding', padding, 0, 100);
  if (picture.length !== kernel.length)
    throw new Error(
      `expected a kernel with ${picture.length} planes, one for each of the picture, got ${kernel.length}`,
    );
  const padded = picture.map(plane => padPlane(plane, padding));
  const places = (n: number, k: number) => Math.floor((n - k) / stride) + 1;
  const [rows, columns] = [
    places(padded[0].length, kernel[0].length),
    places(padded[0][0].length, kernel[0][0].length),
  ];
  if (!(rows > 0 && columns > 0))
    throw new Error(
      `expected a kernel no larger than the padded picture of ${padded[0].length}×${padded[0][0].length}, got ${kernel[0].length}×${kernel[0][0].length}`,
    );
  const under = (r: number, c: number) =>
    kernel.flatMap((plane, ch) =>
      plane.flatMap((row, i) =>
        row.map((w, j) => (take === 'sum' ? w : 1) * padded[ch][r * stride + i][c * stride + j]),
      ),
    );
  const value = (values: number[]) => (take === 'sum' ? values.reduce((a, b) => a + b) : Math.max(...values));
  return Array.from({ length: rows }, (_, r) => Array.from({ length: columns }, (_, c) => value(under(r, c))));
}

/**
 * The film of `slide`. Nothing moves until the reader presses play; a slider goes from place to place.
 * @example await slidingKernel([[[0, 1, 0], [1, 1, 1], [0, 1, 0]]], [[[1, -1], [1, -1]]], { title: 'Left against right' })
 */
export async function slidingKernel(picture: Planes, kernel: Planes, options: SlidingOptions = {}): Promise<Figure> {
  const { stride = 1, padding = 0, take = 'sum', title, scale = 14 } = options;
  const out = slide(picture, kernel, options);
  const last = out.length * out[0].length - 1;
  const { at = Math.floor(last / 2), seconds = Math.min(30, (last + 1) / 6) } = options;
  const film = player({ name: 'place', last, value: at, seconds });
  const name = (film.params[0] as { name: string }).name;
  const s: Slide = { picture: picture.map(plane => padPlane(plane, padding)), kernel, out, stride, padding };
  const spec: VegaSpec = {
    ...(title ? { title } : {}),
    params: [
      ...film.params,
      { name: 'top', expr: `floor(${name} / ${out[0].length}) * ${stride}` },
      { name: 'left', expr: `(${name} % ${out[0].length}) * ${stride}` },
    ],
    spacing: 18,
    resolve: { scale: { color: 'independent' } },
    hconcat: [inputPanel(s, scale), productPanel(s, name, take), outputPanel(s, name, scale)],
  };
  const [h, w, k] = [picture[0].length, picture[0][0].length, kernel[0].length];
  const planes = picture.length > 1 ? `, ${picture.length} channels` : '';
  const alt = `A window of ${k}×${kernel[0][0].length} moves over a picture of ${h}×${w} pixels${planes}, stride ${stride}, padding ${padding}; ${out.length}×${out[0].length} numbers come out, from ${say(Math.min(...out.flat()))} to ${say(Math.max(...out.flat()))}.`;
  return vegaFigure(spec, {
    alt: `${title ? `${title}: ` : ''}${alt} A slider and a box to play move the place; shown: ${at} of ${last}.`,
  });
}

/** The picture with its padding, and the window on each plane. */
function inputPanel({ picture, kernel, padding }: Slide, scale: number): VegaSpec {
  const [h, w, planes] = [picture[0].length, picture[0][0].length, picture.length];
  const size = { width: w * scale, height: (planes * (h + 1) - 1) * scale };
  const at = squares(w, planes * (h + 1) - 1);
  const frame = (colour: string, rows: VegaSpec[], dash?: number[]): VegaSpec => ({
    data: { sequence: { start: 0, stop: planes, as: 'ch' } },
    transform: rows,
    mark: {
      type: 'rect',
      filled: false,
      stroke: colour,
      strokeWidth: 3,
      ...(dash ? { strokeDash: dash, strokeWidth: 1.5 } : {}),
    },
    encoding: at,
  });
  const window = frame(palette[1], [
    { calculate: 'left', as: 'c' },
    { calculate: `left + ${kernel[0][0].length}`, as: 'c2' },
    { calculate: `top + datum.ch * ${h + 1}`, as: 'y' },
    { calculate: `datum.y + ${kernel[0].length}`, as: 'y2' },
  ]);
  const border = frame(
    palette[5],
    [
      { calculate: `${padding}`, as: 'c' },
      { calculate: `${w - padding}`, as: 'c2' },
      { calculate: `${padding} + datum.ch * ${h + 1}`, as: 'y' },
      { calculate: `datum.y + ${h - 2 * padding}`, as: 'y2' },
    ],
    [4, 3],
  );
  const pixels = { ...cells(picture), mark: { type: 'rect' }, encoding: { ...at, color: greys(picture.flat(2)) } };
  return { title: heading('picture'), ...size, layer: [pixels, ...(padding ? [border] : []), window] };
}

/** What lies under the window, times the kernel's weights; below, what comes of it. */
function productPanel({ picture, kernel, out }: Slide, place: string, take: 'sum' | 'largest'): VegaSpec {
  const [kh, kw, planes] = [kernel[0].length, kernel[0][0].length, kernel.length];
  const all = cells(picture);
  const weights = JSON.stringify(kernel.flat(2));
  const inside = [
    ...all.transform,
    { filter: `datum.r >= top && datum.r < top + ${kh} && datum.c >= left && datum.c < left + ${kw}` },
    // names of their own: a field that is computed from itself and from a signal moves on with every change of the signal
    { calculate: 'datum.c - left', as: 'k' },
    { calculate: `(datum.r - top) + datum.ch * ${kh + 0.5}`, as: 'ky' },
    { calculate: `${weights}[datum.ch * ${kh * kw} + (datum.r - top) * ${kw} + datum.k]`, as: 'w' },
    { calculate: 'datum.k + 1', as: 'k2' },
    { calculate: 'datum.ky + 1', as: 'ky2' },
    { calculate: 'datum.k + 0.5', as: 'cm' },
    { calculate: 'datum.ky + 0.5', as: 'ym' },
    {
      calculate:
        take === 'sum' ? "format(datum.data, '.1f') + ' × ' + format(datum.w, '.2~f')" : "format(datum.data, '.1f')",
      as: 'product',
    },
  ];
  const height = planes * (kh + 0.5) - 0.5;
  const at = squares(kw, height);
  const values = `${JSON.stringify(out.flat().map(v => Number(v.toFixed(3))))}[${place}]`;
  const said = `'${take === 'sum' ? 'sum' : 'largest'}: ' + format(${values}, '.2f')`;
  return {
    title: { ...heading(''), text: { expr: said } },
    width: kw * 64,
    height: Math.round(height * 34),
    data: all.data,
    transform: inside,
    layer: [
      {
        mark: { type: 'rect', filled: false, stroke: palette[1] },
        encoding: {
          x: { ...(at.x as object), field: 'k' },
          x2: { field: 'k2' },
          y: { ...(at.y as object), field: 'ky' },
          y2: { field: 'ky2' },
        },
      },
      {
        mark: { type: 'text', fontSize: 13, color: ink },
        encoding: {
          x: { ...(at.x as object), field: 'cm' },
          y: { ...(at.y as object), field: 'ym' },
          text: { field: 'product' },
        },
      },
    ],
  };
}

/** What has come out so far, the newest number with a frame. */
function outputPanel({ out }: Slide, place: string, scale: number): VegaSpec {
  const [h, w] = [out.length, out[0].length];
  const all = cells([out]);
  const at = squares(w, h);
  return {
    title: heading('output'),
    width: w * scale,
    height: h * scale,
    data: all.data,
    transform: all.transform,
    layer: [
      {
        transform: [{ filter: `datum.i <= ${place}` }],
        mark: { type: 'rect' },
        encoding: { ...at, color: greys(out.flat()) },
      },
      {
        transform: [{ filter: `datum.i == ${place}` }],
        mark: { type: 'rect', filled: false, stroke: palette[1], strokeWidth: 3 },
        encoding: at,
      },
    ],
    view: { stroke: ink },
  };
}
