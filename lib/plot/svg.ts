import { createHash } from 'node:crypto';
import { escapeXml } from '../runtime/html';

/** At most two decimals: enough for a screen, and the same on every machine. */
export const round = (value: number): string => {
  if (!Number.isFinite(value))
    throw new Error(`expected a finite coordinate, got ${value}; filter the data before drawing`);
  return String(Number(value.toFixed(2)));
};

/** Every tag of an SVG source, rewritten by `change`; the text between tags stays. */
const mapTags = (svg: string, change: (tag: string) => string): string =>
  svg.replace(/<[^!?](?:[^>"']|"[^"]*"|'[^']*')*>/g, change);

/**
 * Makes an SVG fit to be saved in a notebook: one accessible image (title, description, role), coordinates with two decimals,
 * and ids made from the content, so that equal data give equal bytes and two figures on one page never share an id.
 */
export function finishSvg(svg: string, { title = '', alt }: { title?: string; alt: string }): string {
  const plain = mapTags(svg, tag =>
    tag
      .replace(/ (?:aria-[a-z]+|role|class|pointer-events|data-[a-z-]+)="[^"]*"/g, '')
      .replace(/-?\d+\.\d{3,}(?:e[-+]?\d+)?/g, number => round(Number(number))),
  );
  const prefix = createHash('sha256').update(renumbered(plain, 'id')).digest('hex').slice(0, 8);
  const label = escapeXml(alt);
  const head = `${title ? `<title>${escapeXml(title)}</title>` : ''}<desc>${label}</desc>`;
  return renumbered(plain, prefix).replace(/<svg\b([^>]*)>/, `<svg$1 role="img" aria-label="${label}">${head}`);
}

/**
 * Leaves out what Vega writes but nobody sees: empty groups, hidden labels, default values, the font of every single word.
 * A scatter plot shrinks to less than half.
 */
export function slim(svg: string): string {
  const font = / font-family="[^"]*"/.exec(svg)?.[0] ?? '';
  const lean = svg
    .replace(/<text[^>]* opacity="0"[^>]*>[^<]*<\/text>/g, '')
    .replace(/<path[^>]* d="(?:M0,0h0v0h0Z)?"[^>]*\/>/g, '')
    .replace(CIRCLE, '<circle cx="$1" cy="$2" r="$3"$4/>');
  const short = mapTags(lean, tag => {
    const kept = tag.replace(font, '').replace(/ (?:opacity="1"|stroke-width="1"|[xy]2="0"|text-anchor="start")/g, '');
    return / stroke="/.test(kept) || kept.startsWith('<g') ? kept : kept.replace(/ stroke-width="[^"]*"/, '');
  });
  return withoutEmptyGroups(short).replace('<svg', `<svg${font}`);
}

/** A full circle as Vega draws it: two arcs around a moved origin. */
const CIRCLE =
  /<path[^>]* transform="translate\(([-\d.e]+),([-\d.e]+)\)" d="M([\d.]+),0A\3,\3,0,1,1,-\3,0A\3,\3,0,1,1,\3,0"([^>]*)\/>/g;

function withoutEmptyGroups(svg: string): string {
  const less = svg.replace(/<g[^>]*><\/g>/g, '');
  return less.length === svg.length ? svg : withoutEmptyGroups(less);
}

/** Ids replaced by prefix-0, prefix-1 … in order of appearance, in definitions and references. */
function renumbered(svg: string, prefix: string): string {
  const ids = new Map<string, string>();
  for (const [, id] of svg.matchAll(/\bid="([^"]+)"/g)) ids.set(id, `${prefix}-${ids.size}`);
  return mapTags(svg, tag =>
    tag
      .replace(/\bid="([^"]+)"/g, (_, id: string) => `id="${ids.get(id)}"`)
      .replace(/url\((?:'|&quot;)?#([^)'&]+)(?:'|&quot;)?\)/g, (whole, id: string) =>
        ids.has(id) ? `url(#${ids.get(id)})` : whole,
      )
      .replace(/href="#([^"]+)"/g, (whole, id: string) => (ids.has(id) ? `href="#${ids.get(id)}"` : whole)),
  );
}
