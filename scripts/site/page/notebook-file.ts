/** Notebook files (nbformat 4.5) as a page writes and reads them. */
import { WORDS } from './words';

/** A message of the kernel's to a cell, in the notebook format's words. */
export interface Message {
  type: string;
  content: unknown;
}

export interface FileCell {
  cell_type: 'markdown' | 'code' | 'raw';
  id: string;
  metadata: { tags?: string[] } & Record<string, unknown>;
  /** Pictures of a text, by name. */
  attachments?: unknown;
  source: string;
  execution_count?: number | null;
  outputs?: unknown[];
}

export interface NotebookFile {
  cells: FileCell[];
  metadata: Record<string, unknown>;
  nbformat: 4;
  nbformat_minor: number;
}

/** What a cell has done in the page. */
export interface Done {
  source: string;
  /** Undefined where it has not run. */
  messages?: readonly Message[];
}

/** The lesson with the reader's code and what it has shown; cells of which nothing is told stay. */
export function withWork(lesson: NotebookFile, work: ReadonlyMap<string, Done>): NotebookFile {
  const cells = lesson.cells.map(cell => {
    const done = work.get(cell.id);
    if (cell.cell_type !== 'code' || !done) return cell;
    return { ...cell, source: done.source, ...(done.messages ? { outputs: outputsOf(done.messages) } : {}) };
  });
  return { ...lesson, cells };
}

interface Content {
  name?: string;
  text?: string;
  wait?: boolean;
  data?: unknown;
  metadata?: unknown;
  transient?: { display_id?: string };
}

/** What is left to be seen of a cell's messages, as a file keeps it. Widgets live with the page: their text stays. */
export function outputsOf(messages: readonly Message[]): unknown[] {
  let left: { id?: string; output: Record<string, unknown> }[] = [];
  for (const { type, content } of messages) {
    const { transient, ...said } = content as Content;
    const id = transient?.display_id;
    const last = left.at(-1)?.output;
    if (type === 'clear_output') left = [];
    else if (type === 'update_display_data') {
      for (const one of left.filter(one => one.id !== undefined && one.id === id)) one.output.data = said.data;
    } else if (type === 'stream' && last?.output_type === 'stream' && last.name === said.name) {
      last.text = `${last.text}${said.text}`;
    } else left.push({ id, output: { output_type: type, ...said } });
  }
  return left.map(({ output }) => output);
}

/** Why a text is no notebook; a page says it in its own language. */
export class NoNotebook extends Error {
  constructor(readonly reason: 'notJson' | 'otherFormat' | 'noRoom') {
    super(WORDS.en[reason]);
  }
}

/** @throws NoNotebook where the text is no notebook of format 4 */
export function readNotebookFile(text: string): NotebookFile {
  let file: Partial<NotebookFile>;
  try {
    file = JSON.parse(text) as Partial<NotebookFile>;
  } catch {
    throw new NoNotebook('notJson');
  }
  if (file?.nbformat !== 4 || !Array.isArray(file.cells)) throw new NoNotebook('otherFormat');
  if (!file.cells.every(cell => typeof cell === 'object' && cell !== null)) throw new NoNotebook('otherFormat');
  const cells = (file.cells as Partial<Record<keyof FileCell, unknown>>[]).map((cell, i): FileCell => {
    const { cell_type, metadata, source, attachments } = cell;
    const kind = cell_type === 'markdown' || cell_type === 'raw' ? cell_type : 'code';
    const text = Array.isArray(source) ? source.join('') : String(source ?? '');
    const rest = kind === 'code' ? { execution_count: null, outputs: [] } : attachments ? { attachments } : {};
    const { tags, ...about } = recordOf(metadata);
    const known = Array.isArray(tags) ? { tags: tags.map(String) } : {};
    return { cell_type: kind, id: `own-${i}`, metadata: { ...about, ...known }, source: text, ...rest };
  });
  return { cells, metadata: recordOf(file.metadata), nbformat: 4, nbformat_minor: 5 };
}

const recordOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** The language that the notebook says its cells are in, where a page does not run it. */
export function foreignLanguage({ metadata }: NotebookFile): string | undefined {
  const said = recordOf(metadata.language_info).name ?? recordOf(metadata.kernelspec).language;
  return typeof said === 'string' && !/^(?:type|java)script$/i.test(said) ? said : undefined;
}

/** A name for the file to be saved. @param opened of the file that it was */
export const fileName = (opened = 'notebook'): string => `${opened.replace(/\.(?:ipynb|json)$/i, '')}.ipynb`;

/** Lets the reader keep a file. */
export function download(name: string, notebook: NotebookFile): void {
  const url = URL.createObjectURL(new Blob([JSON.stringify(notebook, null, 1)], { type: 'application/x-ipynb+json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
