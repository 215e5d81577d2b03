/** A lesson in one language, and where its files lie in the site. */
import fs from 'node:fs';
import path from 'node:path';
import { LANGUAGES, type Language, type Lesson, type Notebook, readNotebook, titleOf } from '../notebooks/notebook';

export type Format = 'html' | 'slides' | 'pdf';
export const FORMATS: readonly Format[] = ['html', 'slides', 'pdf'];
export const ENDINGS = { html: '.html', slides: '.slides.html', pdf: '.pdf' } as const;

export interface Sheet {
  lesson: Lesson;
  language: Language;
  notebook: Notebook;
  title: string;
}

/** The lessons in every language in which they exist. */
export function readSheets(lessons: Lesson[]): Sheet[] {
  return lessons.flatMap(lesson =>
    LANGUAGES.filter(language => fs.existsSync(lesson.files[language])).map(language => {
      const notebook = readNotebook(lesson.files[language]);
      return { lesson, language, notebook, title: titleOf(notebook) };
    }),
  );
}

/** Path of a file in the site: English at its top, Chinese under zh/, as the notebooks themselves. */
export function sitePath(folder: string, language: Language, file: string): string {
  return language === 'en' ? path.join(folder, file) : path.join(folder, 'zh', file);
}

/** Path of a lesson in one format. */
export const sheetPath = (folder: string, { language, lesson }: Sheet, format: Format): string =>
  sitePath(folder, language, `${lesson.name}${ENDINGS[format]}`);
