/** The compiler alone: a trivial cell reuses TypeScript's program, and names stay what they were when a cell was checked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CellCompiler } from '../../lib/kernel/compiler/service';
import { inProject } from '../../scripts/setup/paths';

function notebook() {
  const compiler = new CellCompiler(inProject('notebooks'));
  let cell = 0;
  return {
    compiler,
    /** Compiles and, as if it had run, commits; the messages of what was refused. */
    run(code: string): string[] {
      const { diagnostics, compiled } = compiler.compile(++cell, code);
      if (compiled) compiler.commit(cell, compiled.declared);
      return diagnostics.map(({ message }) => message);
    },
  };
}

test('cells that come and go leave the structure of the program as it is', () => {
  const { compiler, run } = notebook();
  assert.deepEqual(run('const a = 1;'), []);
  const files = () => compiler.service.getProgram()!.getSourceFiles();
  const before = files();
  for (let i = 0; i < 40; i++) assert.deepEqual(run(`const n${i % 7} = a + ${i}; n${i % 7}`), []);
  const after = files();
  assert.deepEqual(
    after.map(file => file.fileName),
    before.map(file => file.fileName),
  );
  const own = /__(?:cell_\d+|scope|newest)\.ts$/;
  assert.ok(after.every((file, i) => own.test(file.fileName) || file === before[i]));
});

test('more cells than the row holds: all names stay in reach, with their types', () => {
  const { run } = notebook();
  for (let i = 0; i < 200; i++) assert.deepEqual(run(`const v${i} = ${i % 2 ? i : `'${i}'`};`), []);
  assert.deepEqual(run('const sum: number = v1 + v199; const text: string = v0 + v198;'), []);
  assert.match(run('const wrong: number = v0;')[0], /'string' is not assignable to type 'number'/);
});

test('an earlier cell keeps the type it was checked with when its name is declared anew', () => {
  const { run } = notebook();
  assert.deepEqual(run('const x = 1; interface Point { a: number }'), []);
  assert.deepEqual(run('const twice = () => x * 2; const point: Point = { a: 1 };'), []);
  assert.deepEqual(run("const x = 'text'; interface Point { b: string }"), []);
  assert.deepEqual(run("const n: number = twice(); const t: string = x; const p: Point = { b: '' };"), []);
  assert.match(run('const q: Point = point;')[0], /Property 'b' is missing/);
});

test('a forgotten cell gives its place to the next', () => {
  const { compiler, run } = notebook();
  for (let i = 0; i < 300; i++) assert.deepEqual(run(`const only = ${i};`), []);
  const cells = compiler.service
    .getProgram()!
    .getSourceFiles()
    .filter(file => /__cell_\d+\.ts$/.test(file.fileName));
  assert.equal(cells.length, 64);
});
