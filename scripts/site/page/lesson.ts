/** The cells of a page with two workers behind them: what the reader presses, and what is shown. */
import { type Listener, PageKernel, type Ran } from '../../../lib/kernel/page/client';
import { clearKept, listKept } from '../../../lib/platform/browser/kept';
import { Bar, type Offer } from './bar';
import { type CellView, viewOf } from './cell-view';
import { chooseDevice } from './device';
import { whyElsewhere } from './elsewhere';
import { Estimate } from './estimate';
import type { Done } from './notebook-file';
import { inPlaces } from './places';
import type { Report, State } from './report';
import { putInAddress, type Shared } from './share';
import { environmentOf, type Setting } from './start';
import { keptIn } from './store';
import { Widgets } from './widget-client';
import { type Remark, WORDS } from './words';

/** A code cell of the lesson; those that the page leaves out run as well. */
export interface LessonCell {
  id: string;
  source: string;
  tags: string[];
}

/** The first press of a button waits this long, in ms, for the page's parts to be kept. */
const PATIENCE = 2000;

export interface LessonOptions {
  /** What follows is kept for a visit without a network. */
  kept: Promise<void>;
  /** Code that came with the address. */
  shared?: Shared;
  /** Code of a cell has changed. */
  changed?(id: string, source: string): void;
}

export class Lesson implements Listener {
  private readonly words;
  private readonly views = new Map<string, CellView>();
  private readonly cells: LessonCell[] = [];
  private readonly report: Report = { state: 'idle', results: [] };
  /** What each cell has shown last, since the page was opened. */
  private readonly messages = new Map<string, Report['results'][number]['outputs']>();
  private readonly widgets: Widgets;
  private readonly bar: Bar;
  private kernel: PageKernel | undefined;
  private starting: Promise<PageKernel> | undefined;
  private written = false;
  private estimate: Estimate | undefined;
  /** Serial numbers of the kernel → ids of cells. */
  private readonly shown = new Map<number, string>();
  /** Cells that have run since the worker began. */
  private readonly ran = new Set<string>();
  /** Names that a cell left out would have made → its place. */
  private readonly unmade = new Map<string, number>();
  private stopping = false;
  /** What had the keyboard when cells began to run. */
  private pressed: Element | null = null;
  /** What computes; at first the address's wish. */
  private device = new URLSearchParams(location.search).get('device');

  constructor(
    private readonly setting: Setting,
    private readonly base: string,
    cells: readonly LessonCell[],
    private readonly options: LessonOptions,
  ) {
    this.words = WORDS[setting.language];
    this.widgets = new Widgets(base, message => this.kernel?.comm(message));
    this.bar = new Bar(this.words, setting.short, {
      runAll: () => {
        this.ran.clear();
        void this.runTo(this.cells.at(-1)?.id);
      },
      stop: () => void this.stop(),
      changed: () => void this.begunAnew(),
    });
    for (const cell of cells) this.add(cell);
    Object.assign(window, { latentlabRun: this.report });
    if (setting.reference) this.estimate = new Estimate(this.words, setting.reference, this.device);
    this.show('idle', this.words.idle);
  }

  /** One more cell, whose place in the page is there; @param at its place among the others */
  add(cell: LessonCell, at = this.cells.length): void {
    const { id } = cell;
    const { lesson, own } = this.setting;
    this.cells.splice(at, 0, cell);
    const view = viewOf(cell, at + 1, own ? undefined : keptIn(`edit/${lesson}/${id}`), this.words, {
      run: () => void this.runTo(id),
      link: own ? undefined : () => void this.link(id),
      widget: (model, into) => this.widgets.draw(model, into),
      complete: async (code, offset) =>
        (await this.helper())?.complete(code, offset) ?? { start: offset, end: offset, items: [] },
      check: async code => (await this.helper())?.check(code) ?? [],
      changed: source => {
        this.written = true;
        this.options.changed?.(id, source);
      },
      unkept: () => this.warn(this.words.editsUnkept),
      shared: this.options.shared?.edits.get(id),
    });
    this.views.set(id, view);
    view.allow(this.report.state === 'idle');
  }

  remove(id: string): void {
    const at = this.cells.findIndex(cell => cell.id === id);
    if (at >= 0) this.cells.splice(at, 1);
    this.views.delete(id);
  }

  /** A button more in the bar. */
  offer(name: Offer, act: () => void | Promise<void>): void {
    this.bar.offer(name, act);
  }

  say(what: Remark): void {
    this.tell(this.words[what]);
  }

  tell(text: string): void {
    this.bar.say(text);
  }

  /** A line that stays. */
  warn(text: string): void {
    this.bar.warn(text);
  }

  /** The lesson as it came: its own code, and, where the reader agrees, without the files that its cells have written. */
  async reset(): Promise<void> {
    if (this.report.state === 'busy') return;
    const { lesson, own } = this.setting;
    if (!own) for (const view of this.views.values()) view.reset();
    const files = await listKept(lesson).catch(() => []);
    if (files.length > 0 && confirm(this.words.clearFiles(files))) await clearKept(lesson);
    this.kernel?.restart();
    this.say('asItCame');
  }

  unkept(file: string, why: string): void {
    this.warn(this.words.unkept(file, why));
  }

  /** The reader's code, and what it has shown, by cell. */
  work(): Map<string, Done> {
    return new Map(
      this.cells.map(({ id }) => [id, { source: this.views.get(id)!.source, messages: this.messages.get(id) }]),
    );
  }

  /** Makes an address of this page with all changed cells. */
  private async link(cell: string): Promise<void> {
    const changed = this.cells.filter(({ id, source }) => this.views.get(id)!.source !== source);
    const edits = new Map(changed.map(({ id }) => [id, this.views.get(id)!.source]));
    const copied = await putInAddress({ cell, edits });
    this.tell(this.words.linked(copied, edits.size));
  }

  private async environment(): Promise<Record<string, string>> {
    this.device = await chooseDevice(this.bar, this.base, this.words, this.device, name => {
      this.device = name;
    });
    return environmentOf(this.device, this.setting.short && !this.bar.whole);
  }

  /** Runs a cell, and before it those above that have not run yet. */
  private async runTo(last: string | undefined): Promise<void> {
    const end = this.cells.findIndex(({ id }) => id === last);
    if (this.report.state === 'busy' || end < 0) return;
    const wanted = this.cells.filter(({ id }, i) => id === last || (i < end && !this.ran.has(id)));
    this.report.results = [];
    this.stopping = false;
    this.show('busy', this.kernel ? '' : this.words.loading);
    try {
      await this.begun();
      for (const cell of wanted) {
        this.show('busy', this.words.running(this.placeOf(cell.id), this.cells.length));
        if (!(await this.runCell(cell)) || this.stopping) break;
      }
      const failed = this.report.results.find(result => result.failed && !this.mayFail(result.id) && !result.elsewhere);
      const done = this.report.results.filter(result => result !== failed && !result.elsewhere).length;
      const said = failed ? this.words.failed(this.placeOf(failed.id)) : this.words.done(done);
      this.show('idle', this.bar.lost ?? (this.stopping ? this.words.stopped : said));
      if (this.kernel && !this.stopping) await this.estimate?.time(this.kernel, this.device);
    } catch (error) {
      this.show('idle', this.words.broken((error as Error).message));
    }
  }

  /** Which cell of the page it is, counted from 1; 0 where it is none. */
  private placeOf = (id: string | undefined): number => this.cells.findIndex(cell => cell.id === id) + 1;

  /** A lesson may show what an error looks like. */
  private mayFail(id: string): boolean {
    return this.cells.some(cell => cell.id === id && cell.tags.includes('raises-exception'));
  }

  /** Where the reader has written, the kernel begins before a cell runs: what is written is checked and completed. */
  private helper = async (): Promise<PageKernel | undefined> => (this.written ? this.begun() : this.kernel);

  private begun(): Promise<PageKernel> {
    this.starting ??= this.start();
    return this.starting;
  }

  private async start(): Promise<PageKernel> {
    const { build, language, lesson } = this.setting;
    await Promise.race([this.options.kept, new Promise(resolve => setTimeout(resolve, PATIENCE))]);
    const env = await this.environment();
    const notebook = `notebooks/${language === 'zh' ? 'zh/' : ''}${lesson}.ipynb`;
    const cells = this.cells.map(({ source }) => source);
    this.kernel = new PageKernel(this.base, { site: this.base, build, notebook, env, cells }, this);
    return this.kernel;
  }

  /** With another device or other budgets. */
  private async begunAnew(): Promise<void> {
    if (this.kernel) this.kernel.restart(await this.environment());
  }

  /** True where the cells below may follow. */
  private async runCell({ id, tags }: LessonCell): Promise<boolean> {
    const view = this.views.get(id)!;
    const result: Report['results'][number] = { id, failed: false, seconds: 0, outputs: [] };
    const began = performance.now();
    this.report.results.push(result);
    this.messages.set(id, result.outputs);
    this.shown.set(this.kernel!.next, id);
    view.begin();
    let ran: Ran | undefined;
    try {
      ran = await this.kernel!.run(view.source, tags);
      result.failed = ran.failed;
    } finally {
      view.end();
      result.seconds = (performance.now() - began) / 1000;
    }
    const { outputs } = result;
    const failed = { outputs, source: view.source, compiled: ran.compiled };
    const why = result.failed ? whyElsewhere(failed, this.unmade, this.words) : undefined;
    for (const name of ran.made) this.unmade.delete(name);
    if (why !== undefined) {
      result.elsewhere = true;
      view.restore(why);
      for (const name of ran.unmade) this.unmade.set(name, this.placeOf(id));
    }
    if (!result.failed || result.elsewhere) this.ran.add(id);
    return !result.failed || result.elsewhere || this.mayFail(id);
  }

  private async stop(): Promise<void> {
    this.stopping = true;
    await this.kernel?.stop();
  }

  output(cell: number, type: string, content: Record<string, unknown>): void {
    const id = this.shown.get(cell);
    if (id === undefined) return;
    const said = type === 'error' ? inPlaces(content, count => this.placeOf(this.shown.get(count))) : content;
    this.messages.get(id)?.push({ type, content: said });
    this.views.get(id)?.outputs.add(type, said);
  }

  comm(message: Parameters<Listener['comm']>[0]): void {
    this.widgets.hear(message);
  }

  fetching(file: string, bytes: number): void {
    this.bar.arriving.wait(file, bytes);
  }

  threads(count: number): void {
    if (count > 1) this.bar.threads(count);
  }

  lost(wanted: boolean): void {
    const running = this.report.state === 'busy' ? this.report.results.at(-1) : undefined;
    const said = wanted ? this.words.otherSetting : this.words.lost;
    if (running) this.views.get(running.id)?.outputs.add('error', { traceback: [said] });
    this.ran.clear();
    this.unmade.clear();
    this.bar.lost = said;
    this.show('idle', said);
  }

  private show(state: State, text: string): void {
    if (state === 'busy' && this.report.state === 'idle') this.pressed = document.activeElement;
    this.report.state = state;
    this.bar.show(state === 'busy', text);
    for (const view of this.views.values()) view.allow(state === 'idle');
    if (state === 'idle' && this.pressed instanceof HTMLButtonElement && document.activeElement === document.body)
      this.pressed.focus({ preventScroll: true }); // it lost the keyboard when it could not be pressed
  }
}
