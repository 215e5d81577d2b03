/**
 * `npm run export [-- 10 | my-work/mine.ipynb] [--formats html,pdf,slides] [--hide hide,teacher | --hide none] [--out site] [--single-file]`:
 * the course as a website that works without a network, and each lesson as page, PDF and slides, in both languages. A reader's own notebook gets the same.
 */
import path from 'node:path';
import { findBrowser, NO_BROWSER } from './export/browser';
import { notRunLine, ownFiles, readOwn } from './export/own';
import { writeReference } from './export/reference';
import { FORMATS, type Format } from './export/sheet';
import { buildOwn, buildSite } from './export/site';
import { parseCommand, runCommand } from './notebooks/command';
import { allLessons, type Lesson, ROOT, selectLessons } from './notebooks/notebook';

/** The formats asked for; by default all that this machine can make. */
function formatsOf(text: string | undefined): readonly Format[] {
  if (text === undefined) {
    if (findBrowser()) return FORMATS;
    console.warn(`  no PDFs: ${NO_BROWSER}`);
    return FORMATS.filter(format => format !== 'pdf');
  }
  return text.split(',').map(word => {
    if (!(FORMATS as readonly string[]).includes(word))
      throw new Error(`no format '${word}'; there is ${FORMATS.join(', ')}`);
    return word as Format;
  });
}

/** Lessons and a reader's own notebooks among the words of the command line; no word: the whole course. */
function chosen(words: string[]): { lessons: Lesson[]; own: string[] } {
  const found = words.map(word => ({ word, files: ownFiles(word) }));
  const named = found.filter(({ files }) => !files).map(({ word }) => word);
  const own = [...new Set(found.flatMap(({ files }) => files ?? []))];
  return { lessons: named.length > 0 || own.length === 0 ? selectLessons(named) : [], own };
}

export async function main(argv: string[]): Promise<number> {
  const { words, options } = parseCommand(argv, ['formats', 'hide', 'out'], ['single-file']);
  const { lessons, own } = chosen(words);
  if (lessons.length + own.length === 0) throw new Error('there is no notebook to export yet');
  const taken = new Set<string>();
  const sheets = own.map(file => readOwn(file, taken)); // what cannot be read is said before anything is made
  for (const line of sheets.map(notRunLine)) if (line) console.warn(`  ${line}`);
  const folder = path.resolve(process.env.INIT_CWD ?? '.', options.get('out') ?? path.join(ROOT, 'site'));
  const hide = options
    .get('hide')
    ?.split(',')
    .filter(tag => tag !== 'none');
  const started = Date.now();
  const settings = {
    course: allLessons(),
    folder,
    formats: formatsOf(options.get('formats')),
    hide,
    single: options.has('single-file'),
    log: (line: string) => console.log(`  ${line}`),
  };
  const reference = words.length === 0 ? [await writeReference(folder)] : [];
  const files = lessons.length > 0 ? await buildSite({ ...settings, lessons }) : [];
  if (sheets.length > 0) files.push(...(await buildOwn(settings, sheets)));
  files.push(...reference);
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  const first = lessons.length > 0 ? path.join(folder, 'index.html') : files[0];
  console.log(`${files.length} files in ${seen(folder) || '.'} (${seconds} s); open ${seen(first)}`);
  return 0;
}

/** A path as the reader sees it from where the command was typed. */
const seen = (file: string): string => path.relative(process.env.INIT_CWD ?? process.cwd(), file);

if (require.main === module) runCommand(main);
