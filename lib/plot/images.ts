import { html } from '../runtime/html';
import { checkCount, checkEnds } from './checks';
import { type Figure, staticFigure } from './figure';
import { brief, fitted, textWidth } from './measure';
import { fontFamily, ink, paper } from './palette';
import { encode, type Images, outside, type Picture, type Pixels, type Range, rangeOf, tile, toPixels } from './pixels';
import { finishSvg } from './svg';
import { largest } from './thinning';
import { say, titled } from './words';

export interface GridOptions {
  title?: string;
  /** Pictures a row; default about as many as rows. */
  columns?: number;
  /** Screen pixels for a picture's pixel; default fills about 660 pixels, at most 8. */
  scale?: number;
  /** Screen pixels between pictures. */
  gap?: number;
  /** Values shown as black and white; default by the type: bytes 0 and 255, floats 0 and 1, or −1 and 1 where any is below 0. */
  range?: Range;
  /** One caption a picture, below it. */
  titles?: readonly (string | number)[];
  /** One name a row, left of it, and one a column, above it. */
  rows?: readonly (string | number)[];
  heads?: readonly (string | number)[];
  alt?: string;
}

/**
 * Pictures side by side, pixel for pixel (no smoothing).
 * @example await imageGrid(tf.zeros([4, 8, 8, 1]), { columns: 4 })
 */
export async function imageGrid(images: Images, options: GridOptions = {}): Promise<Figure> {
  const pictures = await toPixels(images);
  if (pictures.length === 0) throw new Error('expected at least one image, got none');
  const { columns = Math.min(pictures.length, Math.max(8, Math.ceil(Math.sqrt(pictures.length)))) } = options;
  const widest = largest(pictures.map(p => p.width));
  const { gap = 4, range = rangeOf(pictures) } = options;
  const { scale = Math.max(1, Math.min(8, Math.floor((660 / columns - gap) / widest))) } = options;
  checkCount('columns', columns, 1, 10_000);
  checkEnds('range', range as [number, number]);
  for (const [name, value] of Object.entries({ scale, gap }))
    if (!(value >= 0 && value <= 1000 && (value > 0 || name === 'gap')))
      throw new Error(`${name}: expected a number of pixels up to 1,000, got ${value}`);
  const alt = options.alt ?? gridAlt(pictures, columns, options) + rangeNote(pictures, range, options);
  if (!options.title && !options.titles && !options.rows && !options.heads) {
    return staticFigure({ png: encode(tile(pictures, { columns, scale, gap, range })) }, alt);
  }
  const places = new Places(pictures, columns, scale, gap, options);
  return staticFigure({ svg: labelled(pictures, places, range, options, alt) }, alt);
}

/**
 * Several rows of pictures over the same moments, e.g. denoising at t = 1000, 750 … 0.
 * @param strips one list of pictures a row
 * @param times what stands above each column
 * @example await filmStrip([tf.zeros([3, 8, 8, 1])], [1000, 500, 0])
 */
export async function filmStrip(
  strips: readonly Images[],
  times: readonly (string | number)[],
  options: GridOptions = {},
): Promise<Figure> {
  const rows = await Promise.all(strips.map(toPixels));
  for (const row of rows) {
    if (row.length !== times.length)
      throw new Error(`expected ${times.length} pictures a strip, one for each time, got ${row.length}`);
  }
  const alt =
    options.alt ??
    `Film strip of ${rows.length} row${rows.length > 1 ? 's' : ''} at ${some(times)}${options.title ? `: ${brief(options.title, 200)}` : ''}.`;
  return imageGrid(rows.flat(), { gap: 3, heads: times, ...options, columns: times.length, alt });
}

/** A sentence about what black and white stand for, where the caller has not said it. */
function rangeNote(pictures: readonly Picture[], range: Range, options: GridOptions): string {
  if (options.range) return '';
  const cut = outside(pictures, range);
  const lost = cut ? ` ${say(cut)} values outside are cut off.` : '';
  return ` Black is ${say(range[0])}, white is ${say(range[1])}.${lost}`;
}

/** The first words of a list. */
const some = (words: readonly (string | number)[]): string =>
  words
    .slice(0, 20)
    .map(word => brief(String(word)))
    .join(', ');

function gridAlt(pictures: readonly Pixels[], columns: number, { title, titles, rows, heads }: GridOptions): string {
  const { height, width, channels } = pictures[0];
  const many = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;
  const images = many(pictures.length, `${channels === 3 ? 'colour' : 'grey'} image`);
  const size = `${images} of ${height}×${width} pixels in ${many(Math.ceil(pictures.length / columns), 'row')} of ${columns}`;
  const names = (what: string, words?: readonly (string | number)[]) => (words?.length ? `${what} ${some(words)}` : '');
  const named = [names('rows', rows), names('columns', heads), names('captions', titles)].filter(Boolean);
  return `${titled(title, size)}${named.length ? `; ${named.join('; ')}` : ''}.`;
}

/** Where things stand in a labelled grid, in screen pixels. */
class Places {
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly left: number;
  readonly top: number;
  /** Size of captions that fit their tile. */
  readonly small: number;
  private readonly caption: number;

  constructor(
    pictures: readonly Pixels[],
    readonly columns: number,
    readonly scale: number,
    readonly gap: number,
    { title, titles = [], rows = [], heads = [] }: GridOptions,
  ) {
    this.tileWidth = largest(pictures.map(p => p.width)) * scale;
    this.tileHeight = largest(pictures.map(p => p.height)) * scale;
    this.left = rows.length ? 12 + Math.min(MOST_NAME, largest(rows.map(r => 1.1 * textWidth(String(r), 13)))) : 0;
    this.top = (title ? 28 : 0) + (heads.length ? 22 : 0);
    this.caption = titles.length ? 20 : 0;
    const longest = largest([...heads, ...titles].map(t => 1.08 * textWidth(String(t), 1)));
    this.small = Math.max(9, Math.min(13, Math.floor((this.tileWidth + gap) / Math.max(0.6, longest))));
  }

  x(column: number): number {
    return this.left + column * (this.tileWidth + this.gap);
  }
  y(row: number): number {
    return this.top + row * (this.tileHeight + this.gap + this.caption);
  }
}

/** The widest that a row's name or a picture's title may be, in pixels. */
const MOST_NAME = 320;
const MOST_TITLE = 900;

/** The sheet inside an SVG that adds the words; the browser enlarges the pixels, so each tile is stored at its own size. */
function labelled(pictures: readonly Pixels[], at: Places, range: Range, options: GridOptions, alt: string): string {
  const { titles = [], rows = [], heads = [] } = options;
  const title = fitted(options.title ?? '', MOST_TITLE, 16);
  const { columns, scale, gap, tileWidth, tileHeight, small } = at;
  const text = (words: string | number, tx: number, ty: number, anchor: string, size: number, most: number) =>
    html`<text x="${tx}" y="${ty}" text-anchor="${anchor}" font-size="${size}">${fitted(String(words), most, size)}</text>`;
  const room = Math.max(30, 1.1 * (tileWidth + gap));
  const parts = pictures.map((picture, i) => {
    const [px, py] = [at.x(i % columns), at.y(Math.floor(i / columns))];
    const data = encode(tile([picture], { columns: 1, scale: 1, gap: 0, range })).toString('base64');
    const words =
      titles[i] === undefined ? '' : text(titles[i], px + tileWidth / 2, py + tileHeight + 15, 'middle', small, room);
    const size = html`x="${px}" y="${py}" width="${picture.width * scale}" height="${picture.height * scale}"`;
    return html`<image ${size} style="image-rendering:pixelated" href="data:image/png;base64,${data}"/>${words}`;
  });
  const above = heads.map((head, c) => text(head, at.x(c) + tileWidth / 2, at.top - 7, 'middle', small, room));
  const beside = rows.map((row, r) => text(row, at.left - 8, at.y(r) + tileHeight / 2 + 5, 'end', 13, MOST_NAME));
  const head = title ? text(title, 0, 18, 'start', 16, MOST_TITLE) : '';
  const width = Math.max(at.x(columns) - gap, 1.02 * textWidth(title, 16));
  const height = at.y(Math.ceil(pictures.length / columns)) - gap;
  const background = html`<rect width="${width}" height="${height}" fill="${paper}"/>`;
  const svg = html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${fontFamily}" fill="${ink}">${background}${parts}${head}${above}${beside}</svg>`;
  return finishSvg(svg.source, { title: options.title, alt });
}
