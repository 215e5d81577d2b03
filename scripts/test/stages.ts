/** The stages of `npm test`, each a list of programs to run. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { inProject } from '../setup/paths';

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
    ...OWN_STAGE.map(name => ({ name, tasks: nodeTests(testFiles(name), 1) })),
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

const unitFolders = (): string[] => readdirSync(inProject('tests')).filter(name => !OWN_STAGE.includes(name));

/** tests/<folder>/**\/*.test.ts, and a test file that lies directly in tests/. */
function testFiles(folder: string): string[] {
  const start = inProject('tests', folder);
  if (!existsSync(start)) return [];
  if (folder.endsWith('.test.ts')) return [start];
  if (path.extname(folder)) return [];
  return readdirSync(start, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.test.ts'))
    .map(name => path.join(start, name))
    .sort();
}
