/** Stacks that another engine has written, as a page in Firefox or Safari meets them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { framesOfText, rememberCell } from '../../lib/kernel/runner/places';

test("Firefox's and Safari's lines name cells, and leave out a page's own scripts", () => {
  const code = 'function f() {\n  throw new Error();\n}\nf();';
  const file = rememberCell(700, 7, code, { code, map: undefined, prefixLines: 0, insertions: [] } as never);
  const stack = [
    `f@${file}:2:9`,
    `async*made/<@${file}:4:1`,
    `@${file}:4:1`,
    'run@http://127.0.0.1:8000/run/runner.js?0123:10:2',
  ].join('\n');
  assert.deepEqual(
    framesOfText(stack, false).map(({ name, file, line }) => [name, file, line]),
    [
      ['f', 'cell [7]', 1],
      ['made', 'cell [7]', 3],
      ['', 'cell [7]', 3],
    ],
  );
});
