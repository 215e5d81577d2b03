/** A lesson in one language, and where its files lie in the site. */
import fs from 'node:fs';
import path from 'node:path';
import { LANGUAGES, type Language, type Lesson, type Notebook, readNotebook, titleOf } from '../notebooks/notebook';

export type Format = 'html' | 'slides' | 'pdf';
export const FORMATS: readonly Format[] = ['html', 'slides', 'pdf'];
export const ENDINGS = { html: '.html', slides: '.slides.html', pdf: '.pdf' } as const;

export interface Sheet {
  /** File name without ending. */
  name: string;
  language: Language;
  notebook: Notebook;
  title: string;
  /** The notebook's file. */
  source: string;
  /** Folder of the site that its pages go to: '' for English lessons, 'zh' for Chinese ones, 'my-work' for a reader's own. */
  place: string;
}

/** The lessons in every language in which they exist. */
export function readSheets(lessons: Lesson[]): Sheet[] {
  return lessons.flatMap(({ name, files }) =>
    LANGUAGES.filter(language => fs.existsSync(files[language])).map(language => {
      const notebook = readNotebook(files[language]);
      const place = language === 'en' ? '' : 'zh';
      return { name, language, notebook, title: titleOf(notebook), source: files[language], place };
    }),
  );
}

/** Path of a page in one format, inside the site. */
export const pagePath = ({ place, name }: Sheet, format: Format): string =>
  path.posix.join(place, `${name}${ENDINGS[format]}`);

/** Its file. */
export const sheetPath = (folder: string, sheet: Sheet, format: Format): string =>
  path.join(folder, pagePath(sheet, format));
