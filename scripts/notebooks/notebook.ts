/** Notebook files (nbformat 4.5): their shape, reading, writing, and where the course keeps them. */
import fs from 'node:fs';
import path from 'node:path';
import { KERNEL_INFO } from '../../lib/kernel/info';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** MIME type → content, with multi-line text joined into one string. */
export type Bundle = Record<string, Json>;

export interface Output {
  output_type: 'stream' | 'display_data' | 'execute_result' | 'error';
  name?: string;
  text?: string;
  data?: Bundle;
  metadata?: JsonObject;
  execution_count?: number | null;
  ename?: string;
  evalue?: string;
  traceback?: string[];
}

export interface Cell {
  cell_type: 'markdown' | 'code' | 'raw';
  id: string;
  metadata: JsonObject & { tags?: string[] };
  source: string;
  execution_count?: number | null;
  outputs?: Output[];
  attachments?: Record<string, Bundle>;
}

export interface Notebook {
  cells: Cell[];
  metadata: JsonObject;
  nbformat: number;
  nbformat_minor: number;
}

export type Language = 'en' | 'zh';
export const LANGUAGES: readonly Language[] = ['en', 'zh'];
export const ROOT = path.resolve(__dirname, '..', '..');

/** One lesson: its file name without the ending, the same in both languages. */
export interface Lesson {
  name: string;
  files: Record<Language, string>;
}

/** The folder that holds a language's notebooks. */
export function notebookFolder(language: Language, root = ROOT): string {
  return language === 'en' ? path.join(root, 'notebooks') : path.join(root, 'notebooks', 'zh');
}

/** Names that Jupyter itself gives, to a new notebook and to a duplicate. */
const FROM_JUPYTER = /^Untitled\d*$|-Copy\d*$/;

/**
 * Every lesson, in order of its number. A lesson exists in both languages; a notebook that lies beside them in one only,
 * or bears a name of Jupyter's, is a reader's own, and no command takes it for a lesson.
 */
export function allLessons(root = ROOT): Lesson[] {
  const [english, chinese] = LANGUAGES.map(language => {
    const folder = notebookFolder(language, root);
    const files = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
    return files.flatMap(file => (file.endsWith('.ipynb') ? [file.slice(0, -'.ipynb'.length)] : []));
  });
  const names = english.filter(name => chinese.includes(name) && !FROM_JUPYTER.test(name));
  return names.sort().map(name => lessonNamed(name, root));
}

/** The files of a lesson, whether they exist or not. */
export const lessonNamed = (name: string, root = ROOT): Lesson => ({
  name,
  files: {
    en: path.join(notebookFolder('en', root), `${name}.ipynb`),
    zh: path.join(notebookFolder('zh', root), `${name}.ipynb`),
  },
});

/**
 * The lessons that the words of a command line name: a number ('10', '3'), a file name or a path; none: all.
 * Throws, listing what there is, where a word names none.
 */
export function selectLessons(words: string[], root = ROOT, lessons = allLessons(root)): Lesson[] {
  if (words.length === 0) return lessons;
  const chosen = words.flatMap(word => {
    const wanted = path.basename(word).replace(/\.ipynb$/, '');
    const found = lessons.filter(
      l => l.name === wanted || (/^\d+$/.test(wanted) && Number(l.name.split('-')[0]) === Number(wanted)),
    );
    if (found.length === 0) {
      const alone = LANGUAGES.map(language => lessonNamed(wanted, root).files[language]).find(f => fs.existsSync(f));
      const why = alone ? ` (${path.relative(root, alone)} is there in one language only: a lesson has both)` : '';
      throw new Error(`no lesson '${word}'${why}; there is ${lessons.map(l => l.name).join(', ') || 'none yet'}`);
    }
    return found;
  });
  return lessons.filter(l => chosen.some(c => c.name === l.name));
}

/**
 * Reads a notebook; text that the file keeps as a list of lines becomes one string.
 * @throws Error naming the file and what in it is no notebook's
 */
export function readNotebook(file: string): Notebook {
  let raw: unknown;
  try {
    raw = JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${path.basename(file)} cannot be read as a notebook: ${(error as Error).message}`);
  }
  const nb = checkedNotebook(path.basename(file), raw);
  for (const cell of nb.cells) {
    cell.source = joined(cell.source);
    for (const output of cell.outputs ?? []) {
      if (output.text !== undefined) output.text = joined(output.text);
      if (output.data) output.data = mapBundle(output.data, (mime, v) => (isJsonMime(mime) ? v : joinedOr(v)));
    }
  }
  return nb;
}

/** @throws Error where the file's content has not the shape of a notebook */
function checkedNotebook(name: string, raw: unknown): Notebook {
  const nb = (typeof raw === 'object' && raw !== null ? raw : {}) as Partial<Notebook>;
  if (typeof nb.nbformat === 'number' && nb.nbformat < 4) {
    throw new Error(
      `${name}: nbformat ${nb.nbformat} is of before 2015; open it in JupyterLab and save it, then it is nbformat 4`,
    );
  }
  if (!Array.isArray(nb.cells) || nb.nbformat !== 4) {
    throw new Error(
      `${name} is no notebook: expected JSON with nbformat 4 and cells, got nbformat ${nb.nbformat ?? 'none'}`,
    );
  }
  const isText = (text: unknown) =>
    typeof text === 'string' || (Array.isArray(text) && text.every(t => typeof t === 'string'));
  const bad = nb.cells.findIndex(
    cell => !['markdown', 'code', 'raw'].includes(cell?.cell_type) || !isText(cell.source) || !isOutputs(cell.outputs),
  );
  if (bad >= 0)
    throw new Error(`${name}: cell ${bad + 1} is none: expected cell_type markdown, code or raw, and a source of text`);
  return { ...nb, cells: nb.cells, metadata: nb.metadata ?? {}, nbformat: 4, nbformat_minor: nb.nbformat_minor ?? 0 };
}

const isOutputs = (outputs: unknown): boolean =>
  outputs === undefined ||
  (Array.isArray(outputs) &&
    outputs.every(output => typeof output === 'object' && output !== null && 'output_type' in output));

/** Writes a notebook byte for byte as Jupyter itself saves it: keys sorted, one space of indent, text as lines. */
export function writeNotebook(file: string, nb: Notebook): void {
  const temporary = `${file}.saving`;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(temporary, notebookText(nb));
  fs.renameSync(temporary, file);
}

/**
 * The text that `writeNotebook` puts into the file. `language_info` is what the kernel says today, as JupyterLab writes it
 * when it saves: a notebook that nobody has changed is saved as it was, whenever it was run last.
 */
export function notebookText(nb: Notebook): string {
  const cells = nb.cells.map(cell => ({
    ...cell,
    source: lines(cell.source),
    ...(cell.outputs ? { outputs: cell.outputs.map(splitOutput) } : {}),
  }));
  const ours = (nb.metadata.kernelspec as { name?: string } | undefined)?.name === 'tslab';
  const metadata = ours ? { ...nb.metadata, language_info: KERNEL_INFO.language_info } : nb.metadata;
  return `${pretty(sortKeys({ ...nb, cells, metadata } as unknown as Json))}\n`;
}

/**
 * Indented as Jupyter does it, but for what nobody reads line by line: charts' specifications and the states of widgets
 * stand on one line each. A third of a notebook with charts was indentation.
 */
function pretty(notebook: Json): string {
  const dense: string[] = [];
  const text = JSON.stringify(
    notebook,
    (key, value: Json) => {
      if (typeof value !== 'object' || value === null || !(isJsonMime(key) || key === 'widgets')) return value;
      return `\u0000${dense.push(JSON.stringify(value)) - 1}\u0000`;
    },
    1,
  );
  return text.replace(/"\\u0000(\d+)\\u0000"/g, (_, index) => dense[Number(index)]);
}

/** A cell's tags; none is an empty list. */
export function tagsOf(cell: Cell): string[] {
  return cell.metadata.tags ?? [];
}

/** The cells that have code. */
export const codeCells = ({ cells }: Notebook): Cell[] =>
  cells.filter(cell => cell.cell_type === 'code' && cell.source.trim() !== '');

/** The notebook's title: its first heading, without the leading number signs. */
export function titleOf(nb: Notebook): string {
  for (const cell of nb.cells) {
    const heading = cell.cell_type === 'markdown' && /^#\s+(.+)$/m.exec(cell.source);
    if (heading) return heading[1].trim();
  }
  return 'Untitled';
}

const isJsonMime = (mime: string) => /^application\/(.*\+)?json$/.test(mime);
const joined = (text: string | string[]) => (Array.isArray(text) ? text.join('') : text);
const joinedOr = (value: Json): Json =>
  Array.isArray(value) && value.every(v => typeof v === 'string') ? value.join('') : value;

function mapBundle(bundle: Bundle, change: (mime: string, value: Json) => Json): Bundle {
  return Object.fromEntries(Object.entries(bundle).map(([mime, value]) => [mime, change(mime, value)]));
}

/** 'a\nb' → ['a\n', 'b'], as nbformat keeps text. */
function lines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function splitOutput(output: Output): JsonObject {
  const result = { ...output } as unknown as JsonObject;
  if (output.text !== undefined) result.text = lines(output.text);
  if (output.data) {
    const isText = (mime: string) => /^text\/|^application\/javascript$|^image\/svg\+xml$/.test(mime);
    result.data = mapBundle(output.data, (mime, v) => (isText(mime) && typeof v === 'string' ? lines(v) : v));
  }
  return result;
}

function sortKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== 'object') return value;
  const keys = Object.keys(value).filter(key => value[key] !== undefined);
  return Object.fromEntries(keys.sort().map(key => [key, sortKeys(value[key])]));
}
