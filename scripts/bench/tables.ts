/** The tables of docs/compile.md, from the rows that `npm run bench -- --json FILE` keeps. */
import { ALL, REFERENCES } from './compared';
import { MACHINE, type Row } from './report';

const OURS = { eager: 'eager', compiled: 'compiled', xla: 'compiled + XLA' };
const START = '<!-- written by npm run bench -- --tables -->';
const END = '<!-- end of what npm run bench wrote -->';

/** The document with its tables replaced. @throws Error where it has no place for them */
export function withTables(document: string, rows: Row[]): string {
  const [from, to] = [document.indexOf(START), document.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`the tables go between the lines ${START} and ${END}; add these two`);
  return `${document.slice(0, from + START.length)}\n${tables(rows)}\n${document.slice(to)}`;
}

export function tables(rows: Row[]): string {
  const tasks = Object.keys(ALL).filter(task => rows.some(({ name }) => name === task));
  const times = table(
    ['milliseconds, median', ...Object.values(OURS), ...Object.values(REFERENCES)],
    tasks.map(task => timesOf(task, rows)),
  );
  const shares = table(
    [
      'fastest of ours ÷',
      'PyTorch',
      'goal',
      'torch.compile',
      'goal',
      "Keras's faster",
      'peak MiB: ours, PyTorch, Keras',
    ],
    tasks.map(task => sharesOf(task, rows)),
  );
  const machine = rows.find(({ name }) => name === MACHINE);
  const where = machine && `Measured on ${machine.ours} cores of ${machine.metric}.`;
  return [where, times, shares, others(rows)].filter(Boolean).join('\n\n');
}

/** The two sides of one metric, by mode. */
function sides(task: string, metric: string, rows: Row[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const row of rows) {
    const [, ours, reference] = new RegExp(`^${metric}, (\\S+) / (\\S+)$`).exec(row.metric) ?? [];
    if (row.name === task && ours) Object.assign(found, { [ours]: row.ours, [reference]: row.reference });
  }
  return found;
}

/** The fastest of ours comes first in a row's metric. */
const fastest = (task: string, rows: Row[]): string =>
  /^ms per step, (\S+) /.exec(
    rows.find(({ name, metric }) => name === task && /^ms /.test(metric))?.metric ?? '',
  )?.[1] ?? '';

function timesOf(task: string, rows: Row[]): string[] {
  const ms = sides(task, 'ms per step', rows);
  const best = fastest(task, rows);
  const cell = (mode: string) => (mode in ms ? digits(ms[mode]) : '');
  const cells = Object.keys(OURS).map(mode => (mode === best ? `**${cell(mode)}**` : cell(mode)));
  return [ALL[task].long, ...cells, ...Object.keys(REFERENCES).map(cell)];
}

function sharesOf(task: string, rows: Row[]): string[] {
  const ms = sides(task, 'ms per step', rows);
  const mib = sides(task, 'peak MiB', rows);
  const best = fastest(task, rows);
  const keras = ms['keras-xla'] < ms.keras ? 'keras-xla' : 'keras';
  const share = (mode: string) => (mode in ms ? (ms[best] / ms[mode]).toFixed(2) : '');
  const goal = (most?: number) => (most === undefined ? '' : `≤ ${most.toFixed(1)}`);
  const { short, goal: goals } = ALL[task];
  const memory = [best, 'torch', keras].map(mode => (mode in mib ? mib[mode].toFixed(0) : '–')).join(', ');
  const first = [short, share('torch'), goal(goals?.torch), share('torch-compile'), goal(goals?.compile)];
  return [...first, share(keras), memory];
}

/** Start-up and the latency of a cell. */
function others(rows: Row[]): string {
  const found = rows.filter(({ name }) => name === 'start' || name === 'cell');
  const cells = found.map(({ metric, ours, reference, ratio }) => [metric, ours, reference, ratio].map(cell));
  return cells.length > 0 ? table(['', 'ours', 'theirs', 'ratio'], cells) : '';
}

const cell = (value: string | number): string => (typeof value === 'number' ? digits(value) : value);

/** Three digits that say something. */
const digits = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n');
}
