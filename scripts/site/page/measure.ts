/** Page on which a reader measures the own device: ms of the bench's training steps on all that the browser computes with. */
import { button } from './button';
import { adapterName, askWorker, cardName, DEVICES, type Device } from './device';
import { readSetting } from './start';
import { WORDS } from './words';

const TASKS = { vae: 'VAE', cnn: 'CNN', unet: 'U-Net', gpt: 'GPT', vit: 'ViT' } as const;
type Task = keyof typeof TASKS;

/** Steps of one task are timed for so long, in ms; one that has not ended its first steps by the limit is left. */
const BUDGET = 2000;
const LIMIT = 40_000;

/** A row as a table in Markdown has it. */
const rowOf = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** Two digits are what such a measurement is good for. */
const shown = (ms: number): string => (ms >= 100 ? Math.round(ms).toString() : ms.toPrecision(2));

class MeasurePage {
  private readonly words;
  private readonly base: string;
  private readonly table = document.createElement('table');
  private readonly status = document.createElement('p');
  private readonly rows: string[][] = [];
  /** Why a device was not measured. */
  private readonly reasons: string[] = [];
  private readonly begin: HTMLButtonElement;
  private readonly stop: HTMLButtonElement;
  private readonly copy: HTMLButtonElement;
  private stopped = new AbortController();

  constructor() {
    const { setting, base } = readSetting();
    this.words = WORDS[setting.language];
    this.base = base;
    this.begin = button(this.words.measureDevice, () => void this.run());
    this.stop = button(this.words.stop, () => this.stopped.abort());
    this.copy = button(this.words.copyRows, () => void this.copyRows());
    [this.begin.className, this.stop.className, this.copy.className] = ['begin', 'stop', 'copy'];
    this.stop.disabled = true;
    this.copy.disabled = true;
    this.status.setAttribute('role', 'status');
    const bar = document.createElement('div');
    bar.className = 'lab-run-bar';
    bar.append(this.begin, this.stop, this.copy);
    document.getElementById('lab-measure')!.append(bar, this.status, this.table);
  }

  /** `?devices=wasm&tasks=vae` measures these only. */
  private async run(): Promise<void> {
    const asked = new URLSearchParams(location.search);
    const wanted = <T extends string>(key: string, all: readonly T[]): T[] =>
      all.filter(name => asked.get(key)?.split(',').includes(name) ?? true);
    const tasks = wanted('tasks', Object.keys(TASKS) as Task[]);
    this.stopped = new AbortController();
    this.busy(true);
    this.rows.length = 0;
    this.reasons.length = 0;
    this.table.replaceChildren();
    this.add([this.words.device, ...tasks.map(name => `${TASKS[name]}, ms`)], 'th');
    for (const device of wanted('devices', DEVICES))
      if (!this.stopped.signal.aborted) await this.measure(device, tasks);
    const ended = this.stopped.signal.aborted ? this.words.stopped : this.words.measured;
    this.status.textContent = [ended, ...this.reasons].join('\n');
    this.busy(false);
  }

  private async measure(device: Device, tasks: readonly Task[]): Promise<void> {
    const name = device === 'webgpu' ? await adapterName() : device === 'webgl' ? cardName() : '';
    const cells = this.add([[device, name].filter(Boolean).join(', '), ...tasks.map(() => '')], 'td');
    for (const [i, task] of tasks.entries()) {
      if (this.stopped.signal.aborted) return;
      this.status.textContent = this.words.measuringTask(device, TASKS[task]);
      const answer = await askWorker(
        device,
        this.base,
        { kind: 'measure', task, budget: BUDGET },
        LIMIT,
        this.stopped.signal,
      );
      if (answer.kind === 'measured') this.write(cells, i + 1, shown(answer.ms));
      else if (answer.kind === 'unable') {
        const [why] = answer.why.split(/[;；]/); // what follows is advice to whoever runs cells
        this.reasons.push(`${device}: ${why}`);
        this.write(cells, i + 1, '–', why);
      } else if (!this.stopped.signal.aborted) this.write(cells, i + 1, `> ${LIMIT / 1000} s`);
      if (answer.kind === 'unable' && i === 0) return; // the device is not there
      if (answer.kind === 'measured' && answer.threads > 1)
        this.write(cells, 0, `${device}, ${this.words.threads(answer.threads)}`);
    }
  }

  private add(texts: string[], kind: 'th' | 'td'): { texts: string[]; shown: HTMLTableCellElement[] } {
    const row = this.table.insertRow();
    const shown = texts.map(text => {
      const cell = document.createElement(kind);
      cell.textContent = text;
      row.append(cell);
      return cell;
    });
    this.rows.push(texts);
    return { texts, shown };
  }

  private write(row: ReturnType<MeasurePage['add']>, at: number, text: string, why = ''): void {
    row.texts[at] = text;
    row.shown[at].textContent = text;
    row.shown[at].title = why;
    if (why) this.status.textContent = why;
  }

  private busy(is: boolean): void {
    this.begin.disabled = is;
    this.stop.disabled = !is;
    this.copy.disabled = is || this.rows.length < 2;
  }

  /** The table as Markdown, under the browser's own words for itself. */
  private async copyRows(): Promise<void> {
    const [head, ...rows] = this.rows;
    const text = [navigator.userAgent, '', rowOf(head), rowOf(head.map(() => '---')), ...rows.map(rowOf)].join('\n');
    this.table.dataset.copied = text;
    const copied = await navigator.clipboard?.writeText(text).then(
      () => true,
      () => false,
    );
    this.status.textContent = copied ? this.words.rowsCopied : text;
  }
}

new MeasurePage();
