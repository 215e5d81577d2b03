/**
 * `npm run export [-- 10] [--formats html,pdf,slides] [--hide hide,teacher | --hide none] [--out site] [--single-file]`:
 * the course as a website that works without a network, and each lesson as page, PDF and slides, in both languages.
 */
import path from 'node:path';
import { findBrowser, NO_BROWSER } from './export/browser';
import { FORMATS, type Format } from './export/sheet';
import { buildSite } from './export/site';
import { parseCommand, runCommand } from './notebooks/command';
import { allLessons, ROOT, selectLessons } from './notebooks/notebook';

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

export async function main(argv: string[]): Promise<number> {
  const { words, options } = parseCommand(argv, ['formats', 'hide', 'out'], ['single-file']);
  const lessons = selectLessons(words);
  if (lessons.length === 0) throw new Error('there is no notebook to export yet');
  const folder = path.resolve(options.get('out') ?? path.join(ROOT, 'site'));
  const hide = options
    .get('hide')
    ?.split(',')
    .filter(tag => tag !== 'none');
  const started = Date.now();
  const files = await buildSite({
    lessons,
    course: allLessons(),
    folder,
    formats: formatsOf(options.get('formats')),
    hide,
    single: options.has('single-file'),
    log: line => console.log(`  ${line}`),
  });
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  console.log(
    `${files.length} files in ${path.relative(process.cwd(), folder) || '.'} (${seconds} s); open ${path.join(path.relative(process.cwd(), folder), 'index.html')}`,
  );
  return 0;
}

if (require.main === module) runCommand(main);
