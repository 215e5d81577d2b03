/** Reads out of a PDF, without any tool, which characters it can show. */
import fs from 'node:fs';
import zlib from 'node:zlib';

export interface PdfCharacters {
  pages: number;
  /** Characters that fonts in the file have a glyph and a Unicode value for: they are drawn, and can be searched and copied. */
  characters: Set<string>;
}

/** Looks into the fonts' ToUnicode maps (PDF 1.7, 9.10.3): lists of <glyph> <UTF-16> pairs, and of ranges. */
export function pdfCharacters(file: string): PdfCharacters {
  const parts = streams(fs.readFileSync(file));
  const characters = new Set<string>();
  for (const map of parts.filter(part => part.includes('beginbf'))) {
    for (const [, block] of map.matchAll(/beginbfchar([\s\S]*?)endbfchar/g)) {
      for (const [, to] of block.matchAll(/<[0-9A-F]+>\s*<([0-9A-F]+)>/gi))
        for (const c of utf16(to)) characters.add(c);
    }
    for (const [, block] of map.matchAll(/beginbfrange([\s\S]*?)endbfrange/g)) addRanges(block, characters);
  }
  // Where characters share a glyph, the browser writes the one that is meant beside it (PDF 1.7, 14.9.4): it is found so.
  for (const part of parts) {
    for (const [, meant] of part.matchAll(/ActualText\s*<FEFF([0-9A-F]+)>/gi)) {
      for (const c of utf16(meant)) characters.add(c);
    }
  }
  const all = parts.join('\n');
  return { pages: (all.match(/\/Type\s*\/Page\b/g) ?? []).length, characters: new Set([...characters].map(plain)) };
}

/** The file's own text, and every stream in it that inflates. */
function streams(bytes: Buffer): string[] {
  const text = bytes.toString('latin1');
  const parts = [text];
  for (const match of text.matchAll(/stream\r?\n/g)) {
    const at = match.index ?? 0;
    const start = at + match[0].length;
    if (text.startsWith('end', at - 3)) continue;
    try {
      parts.push(zlib.inflateSync(bytes.subarray(start, text.indexOf('endstream', start))).toString('latin1'));
    } catch {
      // a picture or an uncompressed stream
    }
  }
  return parts;
}

function addRanges(block: string, characters: Set<string>): void {
  for (const [, from, to, first] of block.matchAll(/<([0-9A-F]+)>\s*<([0-9A-F]+)>\s*<([0-9A-F]+)>/gi)) {
    const count = Number.parseInt(to, 16) - Number.parseInt(from, 16) + 1;
    const start = utf16(first).codePointAt(0)!;
    for (let i = 0; i < Math.min(count, 65536); i++) characters.add(String.fromCodePoint(start + i));
  }
  for (const [, list] of block.matchAll(/\[([^\]]*)\]/g)) {
    for (const [, to] of list.matchAll(/<([0-9A-F]+)>/gi)) for (const c of utf16(to)) characters.add(c);
  }
}

/**
 * In Noto's fonts a character and the radical of the same shape (门 and ⻔, 一 and ⼀) share a glyph, and browsers write the
 * radical's number into the PDF. The Kangxi radicals have a normal form; the supplement, U+2E80 to U+2EFF, has none.
 */
const RADICALS = new Map(
  '⼾户 ⺟母 ⺠民 ⻁虎 ⻄西 ⻅见 ⻆角 ⻉贝 ⻋车 ⻓长 ⻔门 ⻘青 ⻙韦 ⻚页 ⻛风 ⻜飞 ⻝食 ⻢马 ⻣骨 ⻤鬼 ⻥鱼 ⻦鸟 ⻧卤 ⻨麦 ⻩黄 ⻬齐 ⻮齿 ⻰龙 ⻳龟'
    .split(' ')
    .map(pair => [pair[0], pair[1]]),
);
const plain = (character: string): string => RADICALS.get(character) ?? character.normalize('NFKC');

const utf16 = (hex: string): string => Buffer.from(hex, 'hex').swap16().toString('utf16le');
