/** Measures on an SVG what a reader must be able to tell from its background (WCAG 2.2: text 4.5 : 1, graphics 3 : 1). */
import { textWidth } from '../../lib/plot/measure';
import { contrast, faint, paper } from '../../lib/plot/palette';
import { readSvg, type SvgElement } from '../../lib/plot/svg-tree';

type Colour = [r: number, g: number, b: number, alpha: number];
const NAMED: Record<string, string> = { white: '#ffffff', black: '#000000', transparent: 'rgba(0,0,0,0)' };

function colour(text = 'none', opacity = 1): Colour | undefined {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(NAMED[text] ?? text)?.[1];
  if (hex) {
    const six = hex.length === 3 ? [...hex].map(c => c + c).join('') : hex;
    return [...[0, 2, 4].map(i => Number.parseInt(six.slice(i, i + 2), 16)), opacity] as Colour;
  }
  const [, parts] = /^rgba?\(([^)]+)\)$/.exec(NAMED[text] ?? text) ?? [];
  if (!parts) return undefined; // none, or a gradient
  const [r, g, b, alpha = 1] = parts.split(',').map(Number);
  return [r, g, b, alpha * opacity];
}

/** One colour over another, as `#rrggbb`. */
const over = ([r, g, b, alpha]: Colour, below: string): string => {
  const base = colour(below) as Colour;
  const mixed = [r, g, b].map((v, i) => Math.round(v * alpha + base[i] * (1 - alpha)));
  return `#${mixed.map(v => v.toString(16).padStart(2, '0')).join('')}`;
};

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}
interface Seen {
  shapes: (Box & { fill: Colour })[];
  texts: { words: string; x: number; y: number; fill?: Colour; at: number }[];
  strokes: { tag: string; stroke: Colour }[];
}

/** Everything drawn, in order, with its place: translations are followed, a turned text is taken where it is anchored. */
function seen(root: SvgElement): Seen {
  const found: Seen = { shapes: [], texts: [], strokes: [] };
  const visit = (element: SvgElement, x: number, y: number, inherited: Record<string, string>): void => {
    const own = { ...inherited, ...styles(element) };
    const number = (key: string) => Number(element.attributes.get(key) ?? 0);
    const transform = element.attributes.get('transform') ?? '';
    const [, dx = 0, dy = 0] = /translate\(([-\d.e]+)[, ]?([-\d.e]+)?\)/.exec(transform)?.map(Number) ?? [];
    const [px, py] = [x + (dx || 0), y + (dy || 0)];
    const opacity = Number(own.opacity ?? 1);
    if (['defs', 'clipPath', 'title', 'desc'].includes(element.name)) return;
    if (element.name === 'text') {
      const words = element.children.map(c => (typeof c === 'string' ? c : c.children.join(''))).join('');
      const turned = /rotate/.test(transform);
      const half = turned ? 0 : textWidth(words, 6.5);
      const shift = { start: half, middle: 0, end: -half }[own['text-anchor'] ?? 'start'] ?? 0;
      const place = { x: px + number('x') + shift, y: py + number('y') - (turned ? 0 : 4) };
      if (words.trim())
        found.texts.push({ words, ...place, fill: colour(own.fill ?? '#000000', opacity), at: found.shapes.length });
      return;
    }
    const box = boxOf(element, px, py);
    const fill = colour(own.fill ?? '#000000', opacity * Number(own['fill-opacity'] ?? 1));
    if (box && fill && fill[3] > 0) found.shapes.push({ ...box, fill });
    const stroke = colour(own.stroke, opacity * Number(own['stroke-opacity'] ?? 1));
    const bare = element.name === 'line' || (element.name === 'path' && !fill);
    if (bare && stroke && stroke[3] > 0 && own['stroke-width'] !== '0' && own.stroke !== faint)
      found.strokes.push({ tag: element.name, stroke });
    for (const child of element.children) if (typeof child !== 'string') visit(child, px, py, own);
  };
  visit(root, 0, 0, {});
  return found;
}

const PAINT = ['fill', 'stroke', 'opacity', 'fill-opacity', 'stroke-opacity', 'stroke-width', 'text-anchor'];
function styles({ attributes }: SvgElement): Record<string, string> {
  const plain = PAINT.flatMap(key => (attributes.has(key) ? [[key, attributes.get(key) as string]] : []));
  const inline = (attributes.get('style') ?? '').split(';').map(part => part.split(':').map(word => word.trim()));
  return Object.fromEntries([...plain, ...inline.filter(pair => PAINT.includes(pair[0]))]);
}

function boxOf({ name, attributes }: SvgElement, x: number, y: number): Box | undefined {
  const at = (key: string) => Number(attributes.get(key) ?? 0);
  if (name === 'rect') {
    const [left, top] = [x + at('x'), y + at('y')];
    return { left, top, right: left + at('width'), bottom: top + at('height') };
  }
  if (name === 'circle') {
    const [cx, cy, r] = [x + at('cx'), y + at('cy'), at('r')];
    return { left: cx - r, right: cx + r, top: cy - r, bottom: cy + r };
  }
  return name === 'path' ? pathBox(attributes.get('d') ?? '', x, y) : undefined;
}

/** Of a path made of lines; curves count with their handles. */
function pathBox(d: string, x: number, y: number): Box | undefined {
  const [xs, ys]: [number[], number[]] = [[], []];
  let [cx, cy] = [0, 0];
  for (const [, command, list] of d.matchAll(/([a-z])([^a-z]*)/gi)) {
    const values = (list.match(/-?[\d.]+(?:e[-+]?\d+)?/g) ?? []).map(Number);
    const [bx, by] = command === command.toLowerCase() ? [cx, cy] : [0, 0];
    const kind = command.toUpperCase();
    if (kind === 'H') cx = bx + values[0];
    else if (kind === 'V') cy = by + values[0];
    else if (kind === 'A') [cx, cy] = [bx + values[5], by + values[6]];
    else
      for (let i = 0; i + 1 < values.length; i += 2) {
        [cx, cy] = [bx + values[i], by + values[i + 1]];
        xs.push(cx + x);
        ys.push(cy + y);
      }
    xs.push(cx + x);
    ys.push(cy + y);
  }
  return xs.length
    ? { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) }
    : undefined;
}

/** The colour at a place below what was drawn later. */
const behind = (shapes: Seen['shapes'], x: number, y: number, page: string): string =>
  shapes
    .filter(s => x >= s.left && x <= s.right && y >= s.top && y <= s.bottom)
    .reduce((below, { fill }) => over(fill, below), page);

export interface Measured {
  /** Whether the figure's first shape is its own paper, so that the page decides nothing. */
  onPaper: boolean;
  texts: number;
  /** What is too faint, one sentence each. */
  problems: string[];
}

/** All texts and lines of a figure on a page of this colour. */
export function measureSvg(svg: string, page = '#111111'): Measured {
  const { shapes, texts, strokes } = seen(readSvg(svg));
  const onPaper = shapes.length > 0 && over(shapes[0].fill, page) === paper;
  const problems: string[] = [];
  for (const { words, x, y, fill, at } of texts) {
    const ground = behind(shapes.slice(0, at), x, y, page);
    const ratio = fill ? contrast(over(fill, ground), ground) : 0;
    if (ratio < 4.5) problems.push(`'${words}' on ${ground}: ${ratio.toFixed(2)}`);
  }
  const ground = onPaper ? paper : page;
  for (const { tag, stroke } of strokes) {
    const ratio = contrast(over(stroke, ground), ground);
    if (ratio < 3) problems.push(`${tag} rgba(${stroke}): ${ratio.toFixed(2)}`);
  }
  return { onPaper, texts: texts.length, problems };
}
