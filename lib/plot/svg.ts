import { createHash } from 'node:crypto';

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text made safe for XML and HTML, in content and in attributes. */
export const escapeXml = (text: string): string => text.replace(/[&<>"]/g, c => ENTITIES[c]);

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
