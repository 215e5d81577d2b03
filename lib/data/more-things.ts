/**
 * A seventh drawing style for who judges the text-to-image model: 92 of the things, some drawn twice, by Streamline.
 * scripts/data/make_more_things.ts made the files; datasets/README.md names their licence.
 * @see notebooks/14-text-to-image.ipynb
 */
import { PNG } from '../platform';
import { committed, cutOut } from './sheets';
import { THING_SIZE, type ThingPicture } from './things';

const COLUMNS = 16;
const CHECKSUMS = {
  'more-things.json': '991fc602846201cdeb6c0992ab2d9f99',
  'more-things.png': '8aa58d9d875d1d715570544959360b41',
} as const;

/**
 * Pictures of a set that knows not all of the things and draws others from two sides; only the judge learns from them.
 * @example moreThings().length // → 131
 */
export function moreThings(): ThingPicture[] {
  const things: number[] = JSON.parse(readChecked('more-things.json').toString('utf8'));
  const sheet = PNG.sync.read(readChecked('more-things.png'));
  return things.map((thing, i) => {
    const pixels = cutOut(sheet, Math.floor(i / COLUMNS), i % COLUMNS, THING_SIZE);
    return { thing, style: 'streamline-emojis', pixels };
  });
}

const readChecked = (name: keyof typeof CHECKSUMS) => committed('more things', name, CHECKSUMS[name]);
