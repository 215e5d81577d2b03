/** A notebook of the reader's own: cells come and go, it is kept in this browser, and is opened from and saved as a file. */
import { button } from './button';
import { Lesson, type LessonCell } from './lesson';
import { drawMarkdown } from './markdown';
import {
  download,
  type FileCell,
  fileName,
  foreignLanguage,
  NoNotebook,
  type NotebookFile,
  readNotebookFile,
  withWork,
} from './notebook-file';
import { keepForLater, readSetting } from './start';
import { keptIn } from './store';
import { WORDS } from './words';

const METADATA = { kernelspec: { name: 'tslab', display_name: 'TypeScript', language: 'typescript' } };

const emptyNotebook = (): NotebookFile => ({
  cells: [codeCell("import { device } from './lib';\n\ndevice")],
  metadata: METADATA,
  nbformat: 4,
  nbformat_minor: 5,
});

const newId = (): string => `own-${crypto.randomUUID().slice(0, 8)}`;

const codeCell = (source = ''): FileCell => ({
  cell_type: 'code',
  id: newId(),
  metadata: {},
  source,
  execution_count: null,
  outputs: [],
});

const asLessonCell = ({ id, source, metadata }: FileCell): LessonCell => ({ id, source, tags: metadata.tags ?? [] });

class OwnNotebook {
  private readonly store = keptIn('own');
  /** Name of the file that it was. */
  private readonly name = keptIn('own-name');
  private readonly words;
  private readonly place = document.getElementById('own-cells')!;
  private readonly lesson: Lesson;
  private notebook: NotebookFile;

  constructor() {
    const { setting, base } = readSetting();
    this.words = WORDS[setting.language];
    const kept = this.kept();
    if (!kept) this.name.set(undefined);
    this.notebook = kept ?? emptyNotebook();
    for (const cell of this.notebook.cells) this.draw(cell);
    const code = this.notebook.cells.filter(({ cell_type }) => cell_type === 'code').map(asLessonCell);
    this.lesson = new Lesson(setting, base, code, {
      kept: keepForLater(base).catch(() => {}),
      changed: (id, source) => {
        this.cell(id).source = source;
        this.keep();
      },
    });
    for (const { id, cell_type } of this.notebook.cells) if (cell_type === 'code') this.removable(id);
    this.lesson.offer('download', () =>
      download(fileName(this.name.get()), withWork(this.notebook, this.lesson.work())),
    );
    this.lesson.offer('open', () => this.open());
    this.lesson.offer('empty', async () => {
      if (!this.mayGo()) return;
      await this.lesson.reset();
      this.take(emptyNotebook());
    });
    this.adders();
    this.store.changedElsewhere(() => this.lesson.warn(this.words.otherTab));
    const opened = this.name.get();
    if (opened !== undefined) this.lesson.tell(this.words.opened(opened, foreignLanguage(this.notebook)));
  }

  /** What was kept; another program of this address may have put anything there. */
  private kept(): NotebookFile | undefined {
    try {
      return readNotebookFile(this.store.get() ?? '');
    } catch {
      return undefined;
    }
  }

  private keep(): void {
    if (!this.store.set(JSON.stringify(this.notebook))) this.lesson.warn(this.words.editsUnkept);
  }

  /** May another notebook take the place of this one? Where somebody has written in it, the reader is asked. */
  private mayGo(): boolean {
    const written = ({ cells }: NotebookFile): string => JSON.stringify(cells.map(({ source }) => source));
    return written(this.notebook) === written(emptyNotebook()) || confirm(this.words.ownGoes);
  }

  private cell(id: string): FileCell {
    return this.notebook.cells.find(cell => cell.id === id)!;
  }

  /**
   * All of it is another one: the page begins anew, so that no variable of the old one is left.
   * @param name of its file @throws NoNotebook where the browser has no room for it: the old one stays
   */
  private take(notebook: NotebookFile, name?: string): void {
    if (!this.store.set(JSON.stringify(notebook)) && name !== undefined) throw new NoNotebook('noRoom');
    this.name.set(name);
    location.reload();
  }

  private open(): void {
    const input = document.createElement('input');
    input.type = 'file';
    input.accept = '.ipynb,application/json';
    input.addEventListener('change', async () => {
      try {
        const file = input.files?.[0];
        const notebook = file && readNotebookFile(await file.text());
        if (notebook && this.mayGo()) this.take(notebook, file.name);
      } catch (error) {
        const why = error instanceof NoNotebook ? this.words[error.reason] : (error as Error).message;
        this.lesson.tell(this.words.notOpened(why));
      }
    });
    input.hidden = true;
    document.body.append(input); // some browsers forget an input that nobody holds
    input.click();
  }

  /** Buttons below the last cell. */
  private adders(): void {
    const bar = document.createElement('div');
    bar.className = 'lab-cell-bar lab-adders';
    bar.append(
      button(this.words.addCode, () => this.append(codeCell())),
      button(this.words.addText, () => {
        this.append({ cell_type: 'markdown', id: newId(), metadata: {}, source: '' });
      }),
    );
    this.place.after(bar);
  }

  private append(cell: FileCell): void {
    this.notebook.cells.push(cell);
    this.draw(cell);
    if (cell.cell_type === 'code') {
      this.lesson.add(asLessonCell(cell));
      this.removable(cell.id);
    }
    this.keep();
    this.element(cell.id).querySelector<HTMLElement>('.cm-content, textarea')?.focus();
  }

  private removable(id: string): void {
    this.element(id)
      .querySelector('.lab-cell-bar')!
      .append(button(this.words.remove, () => this.remove(id)));
  }

  private remove(id: string): void {
    this.notebook.cells = this.notebook.cells.filter(cell => cell.id !== id);
    this.lesson.remove(id);
    const element = this.element(id);
    const next = element.nextElementSibling ?? document.querySelector('.lab-adders');
    element.remove();
    next?.querySelector('button')?.focus(); // the one that had it is gone
    this.keep();
  }

  private element(id: string): HTMLElement {
    return document.getElementById(`cell-${id}`)!;
  }

  private draw(cell: FileCell): void {
    const element = document.createElement('div');
    element.id = `cell-${cell.id}`;
    element.className = cell.cell_type === 'code' ? 'cell code-cell' : 'cell text-cell';
    const inner = document.createElement('div');
    if (cell.cell_type === 'code') inner.className = 'code';
    element.append(inner);
    this.place.append(element);
    if (cell.cell_type !== 'code') this.drawText(cell, element, inner);
  }

  /** Read as text, written in a field that opens with *Edit* and closes when it is left. */
  private drawText(cell: FileCell, element: HTMLElement, shown: HTMLElement): void {
    const field = document.createElement('textarea');
    field.value = cell.source;
    field.className = 'lab-own-text';
    field.setAttribute('aria-label', this.words.ownText);
    const write = (open: boolean): void => {
      field.hidden = !open;
      shown.hidden = open;
      drawMarkdown(cell.source, shown);
      if (open) field.focus();
    };
    field.addEventListener('input', () => {
      cell.source = field.value;
      this.keep();
    });
    field.addEventListener('keydown', event => {
      if (event.key !== 'Escape' && !(event.key === 'Enter' && (event.shiftKey || event.ctrlKey))) return;
      event.preventDefault();
      edit.focus(); // which leaves the field
    });
    field.addEventListener('blur', () => write(field.value.trim() === ''));
    const bar = document.createElement('div');
    bar.className = 'lab-cell-bar';
    const edit = button(this.words.edit, () => write(true));
    bar.append(
      edit,
      button(this.words.remove, () => this.remove(cell.id)),
    );
    element.prepend(bar);
    element.append(field);
    write(cell.source.trim() === '');
  }
}

new OwnNotebook();
