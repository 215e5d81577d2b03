/**
 * `npm run run -- 10 [--quick] [--timeout SECONDS]`: executes lessons through the kernel, with the time of every cell;
 * `all` instead of a number runs every lesson and ends with a table of all metrics and their bands; `--stale` runs nothing
 * and lists the lessons whose saved outputs are older than what they are made from (notebooks/fingerprint.ts).
 * A full run that ends well saves the outputs, in both languages; a quick run (small training budgets) saves to a
 * temporary folder only. A cell that fails is shown, and nothing is saved over the notebook.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { metricsTable } from './notebooks/bands';
import { parseCommand, runCommand } from './notebooks/command';
import { executeNotebook, failureText, type RunEvent } from './notebooks/execute';
import { changedParts, fingerprintOf } from './notebooks/fingerprint';
import { metricsOf, normalise } from './notebooks/normalise';
import { type JsonObject, type Lesson, readNotebook, selectLessons, writeNotebook } from './notebooks/notebook';
import { syncLesson } from './sync';

interface RunOptions {
  quick: boolean;
  timeoutSeconds: number;
  /** Where results lie until they are saved. */
  folder: string;
}

export async function main(argv: string[]): Promise<number> {
  const { words, options } = parseCommand(argv, ['timeout'], ['quick', 'all', 'stale']);
  const all = options.has('all') || words.includes('all');
  const chosen = selectLessons(words.filter(word => word !== 'all'));
  if (options.has('stale')) return listStale(chosen);
  if (words.length === 0 && !all) {
    throw new Error('which lesson? `npm run run -- 10`, or `npm run run -- all` for every one');
  }
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'latentlab-run-'));
  const settings = { quick: options.has('quick'), timeoutSeconds: Number(options.get('timeout') ?? 7200), folder };
  const failed: string[] = [];
  for (const lesson of chosen) if (!(await runLesson(lesson, settings))) failed.push(lesson.name);
  if (all && !settings.quick) console.log(metricsTable(chosen));
  if (failed.length > 0) console.error(`✗ ${failed.length} of ${chosen.length} failed: ${failed.join(', ')}`);
  return failed.length > 0 ? 1 : 0;
}

/** Lists lessons whose outputs are older than what they are made from; 1 where there are any. */
function listStale(lessons: readonly Lesson[]): number {
  const numbered = lessons.filter(({ name }) => /^\d/.test(name));
  const stale = numbered.flatMap(({ name, files }) => {
    const changed = changedParts(readNotebook(files.en));
    if (changed?.length === 0) return [];
    const [shown, more] = [changed?.slice(0, 4), (changed?.length ?? 0) - 4];
    const parts = shown
      ? `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
      : 'no full run has recorded them yet';
    return [`${name}: ${parts}`];
  });
  for (const line of stale) console.log(line);
  console.log(`${stale.length} of ${numbered.length} lessons are older than what they are made from`);
  return stale.length > 0 ? 1 : 0;
}

/** Runs one lesson and saves it; false where a cell failed. */
async function runLesson(lesson: Lesson, { quick, timeoutSeconds, folder }: RunOptions): Promise<boolean> {
  const source = lesson.files.en;
  const output = path.join(folder, `${lesson.name}.ipynb`);
  console.log(`${lesson.name}${quick ? ' (quick)' : ''}`);
  const { failure, seconds } = await executeNotebook(source, { output, quick, timeoutSeconds, onEvent: progress() });
  if (failure) {
    const cell = readNotebook(source).cells.find(c => c.id === failure.id);
    console.error(`\n✗ ${lesson.name}: ${failureText(failure, cell?.source)}\n`);
    console.error(`  Nothing was saved over the notebook; what ran is in ${output}`);
    return false;
  }
  const result = normalise(readNotebook(output));
  for (const line of quick ? [] : metricLines(result)) console.log(line);
  if (!quick) result.metadata.made_from = fingerprintOf(result);
  writeNotebook(quick ? output : source, result);
  if (!quick && fs.existsSync(lesson.files.zh)) syncLesson(lesson);
  console.log(`✓ ${lesson.name}: ${seconds.toFixed(0)} s, saved ${quick ? `to ${output}` : 'in both languages'}\n`);
  return true;
}

function metricLines(notebook: ReturnType<typeof normalise>): string[] {
  return ((metricsOf(notebook) ?? []) as JsonObject[]).map(({ name, value, unit, band }) => {
    const [low, high] = (band as (number | null)[]).map(edge => edge ?? '…');
    return `  ${name} = ${value} ${unit} (band ${low} to ${high})`;
  });
}

/** Prints a line a cell when it is done; on a terminal the running cell and its seconds are shown meanwhile. */
function progress(): (event: RunEvent) => void {
  let total = 0;
  let done = 0;
  let ticker: NodeJS.Timeout | undefined;
  const live = process.stdout.isTTY;
  const place = () => `  [${String(done + 1).padStart(String(total).length)}/${total}]`;
  return event => {
    clearInterval(ticker);
    if (event.event === 'start') total = event.cells;
    if (event.event === 'cell' && live) {
      const started = performance.now();
      const show = () =>
        process.stdout.write(`\r\x1b[K${place()} ${event.id} … ${((performance.now() - started) / 1000).toFixed(0)} s`);
      show();
      ticker = setInterval(show, 1000).unref();
    }
    if (event.event === 'done') {
      console.log(
        `${live ? '\r\x1b[K' : ''}${place()} ${event.id.padEnd(32)} ${event.seconds.toFixed(1).padStart(7)} s`,
      );
      done++;
    }
  };
}

if (require.main === module) runCommand(main);
