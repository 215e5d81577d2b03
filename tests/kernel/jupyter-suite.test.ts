/** jupyter-kernel-test, the public suite for kernels: all pass, none skipped but the pager. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const ROOT = path.resolve(__dirname, '..', '..');
const PYTHON = [path.join(ROOT, '.venv/bin/python'), path.join(ROOT, '.venv/Scripts/python.exe')].find(file =>
  fs.existsSync(file),
);

test('jupyter-kernel-test', { skip: PYTHON === undefined && 'needs .venv: run npm test or npm start first' }, () => {
  const { status, stderr } = spawnSync(PYTHON!, [path.join(__dirname, 'jupyter_suite.py')], {
    encoding: 'utf8',
    timeout: 400_000,
  });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /Ran 12 tests/);
});
