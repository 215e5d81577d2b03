/**
 * `npm run grade -- FOLDER`: runs the exercises' checks of all notebooks below a folder, each notebook in a kernel of its own,
 * and writes a table, one row an exercise. The checks are those of the lessons as they stand in notebooks/. A notebook that
 * cannot be read or run is a row, too. Run again, it marks only what is new or has changed. See docs/classes.md.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type HandedIn, handedIn } from './classes/collect';
import { Guard } from './classes/guard';
import { type Limits, type Mark, marksOf } from './classes/mark';
import { countFrom, fits, inParallel, onStop } from './classes/parallel';
import { appendRows, onScreen, type Row, readRows, writeRows } from './classes/table';
import { says } from './classes/words';
import { parseCommand, runCommand } from './notebooks/command';
import { readNotebook } from './notebooks/notebook';

const HELP = `npm run grade -- FOLDER [options]
  --out grades.csv    where the table goes; default: grades.csv in FOLDER
  --at-once 2         so many notebooks at a time; default: what cores and memory allow
  --seconds 60        an answer that runs longer is stopped
  --memory 3000       MB for one kernel
  --fresh             marks everything anew`;
const COLUMNS = ['file', 'student', 'lesson', 'exercise', 'passed', 'message', 'seconds', 'fingerprint'] as const;

export async function main(argv: string[]): Promise<number> {
  const { words, options } = parseCommand(argv, ['out', 'at-once', 'seconds', 'memory'], ['fresh', 'help']);
  if (options.has('help') || words.length !== 1) {
    console.log(HELP);
    return options.has('help') ? 0 : 1;
  }
  const folder = fromHere(words[0]);
  if (!fs.existsSync(folder) || !fs.statSync(folder).isDirectory())
    throw new Error(`expected a folder with handed-in notebooks, got ${words[0]}`);
  const out = options.has('out') ? fromHere(options.get('out')!) : path.join(folder, 'grades.csv');
  const limits = { seconds: countFrom(options, 'seconds', 60), memory: countFrom(options, 'memory', 3000) };
  const all = handedIn(folder);
  if (all.length === 0) throw new Error(`no notebook (*.ipynb) below ${words[0]}`);
  const kept = options.has('fresh') ? [] : rowsStillTrue(out, all);
  const done = new Set(kept.map(row => row.file));
  const left = all.filter(({ file }) => !done.has(file));
  if (process.platform !== 'linux') console.log('! no limit of memory on this system: only Linux lets it be watched');
  if (done.size > 0) console.log(`${done.size} notebooks are marked already, ${left.length} are left`);
  writeRows(out, COLUMNS, kept);
  const finished = await markAll(left, out, limits, countFrom(options, 'at-once', fits(limits.memory)));
  const rows = readRows(out);
  rows.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0)); // exercises of a file keep their order
  writeRows(out, COLUMNS, rows);
  console.log(`\n${summary(rows)}\n\n${rows.length} rows in ${out}`);
  return finished ? 0 : 130;
}

/** Paths are those of the folder in which the command was given. */
const fromHere = (name: string): string => path.resolve(process.env.INIT_CWD ?? process.cwd(), name);

/** Rows of an earlier run that would come out the same: file and lesson have not changed. */
function rowsStillTrue(out: string, all: readonly HandedIn[]): Row[] {
  const rows = readRows(out);
  if (fs.existsSync(out) && rows.length > 0 && COLUMNS.some(name => !(name in rows[0])))
    throw new Error(
      `${out} is another table than this command's: choose a place with --out, or --fresh writes over it`,
    );
  const marks = new Map(all.map(one => [one.file, fingerprint(one)]));
  const kept = rows.filter(row => row.fingerprint === `${marks.get(row.file)}-${row.fingerprint.split('-').at(-1)}`);
  const count = (file: string) => kept.filter(row => row.file === file).length;
  return kept.filter(row => count(row.file) === Number(row.fingerprint.split('-').at(-1))); // the end may be cut off
}

const lessons = new Map<string, string>();

/** Of a notebook's bytes and of its lesson's code. */
function fingerprint({ hash, lesson }: HandedIn): string {
  if (!lesson) return hash;
  const known = lessons.get(lesson.name) ?? hashOfCode(lesson.files.en);
  lessons.set(lesson.name, known);
  return `${hash}-${known}`;
}

function hashOfCode(file: string): string {
  const code = readNotebook(file).cells.flatMap(cell => (cell.cell_type === 'code' ? [cell.source] : []));
  return createHash('sha256').update(JSON.stringify(code)).digest('hex').slice(0, 6);
}

/** Marks notebooks and writes the rows of each as it ends; false where Ctrl-C came first. */
async function markAll(all: readonly HandedIn[], out: string, limits: Limits, atOnce: number): Promise<boolean> {
  const guard = new Guard();
  const stop = new AbortController();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'latentlab-grade-'));
  const silence = onStop(() => {
    console.log('\nstopping: what is marked is in the table, the same command goes on with the rest');
    stop.abort();
    guard.endAll();
  });
  let count = 0;
  await inParallel(
    all,
    atOnce,
    async one => {
      const started = performance.now();
      const marks = await marksFor(one, limits, guard, folder);
      if (stop.signal.aborted) return;
      appendRows(
        out,
        COLUMNS,
        marks.map(mark => rowOf(one, mark, marks.length)),
      );
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      const passed = marks.filter(mark => mark.passed).length;
      console.log(
        `[${++count}/${all.length}] ${one.file}  ${one.problem ?? `${passed} of ${marks.length}`}  ${seconds} s`,
      );
    },
    stop.signal,
  );
  silence();
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  return !stop.signal.aborted;
}

/** Never throws: whatever goes wrong with one notebook is its row. */
async function marksFor(one: HandedIn, limits: Limits, guard: Guard, folder: string): Promise<Mark[]> {
  const row = (message: string): Mark[] => [{ exercise: '', passed: false, message, seconds: 0 }];
  if (!one.lesson || !one.notebook) return row(one.problem ?? '');
  try {
    const marks = await marksOf(one.lesson, one.notebook, one.language, limits, guard, folder);
    return marks.length > 0 ? marks : row(says(one.language, 'noExercises'));
  } catch (error) {
    return row(says(one.language, 'failed', (error as Error).message.split('\n')[0]));
  }
}

const rowOf = (one: HandedIn, { exercise, passed, message, seconds }: Mark, count: number): Row => ({
  file: one.file,
  student: one.student,
  lesson: one.lesson?.name ?? '',
  exercise,
  passed: passed ? '1' : '0',
  message,
  seconds: String(seconds),
  fingerprint: `${fingerprint(one)}-${count}`,
});

/** A line for each notebook: how many of its exercises pass. */
function summary(rows: readonly Row[]): string {
  const files = [...new Set(rows.map(row => row.file))];
  const lines = files.map(file => {
    const own = rows.filter(row => row.file === file);
    const passed = own.filter(row => row.passed === '1').length;
    const { student, lesson } = own[0];
    return { student, lesson, passed: lesson ? `${passed} of ${own.length}` : '', file };
  });
  return onScreen(['student', 'lesson', 'passed', 'file'], lines);
}

if (require.main === module) runCommand(main);
