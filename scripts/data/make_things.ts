/**
 * Makes datasets/things.png and things.json out of packages that are too large to depend on:
 *
 *     npm install sharp@0.34.5 @iconify-json/noto@1.2.9 @iconify-json/noto-v1@1.2.5 @iconify-json/twemoji@1.2.5 \
 *       @iconify-json/openmoji@1.2.29 @iconify-json/fluent-emoji@1.2.7 @iconify-json/fluent-emoji-flat@1.2.6 \
 *       @iconify-json/emojione@1.2.3 @iconify-json/emojione-v1@1.2.3 @iconify-json/fxemoji@1.2.2    (in a folder of its own)
 *     node --import tsx scripts/data/make_things.ts THAT_FOLDER
 *
 * One row of the sheet is a thing, one column a drawing style, 32 × 32 pixels on white; a style without a thing leaves it white.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { PNG } from 'pngjs';
import { THINGS } from './things';

const CELL = 32;
/** Drawn so many times larger and averaged: thin lines stay. */
const FINER = 4;
const OUT = path.join(__dirname, '../../datasets');
const STYLES = [
  'noto',
  'twemoji',
  'fluent-emoji-flat',
  'emojione',
  'fluent-emoji',
  'emojione-v1',
  'noto-v1',
  'fxemoji',
  'openmoji',
];

interface Icons {
  icons: Record<string, { body: string; width?: number; height?: number }>;
  aliases?: Record<string, { parent: string }>;
  width?: number;
  height?: number;
}
/** The part of sharp that is used here. */
type Sharp = (svg: Buffer) => { ensureAlpha(): { raw(): { toBuffer(): Promise<Buffer> } } };

const readJson = <T>(...parts: string[]): T => JSON.parse(fs.readFileSync(path.join(...parts), 'utf8'));
const plain = (code: string) => code.replaceAll('-fe0f', '').toLowerCase();

/** Every name that some set gives a code point; the sets that name no code points draw under the same names. */
function namesByCode(folder: string): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>();
  for (const style of STYLES) {
    const chars = readJson<Record<string, string>>(folder, 'node_modules/@iconify-json', style, 'chars.json');
    for (const [code, name] of Object.entries(chars)) {
      names.set(plain(code), (names.get(plain(code)) ?? new Set()).add(name));
    }
  }
  return names;
}

const joined = (name: string) => name.replaceAll('-', '');

/** SVG of a thing by one of its names in a set, or undefined. */
function drawingsOf(folder: string, style: string): (names: string[]) => string | undefined {
  const set = readJson<Icons>(folder, 'node_modules/@iconify-json', style, 'icons.json');
  const byName = new Map(Object.entries(set.icons).map(([name, icon]) => [joined(name), icon]));
  for (const [name, { parent }] of Object.entries(set.aliases ?? {})) {
    if (set.icons[parent]) byName.set(joined(name), set.icons[parent]);
  }
  return names => {
    const icon = names.map(name => byName.get(joined(name))).find(Boolean);
    if (!icon) return undefined;
    const [width, height] = [icon.width ?? set.width ?? 16, icon.height ?? set.height ?? 16];
    return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 ${width} ${height}" width="${CELL * FINER}" height="${CELL * FINER}">${icon.body}</svg>`;
  };
}

/** Averages blocks of `FINER`² pixels over a white ground. RGBA (not premultiplied) → 32 × 32 RGB. */
function shrink(pixels: Uint8Array): Uint8Array {
  const out = new Uint8Array(CELL * CELL * 3);
  for (let y = 0; y < CELL; y++) {
    for (let x = 0; x < CELL; x++) {
      const sum = [0, 0, 0];
      for (let i = 0; i < FINER * FINER; i++) {
        const at = 4 * ((y * FINER + Math.floor(i / FINER)) * CELL * FINER + x * FINER + (i % FINER));
        const alpha = pixels[at + 3] / 255;
        for (let c = 0; c < 3; c++) sum[c] += pixels[at + c] * alpha + 255 * (1 - alpha);
      }
      for (let c = 0; c < 3; c++) out[3 * (y * CELL + x) + c] = Math.round(sum[c] / FINER ** 2);
    }
  }
  return out;
}

async function main(folder = ''): Promise<void> {
  const sharp: Sharp = createRequire(path.join(path.resolve(folder), 'x.js'))('sharp');
  const sheet = new PNG({ width: STYLES.length * CELL, height: THINGS.length * CELL });
  sheet.data.fill(255);
  const has: Record<string, number> = {};
  const names = namesByCode(folder);
  for (const [column, style] of STYLES.entries()) {
    const drawing = drawingsOf(folder, style);
    for (const [row, [, , code]] of THINGS.entries()) {
      const svg = drawing([...(names.get(code) ?? [])]);
      if (!svg) continue;
      has[style] = (has[style] ?? 0) + 1;
      const small = shrink(await sharp(Buffer.from(svg)).ensureAlpha().raw().toBuffer());
      for (let p = 0; p < CELL * CELL; p++) {
        const at = 4 * ((row * CELL + Math.floor(p / CELL)) * sheet.width + column * CELL + (p % CELL));
        for (let c = 0; c < 3; c++) sheet.data[at + c] = small[3 * p + c];
      }
    }
  }
  // the committed file is this one, packed further without loss (oxipng -o 4, colours kept as they are)
  const bytes = PNG.sync.write(sheet, { colorType: 2, deflateLevel: 9, deflateStrategy: 0 });
  fs.writeFileSync(path.join(OUT, 'things.png'), bytes);
  const rows = THINGS.map(([en, zh]) => JSON.stringify([en, zh]));
  fs.writeFileSync(
    path.join(OUT, 'things.json'),
    `{"styles":${JSON.stringify(STYLES)},"things":[\n${rows.join(',\n')}\n]}\n`,
  );
  console.log(`${THINGS.length} things, ${bytes.length} bytes, drawn: ${JSON.stringify(has)}`);
}

main(process.argv[2]).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
