/**
 * Makes datasets/emoji-noto.png, emoji-twemoji.png and emoji.json.br out of two npm packages, which are too large to depend on:
 *
 *     npm pack emoji-datasource@16.0.0 emojibase-data@17.0.0     (in a folder of its own)
 *     mkdir emojibase && tar xzf emoji-datasource-16.0.0.tgz && tar xzf emojibase-data-17.0.0.tgz -C emojibase
 *     node --import tsx scripts/data/make_emoji.ts THAT_FOLDER
 *
 * A sheet holds every picture once (no skin tones), 32 × 32 pixels on white, 44 to a row, in the order of emoji.json.br.
 * What is committed was packed once more, without loss, by oxipng (PyPI pyoxipng, level 4).
 */
import fs from 'node:fs';
import path from 'node:path';
import { PNG } from 'pngjs';
import { writePacked } from './packed';

const CELL = 32;
const STEP = 34; // a cell of the source with its border of one pixel
const COLUMNS = 44;
const OUT = path.join(__dirname, '../../datasets');
/** Only these two: the licences of the other makers' pictures don't allow it. */
const STYLES = { noto: 'google', twemoji: 'twitter' };
/** What lessons 14 and 15 draw: things, faces, animals, plain shapes; without flags, people and written signs. */
const DRAWN = ['Smileys & Emotion', 'Animals & Nature', 'Food & Drink', 'Travel & Places', 'Activities', 'Objects'];
const isDrawn = ({ category, subcategory }: Cell) => DRAWN.includes(category) || subcategory === 'geometric';

interface Cell {
  unified: string;
  category: string;
  subcategory: string;
  sheet_x: number;
  sheet_y: number;
  sort_order: number;
}

interface Label {
  hexcode: string;
  label: string;
  tags?: string[];
}

const readJson = <T>(...parts: string[]): T => JSON.parse(fs.readFileSync(path.join(...parts), 'utf8'));

/** Both packages name a character by its code points, one of them also where FE0F only asks for colour. */
const plain = (code: string) =>
  code
    .split('-')
    .filter(part => part !== 'FE0F')
    .join('-');

function labels(folder: string, language: string): Map<string, Label> {
  const all = readJson<Label[]>(folder, 'emojibase/package', language, 'data.json');
  return new Map(all.map(entry => [plain(entry.hexcode), entry]));
}

/** One row a character: code points, caption and tags in both languages, group, subgroup. */
function captions(cells: Cell[], folder: string): unknown[][] {
  const [english, chinese] = [labels(folder, 'en'), labels(folder, 'zh')];
  return cells.map(cell => {
    const code = plain(cell.unified);
    const [en, zh] = [english.get(code), chinese.get(code)];
    if (!en || !zh)
      throw new Error(`${cell.unified} has no caption in both languages; are the versions the right ones?`);
    return [cell.unified, en.label, zh.label, en.tags ?? [], zh.tags ?? [], cell.category, cell.subcategory];
  });
}

/** The pictures of one style, laid on white. */
function sheet(cells: Cell[], source: PNG): PNG {
  const out = new PNG({ width: COLUMNS * CELL, height: Math.ceil(cells.length / COLUMNS) * CELL });
  out.data.fill(255);
  cells.forEach((cell, i) => {
    for (let y = 0; y < CELL; y++) {
      for (let x = 0; x < CELL; x++) {
        const from = 4 * ((cell.sheet_y * STEP + 1 + y) * source.width + cell.sheet_x * STEP + 1 + x);
        const to = 4 * ((Math.floor(i / COLUMNS) * CELL + y) * out.width + (i % COLUMNS) * CELL + x);
        const alpha = source.data[from + 3] / 255;
        for (let c = 0; c < 3; c++) out.data[to + c] = Math.round(alpha * source.data[from + c] + (1 - alpha) * 255);
      }
    }
  });
  return out;
}

function main(folder = ''): void {
  const all = readJson<Cell[]>(folder, 'package/emoji.json').filter(isDrawn);
  const cells = all.sort((a, b) => a.sort_order - b.sort_order);
  const rows = captions(cells, folder).map(row => JSON.stringify(row));
  writePacked(path.join(OUT, 'emoji.json.br'), `[\n${rows.join(',\n')}\n]\n`);
  for (const [style, maker] of Object.entries(STYLES)) {
    const source = PNG.sync.read(fs.readFileSync(path.join(folder, 'package/img', maker, 'sheets/32.png')));
    const bytes = PNG.sync.write(sheet(cells, source), { colorType: 2, deflateLevel: 9, deflateStrategy: 0 });
    fs.writeFileSync(path.join(OUT, `emoji-${style}.png`), bytes);
    console.log(`${style}: ${cells.length} pictures, ${bytes.length} bytes`);
  }
}

main(process.argv[2]);
