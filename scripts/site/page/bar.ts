/** The bar above the cells: run, stop, what is computed with, and what goes on. */
import { Arriving } from './arriving';
import { button } from './button';
import type { Words } from './words';

export type Offer = 'download' | 'open' | 'empty' | 'resetLesson';

export interface BarActs {
  runAll(): void;
  stop(): void;
  /** The reader wants other budgets or another device. */
  changed(): void;
}

export class Bar {
  /** What was said of variables that are gone, until cells run again. */
  lost: string | undefined;
  readonly arriving: Arriving;
  private readonly element = document.createElement('div');
  private readonly status = document.createElement('span');
  private readonly warning = document.createElement('p');
  private readonly full = document.createElement('input');
  private readonly runAll: HTMLButtonElement;
  private readonly stop: HTMLButtonElement;

  constructor(
    private readonly words: Words,
    short: boolean,
    private readonly acts: BarActs,
  ) {
    this.element.className = 'lab-run-bar';
    this.element.setAttribute('role', 'toolbar');
    this.element.ariaLabel = words.toolbar;
    this.status.setAttribute('role', 'status');
    this.warning.setAttribute('role', 'alert');
    this.runAll = this.button('runAll', acts.runAll);
    this.stop = this.button('stop', acts.stop);
    this.element.append(this.runAll, this.stop, ...(short ? [this.makeSwitch()] : []), this.status);
    this.arriving = new Arriving(words, this.status);
    document.querySelector('main')!.prepend(this.element);
  }

  /** Full trainings take a page long: the reader chooses. */
  private makeSwitch(): HTMLLabelElement {
    const label = document.createElement('label');
    this.full.type = 'checkbox';
    this.full.addEventListener('change', this.acts.changed);
    label.append(this.full, ` ${this.words.whole}`);
    return label;
  }

  private button(name: 'runAll' | 'stop' | Offer, act: () => void): HTMLButtonElement {
    const made = button(this.words[name], act);
    made.className = name;
    return made;
  }

  /** Are trainings to be whole? */
  get whole(): boolean {
    return this.full.checked;
  }

  /** A button more. */
  offer(name: Offer, act: () => void | Promise<void>): void {
    const failed = (error: Error): void => this.say(this.words.broken(error.message));
    this.status.before(this.button(name, () => void Promise.resolve().then(act).catch(failed)));
  }

  /** Which device computes, and why; another one can be chosen. @param reason of each, shown beside it */
  devices(
    names: readonly string[],
    chosen: string,
    reason: (name: string) => string,
    choose: (name: string) => void,
  ): void {
    this.element.querySelector('.device')?.remove();
    const label = document.createElement('label');
    const select = document.createElement('select');
    label.className = 'device';
    for (const name of names) select.append(new Option(`${name}${reason(name)}`, name, false, name === chosen));
    select.addEventListener('change', () => {
      choose(select.value);
      this.acts.changed();
    });
    label.append(`${this.words.device} `, select);
    this.status.before(label);
  }

  /** The device that computes has threads. */
  threads(count: number): void {
    const option = this.element.querySelector<HTMLSelectElement>('.device select')?.selectedOptions[0];
    if (option) option.text = option.text.replace(option.value, `${option.value}, ${this.words.threads(count)}`);
  }

  say(text: string): void {
    this.status.textContent = text;
  }

  /** A line that stays, whatever else is said. */
  warn(text: string): void {
    this.warning.textContent = text;
    if (!this.warning.isConnected) this.element.append(this.warning);
  }

  show(busy: boolean, text: string): void {
    if (busy) this.lost = undefined;
    this.runAll.disabled = busy;
    this.stop.disabled = !busy;
    const reset = this.element.querySelector<HTMLButtonElement>('.resetLesson');
    if (reset) reset.disabled = busy;
    this.say(text);
  }
}
