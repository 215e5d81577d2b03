/** Pictures that follow each other at one place, to be played or pulled by hand: what a film strip shows side by side. */
import { checkCount, checkEnds } from './checks';
import type { Figure } from './figure';
import { brief, fitted } from './measure';
import { ink } from './palette';
import { encode, type Images, type Picture, type Range, rangeOf, tile, toPixels } from './pixels';
import { player } from './player';
import { variable } from './slider';
import { largest } from './thinning';
import { type VegaSpec, vegaFigure } from './vega';
import { titled } from './words';

export interface FilmOptions {
  title?: string;
  /** What stands beside the slider: 'step', 'moment'. */
  name?: string;
  /** Values shown as black and white; default as in `imageGrid`. */
  range?: Range;
  /** Screen pixels for a picture's pixel. */
  scale?: number;
  /** The moment shown first, and in still pictures, from 0; default the middle one. */
  at?: number;
  seconds?: number;
  alt?: string;
}

/**
 * Strips of pictures over the same moments, one picture of each at a time, side by side. Nothing moves until the reader
 * ticks 'play'; the slider shows the same moments. It needs no kernel.
 * @param strips one list of pictures for each place, by the name that stands below it
 * @param times what each moment is called
 * @example await pictureFilm({ fading: tf.zeros([3, 8, 8, 1]) }, ['begin', 'middle', 'end'])
 */
export async function pictureFilm(
  strips: Record<string, Images>,
  times: readonly (string | number)[],
  options: FilmOptions = {},
): Promise<Figure> {
  const names = Object.keys(strips);
  const rows = await Promise.all(names.map(name => toPixels(strips[name])));
  if (rows.length === 0) throw new Error('expected at least one strip of pictures, got none');
  checkCount('moments', times.length, 2, 200);
  rows.forEach((row, i) => {
    if (row.length !== times.length)
      throw new Error(`strip '${names[i]}': expected ${times.length} pictures, one for each moment, got ${row.length}`);
  });
  const { range = rangeOf(rows.flat()), name = 'moment', seconds, at = Math.floor(times.length / 2) } = options;
  const [height, width] = [largest(rows.flat().map(p => p.height)), largest(rows.flat().map(p => p.width))];
  const { scale = Math.max(1, Math.min(8, Math.floor(200 / width))) } = options;
  checkEnds('range', range as [number, number]);
  if (!(scale > 0 && scale <= 100)) throw new Error(`scale: expected a number of pixels up to 100, got ${scale}`);
  const film = player({ name, last: times.length - 1, value: at, seconds });
  const step = width * scale + GAP;
  const spec: VegaSpec = {
    ...(options.title ? { title: fitted(options.title, 500, 16) } : {}),
    width: Math.max(260, rows.length * step - GAP),
    height: height * scale + (names.some(Boolean) ? 26 : 4),
    params: film.params,
    view: { stroke: null },
    layer: [
      ...rows.map((row, i) =>
        place(row, range, film.now, { x: i * step, width: width * scale, height: height * scale }),
      ),
      ...names.map((label, i) => caption(label, i * step + (width * scale) / 2, height * scale + 18)),
      moment(times, name, rows.length * step - GAP),
    ],
  };
  return vegaFigure(spec, { alt: options.alt ?? filmAlt(names, times, at, options) });
}

/** Screen pixels between places. */
const GAP = 16;

interface Frame {
  x: number;
  width: number;
  height: number;
}

function place(pictures: readonly Picture[], range: Range, now: VegaSpec, { x, width, height }: Frame): VegaSpec {
  const values = pictures.map((picture, frame) => ({
    frame,
    url: `data:image/png;base64,${encode(tile([picture], { columns: 1, scale: 1, gap: 0, range })).toString('base64')}`,
  }));
  const corner = { align: 'left', baseline: 'top', aspect: false, smooth: false };
  return {
    data: { values },
    transform: [now],
    mark: { type: 'image', ...corner, width, height },
    encoding: { x: { value: x }, y: { value: 0 }, url: { field: 'url' } },
  };
}

const words = (text: string, x: number, y: number, align: string): VegaSpec => ({
  data: { values: [{ says: text }] },
  mark: { type: 'text', align, fontSize: 13, color: ink },
  encoding: { x: { value: x }, y: { value: y }, text: { field: 'says' } },
});

const caption = (label: string, x: number, y: number): VegaSpec => words(brief(label), x, y, 'center');

/** What the moment shown is called, below the pictures' right end. */
function moment(times: readonly (string | number)[], name: string, x: number): VegaSpec {
  const values = times.map((time, frame) => ({ frame, says: brief(String(time)) }));
  return {
    data: { values },
    transform: [{ filter: `datum.frame == ${variable(name)}` }],
    mark: { type: 'text', align: 'left', fontSize: 13, color: ink },
    encoding: { x: { value: Math.max(x, 0) + 14 }, y: { value: 16 }, text: { field: 'says' } },
  };
}

function filmAlt(names: string[], times: readonly (string | number)[], at: number, { title }: FilmOptions): string {
  const said = names.map(label => brief(label)).filter(Boolean);
  const [first, last, now] = [times[0], times[times.length - 1], times[at]].map(time => brief(String(time)));
  const of = said.length > 0 ? ` of ${said.join(', ')}` : '';
  return `${titled(title, `Film${of}, ${times.length} pictures from ${first} to ${last}; shown: ${now}`)}. A slider and a box to play move the moments.`;
}
