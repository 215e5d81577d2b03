/** A notebook run from a terminal: where `jupyter nbconvert --execute` and nbclient stop, what they say, what goes on with --allow-errors. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { executeNotebook } from '../../scripts/notebooks/execute';
import { type Output, readNotebook, writeNotebook } from '../../scripts/notebooks/notebook';
import { venvProgram } from '../../scripts/setup/paths';
import { notebookOf } from '../cells';
import { newFolder } from '../folder';

const CELLS = [
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the cell's template
  'const scale = (x: number): number => {\n  if (x < 0) throw new RangeError(`expected x ≥ 0, got ${x}`);\n  return 2 * x;\n};\nscale(1)',
  "console.log('before');\nscale(-1);\nconsole.log('after');",
  'scale(2)',
  'const wrong: string = scale(3);',
  'Promise.reject(new Error("nobody listens")); undefined',
  "await input('your guess?')",
  'scale(4)',
];
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');
const PYTHON = venvProgram('python');

const reason = !fs.existsSync(PYTHON) && 'needs .venv: run npm test or npm start first';

describe('a notebook run from a terminal', { timeout: 300_000, skip: reason }, () => {
  const folder = newFolder('nbconvert');
  const source = path.join(folder, 'source.ipynb');
  before(() => writeNotebook(source, notebookOf(CELLS)));

  function nbconvert(...options: string[]) {
    const argv = ['-m', 'jupyter', 'nbconvert', '--execute', '--to', 'notebook', '--output', 'ran', ...options, source];
    const env = { ...process.env, JUPYTER_PREFER_ENV_PATH: '1', PYTHONUTF8: '1' };
    const { status, stderr } = spawnSync(PYTHON, argv, { cwd: folder, env, encoding: 'utf8', timeout: 200_000 });
    return { status, said: stderr.replace(COLOUR, '') };
  }

  test('nbconvert --execute stops on the failing cell, and says which line of it', () => {
    const { status, said } = nbconvert();
    assert.notEqual(status, 0);
    assert.ok(!fs.existsSync(path.join(folder, 'ran.ipynb')));
    assert.match(
      said,
      /CellExecutionError: An error occurred while executing the following cell:\n-+\nconsole\.log\('before'\);\nscale\(-1\);/,
    );
    assert.match(said, /RangeError: expected x ≥ 0, got -1\ncell \[1\], line 2\n/);
    assert.match(said, /→ 2 \| {3}if \(x < 0\) throw new RangeError/);
    assert.match(said, /at cell \[2\], line 2\n/);
    const words = said.slice(said.indexOf('CellExecutionError'));
    assert.doesNotMatch(words, /lib\/kernel|\.lab\/|node:|wrong/);
  });

  test('nbclient reports the failing cell by its id; later cells have not run', async () => {
    const output = path.join(folder, 'client.ipynb');
    const { failure } = await executeNotebook(source, { output, timeoutSeconds: 200 });
    assert.deepEqual(
      [failure?.id, failure?.name, failure?.message],
      ['cell-1', 'RangeError', 'expected x ≥ 0, got -1'],
    );
    const counts = readNotebook(output).cells.map(cell => cell.execution_count);
    assert.deepEqual(counts, [1, 2, null, null, null, null, null]);
  });

  test('with --allow-errors every later cell still runs', () => {
    const { status, said } = nbconvert('--allow-errors');
    assert.equal(status, 0, said);
    const { cells } = readNotebook(path.join(folder, 'ran.ipynb'));
    assert.deepEqual(
      cells.map(cell => cell.execution_count),
      [1, 2, 3, 4, 5, 6, 7],
    );
    const shown = cells.map(({ outputs = [] }) => outputs.map(brief));
    assert.deepEqual(shown, [
      ['2'],
      ['before\n', 'RangeError: expected x ≥ 0, got -1'],
      ['4'],
      ["CompileError: Type 'number' is not assignable to type 'string'."],
      ['Error: nobody listens'],
      [
        'Error: cannot ask "your guess?": nobody sits at this front end (allow_stdin is false); open the notebook in JupyterLab, or give the value in the cell',
      ],
      ['8'],
    ]);
  });
});

/** An output in one line. */
function brief({ output_type: type, text, data, ename, evalue }: Output): string {
  if (type === 'error') return `${ename}: ${evalue}`;
  return String(type === 'stream' ? text : data?.['text/plain']);
}
