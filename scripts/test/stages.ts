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
  /** How many cores it uses by itself; the next task begins beside it where that leaves some (scripts/test/tasks.ts). */
  cores: number;
  env?: Record<string, string>;
}

export interface Stage {
  name: string;
  /** Each in a Node process of its own. */
  tasks: Task[];
}

/**
 * Test folders that are stages of their own; all other folders of tests/ together are the unit tests. Their files run two at a
 * time: most of them wait for a browser, a kernel or a network, each for one of them. So set-up, which waits most, is not the last.
 */
const OWN_STAGE = ['setup', 'tfjs-core', 'notebooks', 'export', 'browser'];

/** Those that take longest begin their stage: begun last, one would run alone in the end. */
const LONG = ['setup/clone', 'notebooks/run', 'export/site', 'browser/lessons', 'browser/site'];

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
        {
          name: 'biome check',
          cores: 1,
          argv: [inProject('node_modules', '@biomejs', 'biome', 'bin', 'biome'), 'check', '.'],
        },
      ],
    },
    { name: 'unit', tasks: nodeTests(unitFolders().flatMap(testFiles)) },
    { name: 'other-kernels', tasks: otherKernels() },
    ...OWN_STAGE.map(name => ({ name, tasks: longFirst(testFiles(name)).flatMap(file => nodeTests([file])) })),
  ].filter(stage => stage.tasks.length > 0);
}

/** The lib must compile under the project's TypeScript and under the one inside tslab. */
function typeChecks(): Task[] {
  const check = (name: string, compiler: string[], project: string): Task => ({
    name,
    cores: 1,
    argv: [inProject('node_modules', ...compiler), '-p', inProject(project)],
  });
  return [
    check('TypeScript 5.9: lib, scripts, tests', ['typescript', 'lib', 'tsc.js'], 'tsconfig.json'),
    check("tslab's TypeScript 5.0: lib", ['@tslab', 'typescript-for-tslab', 'lib', 'tsc.js'], 'tsconfig.lib.json'),
  ];
}

/** One program for all these files, which runs two of them at a time. */
function nodeTests(files: string[]): Task[] {
  if (files.length === 0) return [];
  const cores = Math.min(2, files.length);
  const options = ['--test', '--test-timeout=1500000', `--test-concurrency=${cores}`, '--test-reporter', REPORTER];
  const [name] = files.length === 1 ? files.map(shortName) : [`${files.length} test files`];
  return [{ name, cores, argv: ['--import', TSX, ...options, ...files] }];
}

/** 'export/site' of tests/export/site.test.ts. */
const shortName = (file: string): string =>
  path
    .relative(inProject('tests'), file)
    .split(path.sep)
    .join('/')
    .replace(/\.test\.ts$/, '');

function longFirst(files: string[]): string[] {
  const rank = (file: string) => (LONG.includes(shortName(file)) ? LONG.indexOf(shortName(file)) : LONG.length);
  return [...files].sort((a, b) => rank(a) - rank(b));
}

/**
 * What computes, once more on TensorFlow's other set of kernels (lib/runtime/processor.ts): readers' processors differ,
 * and the numbers must hold on all of them.
 */
function otherKernels(): Task[] {
  const now = process.env.TF_ENABLE_ONEDNN_OPTS ?? oneDnnSetting(processor()) ?? '1';
  const env = { TF_ENABLE_ONEDNN_OPTS: /^(?:1|true)$/i.test(now) ? '0' : '1' };
  return nodeTests(COMPUTING.flatMap(testFiles)).map(task => ({ ...task, env }));
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
  return { name: 'chosen tests', tasks: nodeTests([...new Set(files)]) };
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
