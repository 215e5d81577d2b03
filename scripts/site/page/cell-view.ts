/** What a reader sees of one cell: buttons, code that can be edited, outputs. */
import { button } from './button';
import { type EditorOptions, makeEditor } from './editor';
import type { LessonCell } from './lesson';
import { Outputs } from './outputs';
import type { Store } from './store';
import type { Words } from './words';

export interface Acts {
  run(): void;
  /** Makes an address that leads here with the changed code; undefined where there is none to make. */
  link?: () => void;
  widget(model: string, into: HTMLElement): void;
  complete: EditorOptions['complete'];
  check: EditorOptions['check'];
  changed(source: string): void;
  /** The browser does not keep what the reader has changed. */
  unkept?: () => void;
  /** Code that came with the address. */
  shared?: string;
}

export interface CellView {
  /** The code as it stands now. */
  readonly source: string;
  readonly outputs: Outputs;
  begin(): void;
  end(): void;
  /** Shows the saved output again, under a line that says why. */
  restore(why: string): void;
  /** Takes the lesson's code again. */
  reset(): void;
  /** May it be run now? */
  allow(yes: boolean): void;
}

/** @param store where the reader's own version is kept; undefined: the cell is the reader's, and always open */
export function viewOf(cell: LessonCell, number: number, store: Store | undefined, words: Words, acts: Acts): CellView {
  const element = document.getElementById(`cell-${cell.id}`);
  if (!element) return unseen(cell, acts);
  return new SeenCell(element, cell, number, store, words, acts);
}

/** A cell that the page leaves out. */
function unseen({ source }: LessonCell, acts: Acts): CellView {
  const outputs = new Outputs(document.createElement('div'), acts.widget);
  return { source, outputs, begin: () => outputs.clear(), end() {}, restore() {}, reset() {}, allow() {} };
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
  source: string;
  private readonly runButton: HTMLButtonElement;
  private readonly resetButton: HTMLButtonElement;
  private readonly code: HTMLElement | null;
  private readonly saved: readonly ChildNode[];
  private editor: ReturnType<typeof makeEditor> | undefined;

  constructor(
    private readonly element: HTMLElement,
    private readonly cell: LessonCell,
    private readonly number: number,
    private readonly store: Store | undefined,
    private readonly words: Words,
    private readonly acts: Acts,
  ) {
    this.outputs = new Outputs(placeOfOutputs(element), acts.widget);
    this.saved = Array.from(this.outputs.place.childNodes);
    this.code = element.querySelector<HTMLElement>('.code');
    this.runButton = button(`▶ ${words.run}`, () => acts.run(), words.runCell(number));
    const editButton = button(words.edit, () => this.edit(), words.editCell(number));
    this.resetButton = button(words.reset, () => this.undo(), words.resetCell(number));
    const bar = document.createElement('div');
    bar.className = 'lab-cell-bar';
    const { link, shared } = acts;
    bar.append(this.runButton, ...(this.code && store ? [editButton, this.resetButton] : []));
    if (link) bar.append(button(words.link, link, words.linkCell(number)));
    element.prepend(bar);
    const own = shared ?? store?.get();
    this.source = own ?? cell.source;
    this.resetButton.hidden = own === undefined;
    if (own !== undefined || !store) this.edit(false);
  }

  begin(): void {
    this.outputs.clear();
    this.element.classList.add('lab-running');
  }

  end(): void {
    this.element.classList.remove('lab-running');
    this.element.classList.add('lab-fresh');
  }

  restore(why: string): void {
    const note = document.createElement('p');
    note.className = 'lab-elsewhere';
    note.textContent = why;
    this.outputs.clear();
    this.outputs.place.append(note, ...this.saved);
  }

  allow(yes: boolean): void {
    this.runButton.disabled = !yes;
  }

  private edit(focus = true): void {
    if (this.editor && focus) this.editor.focus();
    if (!this.code || this.editor) return;
    this.editor = makeEditor({
      source: this.source,
      label: this.words.editor(this.number),
      changed: source => this.changed(source),
      run: () => {
        if (!this.runButton.disabled) this.acts.run();
      },
      complete: this.acts.complete,
      check: this.acts.check,
    });
    this.code.hidden = true;
    this.code.after(this.editor.dom);
    if (focus) this.editor.focus();
  }

  /** The button goes with the change, and would take the keyboard's place in the page with it. */
  private undo(): void {
    this.reset();
    this.runButton.focus();
  }

  reset(): void {
    this.editor?.destroy();
    this.editor = undefined;
    if (this.code) this.code.hidden = false;
    this.changed(this.cell.source);
  }

  private changed(source: string): void {
    this.source = source;
    const own = source !== this.cell.source;
    this.resetButton.hidden = !own;
    if (this.store?.set(own ? source : undefined) === false) this.acts.unkept?.();
    this.acts.changed(source);
  }
}
