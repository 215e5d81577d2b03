/**
 * Runs the specs that @tensorflow/tfjs-core publishes (dist/tests) as tfjs-node runs them, with that package's list of
 * specs that do not apply to it. `run-specs.ts addon` tests the package on our addon, `run-specs.ts runtime` the tf of
 * lib/runtime, which replaces some kernels. Prints one line of JSON.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import util from 'node:util';

/** What jasmine 3.1 offers, as far as it is used here. */
interface Jasmine {
  getEnv(): {
    addReporter(reporter: Record<string, (result: SpecResult) => void>): void;
    configure(options: { random: boolean; specFilter: (spec: { getFullName(): string }) => boolean }): void;
    execute(): void;
  };
}
interface SpecResult {
  fullName: string;
  status: 'passed' | 'failed' | 'pending' | 'disabled' | 'excluded';
  failedExpectations: { message: string }[];
}

/** tfjs-node's own list of names of specs that it leaves out, read from the sources in its package. */
function leftOut(): string[] {
  const folder = path.dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
  const source = readFileSync(path.join(folder, 'src', 'run_tests.ts'), 'utf8');
  const list = /const IGNORE_LIST: string\[\] = (\[[\s\S]*?\n\]);/.exec(source);
  if (!list) throw new Error('tfjs-node-gpu/src/run_tests.ts has no IGNORE_LIST any more');
  return new Function(`return ${list[1]}`)() as string[];
}

/** Loads what is tested; it registers itself with the engine that all copies of tfjs-core share. */
async function load(subject: string): Promise<void> {
  if (subject === 'runtime') return void (await require('../../lib/runtime').start());
  if (subject !== 'addon') throw new Error(`subject ${subject}: expected addon or runtime`);
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
  const legacy = util as unknown as Record<string, (value: unknown) => boolean>; // gone since Node 23
  legacy.isNullOrUndefined ??= value => value === null || value === undefined;
  legacy.isArray ??= Array.isArray;
  require('@tensorflow/tfjs-node-gpu');
}

async function main(): Promise<void> {
  await load(process.argv[2]);
  const jasmine = require('jasmine-core').boot(require('jasmine-core')) as Jasmine;
  Object.assign(globalThis, { jasmine });
  const core = '@tensorflow/tfjs-core/dist';
  require(`${core}/public/chained_ops/register_all_chained_ops`);
  require(`${core}/register_all_gradients`);
  const environment = { name: 'test-tensorflow', backendName: 'tensorflow', flags: {}, isDataSync: true };
  require(`${core}/jasmine_util`).setTestEnvs([environment]);
  require(`${core}/tests`);
  runSpecs(jasmine, leftOut());
}

function runSpecs(jasmine: Jasmine, names: string[]): void {
  const counts = { passed: 0, failed: 0, pending: 0, leftOut: 0 };
  const failures: { name: string; message: string }[] = [];
  const env = jasmine.getEnv();
  env.configure({ random: false, specFilter: spec => !names.some(name => spec.getFullName().includes(name)) });
  env.addReporter({
    specDone({ fullName, status, failedExpectations }) {
      if (status === 'passed') counts.passed++;
      else if (status === 'failed') counts.failed++;
      else if (status === 'pending') counts.pending++;
      else counts.leftOut++;
      if (status === 'failed') failures.push({ name: fullName, message: failedExpectations[0]?.message ?? '' });
    },
    jasmineDone() {
      process.stdout.write(`\n${JSON.stringify({ ...counts, failures })}\n`, () => process.exit(0));
    },
  });
  env.execute();
}

void main();
