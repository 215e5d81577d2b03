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
import path from 'node:path';
import { PNG } from 'pngjs';
import { CELL, drawnSmall, type Icons, readSet, sharpOf, svgOf } from './icons';
import { THINGS } from './things';

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

const plain = (code: string) => code.replaceAll('-fe0f', '').toLowerCase();

/** Every name that some set gives a code point; the sets that name no code points draw under the same names. */
function namesByCode(folder: string): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>();
  for (const style of STYLES) {
    const chars = readSet<Record<string, string>>(folder, style, 'chars.json');
    for (const [code, name] of Object.entries(chars)) {
      names.set(plain(code), (names.get(plain(code)) ?? new Set()).add(name));
    }
  }
  return names;
}

const joined = (name: string) => name.replaceAll('-', '');

/** SVG of a thing by one of its names in a set, or undefined. */
function drawingsOf(folder: string, style: string): (names: string[]) => string | undefined {
  const set = readSet<Icons>(folder, style);
  const byName = new Map(Object.entries(set.icons).map(([name, icon]) => [joined(name), icon]));
  for (const [name, { parent }] of Object.entries(set.aliases ?? {})) {
    if (set.icons[parent]) byName.set(joined(name), set.icons[parent]);
  }
  return names => {
    const icon = names.map(name => byName.get(joined(name))).find(Boolean);
    return icon && svgOf(icon, set);
  };
}

async function main(folder = ''): Promise<void> {
  const sharp = sharpOf(folder);
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
      const small = await drawnSmall(sharp, svg);
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
