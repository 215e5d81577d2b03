/**
 * `npm run sweep -- script.ts --grid lr=1e-3,3e-3 rank=1,8`: runs a training once for each combination, several at a time,
 * here or on a Ray cluster, and writes one table. A trial finds its values as JSON in the environment variable LAB_TRIAL, and
 * reports by printing a line of JSON. Run again, it does what is missing or has failed. See docs/classes.md.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { countFrom, inParallel, onStop } from './classes/parallel';
import { runOnRay } from './classes/ray';
import { onScreen, type Row, writeRows } from './classes/table';
import { commandFor, type Ended, gridOf, runTrial, type Values } from './classes/trials';
import { parseCommand, runCommand } from './notebooks/command';
import { wantedDevice } from './setup/device';

const HELP = `npm run sweep -- script.ts --grid lr=1e-3,3e-3 rank=1,8 [options]
  --at-once 2         so many trials at a time; default: one a core, on a GPU one
  --out table.csv     where the table goes; default: script.sweep.csv beside the script
  --ray ADDRESS       on a Ray cluster, as 127.0.0.1:6379, or auto
  --fresh             runs everything anew
The script reads its values:  const { lr, rank } = JSON.parse(process.env.LAB_TRIAL ?? '{"lr": 0.001, "rank": 4}');
and reports in one line:      console.log(JSON.stringify({ loss }));`;

interface Trial {
  values: Values;
  script: string;
  ended?: Ended;
}

export async function main(argv: string[]): Promise<number> {
  const { words, options } = parseCommand(argv, ['at-once', 'out', 'ray'], ['grid', 'fresh', 'help']);
  const [name, ...grid] = words;
  if (options.has('help') || !name || grid.length === 0) {
    console.log(HELP);
    return options.has('help') ? 0 : 1;
  }
  const script = path.resolve(process.env.INIT_CWD ?? process.cwd(), name);
  if (!fs.existsSync(script)) throw new Error(`no script ${name}`);
  commandFor(script);
  const stem = script.replace(/\.\w+$/, '.sweep');
  const out = options.has('out')
    ? path.resolve(process.env.INIT_CWD ?? process.cwd(), options.get('out')!)
    : `${stem}.csv`;
  const logs = out.replace(/\.csv$/, '');
  fs.mkdirSync(logs, { recursive: true });
  const hash = createHash('sha256').update(fs.readFileSync(script)).digest('hex').slice(0, 12);
  const memory = path.join(logs, 'trials.jsonl');
  if (options.has('fresh')) fs.rmSync(memory, { force: true });
  const before = remembered(memory);
  const trials = gridOf(grid).map((values): Trial => ({ values, script: hash, ended: before.get(key(values, hash)) }));
  const left = trials.filter(trial => trial.ended?.state !== 'done');
  if (left.length < trials.length) console.log(`${trials.length - left.length} of ${trials.length} are done already`);
  const most = (await wantedDevice()) === 'cuda' ? 1 : os.availableParallelism();
  const atOnce = countFrom(options, 'at-once', Math.min(most, Math.max(1, left.length)));
  const keep = (trial: Trial, result: Ended): void => {
    trial.ended = result;
    fs.appendFileSync(memory, `${JSON.stringify(trial)}\n`);
    writeRows(out, ...tableOf(trials));
    const { state, metrics, message, seconds } = result;
    console.log(
      `${state === 'done' ? '✓' : '✗'} ${inWords(trial.values)}  ${inWords(metrics)}${message}  ${seconds} s`,
    );
  };
  const stopped = await runAll(left, script, logs, atOnce, options.get('ray'), trials, keep);
  writeRows(out, ...tableOf(trials));
  console.log(`\n${onScreen(...tableOf(trials))}\n\n${out}; what each trial printed is in ${logs}`);
  if (stopped) console.log('stopped: the same command goes on with the rest');
  return stopped ? 130 : trials.every(trial => trial.ended?.state === 'done') ? 0 : 1;
}

/** Runs what is left; true where it was stopped. */
async function runAll(
  left: readonly Trial[],
  script: string,
  logs: string,
  atOnce: number,
  ray: string | undefined,
  all: readonly Trial[],
  keep: (trial: Trial, result: Ended) => void,
): Promise<boolean> {
  const stop = new AbortController();
  const silence = onStop(() => stop.abort());
  const threads = Math.floor(os.availableParallelism() / atOnce);
  const log = (trial: Trial): string => path.join(logs, `${all.indexOf(trial) + 1}.log`);
  try {
    if (ray !== undefined) {
      await runOnRay(
        script,
        left.map(trial => trial.values),
        { address: ray, stop: stop.signal },
        (at, result, text) => {
          fs.writeFileSync(log(left[at]), text);
          keep(left[at], result);
        },
      );
    } else {
      const one = async (trial: Trial): Promise<void> => {
        const result = await runTrial(script, trial.values, { threads, log: log(trial), stop: stop.signal });
        if (!stop.signal.aborted) keep(trial, result);
      };
      await inParallel(left, atOnce, one, stop.signal);
    }
  } finally {
    silence();
  }
  return stop.signal.aborted;
}

const key = (values: Values, script: string): string => JSON.stringify([script, Object.entries(values).sort()]);

/** Results of earlier runs; a line that was cut off counts as none. */
function remembered(file: string): Map<string, Ended> {
  const lines = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n') : [];
  return new Map(
    lines.flatMap((line): [string, Ended][] => {
      try {
        const { values, script, ended } = JSON.parse(line) as Required<Trial>;
        return [[key(values, script), ended]];
      } catch {
        return [];
      }
    }),
  );
}

/** Columns and rows: the grid's names, the state, every metric that a trial has reported, seconds, message. */
function tableOf(trials: readonly Trial[]): [string[], Row[]] {
  const metrics = [...new Set(trials.flatMap(trial => Object.keys(trial.ended?.metrics ?? {})))];
  const names = Object.keys(trials[0].values);
  const columns = [...names, 'state', ...metrics.filter(name => !names.includes(name)), 'seconds', 'message'];
  const rows = trials.map(({ values, ended }) => {
    const all = {
      ...ended?.metrics,
      ...values,
      state: ended?.state ?? 'not run',
      seconds: ended?.seconds ?? '',
      message: ended?.message ?? '',
    };
    return Object.fromEntries(Object.entries(all).map(([name, value]) => [name, String(value)]));
  });
  return [columns, rows];
}

const inWords = (pairs: Values | Ended['metrics']): string =>
  Object.entries(pairs)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

if (require.main === module) runCommand(main);
