/**
 * Makes datasets/more-things.png and more-things.json: a seventh drawing style for who judges lesson 14's pictures.
 *
 *     npm install sharp@0.34.5 @iconify-json/streamline-emojis@1.2.4    (in a folder of its own)
 *     node --import tsx scripts/data/make_more_things.ts THAT_FOLDER
 *
 * Sixteen pictures to a row, 32 × 32 pixels on white, of 256 colours; the set often draws a thing twice, standing and its face.
 */
import fs from 'node:fs';
import path from 'node:path';
import { CELL, drawnSmall, readSet, sharpOf, svgOf } from './icons';
import { THINGS } from './things';

const COLUMNS = 16;
const OUT = path.join(__dirname, '../../datasets');
/** Things that the set calls by another name. */
const NAMES: Record<string, string> = Object.fromEntries(
  `apple red-apple|bee honeybee|car automobile|cherry cherries|chick baby-chick hatching-chick|clover four-leaf-clover
cake birthday-cake|cat cat-face cat grinning-cat-face smiling-cat-face-with-heart-eyes|coffee hot-beverage|drop droplet
egg cooking|fish tropical-fish blowfish|gift wrapped-gift|heart heart-suit growing-heart beating-heart|house house-with-garden
icecream soft-ice-cream|ladybug lady-beetle|lightning high-voltage|lock locked-with-key|moon crescent-moon
monkey monkey-face monkey see-no-evil-monkey hear-no-evil-monkey|palm palm-tree|pumpkin jack-o-lantern|sheep ewe
shirt t-shirt|shoe running-shoe|sun sun-with-face|umbrella umbrella umbrella-with-rain-drops closed-umbrella|whale spouting-whale`
    .split(/[|\n]/)
    .map(row => [row.slice(0, row.indexOf(' ')), row.slice(row.indexOf(' ') + 1)]),
);
/** Drawn in a frame, or something else of that name. */
const NOT = ['castle', 'rainbow', 'tent', 'tree', 'hat', 'star'];

async function main(folder = ''): Promise<void> {
  const sharp = sharpOf(folder);
  const set = readSet(folder, 'streamline-emojis');
  const named = (name: string) => new RegExp(`^${name}(-face)?(-\\d)?$`);
  const drawn: { thing: number; pixels: Uint8Array }[] = [];
  for (const [thing, [en]] of THINGS.entries()) {
    const patterns = (NAMES[en] ?? en).split(' ').map(named);
    const icons = Object.keys(set.icons).filter(key => !NOT.includes(en) && patterns.some(p => p.test(key)));
    for (const key of icons) drawn.push({ thing, pixels: await drawnSmall(sharp, svgOf(set.icons[key], set)) });
  }
  const [width, height] = [COLUMNS * CELL, Math.ceil(drawn.length / COLUMNS) * CELL];
  const sheet = Buffer.alloc(3 * width * height, 255);
  for (const [n, { pixels }] of drawn.entries()) {
    for (let p = 0; p < CELL * CELL; p++) {
      const y = Math.floor(n / COLUMNS) * CELL + Math.floor(p / CELL);
      sheet.set(pixels.subarray(3 * p, 3 * p + 3), 3 * (y * width + (n % COLUMNS) * CELL + (p % CELL)));
    }
  }
  const bytes = await sharp(sheet, { raw: { width, height, channels: 3 } })
    .png({ palette: true, colours: 256, dither: 0, effort: 10 })
    .toBuffer();
  fs.writeFileSync(path.join(OUT, 'more-things.png'), bytes);
  fs.writeFileSync(path.join(OUT, 'more-things.json'), `${JSON.stringify(drawn.map(({ thing }) => thing))}\n`);
  console.log(`${drawn.length} pictures of ${new Set(drawn.map(d => d.thing)).size} things, ${bytes.length} bytes`);
}

main(process.argv[2]).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
