/** The notebooks that a class has handed in: found, and told which lesson and which language each is. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { allLessons, type Language, type Lesson, type Notebook, readNotebook } from '../notebooks/notebook';
import { says } from './words';

export interface HandedIn {
  /** Path below the folder, with slashes. */
  file: string;
  /** The folder of the first level, or for a file that lies in none its name. */
  student: string;
  /** Of the file's bytes: a notebook that has changed is marked again. */
  hash: string;
  language: Language;
  lesson?: Lesson;
  notebook?: Notebook;
  /** Why it cannot be marked. */
  problem?: string;
}

/** Every notebook below a folder, in order of its path. */
export function handedIn(folder: string): HandedIn[] {
  const lessons = allLessons().map(lesson => ({ lesson, ids: idsOf(readNotebook(lesson.files.en)) }));
  return notebooksIn(folder)
    .sort()
    .map(name => readOne(folder, name, lessons));
}

/** Paths below the folder. A link to a folder is not followed: a student's could lead anywhere, back to itself as well. */
function notebooksIn(folder: string): string[] {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    if (!entry.isDirectory()) return entry.name.endsWith('.ipynb') ? [entry.name] : [];
    if (entry.name === '.ipynb_checkpoints') return [];
    return notebooksIn(path.join(folder, entry.name)).map(name => `${entry.name}/${name}`);
  });
}

interface Known {
  lesson: Lesson;
  ids: Set<string>;
}

function readOne(folder: string, file: string, lessons: readonly Known[]): HandedIn {
  const whole = path.join(folder, file);
  const [first, ...rest] = file.split('/');
  const student = rest.length > 0 ? first : first.replace(/\.ipynb$/, '');
  const language = file.split('/').includes('zh') ? 'zh' : 'en';
  try {
    const hash = createHash('sha256').update(fs.readFileSync(whole)).digest('hex').slice(0, 12);
    const known = { file, student, hash };
    try {
      const notebook = readNotebook(whole);
      const lesson = lessonOf(notebook, path.basename(file), lessons);
      const speaks = languageIn(notebook);
      if (!lesson) return { ...known, language: speaks, problem: says(speaks, 'unknown') };
      const cells = notebook.cells.map(cell => ({ ...cell, outputs: [] })); // pictures of a whole class take room
      return { ...known, language: speaks, lesson, notebook: { ...notebook, cells } };
    } catch (error) {
      return { ...known, language, problem: says(language, 'broken', (error as Error).message) };
    }
  } catch (error) {
    return { file, student, hash: '', language, problem: says(language, 'broken', (error as Error).message) };
  }
}

/** The lesson with which a notebook shares most cells, three at least; of several, or of none, the one that its name says. */
function lessonOf(notebook: Notebook, name: string, lessons: readonly Known[]): Lesson | undefined {
  const ids = idsOf(notebook);
  const scored = lessons.map(({ lesson, ids: theirs }) => ({
    lesson,
    shared: [...ids].filter(id => theirs.has(id)).length + (name.includes(lesson.name) ? 0.5 : 0),
  }));
  const best = scored.reduce((a, b) => (b.shared > a.shared ? b : a), { lesson: undefined, shared: 0 } as {
    lesson?: Lesson;
    shared: number;
  });
  return best.shared >= 3 || best.shared % 1 === 0.5 ? best.lesson : undefined;
}

const idsOf = ({ cells }: Notebook): Set<string> => new Set(cells.map(cell => cell.id).filter(Boolean));

/** Chinese where a good part of the prose is. */
function languageIn({ cells }: Notebook): Language {
  const prose = cells.filter(cell => cell.cell_type === 'markdown').map(cell => cell.source);
  const text = prose.join('').replace(/\]\([^)\n]*\)/g, ']');
  const han = text.match(/\p{Script=Han}/gu)?.length ?? 0;
  return han > 0.15 * text.length ? 'zh' : 'en';
}
