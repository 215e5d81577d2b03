/** What `npm test` tells of failures: causes, and none twice. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { inProject } from '../../scripts/setup/paths';
import { newFolder } from '../folder';

/** Runs these tests with the project's reporter. */
function report(source: string): { told: string; counts: object } {
  const folder = newFolder('reported');
  const file = path.join(folder, 'some.test.mjs');
  writeFileSync(file, `import { after, before, describe, it, test } from 'node:test';\n${source}`);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env; // otherwise node:test takes it for a part of this run
  const counts = path.join(folder, 'counts.json');
  const argv = ['--test', '--test-reporter', inProject('scripts', 'test', 'reporter.mjs'), file];
  const { stdout } = spawnSync(process.execPath, argv, { env: { ...env, LAB_TEST_COUNTS: counts }, encoding: 'utf8' });
  return { told: stdout, counts: JSON.parse(readFileSync(counts, 'utf8')) };
}

test('a hook that fails is told with its cause, the tests it stopped in one line', () => {
  const { told, counts } = report(`
    describe('pages', () => {
      before(() => { throw new Error('no browser found'); });
      it('one', () => {}); it('two', () => {});
      describe('inner', () => { it('three', () => {}); });
    });
    it('fine', () => {});`);
  assert.match(told, /✗ pages .*\n\s+Error: no browser found/);
  assert.match(told, /so 3 tests did not run/);
  assert.doesNotMatch(told, /✗ (?:one|two|three|inner)/);
  assert.deepEqual(counts, { passed: 1, failed: 4, skipped: 0 });
});

test('a hook that fails at the end is a failure, though every test passed', () => {
  const { told, counts } = report(`
    describe('pages', () => { after(() => { throw new Error('does not close'); }); it('one', () => {}); });`);
  assert.match(told, /✗ pages .*\n\s+Error: does not close/);
  assert.deepEqual(counts, { passed: 1, failed: 1, skipped: 0 });
});

test('a failing test is told once, with its cause, and not again as its suite', () => {
  const { told, counts } = report(`
    describe('outer', () => { it('adds', () => { throw new Error('1 + 1 is 3'); }); });
    test('left out', { skip: 'no GPU' }, () => {});`);
  assert.match(told, /✗ adds .*\n\s+Error: 1 \+ 1 is 3/);
  assert.doesNotMatch(told, /outer/);
  assert.match(told, /skipped: left out \(no GPU\)/);
  assert.deepEqual(counts, { passed: 0, failed: 1, skipped: 1 });
});

test('a file that cannot be loaded is told with what it said', () => {
  const { told, counts } = report(`console.error('looking for it'); await import('./none.mjs');`);
  assert.match(told, /✗ .*some\.test\.mjs/);
  assert.match(told, /Cannot find module '.*none\.mjs'/);
  assert.deepEqual(counts, { passed: 0, failed: 1, skipped: 0 });
});
