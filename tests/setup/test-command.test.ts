/** `npm test` itself: what it runs when it is asked for some of it, and where its tests write. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inProject } from '../../scripts/setup/paths';
import { SetupError } from '../../scripts/setup/shell';
import { chooseStages } from '../../scripts/test';
import { makeSandbox } from '../../scripts/test/sandbox';
import { allStages, type Stage } from '../../scripts/test/stages';
import { runStages, sideBySide } from '../../scripts/test/tasks';
import { newFolder } from '../folder';

/** The test files that these words lead to, seen from the project. */
function filesOf(...words: string[]): string[] {
  const stages = chooseStages(allStages(), words);
  assert.equal(stages.length, 1);
  return stages[0].tasks
    .flatMap(task => task.argv)
    .filter(word => word.endsWith('.test.ts'))
    .map(file => path.relative(inProject(), file).split(path.sep).join('/'));
}

describe('paths', () => {
  test('a file, a folder, several, with either slash: just these, each once', () => {
    assert.deepEqual(filesOf('tests/export/widgets.test.ts'), ['tests/export/widgets.test.ts']);
    assert.deepEqual(filesOf('tests\\export\\widgets.test.ts'), ['tests/export/widgets.test.ts']);
    assert.deepEqual(filesOf(inProject('tests', 'nn', 'scalar.test.ts')), ['tests/nn/scalar.test.ts']);
    const folder = filesOf('tests/formats');
    assert.ok(folder.length >= 2 && folder.every(file => file.startsWith('tests/formats/')), folder.join());
    assert.deepEqual(filesOf('./tests/formats/', 'tests/nn/scalar.test.ts', 'tests/formats'), [
      ...folder,
      'tests/nn/scalar.test.ts',
    ]);
  });

  test('a path without tests, and one that is not there, are named', () => {
    assert.throws(() => filesOf('tests/none.test.ts'), /tests\/none\.test\.ts: no such file or folder; expected files/);
    assert.throws(() => filesOf('lib/nn'), /lib\/nn: no test is there/);
    assert.throws(() => filesOf('README.md'), SetupError);
    assert.throws(() => filesOf('--onyl', 'unit'), /unit: no such file/);
    assert.throws(() => filesOf('--quick'), /--quick: no such option; there are --only and --list/);
  });

  test('stages still go by name, in their usual order', () => {
    const names = chooseStages(allStages(), ['--only', 'browser,types']).map(stage => stage.name);
    assert.deepEqual(names, ['types', 'browser']);
  });
});

describe('tasks', () => {
  test('go two at a time in their order; one that uses both cores by itself has them alone', async () => {
    const ends = new Map<string, () => void>();
    const log: string[] = [];
    const job = (name: string, cores: number) => ({ name, cores });
    const done = sideBySide(
      [job('a', 1), job('b', 1), job('c', 1), job('whole', 2), job('d', 1)],
      ({ name }) => {
        log.push(name);
        return new Promise(resolve => ends.set(name, resolve));
      },
      2,
    );
    const after = async (name: string) => {
      ends.get(name)!();
      await sleep(1);
      return log.join(' ');
    };
    assert.equal(log.join(' '), 'a b');
    assert.equal(await after('b'), 'a b c');
    assert.equal(await after('c'), 'a b c');
    assert.equal(await after('a'), 'a b c whole');
    assert.equal(await after('whole'), 'a b c whole d');
    ends.get('d')!();
    await done;
  });

  test('are each told in one piece, their stage with its sum, and one that ends badly is a failure', async context => {
    const said = context.mock.method(console, 'log', () => {});
    const script = (name: string, code: string) => ({ name, cores: 1, argv: ['-e', code] });
    const counts =
      'require(\'node:fs\').writeFileSync(process.env.LAB_TEST_COUNTS, \'{"passed":3,"failed":0,"skipped":1}\')';
    const stages: Stage[] = [
      { name: 'one', tasks: [script('slow', `console.log('begins'); setTimeout(() => ${counts}, 700)`)] },
      { name: 'two', tasks: [script('quick', ''), script('bad', "console.error('why'); process.exit(3)")] },
    ];
    assert.deepEqual(await runStages(stages, {}), { passed: 4, failed: 1, skipped: 1 });
    const words = said.mock.calls.map(({ arguments: [line] }) =>
      String(line)
        .replace(/ {2}[\d.]+ s/g, '')
        .trim(),
    );
    assert.deepEqual([...words].sort(), [
      'one: 3 passed, 0 failed',
      'two: 1 passed, 1 failed',
      '── one: slow\nbegins',
      '── two: bad\nwhy\n    ✗ bad: ended with exit code 3',
      '── two: quick',
    ]);
  });

  test('of a stage are its files, those that take longest first; what takes both cores is said to', () => {
    const stages = new Map(allStages().map(({ name, tasks }) => [name, tasks]));
    for (const [name, first] of [
      ['setup', 'setup/clone'],
      ['notebooks', 'notebooks/run'],
      ['export', 'export/site'],
    ])
      assert.equal(stages.get(name)![0].name, first);
    for (const name of ['unit', 'other-kernels'])
      assert.deepEqual(
        stages.get(name)!.map(({ cores }) => cores),
        [2],
      );
    const files = (name: string) => readdirSync(inProject('tests', name)).filter(file => file.endsWith('.test.ts'));
    for (const name of ['setup', 'export', 'browser']) assert.equal(stages.get(name)!.length, files(name).length, name);
  });
});

test('all that a run writes lies in one folder, which goes', () => {
  const [one, two] = [makeSandbox(), makeSandbox()];
  assert.notEqual(one.folder, two.folder);
  for (const [name, value] of Object.entries(one.env)) {
    if (name === 'LAB_SCREENSHOTS' && process.env.LAB_SCREENSHOTS) continue;
    const there = name === 'LAB_HISTORY' ? path.dirname(value) : value; // a file, made by the first kernel
    assert.ok(value.startsWith(one.folder + path.sep) && existsSync(there), `${name}=${value}`);
  }
  mkdirSync(path.join(one.env.TMPDIR, 'deep'));
  writeFileSync(path.join(one.env.TMPDIR, 'deep', 'left'), '');
  one.remove();
  two.remove();
  assert.ok(!existsSync(one.folder) && !existsSync(two.folder));
});

test('stopped halfway, it ends what it started, and its folder goes', { timeout: 120_000 }, async t => {
  const folder = newFolder('stopped');
  const told = path.join(folder, 'told');
  const slow = path.join(folder, 'slow.test.ts');
  writeFileSync(
    slow,
    `import fs from 'node:fs'; import os from 'node:os'; import { test } from 'node:test';
    test('long', async () => {
      fs.writeFileSync(process.env.TOLD + '.part', JSON.stringify({ pid: process.pid, place: os.tmpdir() }));
      fs.renameSync(process.env.TOLD + '.part', process.env.TOLD!);
      await new Promise(resolve => setTimeout(resolve, 600_000));
    });`,
  );
  const { NODE_TEST_CONTEXT: _, ...env } = process.env; // otherwise node:test takes it for a part of this run
  const argv = ['--import', 'tsx', inProject('scripts', 'test.ts'), slow];
  const run = spawn(process.execPath, argv, { cwd: inProject(), env: { ...env, TOLD: told }, stdio: 'ignore' });
  const ended = new Promise(resolve => run.once('exit', resolve));
  while (!existsSync(told)) await sleep(100);
  const { pid, place } = JSON.parse(readFileSync(told, 'utf8'));
  t.after(() => isAlive(pid) && process.kill(pid, 'SIGKILL'));
  assert.ok(existsSync(place) && place !== os.tmpdir());
  run.kill('SIGTERM');
  assert.equal(await ended, 1);
  assert.ok(!existsSync(place), place);
  for (let i = 0; i < 50 && isAlive(pid); i++) await sleep(100);
  assert.ok(!isAlive(pid), `process ${pid} is left`);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('tests write into new folders that go, best where tests/folder.ts says, and nowhere else', () => {
  // A name that two runs share, or that an earlier run left, helps or harms; /tmp and the home belong to others.
  const elsewhere = /\btmpdir\(|mkdtempSync\(|['"`](?:\/tmp|\/var\/tmp|~)\/|homedir\(\), '|process\.env\.HOME\b/;
  const own = ['folder.ts', 'setup/test-command.test.ts']; // and this one speaks of them
  const sources = readdirSync(inProject('tests'), { recursive: true, encoding: 'utf8' })
    .map(name => name.split(path.sep).join('/'))
    .filter(name => name.endsWith('.ts') && !own.includes(name));
  assert.ok(sources.length > 60);
  const found = sources.filter(name => {
    const text = readFileSync(inProject('tests', name), 'utf8');
    const removed = /\brmSync\(/.test(text); // a new folder that the file removes itself is as good
    return elsewhere.test(
      removed ? text.replaceAll(/mkdtempSync\(path\.join\(os\.tmpdir\(\), '[^']*'\)\)/g, '') : text,
    );
  });
  assert.deepEqual(found, [], "take newFolder('name') of tests/folder.ts");
});

test('what a test file wrote is gone when it ends, also when it fails', () => {
  const lines = (end: string) => `
    const fs = require('node:fs'); const { newFolder } = require('./tests/folder.ts');
    const [a, b] = [newFolder('same'), newFolder('same')];
    fs.writeFileSync(a + '/file', ''); console.log(JSON.stringify([a, b])); ${end}`;
  const ends = { well: '', badly: "throw new Error('x')", early: 'process.exit(3)' };
  for (const [how, end] of Object.entries(ends)) {
    const argv = ['--import', 'tsx', '-e', lines(end)];
    const { stdout, stderr } = spawnSync(process.execPath, argv, { cwd: inProject(), encoding: 'utf8' });
    const [a, b] = JSON.parse(stdout || assert.fail(stderr));
    assert.notEqual(a, b);
    assert.equal(path.dirname(a), path.dirname(b));
    assert.ok(!existsSync(path.dirname(a)), `${how}: ${a} is left`);
  }
});

test('what CI runs starts with an empty home, temporary folder and caches', () => {
  const script = readFileSync(inProject('.ci', 'run'), 'utf8');
  for (const name of ['HOME', 'TMPDIR', 'XDG_CACHE_HOME', 'npm_config_cache', 'PIP_CACHE_DIR', 'UV_CACHE_DIR'])
    assert.match(script, new RegExp(`\\b${name}=\\$(?:work|HOME)/`), name);
  assert.match(script, /trap .*rm -rf "\$work"/);
  assert.match(script, /\nnpm test\n$/);
});
