/**
 * Marks the exercises of one handed-in notebook in a kernel of its own: the cells of the course's lesson that they stand on,
 * each answer, and the lesson's own check of it. Code that loops, takes all memory or ends its kernel costs its own row; those
 * after it run in a new kernel.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { inChinese } from '../../lib/i18n/bundle';
import { dictionaryOf, faultsOf } from '../../lib/i18n/load';
import { type Execution, executeNotebook, type Failure } from '../notebooks/execute';
import {
  type Cell,
  type Language,
  type Lesson,
  type Notebook,
  type Output,
  ROOT,
  readNotebook,
  writeNotebook,
} from '../notebooks/notebook';
import { answerOf, cellFor, preparation, type Task, tasksOf } from './answer';
import { checkCell, openingCell, type Reported, reportIn } from './check-cells';
import type { Guard } from './guard';
import { says } from './words';

export interface Limits {
  /** For an answer, and for its check. */
  seconds: number;
  /** For the kernel and all that it starts, in MB. */
  memory: number;
}

export interface Mark {
  exercise: string;
  passed: boolean;
  message: string;
  seconds: number;
}

/** For the lesson's own cells, together. */
const LESSON_SECONDS = 900;
/** Characters that are kept of what an answer prints: nobody reads them. */
const PRINTED = 10_000;

interface Asked {
  task: Task;
  code: string;
}

/** The marks of all exercises of a lesson, in its order. */
export async function marksOf(
  lesson: Lesson,
  student: Notebook,
  language: Language,
  limits: Limits,
  guard: Guard,
  folder: string,
): Promise<Mark[]> {
  const notebook = readNotebook(lesson.files.en);
  const marks = new Map<Task, Mark>();
  const fail = (task: Task, message: string, seconds = 0) =>
    marks.set(task, { exercise: task.name, passed: false, message: oneLine(message), seconds });
  let waiting: Asked[] = [];
  const tasks = tasksOf(notebook);
  for (const task of tasks) {
    const cell = cellFor(task, student);
    let answer: ReturnType<typeof answerOf> | undefined;
    try {
      answer = cell ? answerOf(task, cell, student, notebook) : undefined;
    } catch (error) {
      fail(task, says(language, 'failed', (error as Error).message)); // nested deeper than a parser can follow
      continue;
    }
    if (!answer) fail(task, says(language, 'deleted'));
    else if ('code' in answer) waiting.push({ task, code: answer.code });
    else fail(task, says(language, answer.kind, 'names' in answer ? answer.names.join(', ') : ''));
  }
  while (waiting.length > 0) {
    const round = await runRound(lesson.name, notebook, waiting, language, limits, guard, folder);
    for (const [task, mark] of round) marks.set(task, mark);
    waiting = waiting.filter(({ task }) => !round.has(task));
  }
  return tasks.flatMap(task => marks.get(task) ?? []);
}

/** One kernel: the marks that it gave, at least one. */
async function runRound(
  name: string,
  lesson: Notebook,
  asked: readonly Asked[],
  language: Language,
  limits: Limits,
  guard: Guard,
  parent: string,
): Promise<Map<Task, Mark>> {
  const secret = randomBytes(6).toString('hex');
  const folder = path.join(fs.mkdtempSync(path.join(parent, 'kernel-')), language); // the kernel speaks its folder's language
  const [input, output] = [path.join(folder, `${name}.ipynb`), path.join(folder, 'ran.ipynb')];
  fs.mkdirSync(folder);
  writeNotebook(input, roundOf(lesson, asked, secret, limits.seconds));
  const watched = guard.watch(limits.memory);
  let execution: Execution | undefined;
  let trouble = '';
  try {
    execution = await executeNotebook(input, {
      output,
      folder,
      quick: true,
      timeoutSeconds: limits.seconds * 2 * asked.length + LESSON_SECONDS,
      env: { ...watched.env, HOME: folder, TMPDIR: folder, LAB_HISTORY: path.join(folder, 'history.jsonl') },
      onStart: watched.driver,
    });
  } catch (error) {
    trouble = (error as Error).message;
  } finally {
    watched.end();
  }
  const cells = fs.existsSync(output) ? readNotebook(output).cells : [];
  fs.rmSync(path.dirname(folder), { recursive: true, force: true, maxRetries: 3 });
  const why = whyStopped(execution?.failure, watched.tooLarge, limits, language);
  return readRound(name, asked, cells, execution, secret, language, why, trouble);
}

/** The notebook that runs: what is needed of the lesson, in its order, with answers and checks in their places. */
function roundOf(lesson: Notebook, asked: readonly Asked[], secret: string, seconds: number): Notebook {
  const mayFail = { tags: ['raises-exception'], limit_seconds: seconds, limit_printed: PRINTED };
  const code = (id: string, source: string, metadata = {}): Cell => ({
    cell_type: 'code',
    id,
    metadata,
    source,
    execution_count: null,
    outputs: [],
  });
  const pieces = preparation(lesson, asked).map(place => ({
    place,
    cells: [code(lesson.cells[place].id, lesson.cells[place].source)],
  }));
  const questions = asked.map(({ task, code: answer }) => ({
    place: task.place,
    cells: [code(`${task.id}-answer`, answer, mayFail), code(`${task.id}-check`, checkCell(task, secret), mayFail)],
  }));
  const cells = [...pieces, ...questions].sort((a, b) => a.place - b.place).flatMap(piece => piece.cells);
  return { ...lesson, cells: [code('opening', openingCell(secret)), ...cells] };
}

function whyStopped(failure: Failure | undefined, tooLarge: boolean, limits: Limits, language: Language): string {
  if (tooLarge) return says(language, 'large', limits.memory);
  if (failure?.name === 'CellTimeout' || failure?.name === 'Timeout') return says(language, 'slow', limits.seconds);
  return says(language, 'ended');
}

function readRound(
  name: string,
  asked: readonly Asked[],
  cells: readonly Cell[],
  execution: Execution | undefined,
  secret: string,
  language: Language,
  why: string,
  trouble: string,
): Map<Task, Mark> {
  const marks = new Map<Task, Mark>();
  const byId = new Map(cells.map(cell => [cell.id, cell]));
  const failure = execution?.failure;
  let unprepared = '';
  for (const { task } of asked) {
    const [answer, check] = ['answer', 'check'].map(part => byId.get(`${task.id}-${part}`));
    const seconds = ['answer', 'check'].reduce((sum, part) => sum + (execution?.cells[`${task.id}-${part}`] ?? 0), 0);
    const mark = (passed: boolean, message: string) =>
      marks.set(task, { exercise: task.name, passed, message: oneLine(message), seconds: Number(seconds.toFixed(2)) });
    const report = reportIn(check?.outputs ?? [], secret, language);
    const error = errorIn(answer) ?? errorIn(check);
    const stoppedHere = failure?.id?.startsWith(`${task.id}-`) === true;
    if (report) mark(report.state === 'right', messageOf(report, language, name));
    else if (stoppedHere || error?.ename === 'KernelRestarted') mark(false, why);
    else if (error) mark(false, saidBy(error));
    else if (failure) {
      // not reached: the next kernel asks again, unless the lesson's own cells are at fault
      if (marks.size > 0 && !unprepared) break;
      unprepared ||= says(language, 'unprepared', `${failure.id}: ${failure.message}`);
      mark(false, unprepared);
    } else mark(false, trouble ? says(language, 'failed', trouble) : says(language, 'silent'));
    if (stoppedHere || error?.ename === 'KernelRestarted') break; // what came after it had no variables left
  }
  return marks;
}

const errorIn = (cell: Cell | undefined): Output | undefined =>
  cell?.outputs?.find(output => output.output_type === 'error');

/** `TypeError: … ` as the kernel says it; of code that does not compile, the first thing that is wrong. */
function saidBy({ ename = 'Error', evalue = '' }: Output): string {
  return evalue.startsWith(ename) ? evalue : `${ename}: ${evalue}`;
}

/** What the check says itself is in both languages, or English that the dictionary knows. */
function messageOf({ state, says: text }: Reported, language: Language, lesson: string): string {
  if (state === 'unsolved' || state === 'tampered') return says(language, state);
  if (language === 'en') return text;
  const dictionary = dictionaryOf(ROOT, lesson);
  return inChinese(dictionary, faultsOf(ROOT, dictionary)).text(text);
}

const oneLine = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
};
