/**
 * Two texts to learn to write from: English plays and Chinese poems, packed. scripts/data/make_texts.ts made the files;
 * datasets/README.md names the sources and their licences.
 * @see notebooks/16-sequences.ipynb
 */
import { committedText } from './sheets';

const CHECKSUMS = {
  'shakespeare.txt.br': 'b67c6b586de215a2e244d78595cf49c8',
  'tang-poems.txt.br': '67cae345f2f825e24c8a5fc06252fc02',
} as const;

const LINE = 5;

/**
 * Eight works of Shakespeare, one after the other: A Midsummer Night's Dream, Hamlet, Julius Caesar, Macbeth, Romeo and Juliet,
 * The Tempest, Twelfth Night, the Sonnets. Plain ASCII, lines as in print.
 * @example shakespeare().length // → 940630
 */
export const shakespeare = (): string => unpacked('shakespeare.txt.br');

/**
 * Poems of the Tang dynasty with four or eight lines of five characters, in simplified characters, in the order of the
 * Complete Tang Poems. A comma and a full stop take turns at the ends of lines.
 * @example tangPoems().includes('白日依山尽，黄河入海流。欲穷千里目，更上一层楼。') // → true
 */
export function tangPoems(): string[] {
  return unpacked('tang-poems.txt.br').split('\n').map(punctuated);
}

function punctuated(poem: string): string {
  const lines = Array.from({ length: poem.length / LINE }, (_, i) => poem.slice(LINE * i, LINE * (i + 1)));
  return lines.map((line, i) => line + (i % 2 ? '。' : '，')).join('');
}

const unpacked = (name: keyof typeof CHECKSUMS): string => committedText('texts', name, CHECKSUMS[name]);
