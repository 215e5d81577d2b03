/** Where text becomes HTML or XML: whatever stands in a hole of `html` is escaped, so no name or title can break a page. */

/**
 * Source that is already HTML: a hole takes it as it is.
 * @example html`<p>${new Markup('<b>bold</b>')}</p>`.source // → <p><b>bold</b></p>
 */
export class Markup {
  constructor(readonly source: string) {}

  toString(): string {
    return this.source;
  }
}

/** What a hole takes: text and numbers are escaped, markup is not, lists are joined, nothing is left out. */
export type Hole = string | number | boolean | bigint | null | undefined | Markup | readonly Hole[];

/**
 * HTML from a template, its holes escaped; also between the double quotes of an attribute.
 * @example html`<td title="${'a "b"'}">${1 < 2}</td>`.source.startsWith('<td') // → true
 */
export function html(parts: TemplateStringsArray, ...holes: Hole[]): Markup {
  return new Markup(parts.map((part, i) => part + (i < holes.length ? filled(holes[i]) : '')).join(''));
}

function filled(hole: Hole): string {
  if (hole instanceof Markup) return hole.source;
  if (Array.isArray(hole)) return hole.map(filled).join('');
  return hole === null || hole === undefined ? '' : escapeXml(String(hole));
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/**
 * Text made safe for XML and HTML, in content and between double quotes.
 * @example escapeXml('a < b') // → a &lt; b
 */
export const escapeXml = (text: string): string => legal(text).replace(/[&<>"]/g, c => ENTITIES[c]);

/** What is no Char of XML 1.0 (https://www.w3.org/TR/xml/#charsets): controls, halves of surrogate pairs, U+FFFE, U+FFFF. */
const ILLEGAL = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/**
 * The text with U+FFFD for each character that no XML document may hold.
 * @example legal('a\u0000b').length // → 3
 */
export const legal = (text: string): string => text.replace(ILLEGAL, '\ufffd');
