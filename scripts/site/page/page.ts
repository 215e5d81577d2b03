/**
 * Makes an exported lesson run: buttons and an editor on every cell, two workers behind them. Which lesson it is stands in
 * the page, as JSON in the element `lab-run` (scripts/site/pages.ts).
 */
import { type Listener, PageKernel } from '../../../lib/kernel/page/client';
import { type CellView, viewOf } from './cell-view';
import { Widgets } from './widget-client';
import { WORDS } from './words';

/** A code cell of the lesson; those that the page leaves out run as well. */
export interface LessonCell {
  id: string;
  source: string;
  tags: string[];
}

export interface Setting {
  /** Path from the page to the folder `run`, with a slash at its end. */
  base: string;
  lesson: string;
  language: 'en' | 'zh';
  /** Trainings are short unless the reader wants them whole. */
  short: boolean;
}

type State = 'idle' | 'busy';

/** The first press of a button waits this long, in ms, for the page's parts to be kept. */
const PATIENCE = 2000;

/** What the page has done, for whoever drives it: tests, and `npm run site -- --verify`. */
export interface Report {
  state: State;
  results: { id: string; failed: boolean; seconds: number; outputs: { type: string; content: unknown }[] }[];
}

/**
 * Keeps what the page is made of for a visit without a network, now that it is there; what cells and workers fetch is kept
 * when they do. Resolves at once where the browser has no such thing, as on http outside this machine.
 */
async function keepForLater(base: string): Promise<void> {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return;
  await serviceWorker.register(new URL('../offline.js', base).href);
  await serviceWorker.ready;
  if (!serviceWorker.controller)
    await new Promise(resolve => serviceWorker.addEventListener('controllerchange', resolve, { once: true }));
  const parts = performance.getEntriesByType('resource').map(({ name }) => name);
  const own = [location.href, ...parts].filter(url => url.startsWith(location.origin));
  await Promise.all(own.map(url => fetch(url)));
  document.documentElement.dataset.kept = 'true';
}

async function main(): Promise<void> {
  const setting = JSON.parse(document.getElementById('lab-run')!.textContent!) as Setting;
  const base = new URL(setting.base, location.href).href;
  const answer = await fetch(`${base}lessons/${setting.lesson}.json`);
  const kept = keepForLater(base).catch(() => {}); // it runs without, too
  new Lesson(setting, base, (await answer.json()) as LessonCell[], kept);
}

class Lesson implements Listener {
  private readonly words;
  private readonly views: CellView[];
  private readonly report: Report = { state: 'idle', results: [] };
  private readonly widgets: Widgets;
  private readonly status = document.createElement('span');
  private readonly whole = document.createElement('input');
  private readonly buttons: Record<'runAll' | 'stop', HTMLButtonElement>;
  private kernel: PageKernel | undefined;
  /** Serial numbers of the kernel → places in `cells`. */
  private readonly shown = new Map<number, number>();
  /** Cells that have run since the worker began. */
  private readonly ran = new Set<number>();
  private stopping = false;

  constructor(
    private readonly setting: Setting,
    private readonly base: string,
    private readonly cells: LessonCell[],
    /** What follows is kept for a visit without a network. */
    private readonly kept: Promise<void>,
  ) {
    this.words = WORDS[setting.language];
    this.widgets = new Widgets(base, message => this.kernel?.comm(message));
    this.views = cells.map((cell, i) =>
      viewOf(cell, i + 1, `${setting.lesson}/${cell.id}`, this.words, {
        run: () => void this.runTo(i),
        widget: (model, into) => this.widgets.draw(model, into),
        complete: (code, offset) =>
          this.kernel?.complete(code, offset) ?? Promise.resolve({ start: offset, end: offset, items: [] }),
      }),
    );
    this.buttons = this.makeBar();
    Object.assign(window, { latentlabRun: this.report });
    this.show('idle', this.words.idle);
  }

  private makeBar(): Record<'runAll' | 'stop', HTMLButtonElement> {
    const bar = document.createElement('div');
    bar.className = 'lab-run-bar';
    bar.setAttribute('role', 'toolbar');
    this.status.setAttribute('role', 'status');
    const button = (name: 'runAll' | 'stop', act: () => void): HTMLButtonElement => {
      const made = document.createElement('button');
      made.type = 'button';
      made.className = name;
      made.textContent = this.words[name];
      made.addEventListener('click', act);
      return made;
    };
    const buttons = {
      runAll: button('runAll', () => {
        this.ran.clear();
        void this.runTo(this.cells.length - 1);
      }),
      stop: button('stop', () => void this.stop()),
    };
    bar.append(buttons.runAll, buttons.stop, ...(this.setting.short ? [this.makeSwitch()] : []), this.status);
    document.querySelector('main')!.prepend(bar);
    return buttons;
  }

  /** Full trainings take a page long: the reader chooses. */
  private makeSwitch(): HTMLLabelElement {
    const label = document.createElement('label');
    this.whole.type = 'checkbox';
    this.whole.addEventListener('change', () => this.kernel?.restart(this.environment()));
    label.append(this.whole, ` ${this.words.whole}`);
    return label;
  }

  private environment(): Record<string, string> {
    const options = new URLSearchParams(location.search);
    const env: Record<string, string> = { LAB_DEVICE: options.get('device') ?? 'wasm' };
    if (options.has('quick') || (this.setting.short && !this.whole.checked)) env.LAB_QUICK = '1';
    if (options.has('quick')) env.LAB_CLAIMS = 'strict'; // as the tests run a lesson
    return env;
  }

  /** Runs a cell, and before it those above that have not run yet. */
  private async runTo(last: number): Promise<void> {
    if (this.report.state === 'busy') return;
    const wanted = this.cells.map((_, i) => i).filter(i => i === last || (i < last && !this.ran.has(i)));
    this.report.results = [];
    this.stopping = false;
    this.show('busy', this.kernel ? '' : this.words.loading);
    try {
      await Promise.race([this.kept, new Promise(resolve => setTimeout(resolve, PATIENCE))]);
      this.kernel ??= this.start();
      for (const i of wanted) {
        this.show('busy', this.words.running(i + 1, this.cells.length));
        if (!(await this.runCell(i)) || this.stopping) break;
      }
      const failed = this.report.results.find(result => result.failed && !this.mayFail(result.id));
      const done = this.report.results.length - (failed ? 1 : 0);
      const place = failed ? this.cells.findIndex(({ id }) => id === failed.id) + 1 : 0;
      const said = failed ? this.words.failed(place) : this.words.done(done);
      this.show('idle', this.stopping ? (this.status.dataset.lost ?? this.words.stopped) : said);
    } catch (error) {
      this.show('idle', this.words.broken((error as Error).message));
    }
  }

  /** A lesson may show what an error looks like. */
  private mayFail(id: string): boolean {
    return this.cells.some(cell => cell.id === id && cell.tags.includes('raises-exception'));
  }

  private start(): PageKernel {
    const { language, lesson } = this.setting;
    const env = this.environment();
    const notebook = `notebooks/${language === 'zh' ? 'zh/' : ''}${lesson}.ipynb`;
    const cells = this.cells.map(({ source }) => source);
    return new PageKernel(this.base, { site: this.base, notebook, env, cells }, this);
  }

  /** True where the cells below may follow. */
  private async runCell(i: number): Promise<boolean> {
    const { id, tags } = this.cells[i];
    const view = this.views[i];
    const result: Report['results'][number] = { id, failed: false, seconds: 0, outputs: [] };
    const began = performance.now();
    this.report.results.push(result);
    this.shown.set(this.kernel!.next, i);
    view.begin();
    try {
      result.failed = (await this.kernel!.run(view.source, tags)).failed;
    } finally {
      view.end();
      result.seconds = (performance.now() - began) / 1000;
    }
    if (!result.failed) this.ran.add(i);
    return !result.failed || this.mayFail(id);
  }

  private async stop(): Promise<void> {
    this.stopping = true;
    await this.kernel?.stop();
  }

  output(cell: number, type: string, content: Record<string, unknown>): void {
    const i = this.shown.get(cell);
    if (i === undefined) return;
    this.report.results.find(({ id }) => id === this.cells[i].id)?.outputs.push({ type, content });
    this.views[i].outputs.add(type, content);
  }

  comm(message: Parameters<Listener['comm']>[0]): void {
    this.widgets.hear(message);
  }

  lost(): void {
    this.ran.clear();
    this.status.dataset.lost = this.words.lost;
    this.show('idle', this.words.lost);
  }

  private show(state: State, text: string): void {
    if (state === 'busy') delete this.status.dataset.lost;
    this.report.state = state;
    this.buttons.runAll.disabled = state === 'busy';
    this.buttons.stop.disabled = state === 'idle';
    for (const view of this.views) view.allow(state === 'idle');
    this.status.textContent = text;
  }
}

void main();
