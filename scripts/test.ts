/**
 * `npm test`: sets up what is missing, then checks everything, stage by stage, with times. `npm test -- --only unit,types`
 * chooses stages; `npm test -- --list` names them; `npm test -- tests/nn tests/export/widgets.test.ts` runs just these.
 * Ends with 'N passed, N failed'.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { program, setUp } from './setup';
import { inProject, workFolder } from './setup/paths';
import { SetupError } from './setup/shell';
import { seconds } from './setup/steps';
import { makeSandbox } from './test/sandbox';
import { allStages, chosenStage, type Stage, type Task } from './test/stages';

/** A program that hangs is ended, and counts as failed. */
const LONGEST_MINUTES = 40;

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

async function main(argv: string[]): Promise<void> {
  const stages = chooseStages(allStages(), argv);
  if (argv.includes('--list')) return console.log(stages.map(stage => stage.name).join('\n'));
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  const started = performance.now();
  const ready = await runSetUp(total);
  const sandbox = makeSandbox();
  process.on('exit', sandbox.remove);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, endTogether);
  for (const stage of ready ? stages : []) await runStage(stage, total, sandbox.env);
  console.log(`\nall stages took ${seconds(started)}`);
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
}

/**
 * Paths: just these tests. `--only a,b` or `--only=a,b`: these stages, in their usual order.
 * @throws SetupError naming the stages that exist, or the path that holds no test
 */
export function chooseStages(stages: Stage[], argv: string[]): Stage[] {
  const words = argv.filter((word, i) => !word.startsWith('--') && argv[i - 1] !== '--only');
  if (words.length > 0) return [chosenStage(words)];
  const unknownOption = argv.find(word => word.startsWith('--') && !/^--(?:only(?:=.*)?|list)$/.test(word));
  if (unknownOption) throw new SetupError(`${unknownOption}: no such option; there are --only and --list`);
  const at = argv.findIndex(argument => argument === '--only' || argument.startsWith('--only='));
  if (at < 0) return stages;
  const list = argv[at].includes('=') ? argv[at].slice('--only='.length) : (argv[at + 1] ?? '');
  const wanted = list.split(',').filter(name => name !== '');
  const known = stages.map(stage => stage.name);
  const unknown = wanted.filter(name => !known.includes(name));
  if (wanted.length === 0 || unknown.length > 0) {
    throw new SetupError(
      `--only ${list || '(nothing)'}: no such stage; expected some of ${known.join(', ')}, separated by commas`,
    );
  }
  return stages.filter(stage => wanted.includes(stage.name));
}

/** The set-up counts as a test: it passes, or it is the failure. */
async function runSetUp(total: Counts): Promise<boolean> {
  const started = performance.now();
  console.log('── set-up');
  try {
    await setUp(line => console.log(`    ${line}`));
    total.passed++;
    console.log(`   set-up: 1 passed, 0 failed  ${seconds(started)}`);
    return true;
  } catch (error) {
    total.failed++;
    console.log(`    ✗ ${error instanceof SetupError ? error.message : (error as Error).stack}`);
    return false;
  }
}

async function runStage(stage: Stage, total: Counts, env: Record<string, string>): Promise<void> {
  const started = performance.now();
  console.log(`\n── ${stage.name}`);
  const sum: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const task of stage.tasks) add(sum, await runTask({ ...task, env: { ...env, ...task.env } }));
  add(total, sum);
  console.log(`   ${stage.name}: ${sum.passed} passed, ${sum.failed} failed  ${seconds(started)}`);
}

/** Runs one program. One that ends badly without having counted a failure is itself a failure. */
async function runTask({ name, argv, env }: Task): Promise<Counts> {
  const file = path.join(workFolder, `counts-${process.pid}.json`);
  mkdirSync(workFolder, { recursive: true });
  rmSync(file, { force: true });
  const code = await runNode(argv, { ...env, LAB_TEST_COUNTS: file });
  const counts = readCounts(file) ?? { passed: code === 0 ? 1 : 0, failed: 0, skipped: 0 };
  rmSync(file, { force: true });
  if (code !== 0 && counts.failed === 0) {
    console.log(`    ✗ ${name}: ended with exit code ${code}`);
    counts.failed = 1;
  }
  return counts;
}

let running: ChildProcess | undefined;

function runNode(argv: string[], env: Record<string, string>): Promise<number> {
  return new Promise(resolve => {
    const child = spawn(process.execPath, argv, {
      cwd: inProject(),
      env: { ...process.env, ...env },
      stdio: 'inherit',
    });
    running = child;
    const limit = setTimeout(() => end(child, 'SIGTERM'), LONGEST_MINUTES * 60_000);
    child.on('close', code => {
      clearTimeout(limit);
      resolve(code ?? -1);
    });
    child.on('error', () => resolve(-1));
  });
}

/** The program that runs goes first: it would write on into a folder that is gone. */
function endTogether(signal: NodeJS.Signals): void {
  if (running === undefined || running.exitCode !== null || running.signalCode !== null) process.exit(1);
  running.once('exit', () => process.exit(1));
  end(running, signal === 'SIGHUP' ? 'SIGTERM' : signal);
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

function add(total: Counts, more: Counts): void {
  total.passed += more.passed;
  total.failed += more.failed;
  total.skipped += more.skipped;
}

if (require.main === module) program(main);
