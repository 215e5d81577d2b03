import { escapeXml } from '../runtime/html';
import { type Figure, staticFigure } from './figure';
import { fontFamily, ink } from './palette';
import { encode, guessRange, type Images, type Pixels, type Range, tile, toPixels } from './pixels';
import { finishSvg } from './svg';

export interface GridOptions {
  title?: string;
  /** Pictures a row; default about as many as rows. */
  columns?: number;
  /** Screen pixels for a picture's pixel; default fills about 660 pixels, at most 8. */
  scale?: number;
  /** Screen pixels between pictures. */
  gap?: number;
  /** Values shown as black and white; default by the data: [0, 1], [-1, 1] or [0, 255]. */
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
 * @example await imageGrid(digits, { columns: 10, heads: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] })
 */
export async function imageGrid(images: Images, options: GridOptions = {}): Promise<Figure> {
  const pictures = await toPixels(images);
  if (pictures.length === 0) throw new Error('expected at least one image, got none');
  const { columns = Math.min(pictures.length, Math.max(8, Math.ceil(Math.sqrt(pictures.length)))) } = options;
  const widest = Math.max(...pictures.map(p => p.width));
  const { gap = 4, range = guessRange(pictures) } = options;
  const { scale = Math.max(1, Math.min(8, Math.floor((660 / columns - gap) / widest))) } = options;
  const alt = options.alt ?? gridAlt(pictures, columns, options);
  if (!options.title && !options.titles && !options.rows && !options.heads) {
    return staticFigure({ png: encode(tile(pictures, { columns, scale, gap, range })) }, alt);
  }
  return staticFigure({ svg: labelled(pictures, columns, scale, gap, range, options, alt) }, alt);
}

/**
 * Several rows of pictures over the same moments, e.g. denoising at t = 1000, 750 … 0.
 * @param strips one list of pictures a row
 * @param times what stands above each column
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
    `Film strip of ${rows.length} row${rows.length > 1 ? 's' : ''} at ${times.join(', ')}${options.title ? `: ${options.title}` : ''}.`;
  return imageGrid(rows.flat(), { gap: 3, heads: times, ...options, columns: times.length, alt });
}

function gridAlt(pictures: Pixels[], columns: number, { title, titles, rows, heads }: GridOptions): string {
  const { height, width, channels } = pictures[0];
  const many = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;
  const images = many(pictures.length, `${channels === 3 ? 'colour' : 'grey'} image`);
  const size = `${images} of ${height}×${width} pixels in ${many(Math.ceil(pictures.length / columns), 'row')} of ${columns}`;
  const named = [
    rows && `rows ${rows.join(', ')}`,
    heads && `columns ${heads.join(', ')}`,
    titles && `captions ${titles.slice(0, 20).join(', ')}`,
  ].filter(Boolean);
  return `${title ? `${title}: ` : ''}${size}${named.length ? `; ${named.join('; ')}` : ''}.`;
}

/** The sheet inside an SVG that adds the words; the browser enlarges the pixels, so each tile is stored at its own size. */
function labelled(
  pictures: Pixels[],
  columns: number,
  scale: number,
  gap: number,
  range: Range,
  options: GridOptions,
  alt: string,
): string {
  const { title, titles = [], rows = [], heads = [] } = options;
  const [tileWidth, tileHeight] = [
    Math.max(...pictures.map(p => p.width)) * scale,
    Math.max(...pictures.map(p => p.height)) * scale,
  ];
  const left = rows.length ? 12 + 8 * Math.max(...rows.map(r => String(r).length)) : 0;
  const top = (title ? 28 : 0) + (heads.length ? 22 : 0);
  const caption = titles.length ? 20 : 0;
  const lines = Math.ceil(pictures.length / columns);
  const x = (column: number) => left + column * (tileWidth + gap);
  const y = (row: number) => top + row * (tileHeight + gap + caption);
  const text = (words: string | number, tx: number, ty: number, anchor: string, size = 13) =>
    `<text x="${tx}" y="${ty}" text-anchor="${anchor}" font-size="${size}">${escapeXml(String(words))}</text>`;
  const longest = Math.max(1, ...[...heads, ...titles].map(t => String(t).length));
  const small = Math.max(9, Math.min(13, Math.floor((tileWidth + gap) / (0.6 * longest)))); // captions fit their tile
  const parts = pictures.map((picture, i) => {
    const [px, py] = [x(i % columns), y(Math.floor(i / columns))];
    const data = encode(tile([picture], { columns: 1, scale: 1, gap: 0, range })).toString('base64');
    const size = `x="${px}" y="${py}" width="${picture.width * scale}" height="${picture.height * scale}"`;
    const words =
      titles[i] === undefined ? '' : text(titles[i], px + tileWidth / 2, py + tileHeight + 15, 'middle', small);
    return `<image ${size} style="image-rendering:pixelated" href="data:image/png;base64,${data}"/>${words}`;
  });
  if (title) parts.push(text(title, 0, 18, 'start', 16));
  parts.push(...heads.map((head, c) => text(head, x(c) + tileWidth / 2, top - 7, 'middle', small)));
  parts.push(...rows.map((row, r) => text(row, left - 8, y(r) + tileHeight / 2 + 5, 'end')));
  const [width, height] = [Math.max(x(columns) - gap, title ? titleWidth(title) : 0), y(lines) - gap];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family='${fontFamily}' fill="${ink}">${parts.join('')}</svg>`;
  return finishSvg(svg, { title, alt });
}

/** About what a title of 16 pixels takes; Chinese characters are square. */
const titleWidth = (title: string): number =>
  [...title].reduce(
    (width, c) => width + (/[\u2e80-\ua4cf\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/.test(c) ? 16.5 : 9),
    0,
  );
