/** A reader's own notebooks: found by any path, and read so that the page looks like a lesson's. */
import fs from 'node:fs';
import path from 'node:path';
import { languageOf } from '../../lib/i18n/language';
import { KERNEL_INFO } from '../../lib/kernel/info';
import {
  allLessons,
  codeCells,
  type JsonObject,
  type Notebook,
  ROOT,
  readNotebook,
  titleOf,
} from '../notebooks/notebook';
import type { Sheet } from './sheet';

/** Folder of the site for pages of a reader's own. */
const PLACE = 'my-work';

/**
 * The files that a word of the command line means: a notebook's path, seen from where the reader is, from the project or from
 * notebooks/; or a folder with notebooks. Undefined where the word is none of these, or names a lesson.
 * @throws Error naming what is there, where the word is a path that leads to no notebook
 */
export function ownFiles(word: string, from = process.env.INIT_CWD ?? process.cwd()): string[] | undefined {
  const places = [path.resolve(from, word), path.join(ROOT, word), path.join(ROOT, 'notebooks', word)];
  const found = places.find(place => fs.existsSync(place));
  if (!/[./\\]/.test(word)) return undefined; // '03' and '03-bayes' are lessons, whatever else bears that name
  if (!found) {
    if (isLesson(path.basename(word, '.ipynb')) && !word.includes('my-work')) return undefined;
    throw new Error(`there is no '${word}'; expected a notebook's path, as my-work/mine.ipynb${nearby(places)}`);
  }
  if (fs.statSync(found).isDirectory()) {
    const notebooks = notebooksIn(found).map(name => path.join(found, name));
    if (notebooks.length === 0) throw new Error(`the folder '${word}' holds no notebook (a file that ends in .ipynb)`);
    return notebooks;
  }
  if (!found.endsWith('.ipynb')) {
    throw new Error(`'${word}' is no notebook: its name does not end in .ipynb; in JupyterLab: File → New → Notebook`);
  }
  return allLessons().some(({ files }) => Object.values(files).includes(found)) ? undefined : [found];
}

const isLesson = (name: string): boolean => allLessons().some(lesson => lesson.name === name);

const notebooksIn = (folder: string): string[] =>
  fs.existsSync(folder) ? fs.readdirSync(folder).filter(name => name.endsWith('.ipynb')) : [];

/** What the reader may have meant: notebooks of the first place that has some. */
function nearby(places: readonly string[]): string {
  const folders = [...places.map(place => path.dirname(place)), path.join(ROOT, 'notebooks', PLACE)];
  const folder = folders.find(name => notebooksIn(name).length > 0);
  return folder ? `; in ${path.relative(ROOT, folder) || folder} there is ${notebooksIn(folder).join(', ')}` : '';
}

/** Reads one notebook of whatever kernel and age; `taken` holds the page names in use, and gets this one. */
export function readOwn(file: string, taken = new Set<string>()): Sheet {
  const notebook = complete(readNotebook(file));
  const title = titleOf(notebook);
  const stem = path.basename(file, '.ipynb');
  // The Chinese copy of the template bears the English one's name: their pages are not to replace each other.
  const first = path.basename(path.dirname(file)) === 'zh' ? `${stem}-zh` : stem;
  let name = first;
  for (let i = 2; taken.has(name); i++) name = `${first}-${i}`;
  taken.add(name);
  const language = languageOf(path.relative(ROOT, path.dirname(file)));
  return { name, language, notebook, title: title === 'Untitled' ? stem : title, source: file, place: PLACE };
}

/** One line for a notebook of which code has not run, so that its page shows no results there; undefined for one that ran whole. */
export function notRunLine({ notebook, source }: Sheet): string | undefined {
  const code = codeCells(notebook);
  const resting = code.filter(cell => typeof cell.execution_count !== 'number' && !cell.outputs?.length).length;
  if (resting === 0) return undefined;
  const name = path.basename(source);
  const found =
    resting === code.length
      ? `${name} has not been run: its page has no outputs`
      : `${resting} of ${code.length} code cells of ${name} have not been run: they have no outputs`;
  return `${found}. Open it with npm start, Run → Run All Cells, save it (Ctrl+S), and export it again`;
}

/** With what older programs leave out: ids of cells, and the language of the code, by which it is coloured. */
function complete(notebook: Notebook): Notebook {
  const { kernelspec } = notebook.metadata as { kernelspec?: { language?: string } };
  const isOurs = (kernelspec?.language ?? 'typescript') === 'typescript';
  const language: JsonObject = isOurs ? { language_info: KERNEL_INFO.language_info } : {};
  return {
    ...notebook,
    cells: notebook.cells.map((cell, i) => ({
      ...cell,
      id: cell.id ?? `cell-${i + 1}`,
      metadata: cell.metadata ?? {},
    })),
    metadata: { ...language, ...notebook.metadata },
    nbformat_minor: Math.max(5, notebook.nbformat_minor ?? 0),
  };
}
