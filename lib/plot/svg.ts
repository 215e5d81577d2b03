/** The last step of every still picture: lean, accessible, well-formed, the same bytes for the same data. */
import { createHash } from '../platform';
import { legal } from '../runtime/html';
import { minusInText } from '../runtime/numbers';
import { mapTree, readSvg, type SvgElement, writeSvg } from './svg-tree';

/** At most two decimals: enough for a screen, and the same on every machine. */
export const round = (value: number): string => {
  if (!Number.isFinite(value))
    throw new Error(`expected a finite coordinate, got ${value}; filter the data before drawing`);
  return String(Number(value.toFixed(2)));
};

/** Text on one line, as descriptions are read. */
export const oneLine = (text: string): string => legal(text).replace(/\s+/g, ' ').trim();

/** Attributes that hold words, addresses or names, not coordinates. */
const WORDS = /^(?:aria-.*|href|xlink:href|font-family|id|class|role|style|lang|xml:.*)$/;
/** What renderers write for programs, and nobody sees. */
const UNSEEN = /^(?:aria-[a-z]+|role|class|pointer-events|data-[a-z-]+)$/;
const NOWHERE = /NaN|Infinity|undefined|null/;

/**
 * Makes an SVG fit to be saved in a notebook: one accessible image (title, description, role), its words with the minus sign of pages, coordinates with two decimals,
 * and ids made from the content, so that equal data give equal bytes and two figures on one page never share an id.
 * What has no place, since a coordinate is no number, is left out.
 */
export function finishSvg(svg: string, { title = '', alt }: { title?: string; alt: string }): string {
  const plain = mapTree(readSvg(svg), element => {
    const attributes = new Map<string, string>();
    for (const [name, value] of element.attributes) {
      if (UNSEEN.test(name)) continue;
      if (!WORDS.test(name) && NOWHERE.test(value)) return undefined;
      attributes.set(name, WORDS.test(name) ? value : shortened(value));
    }
    return {
      ...element,
      attributes,
      children: element.children.map(child => (typeof child === 'string' ? minusInText(child) : child)),
    };
  });
  if (!plain) throw new Error('expected a picture of finite size; give width and height as numbers of pixels');
  const prefix = createHash('sha256')
    .update(writeSvg(renumbered(plain, 'id')))
    .digest('hex')
    .slice(0, 8);
  const { name, attributes, children } = renumbered(plain, prefix);
  const label = minusInText(oneLine(alt));
  const said = (tag: string, words: string): SvgElement => ({ name: tag, attributes: new Map(), children: [words] });
  return writeSvg({
    name,
    attributes: new Map([...attributes, ['role', 'img'], ['aria-label', label]]),
    children: [
      ...(oneLine(title) ? [said('title', minusInText(oneLine(title)))] : []),
      said('desc', label),
      ...children,
    ],
  });
}

const shortened = (value: string): string =>
  value.replace(/-?\d+\.\d{3,}(?:e[-+]?\d+)?/g, number => round(Number(number)));

/** Values that are SVG's own defaults where Vega writes them. */
const DEFAULTS = new Map([
  ['opacity', '1'],
  ['stroke-width', '1'],
  ['text-anchor', 'start'],
]);
const LINE_DEFAULTS = new Map([...DEFAULTS, ['x2', '0'], ['y2', '0']]);
const EMPTY_PATHS = new Set(['', 'M0,0h0v0h0Z']);

/**
 * Leaves out what Vega writes but nobody sees: empty groups, hidden labels, default values, the font of every single word.
 * A scatter plot shrinks to less than half.
 */
export function slim(svg: string): string {
  const tree = readSvg(svg);
  let font: string | undefined;
  const kept = mapTree(tree, element => {
    const { name, attributes, children } = element;
    if (name === 'g' && children.length === 0) return undefined;
    if (name === 'text' && attributes.get('opacity') === '0') return undefined;
    if (name === 'path' && EMPTY_PATHS.has(attributes.get('d') ?? '')) return undefined;
    font ??= attributes.get('font-family');
    const defaults = name === 'line' ? LINE_DEFAULTS : DEFAULTS; // a gradient's x2 is 1 where it is not said
    const lean = [...(circle(element) ?? attributes)].filter(
      ([key, value]) =>
        defaults.get(key) !== value &&
        !(key === 'font-family' && value === font) &&
        !(key === 'stroke-width' && name !== 'g' && !attributes.has('stroke')),
    );
    return { name: circle(element) ? 'circle' : name, attributes: new Map(lean), children };
  });
  const { attributes, ...root } = kept ?? tree;
  const shared: [string, string][] = font === undefined ? [] : [['font-family', font]];
  return writeSvg({ ...root, attributes: new Map([...shared, ...attributes]) });
}

/** A full circle as Vega draws it, two arcs around a moved origin, as the attributes of a <circle>. */
function circle({ name, attributes }: SvgElement): Map<string, string> | undefined {
  if (name !== 'path') return undefined;
  const [, cx, cy] = /^translate\(([-\d.e]+),([-\d.e]+)\)$/.exec(attributes.get('transform') ?? '') ?? [];
  const [, r] = /^M([\d.]+),0A\1,\1,0,1,1,-\1,0A\1,\1,0,1,1,\1,0$/.exec(attributes.get('d') ?? '') ?? [];
  if (cx === undefined || r === undefined) return undefined;
  const rest = [...attributes].filter(([key]) => key !== 'transform' && key !== 'd');
  return new Map([['cx', cx], ['cy', cy], ['r', r], ...rest] as [string, string][]);
}

/** Ids replaced by prefix-0, prefix-1 … in order of appearance, in definitions and references. */
function renumbered(svg: SvgElement, prefix: string): SvgElement {
  const ids = new Map<string, string>();
  const collect = ({ attributes, children }: SvgElement): void => {
    const id = attributes.get('id');
    if (id !== undefined) ids.set(id, `${prefix}-${ids.size}`);
    for (const child of children) if (typeof child !== 'string') collect(child);
  };
  collect(svg);
  const renamed = (key: string, value: string): string => {
    if (key === 'id') return ids.get(value) ?? value;
    if (key === 'href' || key === 'xlink:href') {
      const target = ids.get(value.slice(1));
      return value.startsWith('#') && target ? `#${target}` : value;
    }
    return value.replace(/url\(['"]?#([^)'"]+)['"]?\)/g, (whole, id: string) =>
      ids.has(id) ? `url(#${ids.get(id)})` : whole,
    );
  };
  const copy = (element: SvgElement): SvgElement => ({
    ...element,
    attributes: new Map([...element.attributes].map(([key, value]) => [key, renamed(key, value)])),
  });
  return mapTree(svg, copy) as SvgElement;
}
