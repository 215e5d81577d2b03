/**
 * `npm test`: sets up what is missing, then checks everything, stage by stage, with times. `npm test -- --only unit,types`
 * chooses stages; `npm test -- --list` names them; `npm test -- tests/nn tests/export/widgets.test.ts` runs just these.
 * Ends with 'N passed, N failed'.
 */
import { program, setUp } from './setup';
import { SetupError } from './setup/shell';
import { seconds } from './setup/steps';
import { makeSandbox } from './test/sandbox';
import { allStages, chosenStage, type Stage } from './test/stages';
import { add, type Counts, endTogether, noCounts, runStages } from './test/tasks';

async function main(argv: string[]): Promise<void> {
  const stages = chooseStages(allStages(), argv);
  if (argv.includes('--list')) return console.log(stages.map(stage => stage.name).join('\n'));
  const total = noCounts();
  const started = performance.now();
  const ready = await runSetUp(total);
  const sandbox = makeSandbox();
  process.on('exit', sandbox.remove);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, endTogether);
  if (ready) add(total, await runStages(stages, sandbox.env));
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

if (require.main === module) program(main);
