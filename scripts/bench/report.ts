/** Medians, ratios and the table that is printed. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import type { Measured } from './measure';
import { benchPython, venvPython } from './python';

/** One comparison; `ratio` below 1 means that ours is faster (or smaller). */
export interface Row {
  name: string;
  metric: string;
  ours: number;
  reference: number;
  ratio: number;
}

/** Name of the row that says what machine the others were measured on. */
export const MACHINE = 'machine';

/**
 * The rows of another run among which this run's take the places of those with the same names.
 * @throws Error where rows would stay that were measured on another machine: one table cannot speak of two
 */
export function withEarlier(before: Row[], rows: Row[], file: string): Row[] {
  const measured = new Set(rows.map(({ name }) => name));
  const others = before.filter(({ name }) => !measured.has(name));
  const said = (all: Row[]) => all.find(({ name }) => name === MACHINE);
  const [then, now] = [said(before), said(rows)];
  if (others.length > 0 && now && (then?.metric !== now.metric || then.ours !== now.ours))
    throw new Error(
      `${file} was measured on ${then ? `${then.ours} cores of ${then.metric}` : 'a machine that it does not name'}, ` +
        `this is ${now.ours} cores of ${now.metric}: measure all tasks, or choose another file`,
    );
  return [...others, ...rows];
}

const OURS = ['eager', 'compiled', 'xla'];

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Our fastest way against each reference and our other ways, in time, and in peak memory. */
export function ratios(task: string, measured: Measured[]): Row[] {
  const ours = measured.filter(({ mode }) => OURS.includes(mode)).sort((a, b) => median(a.times) - median(b.times))[0];
  if (!ours) return [];
  const row = (metric: string, a: number, b: number): Row => ({
    name: task,
    metric,
    ours: a,
    reference: b,
    ratio: a / b,
  });
  return measured
    .filter(({ mode }) => mode !== ours.mode)
    .flatMap(reference => [
      row(`ms per step, ${ours.mode} / ${reference.mode}`, median(ours.times), median(reference.times)),
      row(`CPU ms per step, ${ours.mode} / ${reference.mode}`, median(ours.cpu), median(reference.cpu)),
      row(`peak MiB, ${ours.mode} / ${reference.mode}`, ours.peakMiB, reference.peakMiB),
    ]);
}

export function table(task: string, measured: Measured[]): string {
  const base = measured.find(({ mode }) => mode === 'torch') ?? measured[0];
  const lines = measured.map(({ mode, times, cpu, peakMiB }) => {
    const sorted = [...times].sort((a, b) => a - b);
    const cells = [
      median(times).toFixed(2),
      (sorted[0] ?? Number.NaN).toFixed(2),
      (median(times) / median(base.times)).toFixed(2),
      median(cpu).toFixed(1),
      peakMiB.toFixed(0),
    ];
    return `  ${mode.padEnd(14)}${cells.map(cell => cell.padStart(10)).join('')}`;
  });
  const head = `  ${''.padEnd(14)}${['median ms', 'min ms', `÷ ${base?.mode}`, 'CPU ms', 'peak MiB'].map(cell => cell.padStart(10)).join('')}`;
  return [task, head, ...lines].join('\n');
}

/** A trivial cell in our kernel and in Python's own, and the start of both. */
export function cells(): Row[] {
  const argv = [path.join(__dirname, 'cells.py'), path.join(ROOT, 'notebooks'), '100'];
  const printed = execFileSync(venvPython(), argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const { tslab, python3 } = JSON.parse(printed) as Record<string, { startMs: number; times: number[] }>;
  const row = (metric: string, ours: number, reference: number): Row => ({
    name: 'cell',
    metric: `${metric}, our kernel / ipykernel`,
    ours,
    reference,
    ratio: ours / reference,
  });
  return [
    row('ms per trivial cell', median(tslab.times), median(python3.times)),
    row('ms until a kernel is ready', tslab.startMs, python3.startMs),
  ];
}

const ROOT = path.join(__dirname, '..', '..');

/** Seconds from a new process to a first sum, ours and PyTorch's; medians of three. */
export function startUp(): Row {
  const time = (program: string, argv: string[]): number => {
    const before = performance.now();
    execFileSync(program, argv, { cwd: ROOT, stdio: 'ignore' });
    return (performance.now() - before) / 1000;
  };
  const script = "const { tf } = require('./lib/runtime'); tf.add(1, 2).dataSync();";
  const both = [0, 1, 2].map(() => [
    time(process.execPath, ['--import', 'tsx', '-e', script]),
    time(benchPython(), ['-c', 'import torch; (torch.tensor(1) + 2).item()']),
  ]);
  const [ours, reference] = [0, 1].map(i => median(both.map(pair => pair[i])));
  return {
    name: 'start',
    metric: 'seconds, Node with lib / Python with torch',
    ours,
    reference,
    ratio: ours / reference,
  };
}
