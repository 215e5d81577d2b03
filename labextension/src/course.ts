/** The course's notebooks, as `npm run sync` writes them down for the start page. */
import type { Language } from '../../lib/i18n/language';
import notebooks from '../course.json';

export interface CourseNotebook {
  /** File name without its ending, e.g. '03-bayes'. */
  name: string;
  title: Record<Language, string>;
  /** How long reading takes, in words; empty where the head does not say. */
  reading: Record<Language, string>;
  /** How long a run takes, in words. */
  time: Record<Language, string>;
  question: Record<Language, string>;
  /** Names of the lessons before it. */
  needs: string[];
  codeCells: number;
}

export type Course = CourseNotebook[];

export const course: Course = notebooks;

/** The notebook of the course that lies at a path below notebooks/. */
export function courseNotebook(path: string): CourseNotebook | undefined {
  const name = /^(?:zh\/)?([\w-]+)\.ipynb$/.exec(path)?.[1];
  return course.find(notebook => notebook.name === name);
}
