/** The programs of `npm test`: two cores' worth of them at a time, each told in one piece, and all ended together. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { inProject, workFolder } from '../setup/paths';
import { seconds } from '../setup/steps';
import type { Stage, Task } from './stages';

/** A program that hangs is ended, and counts as failed. */
const LONGEST_MINUTES = 40;

/** What runs at once, whatever the machine has: tests that wait for each other's processors are told apart badly. */
const CORES = 2;

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export const noCounts = (): Counts => ({ passed: 0, failed: 0, skipped: 0 });

export function add(total: Counts, more: Counts): void {
  total.passed += more.passed;
  total.failed += more.failed;
  total.skipped += more.skipped;
}

/**
 * Does the jobs in their order, as many at a time as `cores` allow: a job begins when those before it have left it enough, so
 * that the cores do not wait for the last job of a stage.
 */
export async function sideBySide<T extends { cores: number }>(
  jobs: readonly T[],
  work: (job: T) => Promise<void>,
  cores = CORES,
): Promise<void> {
  const running = new Set<Promise<void>>();
  let free = cores;
  for (const job of jobs) {
    const needs = Math.min(job.cores, cores);
    while (free < needs) await Promise.race(running);
    free -= needs;
    const doing: Promise<void> = work(job).finally(() => {
      free += needs;
      running.delete(doing);
    });
    running.add(doing);
  }
  await Promise.all(running);
}

/** Runs the stages, whose tasks may overlap; tells each task's words when it has ended, and each stage's sum. */
export async function runStages(stages: Stage[], env: Record<string, string>): Promise<Counts> {
  const total = noCounts();
  const jobs = stages.flatMap(stage => {
    const state = { sum: noCounts(), left: stage.tasks.length, began: 0 };
    return stage.tasks.map(task => ({ ...task, stage: stage.name, state }));
  });
  await sideBySide(jobs, async ({ stage, state, ...task }) => {
    const began = performance.now();
    state.began ||= began;
    const alone = task.cores === CORES || jobs.length === 1;
    if (alone) console.log(`\n── ${stage}`);
    const { counts, words } = await runTask({ ...task, env: { ...env, ...task.env } }, alone);
    if (!alone) console.log(`\n── ${stage}: ${task.name}  ${seconds(began)}${words ? `\n${words.trimEnd()}` : ''}`);
    add(state.sum, counts);
    add(total, counts);
    state.left--;
    if (state.left > 0) return;
    console.log(`   ${stage}: ${state.sum.passed} passed, ${state.sum.failed} failed  ${seconds(state.began)}`);
  });
  return total;
}

let made = 0;

/**
 * Runs one program. One that ends badly without having counted a failure is itself a failure.
 * @param aloud whether what it says is shown at once
 */
async function runTask({ name, argv, env }: Task, aloud: boolean): Promise<{ counts: Counts; words: string }> {
  const file = path.join(workFolder, `counts-${process.pid}-${made++}.json`);
  mkdirSync(workFolder, { recursive: true });
  rmSync(file, { force: true });
  const { code, words } = await runNode(argv, { ...env, LAB_TEST_COUNTS: file }, aloud);
  const counts = readCounts(file) ?? { passed: code === 0 ? 1 : 0, failed: 0, skipped: 0 };
  rmSync(file, { force: true });
  if (code === 0 || counts.failed > 0) return { counts, words };
  const why = `    ✗ ${name}: ended with exit code ${code}`;
  if (aloud) console.log(why);
  return { counts: { ...counts, failed: 1 }, words: `${words.trimEnd()}\n${why}` };
}

const running = new Set<ChildProcess>();

function runNode(
  argv: string[],
  env: Record<string, string>,
  aloud: boolean,
): Promise<{ code: number; words: string }> {
  return new Promise(resolve => {
    const child = spawn(process.execPath, argv, {
      cwd: inProject(),
      env: { ...process.env, ...env },
      stdio: aloud ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    let words = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8');
      stream?.on('data', (text: string) => {
        words += text;
      });
    }
    const limit = setTimeout(() => end(child, 'SIGTERM'), LONGEST_MINUTES * 60_000);
    const ended = (code: number) => {
      clearTimeout(limit);
      running.delete(child);
      resolve({ code, words });
    };
    child.on('close', code => ended(code ?? -1));
    child.on('error', () => ended(-1));
  });
}

/** The programs that run go first: they would write on into a folder that is gone. */
export function endTogether(signal: NodeJS.Signals): void {
  const left = [...running].filter(child => child.exitCode === null && child.signalCode === null);
  if (left.length === 0) process.exit(1);
  let waiting = left.length;
  for (const child of left) {
    child.once('exit', () => {
      waiting--;
      if (waiting === 0) process.exit(1);
    });
    end(child, signal === 'SIGHUP' ? 'SIGTERM' : signal);
  }
}

/** node:test ends its files' processes when it is asked to end, and cannot when it is killed. */
function end(child: ChildProcess, signal: NodeJS.Signals): void {
  child.kill(signal);
  setTimeout(() => child.kill('SIGKILL'), 10_000).unref();
}

function readCounts(file: string): Counts | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
