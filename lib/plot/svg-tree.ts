/** An SVG as a tree: read by a strict XML parser, so that what is written again is well-formed whatever drew it. */
import { SaxesParser } from 'saxes';
import { escapeXml, legal } from '../runtime/html';

export interface SvgElement {
  name: string;
  attributes: Map<string, string>;
  /** Elements, and text between them. */
  children: (SvgElement | string)[];
}

/** @throws where the source is no XML document, with the place of the fault */
export function readSvg(source: string): SvgElement {
  const root: SvgElement = { name: '', attributes: new Map(), children: [] };
  const open = [root];
  const parser = new SaxesParser({ xmlns: false });
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes: new Map(Object.entries(attributes)), children: [] };
    open[open.length - 1].children.push(element);
    open.push(element);
  });
  parser.on('closetag', () => void open.pop());
  const keep = (text: string) => void (open.length > 1 && open[open.length - 1].children.push(text));
  parser.on('text', keep);
  parser.on('cdata', keep);
  parser.on('error', error => {
    throw new Error(`expected the source of a picture to be SVG, got a fault at ${error.message}`);
  });
  parser.write(legal(source)).close();
  return root.children[0] as SvgElement;
}

export function writeSvg({ name, attributes, children }: SvgElement): string {
  const start = `<${name}${[...attributes].map(([key, value]) => ` ${key}="${attribute(value)}"`).join('')}`;
  if (children.length === 0) return `${start}/>`;
  return `${start}>${children.map(child => (typeof child === 'string' ? text(child) : writeSvg(child))).join('')}</${name}>`;
}

/** Line ends and tabs would be read back as spaces. */
const attribute = (value: string): string => escapeXml(value).replace(/[\t\n\r]/g, c => `&#${c.charCodeAt(0)};`);
const text = (value: string): string => escapeXml(value).replaceAll('&quot;', '"').replaceAll('\r', '&#13;');

/** The tree with each element replaced by what `change` makes of it, innermost first; undefined leaves it out. */
export function mapTree(
  element: SvgElement,
  change: (element: SvgElement) => SvgElement | undefined,
): SvgElement | undefined {
  const children: SvgElement['children'] = [];
  for (const child of element.children) {
    const kept = typeof child === 'string' ? child : mapTree(child, change);
    if (kept !== undefined) children.push(kept);
  }
  return change({ ...element, children });
}
