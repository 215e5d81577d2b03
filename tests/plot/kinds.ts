/** Inputs that figures must bear, and what every figure must be. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { JSDOM } from 'jsdom';
import { SaxesParser } from 'saxes';
import type { Figure } from '../../lib/plot';

const NASTY = [
  '',
  ' ',
  '$10',
  "$& $1 $' $` $$",
  '<b>&amp;</b>"\'',
  ']]>',
  '{{x}}',
  'a\u0000b\u0001c\u001b[31m',
  'half \ud83d',
  '\ude00 half',
  '\ufffe\uffff',
  '👩‍🔬 emoji',
  '潜变量与噪声的日程',
  'שלום עולם',
  'line\nbreak\r\n\ttab',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'NaN',
  'datum.value',
  '1e308',
  '2024-02-30',
  'x'.repeat(3000),
  '很长'.repeat(800),
  'many words '.repeat(300),
  'β²',
  '\\',
  '`',
];
/** A word that a reader could give to a title, a label, a name. */
export const word = fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 12 }));

const ODD = [0, -0, 1, -1, 1e308, -1e308, 1e300, 5e-324, 1e-310, 1e-12, 1 + 2 ** -52, Infinity, -Infinity, Number.NaN];
/** Any number: holes, infinities, and those at which differences overflow or vanish. */
export const number = fc.oneof(
  { arbitrary: fc.double(), weight: 2 },
  { arbitrary: fc.constantFrom(...ODD), weight: 3 },
  { arbitrary: fc.integer({ min: -5, max: 5 }), weight: 3 },
);
/** Lists of them: none, one, all equal, some. */
export const numbers = fc.oneof(
  fc.array(number, { maxLength: 12 }),
  fc.tuple(number, fc.integer({ min: 1, max: 5 })).map(([v, n]) => new Array<number>(n).fill(v)),
);
export const ends = fc.tuple(number, number);

/** Fails unless a strict parser reads it. */
export function assertXml(source: string): void {
  const parser = new SaxesParser();
  parser.on('error', error => assert.fail(`${error.message} in ${source.slice(0, 200)}`));
  parser.write(source).close();
}

/** Well-formed, finite, described, and no larger than a notebook can bear. */
export function assertSound(figure: Figure): void {
  const { bundle, alt, svg } = figure;
  assert.ok(alt.trim(), 'no alt text');
  assert.doesNotMatch(alt, /[\n\r]|undefined|\[object/);
  assert.ok((bundle['text/plain'] as string).length > 0);
  assert.ok(JSON.stringify(bundle).length < 2_500_000, `${JSON.stringify(bundle).length} bytes`);
  if (svg !== undefined) assertPicture(svg);
  const html = bundle['text/html'] as string | undefined;
  if (html !== undefined) {
    const { document } = new JSDOM(html).window;
    assert.equal(document.querySelector('script, b, iframe'), null);
    for (const image of document.querySelectorAll('img')) assert.equal(image.getAttribute('alt'), alt);
  }
  const spec = bundle['application/vnd.vegalite.v5+json'];
  if (spec) assertSpec(spec as object);
}

/** An accessible image in which every coordinate is a number. */
function assertPicture(svg: string): void {
  assertXml(svg);
  const { document } = new JSDOM(svg, { contentType: 'image/svg+xml' }).window;
  const root = document.documentElement;
  assert.ok(root.getAttribute('aria-label')?.trim());
  assert.equal(root.querySelector('desc')?.textContent, root.getAttribute('aria-label'));
  const [left, top, width, height] = (root.getAttribute('viewBox') ?? '').split(' ').map(Number);
  assert.ok([left, top].every(Number.isFinite) && width > 0 && height > 0 && width < 20_000 && height < 20_000);
  for (const element of document.querySelectorAll('*')) {
    for (const { name, value } of element.attributes) {
      if (/^(aria-label|href|font-family)$/.test(name)) continue;
      assert.doesNotMatch(value, /NaN|Infinity|undefined|null/, `${element.tagName} ${name}="${value.slice(0, 80)}"`);
    }
  }
}

/** The live form compiles as a page compiles it. */
function assertSpec(spec: object): void {
  const vegaLite = require('vega-lite') as { compile(spec: unknown): { spec: unknown } };
  const vega = require('vega') as { parse(spec: unknown): unknown };
  vega.parse(vegaLite.compile(JSON.parse(JSON.stringify(spec))).spec);
}

/** A refusal that a reader can act upon: words of the lib, not of the engine below it. */
export function assertClear(error: unknown): void {
  const { name, message } = error as Error;
  assert.equal(name, 'Error', `${name}: ${message}`);
  assert.match(message, /expected|no node|needs alt text|slider/, message);
  assert.doesNotMatch(message, /Cannot read|is not a function|Vega cannot draw|call stack/, message);
}
