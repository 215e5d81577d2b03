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
  constructor(readonly reason: 'notJson' | 'otherFormat') {
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
  const cells = file.cells.map((cell, i): FileCell => {
    const { cell_type, metadata = {}, source } = cell as Partial<Omit<FileCell, 'source'>> & { source?: unknown };
    const kind = cell_type === 'markdown' || cell_type === 'raw' ? cell_type : 'code';
    const text = Array.isArray(source) ? source.join('') : String(source ?? '');
    const rest = kind === 'code' ? { execution_count: null, outputs: [] } : {};
    return { cell_type: kind, id: `own-${i}`, metadata, source: text, ...rest };
  });
  return { cells, metadata: file.metadata ?? {}, nbformat: 4, nbformat_minor: 5 };
}

/** Lets the reader keep a file. */
export function download(name: string, notebook: NotebookFile): void {
  const url = URL.createObjectURL(new Blob([JSON.stringify(notebook, null, 1)], { type: 'application/x-ipynb+json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
