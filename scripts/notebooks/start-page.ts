/** What JupyterLab's start page knows of the lessons, read from their heads: labextension/course.json. */

import type { Course, CourseNotebook } from '../../labextension/src/course';
import { courseLessons } from '../../lib/course/map';
import { codeCells, LANGUAGES, type Language, type Notebook, titleOf } from './notebook';

/** Rows of a head that the page shows, by the language of the head. */
const TIME: Record<Language, RegExp> = { en: /^\|\s*Time\s*\|\s*(.+?)\s*\|$/m, zh: /^\|\s*时间\s*\|\s*(.+?)\s*\|$/m };
const READING: Record<Language, RegExp> = {
  en: /^\|\s*Reading\s*\|\s*(.+?)\s*\|$/m,
  zh: /^\|\s*阅读\s*\|\s*(.+?)\s*\|$/m,
};
const QUESTION: Record<Language, RegExp> = { en: /^\*\*The question\.\*\*\s*(.+)$/m, zh: /^\*\*问题。\*\*\s*(.+)$/m };

/** @param notebooks all of a language, by name */
export function courseOf(notebooks: Record<Language, Map<string, Notebook>>): Course {
  const needs = new Map(courseLessons().map(lesson => [lesson.name, lesson.needs]));
  const names = [...notebooks.en.keys()].sort();
  return names.map((name): CourseNotebook => {
    const inBoth = (part: (notebook: Notebook, language: Language) => string) =>
      Object.fromEntries(LANGUAGES.map(l => [l, part(notebooks[l].get(name)!, l)])) as Record<Language, string>;
    const fromHead = (row: Record<Language, RegExp>) =>
      inBoth(({ cells }, language) => plainWords(row[language].exec(cells[0].source)?.[1] ?? ''));
    const code = codeCells(notebooks.en.get(name)!);
    return {
      name,
      title: inBoth(titleOf),
      reading: fromHead(READING),
      time: fromHead(TIME),
      question: fromHead(QUESTION),
      needs: needs.get(name) ?? [],
      codeCells: code.length,
    };
  });
}

/** Without links and emphasis. */
const plainWords = (markdown: string): string => markdown.replace(/\[([^\]]+)\]\([^)]*\)/g, '$1').replace(/[*`]/g, '');
