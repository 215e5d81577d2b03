/** `npm run sync [-- 10] [--check]`: gives the Chinese notebooks the English code, outputs, tags and metrics. */
import fs from 'node:fs';
import { parseCommand, runCommand } from './notebooks/command';
import { type Lesson, notebookText, readNotebook, selectLessons, writeNotebook } from './notebooks/notebook';
import { differences, syncNotebook } from './notebooks/sync';

/** Syncs one lesson; returns true where the Chinese file had to change. */
export function syncLesson(lesson: Lesson): boolean {
  const english = readNotebook(lesson.files.en);
  const { notebook, untranslated, dropped } = syncNotebook(english, readNotebook(lesson.files.zh));
  for (const id of untranslated) console.warn(`  ${lesson.name}: cell '${id}' has no Chinese text yet`);
  for (const id of dropped) console.warn(`  ${lesson.name}: Chinese cell '${id}' has no English counterpart; dropped`);
  if (fs.readFileSync(lesson.files.zh, 'utf8') === notebookText(notebook)) return false;
  writeNotebook(lesson.files.zh, notebook);
  return true;
}

/** Sentences on what differs in a lesson; a missing language is one. */
export function checkLesson(lesson: Lesson): string[] {
  const missing = Object.values(lesson.files).filter(file => !fs.existsSync(file));
  if (missing.length > 0) return ['exists in one language only'];
  return differences(readNotebook(lesson.files.en), readNotebook(lesson.files.zh));
}

export function main(argv: string[]): number {
  const { words, options } = parseCommand(argv, [], ['check']);
  const lessons = selectLessons(words);
  let wrong = 0;
  for (const lesson of lessons) {
    if (options.has('check')) {
      const found = checkLesson(lesson);
      for (const sentence of found) console.log(`${lesson.name}: ${sentence}`);
      wrong += found.length;
    } else if (!fs.existsSync(lesson.files.en) || !fs.existsSync(lesson.files.zh)) {
      console.log(`${lesson.name}: exists in one language only, nothing to sync`);
      wrong++;
    } else {
      console.log(`${lesson.name}: ${syncLesson(lesson) ? 'synced' : 'already equal'}`);
    }
  }
  if (options.has('check')) console.log(wrong ? `${wrong} differences; run \`npm run sync\`` : 'both languages agree');
  return wrong ? 1 : 0;
}

if (require.main === module) runCommand(main);
