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
import { allStages } from '../../scripts/test/stages';
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
