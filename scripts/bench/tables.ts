/** The tables of docs/compile.md, from the rows that `npm run bench -- --json FILE` keeps. */
import { COMPARED, type Goal, REFERENCES, type Reference } from './compared';
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

/** The others that shares are counted of, and the modes that they stand for. */
const OTHERS: { head: string; of: keyof Goal; modes: Reference[] }[] = [
  { head: 'PyTorch', of: 'torch', modes: ['torch'] },
  { head: 'torch.compile', of: 'compile', modes: ['torch-compile'] },
  { head: "Keras's faster", of: 'keras', modes: ['keras', 'keras-xla'] },
  { head: 'transformers', of: 'transformers', modes: ['transformers'] },
];

export function tables(rows: Row[]): string {
  const tasks = Object.keys(COMPARED).filter(task => rows.some(({ name }) => name === task));
  const there = (mode: Reference) => rows.some(({ metric }) => metric.endsWith(` / ${mode}`));
  const references = (Object.keys(REFERENCES) as Reference[]).filter(there);
  const others = OTHERS.filter(({ modes }) => modes.some(there));
  const peaks = others.filter(({ of }) => of !== 'compile');
  const times = (head: string, metric: string) =>
    table(
      [head, ...Object.values(OURS), ...references.map(mode => REFERENCES[mode])],
      tasks.map(task => timesOf(task, metric, references, rows)),
    );
  const shares = table(
    [
      'fastest of ours ÷',
      ...others.flatMap(({ head }) => [head, 'goal']),
      `peak MiB: ours, ${peaks.map(({ head }) => head.replace("'s faster", '')).join(', ')}`,
      'memory without XLA ÷ PyTorch',
      'goal',
    ],
    tasks.map(task => sharesOf(task, others, peaks, rows)),
  );
  const machine = rows.find(({ name }) => name === MACHINE);
  const where = machine && `Measured on ${machine.ours} cores of ${machine.metric}.`;
  const clock = times('milliseconds, median', 'ms per step');
  const work = times('processor milliseconds, all threads together', 'CPU ms per step');
  return [where, clock, shares, missedWords(rows), work, startAndCells(rows)].filter(Boolean).join('\n\n');
}

/** What was promised and not reached, as `GPT: 1.06 of Keras's time, goal 1.0`. */
export function missed(rows: Row[]): string[] {
  return Object.entries(COMPARED).flatMap(([task, { short, goal, memory }]) => {
    const reached = reachedBy(task, rows);
    const promises = [
      [reached.torch, goal?.torch, "PyTorch's time"],
      [reached.compile, goal?.compile, "torch.compile's time"],
      [reached.keras, goal?.keras, "Keras's time"],
      [reached.transformers, goal?.transformers, "transformers' time"],
      [reached.memory, memory, "PyTorch's memory"],
    ] as const;
    return promises.flatMap(([share, most, whose]) =>
      share !== undefined && most !== undefined && share > most
        ? [`${short}: ${share.toFixed(2)} of ${whose}, goal ${most.toFixed(1)}`]
        : [],
    );
  });
}

function missedWords(rows: Row[]): string {
  const words = missed(rows);
  return words.length > 0 ? `Not reached: ${words.join('; ')}.` : 'All goals are reached.';
}

/** Our fastest way's time, and our memory without XLA, in parts of the others'. */
function reachedBy(task: string, rows: Row[]): Record<keyof Goal | 'memory', number | undefined> {
  const ms = sides(task, 'ms per step', rows);
  const mib = sides(task, 'peak MiB', rows);
  const share = (mode: string) => (mode in ms ? ms[fastest(task, rows)] / ms[mode] : undefined);
  return {
    torch: share('torch'),
    compile: share('torch-compile'),
    keras: share(kerasOf(ms)),
    transformers: share('transformers'),
    memory: 'compiled' in mib && 'torch' in mib ? mib.compiled / mib.torch : undefined,
  };
}

/** The faster of Keras' two ways. */
const kerasOf = (ms: Record<string, number>): string => (ms['keras-xla'] < ms.keras ? 'keras-xla' : 'keras');

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

function timesOf(task: string, metric: string, references: Reference[], rows: Row[]): string[] {
  const ms = sides(task, metric, rows);
  const best = fastest(task, rows);
  const cell = (mode: string) => (mode in ms ? digits(ms[mode]) : '');
  const cells = Object.keys(OURS).map(mode => (mode === best ? `**${cell(mode)}**` : cell(mode)));
  return [COMPARED[task].long, ...cells, ...references.map(cell)];
}

function sharesOf(task: string, others: typeof OTHERS, peaks: typeof OTHERS, rows: Row[]): string[] {
  const mib = sides(task, 'peak MiB', rows);
  const reached = reachedBy(task, rows);
  const share = (value?: number) => value?.toFixed(2) ?? '';
  const goal = (most?: number) => (most === undefined ? '' : `≤ ${most.toFixed(1)}`);
  const { short, goal: goals, memory: most } = COMPARED[task];
  const keras = kerasOf(sides(task, 'ms per step', rows));
  const memory = [fastest(task, rows), ...peaks.map(({ of }) => (of === 'keras' ? keras : of))]
    .map(mode => (mode in mib ? mib[mode].toFixed(0) : '–'))
    .join(', ');
  const told = others.flatMap(({ of }) => [share(reached[of]), goal(goals?.[of])]);
  return [short, ...told, memory, share(reached.memory), goal(most)];
}

/** Start-up and the latency of a cell. */
function startAndCells(rows: Row[]): string {
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
