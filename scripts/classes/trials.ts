/** The trials of a sweep: every combination of the grid's values, each a process of its own. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { pathToFileURL } from 'node:url';
import { pythonInVenv } from '../notebooks/command';
import { inProject } from '../setup/paths';

export type Values = Record<string, number | string>;
export type Metrics = Record<string, number | string | boolean>;

export interface Ended {
  state: 'done' | 'failed';
  metrics: Metrics;
  message: string;
  seconds: number;
}

/** `lr=1e-3,3e-3` → every combination, the last name changing fastest. @throws Error naming a word that is none */
export function gridOf(words: readonly string[]): Values[] {
  const names = words.map(word => {
    const [, name, list] = /^([A-Za-z_]\w*)=(.+)$/.exec(word) ?? [];
    const values = list?.split(',').map(value => value.trim()) ?? [];
    if (!name || values.some(value => value === ''))
      throw new Error(`--grid: expected name=value,value as in lr=1e-3,3e-3, got ${JSON.stringify(word)}`);
    return { name, values: [...new Set(values)].map(asValue) };
  });
  const twice = names.find(({ name }, i) => names.findIndex(other => other.name === name) !== i);
  if (twice) throw new Error(`--grid: ${twice.name} is there twice; write all its values in one word`);
  return names.reduce<Values[]>(
    (all, { name, values }) => all.flatMap(one => values.map(value => ({ ...one, [name]: value }))),
    [{}],
  );
}

/** What reads as a number is one. */
const asValue = (text: string): number | string => (Number.isFinite(Number(text)) ? Number(text) : text);

/** Program and arguments for a script, by its ending; Python is that of .venv. @throws Error for any other ending */
export function commandFor(script: string): string[] {
  const ending = path.extname(script);
  const tsx = pathToFileURL(inProject('node_modules', 'tsx', 'dist', 'loader.mjs')).href;
  if (['.ts', '.mts', '.cts'].includes(ending)) return [process.execPath, '--import', tsx, script];
  if (['.js', '.mjs', '.cjs'].includes(ending)) return [process.execPath, script];
  if (ending === '.py') return [pythonInVenv(), script];
  throw new Error(`${path.basename(script)}: expected a script that ends in .ts, .js, .mjs or .py`);
}

/** The environment of a trial: its values, and its share of the cores for TensorFlow. */
export function settingsOf(values: Values, threads: number): Record<string, string> {
  const share = String(Math.max(1, threads));
  return {
    LAB_TRIAL: JSON.stringify(values),
    TF_NUM_INTRAOP_THREADS: share,
    TF_NUM_INTEROP_THREADS: '1',
    OMP_NUM_THREADS: share,
  };
}

/** Runs one trial here. Its output goes to `log`; a line that is a JSON object gives metrics, later ones go before. */
export async function runTrial(
  script: string,
  values: Values,
  { threads, log, stop }: { threads: number; log: string; stop: AbortSignal },
): Promise<Ended> {
  const [program, ...argv] = commandFor(script);
  const started = performance.now();
  const out = fs.createWriteStream(log);
  const child = spawn(program, argv, {
    cwd: inProject(),
    env: { ...process.env, ...settingsOf(values, threads) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32', // a group of its own: stopped with all that it has started
  });
  const leave = () => end(child.pid);
  stop.addEventListener('abort', leave);
  if (stop.aborted) leave();
  let metrics: Metrics = {};
  let last = '';
  const note = (line: string): void => {
    out.write(`${line}\n`);
    if (line.trim()) last = line.trim();
  };
  child.stderr.setEncoding('utf8');
  readline.createInterface({ input: child.stderr }).on('line', note);
  readline.createInterface({ input: child.stdout }).on('line', line => {
    note(line);
    metrics = { ...metrics, ...(metricsIn(line) ?? {}) };
  });
  const code = await new Promise<number | string>(resolve => {
    child.on('error', error => {
      last = error.message;
      resolve(-1);
    });
    child.on('close', (status, signal) => resolve(status ?? signal ?? -1));
  });
  stop.removeEventListener('abort', leave);
  await new Promise<void>(resolve => out.end(resolve)); // the log is read for the line that names the error
  return ended(code, metrics, errorLine(log, last), (performance.now() - started) / 1000);
}

export function ended(code: number | string, metrics: Metrics, last: string, seconds: number): Ended {
  const message = code === 0 ? '' : `exit ${code}: ${last}`.slice(0, 300);
  return { state: code === 0 ? 'done' : 'failed', metrics, message, seconds: Number(seconds.toFixed(1)) };
}

/** The line of a log that names the error, which in Node stands above its stack; else the last. */
function errorLine(log: string, last: string): string {
  const text = fs.existsSync(log) ? fs.readFileSync(log, 'utf8') : '';
  return text.match(/^\w*(?:Error|Exception)\b.*$/gm)?.at(-1) ?? last;
}

/** Metrics of a line of output: a JSON object of numbers, words and truths. */
export function metricsIn(line: string): Metrics | undefined {
  if (!/^\s*\{.*\}\s*$/.test(line)) return undefined;
  try {
    const pairs = Object.entries(JSON.parse(line) as object).filter(([, value]) => !(value instanceof Object));
    return Object.fromEntries(pairs.map(([name, value]) => [name, value ?? 'NaN'])) as Metrics;
  } catch {
    return undefined;
  }
}

function end(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // ended by itself
  }
}
