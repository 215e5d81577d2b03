/** What a reader sees of one cell: buttons, code that can be edited, outputs. */
import { Outputs } from './outputs';
import type { LessonCell } from './page';
import type { Words } from './words';

export interface Acts {
  run(): void;
  widget(model: string, into: HTMLElement): void;
}

export interface CellView {
  /** The code as it stands now. */
  readonly source: string;
  readonly outputs: Outputs;
  begin(): void;
  end(): void;
  /** May it be run now? */
  allow(yes: boolean): void;
}

/** @param key under which the reader's own version is kept in this browser */
export function viewOf(cell: LessonCell, number: number, key: string, words: Words, acts: Acts): CellView {
  const element = document.getElementById(`cell-${cell.id}`);
  if (!element) return unseen(cell, acts);
  return new SeenCell(element, cell, number, `latentlab-edit/${key}`, words, acts);
}

/** A cell that the page leaves out. */
function unseen({ source }: LessonCell, acts: Acts): CellView {
  const outputs = new Outputs(document.createElement('div'), acts.widget);
  return { source, outputs, begin: () => outputs.clear(), end() {}, allow() {} };
}

function placeOfOutputs(element: HTMLElement): HTMLElement {
  const known = element.querySelector<HTMLElement>('.outputs');
  if (known) return known;
  const made = document.createElement('div');
  made.className = 'outputs';
  element.append(made);
  return made;
}

class SeenCell implements CellView {
  readonly outputs: Outputs;
  private readonly runButton: HTMLButtonElement;
  private readonly resetButton: HTMLButtonElement;
  private readonly code: HTMLElement | null;
  private readonly editor = document.createElement('textarea');

  constructor(
    private readonly element: HTMLElement,
    private readonly cell: LessonCell,
    number: number,
    private readonly key: string,
    words: Words,
    acts: Acts,
  ) {
    this.outputs = new Outputs(placeOfOutputs(element), acts.widget);
    this.code = element.querySelector<HTMLElement>('.code');
    this.runButton = this.button(`▶ ${words.run}`, () => acts.run());
    const editButton = this.button(words.edit, () => this.edit());
    this.resetButton = this.button(words.reset, () => this.reset());
    this.editor.className = 'lab-editor';
    this.editor.spellcheck = false;
    this.editor.autocapitalize = 'off';
    this.editor.setAttribute('aria-label', words.editor(number));
    this.editor.addEventListener('input', () => this.changed());
    this.editor.addEventListener('keydown', event => this.pressed(event, acts));
    const bar = document.createElement('div');
    bar.className = 'lab-cell-bar';
    bar.append(this.runButton, ...(this.code ? [editButton, this.resetButton] : []));
    element.prepend(bar);
    const kept = this.kept();
    this.editor.value = kept ?? cell.source;
    this.resetButton.hidden = kept === undefined;
    if (kept !== undefined) this.edit(false);
  }

  get source(): string {
    return this.editor.value;
  }

  begin(): void {
    this.outputs.clear();
    this.element.classList.add('lab-running');
  }

  end(): void {
    this.element.classList.remove('lab-running');
    this.element.classList.add('lab-fresh');
  }

  allow(yes: boolean): void {
    this.runButton.disabled = !yes;
  }

  private button(text: string, act: () => void): HTMLButtonElement {
    const made = document.createElement('button');
    made.type = 'button';
    made.textContent = text;
    made.addEventListener('click', act);
    return made;
  }

  private edit(focus = true): void {
    if (!this.code || this.editor.isConnected) return;
    this.code.hidden = true;
    this.code.after(this.editor);
    this.fit();
    if (focus) this.editor.focus();
  }

  private reset(): void {
    this.editor.value = this.cell.source;
    this.editor.remove();
    if (this.code) this.code.hidden = false;
    this.changed();
  }

  private changed(): void {
    this.fit();
    const own = this.editor.value !== this.cell.source;
    this.resetButton.hidden = !own;
    try {
      if (own) localStorage.setItem(this.key, this.editor.value);
      else localStorage.removeItem(this.key);
    } catch {
      // a browser that keeps nothing: the edit lasts as long as the page
    }
  }

  private kept(): string | undefined {
    try {
      return localStorage.getItem(this.key) ?? undefined;
    } catch {
      return undefined;
    }
  }

  private fit(): void {
    this.editor.rows = this.editor.value.split('\n').length + 1;
  }

  /** Shift-Enter and Ctrl-Enter run, as in Jupyter. The tabulator leaves the editor, so that the keyboard is not caught. */
  private pressed(event: KeyboardEvent, acts: Acts): void {
    if (event.key !== 'Enter' || !(event.shiftKey || event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (!this.runButton.disabled) acts.run();
  }
}
