/**
 * `npm run sync [-- 10] [--check | --missing]`: gives the Chinese notebooks the English code, tags and metrics and the outputs in Chinese, and links the
 * first mentions of terms to the glossary, and writes marked numbers as the outputs give them. Without a lesson's number also writes what is made from all lessons: the
 * glossary's notebooks, the closing page, the map of the course, and what JupyterLab's start page says of the lessons.
 */
import fs from 'node:fs';
import path from 'node:path';
import { courseMap } from '../lib/course/map';
import { inChinese } from '../lib/i18n/bundle';
import { dictionaryOf } from '../lib/i18n/load';
import { changeMarkup } from '../lib/i18n/markup';
import { CLOSING, closingNotebook } from './notebooks/closing';
import { parseCommand, runCommand } from './notebooks/command';
import { GLOSSARY, glossaryNotebook, introductions, linkFirstMentions } from './notebooks/glossary';
import { printMissing } from './notebooks/missing';
import {
  allLessons,
  LANGUAGES,
  type Language,
  type Lesson,
  notebookFolder,
  notebookText,
  ROOT,
  readNotebook,
  selectLessons,
} from './notebooks/notebook';
import { withNumbers } from './notebooks/numbers';
import { withAnswerTexts, withPredictions } from './notebooks/predictions';
import { withReadingTime } from './notebooks/reading';
import { courseOf } from './notebooks/start-page';
import { differences, syncNotebook } from './notebooks/sync';
import { inChineseOf, inWordsOf } from './notebooks/translate';

/** Syncs one lesson; returns true where a file had to change. */
export function syncLesson(lesson: Lesson): boolean {
  const [en, zh] = [readNotebook(lesson.files.en), readNotebook(lesson.files.zh)];
  const english = linkFirstMentions(withReadingTime(withNumbers(withPredictions(en), en), 'en'), 'en');
  const answered = withAnswerTexts(zh, english, inWordsOf(english, lesson.name));
  const chinese = linkFirstMentions(withNumbers(answered, english), 'zh');
  const { notebook, untranslated, dropped } = syncNotebook(english, chinese, nb => inChineseOf(nb, lesson.name));
  for (const id of untranslated) console.warn(`  ${lesson.name}: cell '${id}' has no Chinese text yet`);
  for (const id of dropped) console.warn(`  ${lesson.name}: Chinese cell '${id}' has no English counterpart; dropped`);
  const timed = withReadingTime(notebook, 'zh');
  return [save(lesson.files.en, notebookText(english)), save(lesson.files.zh, notebookText(timed))].includes(true);
}

/** Writes a file where its text has changed; true where it had. */
function save(file: string, text: string): boolean {
  if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') === text) return false;
  fs.writeFileSync(file, text);
  return true;
}

/** What is made from all lessons together: file → text. */
export function madeFromAll(): Map<string, string> {
  const lessons = allLessons().filter(lesson => /^\d/.test(lesson.name));
  const byName = (language: Language) =>
    new Map(lessons.map(({ name, files }) => [name, readNotebook(files[language])]));
  const introduced = introductions(byName('en'), byName('zh'));
  const files = LANGUAGES.map((language): [string, string] => {
    const notebooks = byName(language);
    const { kernelspec, language_info } = [...notebooks.values()][0].metadata;
    const glossary = glossaryNotebook(language, notebooks, introduced, { kernelspec, language_info });
    return [path.join(notebookFolder(language), `${GLOSSARY}.ipynb`), notebookText(glossary)];
  });
  const closing = LANGUAGES.map((language): [string, string] => {
    const notebooks = byName(language);
    const { kernelspec, language_info } = [...notebooks.values()][0].metadata;
    const page = closingNotebook(language, notebooks, byName('en'), { kernelspec, language_info });
    return [path.join(notebookFolder(language), `${CLOSING}.ipynb`), notebookText(page)];
  });
  const maps = LANGUAGES.map((language): [string, string] => {
    const svg = courseMap(undefined, language).svg as string;
    const name = language === 'en' ? 'course-map.svg' : 'course-map.zh.svg';
    const said = language === 'en' ? svg : changeMarkup(svg, inChinese(dictionaryOf(ROOT)).text);
    return [path.join(ROOT, 'docs', name), `${said}\n`];
  });
  const all = (language: Language) =>
    new Map(allLessons().map(({ name, files: of }) => [name, readNotebook(of[language])]));
  const course = courseOf({ en: all('en'), zh: all('zh') });
  const page: [string, string] = [
    path.join(ROOT, 'labextension', 'course.json'),
    `${JSON.stringify(course, null, 1)}\n`,
  ];
  return new Map([...files, ...closing, ...maps, page]);
}

/** Sentences on what differs in a lesson. */
export function checkLesson(lesson: Lesson): string[] {
  return differences(readNotebook(lesson.files.en), readNotebook(lesson.files.zh), nb => inChineseOf(nb, lesson.name));
}

export function main(argv: string[]): number {
  const { words, options } = parseCommand(argv, [], ['check', 'missing']);
  const lessons = selectLessons(words);
  if (options.has('missing')) {
    const count = lessons.reduce((sum, lesson) => sum + printMissing(lesson), 0);
    console.log(`\n${count} texts in the other language`);
    return count ? 1 : 0;
  }
  let wrong = 0;
  for (const lesson of lessons) {
    if (options.has('check')) {
      const found = checkLesson(lesson);
      for (const sentence of found) console.log(`${lesson.name}: ${sentence}`);
      wrong += found.length;
    } else {
      console.log(`${lesson.name}: ${syncLesson(lesson) ? 'synced' : 'already equal'}`);
    }
  }
  if (words.length === 0) {
    for (const [file, text] of madeFromAll()) {
      const name = path.relative(ROOT, file);
      if (!options.has('check')) console.log(`${name}: ${save(file, text) ? 'written' : 'as it was'}`);
      else if (!fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== text) {
        console.log(`${name} is not up to date`);
        wrong++;
      }
    }
  }
  if (options.has('check')) console.log(wrong ? `${wrong} differences; run \`npm run sync\`` : 'both languages agree');
  return wrong ? 1 : 0;
}

if (require.main === module) runCommand(main);
