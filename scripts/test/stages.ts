/** The stages of `npm test`, each a list of programs to run. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { oneDnnSetting, processor } from '../../lib/runtime/processor';
import { inProject } from '../setup/paths';
import { SetupError } from '../setup/shell';

export interface Task {
  /** Shown with its result. */
  name: string;
  argv: string[];
  env?: Record<string, string>;
}

export interface Stage {
  name: string;
  /** Run one after the other, each in a Node process of its own. */
  tasks: Task[];
}

/** Test folders that are stages of their own; all other folders of tests/ together are the unit tests. */
const OWN_STAGE = ['notebooks', 'export', 'browser', 'tfjs-core', 'setup'];

/** Tests in a browser that keep both cores busy by themselves; the others wait a good part of their time, so two of them run at once. */
const BUSY = ['lessons.test.ts', 'reading.test.ts', 'site.test.ts'];

/** Folders whose tests compute with TensorFlow. */
const COMPUTING = ['nn', 'models', 'diffusion', 'training', 'probability', 'runtime'];

const TSX = pathToFileURL(inProject('node_modules', 'tsx', 'dist', 'loader.mjs')).href;
const REPORTER = pathToFileURL(inProject('scripts', 'test', 'reporter.mjs')).href;

/** Everything that `npm test` runs after the set-up, in order: the quick and telling first. */
export function allStages(): Stage[] {
  return [
    { name: 'types', tasks: typeChecks() },
    {
      name: 'style',
      tasks: [
        { name: 'biome check', argv: [inProject('node_modules', '@biomejs', 'biome', 'bin', 'biome'), 'check', '.'] },
      ],
    },
    { name: 'unit', tasks: nodeTests(unitFolders().flatMap(testFiles), 2) },
    { name: 'other-kernels', tasks: otherKernels() },
    ...OWN_STAGE.map(name => ({ name, tasks: name === 'browser' ? inBrowser() : nodeTests(testFiles(name), 1) })),
  ].filter(stage => stage.tasks.length > 0);
}

/** The lib must compile under the project's TypeScript and under the one inside tslab. */
function typeChecks(): Task[] {
  const check = (name: string, compiler: string[], project: string): Task => ({
    name,
    argv: [inProject('node_modules', ...compiler), '-p', inProject(project)],
  });
  return [
    check('TypeScript 5.9: lib, scripts, tests', ['typescript', 'lib', 'tsc.js'], 'tsconfig.json'),
    check("tslab's TypeScript 5.0: lib", ['@tslab', 'typescript-for-tslab', 'lib', 'tsc.js'], 'tsconfig.lib.json'),
  ];
}

function nodeTests(files: string[], concurrency: number): Task[] {
  if (files.length === 0) return [];
  const options = [
    '--test',
    '--test-timeout=1500000',
    `--test-concurrency=${concurrency}`,
    '--test-reporter',
    REPORTER,
  ];
  return [{ name: `${files.length} test files`, argv: ['--import', TSX, ...options, ...files] }];
}

/**
 * What computes, once more on TensorFlow's other set of kernels (lib/runtime/processor.ts): readers' processors differ,
 * and the numbers must hold on all of them.
 */
function otherKernels(): Task[] {
  const now = process.env.TF_ENABLE_ONEDNN_OPTS ?? oneDnnSetting(processor()) ?? '1';
  const env = { TF_ENABLE_ONEDNN_OPTS: /^(?:1|true)$/i.test(now) ? '0' : '1' };
  return nodeTests(COMPUTING.flatMap(testFiles), 2).map(task => ({ ...task, env }));
}

function inBrowser(): Task[] {
  const isBusy = (file: string) => BUSY.includes(path.basename(file));
  const files = testFiles('browser');
  return [
    ...nodeTests(
      files.filter(file => !isBusy(file)),
      2,
    ),
    ...nodeTests(files.filter(isBusy), 1),
  ];
}

const unitFolders = (): string[] => readdirSync(inProject('tests')).filter(name => !OWN_STAGE.includes(name));

/**
 * Just these tests, as one stage.
 * @param words files or folders, seen from `from` or from the project's root
 * @throws SetupError naming a word that is no test
 */
export function chosenStage(words: readonly string[], from = process.env.INIT_CWD ?? process.cwd()): Stage {
  const files = words.flatMap(word => {
    const plain = word.replaceAll('\\', '/');
    const places = [path.resolve(from, plain), inProject(plain)];
    const found = places.map(testsAt).find(tests => tests.length > 0);
    if (found) return found;
    const what = places.some(place => existsSync(place)) ? 'no test is there' : 'no such file or folder';
    throw new SetupError(`${word}: ${what}; expected files that end in .test.ts, or folders with some, as tests/nn`);
  });
  return { name: 'chosen tests', tasks: nodeTests([...new Set(files)], 1) };
}

function testsAt(place: string): string[] {
  if (!existsSync(place)) return [];
  if (statSync(place).isFile()) return place.endsWith('.test.ts') ? [place] : [];
  return readdirSync(place, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.test.ts'))
    .map(name => path.join(place, name))
    .sort();
}

/** tests/<folder>/**\/*.test.ts, and a test file that lies directly in tests/. */
function testFiles(folder: string): string[] {
  return testsAt(inProject('tests', folder));
}
