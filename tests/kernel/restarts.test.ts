/** Jupyter's restart button, twenty times: gentle and by force, idle and in the middle of a cell. Nothing stays behind. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { venvProgram } from '../../scripts/setup/paths';
import { newFolder } from '../folder';

const PYTHON = venvProgram('python');
const TIMES = 20;

interface Report {
  answers: string[];
  processes: number;
  watchers: number;
  family: number;
  seconds: number[];
}

test(`${TIMES} restarts in a row leave no process and no watcher`, {
  skip: !fs.existsSync(PYTHON) && 'needs .venv: run npm test or npm start first',
}, t => {
  const { status, stdout, stderr } = spawnSync(PYTHON, [path.join(__dirname, 'restarts.py'), String(TIMES)], {
    cwd: newFolder('notebooks'),
    env: {
      ...process.env,
      JUPYTER_PREFER_ENV_PATH: '1',
      LAB_HISTORY: path.join(newFolder('restarts'), 'history.jsonl'),
    },
    encoding: 'utf8',
    timeout: 400_000,
  });
  assert.equal(status, 0, stderr);
  const { answers, processes, watchers, family, seconds } = JSON.parse(stdout) as Report;
  t.diagnostic(`old processes were gone after ${Math.max(...seconds)} s at most; family of ${family}`);
  assert.deepEqual(
    answers,
    Array.from({ length: TIMES }, (_, turn) => `[ ${turn}, 'undefined' ]`),
  );
  assert.deepEqual([processes, watchers, family], [0, 0, 2]);
});
