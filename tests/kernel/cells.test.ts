/** The language of cells: what runs, what is shown, what is said when it fails. Through the real kernel. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { newFolder } from '../folder';
import { Front } from './client';

const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');
const plain = (text: string) => text.replace(COLOUR, '');
const traceback = (reply: { content: Record<string, unknown> }) =>
  plain((reply.content.traceback as string[]).join('\n'));

describe('cells', { timeout: 300_000 }, () => {
  let front: Front;
  const folder = newFolder('notebook');
  before(async () => {
    front = await Front.start({ LAB_QUICK: '1' }, folder);
  });
  after(() => front.stop());

  test('a last expression is the result; an assignment, a declaration and undefined show nothing', async () => {
    assert.equal((await front.run('let first = 1; first + 1')).result, '2');
    assert.equal((await front.run('first = 5')).result, undefined);
    assert.equal((await front.run('const nothing = undefined; nothing')).result, undefined);
    assert.equal((await front.run('first')).result, '5');
    assert.equal((await front.run('Promise.resolve({ a: [1, 2] })')).result, '{ a: [ 1, 2 ] }');
  });

  test('top-level await, for await, enums, decorators, classes', async () => {
    const code = [
      'enum Colour { Red, Green }',
      'function twice(f: (this: object, x: number) => number, context: ClassMethodDecoratorContext) { void context; return function (this: object, x: number) { return 2 * f.call(this, x); }; }',
      'class Adder { @twice add(x: number): number { return x + 1; } }',
      'let sum = 0;',
      'for await (const n of (async function* () { yield 1; yield 2; })()) sum += n;',
      'await Promise.resolve();',
      '[Colour[1], new Adder().add(2), sum]',
    ].join('\n');
    assert.equal((await front.run(code)).result, "[ 'Green', 6, 3 ]");
  });

  test('names can be declared anew, with another type; earlier functions see the new value', async () => {
    await front.run('const value = 1; function readValue() { return value; }');
    await front.run("const value = 'two';");
    assert.equal((await front.run('value.toUpperCase()')).result, "'TWO'");
    assert.equal((await front.run('readValue() as unknown')).result, "'two'");
  });

  test('values of earlier cells are shared, not copied', async () => {
    await front.run('let counter = 0; const increment = () => { counter++; };');
    await front.run('counter = 10; increment(); increment();');
    assert.equal((await front.run('counter')).result, '12');
    await front.run('[counter, first] = [1, 2]; ({ counter } = { counter: 7 });');
    assert.equal((await front.run('({ counter, first })')).result, '{ counter: 7, first: 2 }');
  });

  test('destructuring takes from any iterable, also at the top level', async () => {
    await front.run('const [one, , three] = (function* () { yield 1; yield 2; yield 3; })();');
    assert.equal((await front.run('[one, three]')).result, '[ 1, 3 ]');
  });

  test('constants stay constant across cells', async () => {
    await front.run('const fixed = 1;');
    assert.match(traceback(await front.run('fixed = 2')), /Cannot assign to 'fixed'/);
  });

  test('type errors underline the code; // @ts-nocheck runs in spite of them', async () => {
    const reply = await front.run('const ok = 1;\nconst wrong: string = ok;\n');
    assert.equal(reply.status, 'error');
    assert.equal(reply.content.ename, 'CompileError');
    assert.match(traceback(reply), /TS2322: Type 'number' is not assignable to type 'string'/);
    assert.match(traceback(reply), /line 2\n[\s\S]*→ 2 \| const wrong: string = ok;\n {12}~~~~~\n/);
    assert.equal((await front.run('// @ts-nocheck\nconst wrong: string = 1; wrong')).result, '1');
  });

  test("types are checked as strictly as the project's own", async () => {
    for (const [code, words] of [
      ['const s: string = null;', /Type 'null' is not assignable/],
      ['function f(x) { return x; }', /implicitly has an 'any' type/],
      [
        "import { Linear } from './lib';\nnew Linear('4', 2)",
        /'string' is not assignable to parameter of type 'number'/,
      ],
    ] as const)
      assert.match(traceback(await front.run(code)), words);
  });

  test('columns are right on a line into which the compiler put words', async () => {
    const reply = await front.run('const a1 = 1; const b1 = a1.missing;');
    assert.match(traceback(reply), /const b1 = a1\.missing;\n {6}( {28})~~~~~~~/);
  });

  test('errors point into the cell, by number and line, without the kernel', async () => {
    await front.run(
      'async function fail(depth: number): Promise<void> {\n  if (depth === 0) throw new RangeError("too deep");\n  await fail(depth - 1);\n}',
    );
    const text = traceback(await front.run('\nawait fail(1);'));
    assert.match(text, /^RangeError: too deep\ncell \[\d+\], line 2\n/);
    assert.match(text, /at fail \(cell \[\d+\], line 3\)/);
    assert.match(text, /at cell \[\d+\], line 2/);
    assert.doesNotMatch(text, /lib\/kernel|\.lab|node:/);
  });

  test('whatever is thrown is shown', async () => {
    assert.equal((await front.run('throw { code: 5 }')).content.evalue, '{ code: 5 }');
    const reply = await front.run("throw new Error('outer', { cause: new Error('inner') })");
    assert.match(traceback(reply), /caused by:\nError: inner/);
  });

  test('what a failed cell had already done stays', async () => {
    assert.equal((await front.run("const before1 = 3; throw new Error('x'); ")).status, 'error');
    assert.equal((await front.run('before1')).result, '3');
  });

  test('rejections and late errors appear in the cell that caused them', async () => {
    const unhandled = await front.run("Promise.reject(new Error('nobody listens')); 1");
    assert.equal(unhandled.status, 'error');
    assert.equal(unhandled.content.evalue, 'nobody listens');
    const late = front.request('execute_request', { code: "setTimeout(() => { throw new Error('late'); }, 100); 1" });
    await late.reply;
    await front.run('2');
    const error = await front.until(
      message => message.header.msg_type === 'error' && message.content.evalue === 'late',
    );
    assert.equal(error.parent.msg_id, late.id);
    const rejected = front.request('execute_request', {
      code: "void (async () => { await new Promise(r => setTimeout(r, 100)); throw new Error('rejected late'); })();",
    });
    await rejected.reply;
    await front.run('3');
    const second = await front.until(message => message.content.evalue === 'rejected late');
    assert.equal(second.parent.msg_id, rejected.id);
  });

  test('values know how to show themselves, also asynchronously', async () => {
    const code =
      "class Shown { async [Symbol.for('Jupyter.display')]() { return { 'text/html': '<b>x</b>', 'text/plain': 'x' }; } }\nnew Shown()";
    const { outputs } = await front.run(code);
    assert.deepEqual(outputs[0].content.data, { 'text/html': '<b>x</b>', 'text/plain': 'x' });
  });

  test('long values are cut with a note; typed arrays, maps and errors read well', async () => {
    assert.match((await front.run("'x'.repeat(100_000)")).result!, /more characters/);
    assert.equal(
      (await front.run('new Map([[1, new Float32Array([0.5, 2])]])')).result,
      'Map(1) { 1 => Float32Array(2) [ 0.5, 2 ] }',
    );
  });

  test('relative imports: the project first, then the notebook folder; JSON; changed files load anew', async () => {
    fs.writeFileSync(path.join(folder, 'data.json'), '{"n": 3}');
    fs.writeFileSync(path.join(folder, 'base.ts'), 'export const base = 1;\n');
    fs.writeFileSync(
      path.join(folder, 'helper.ts'),
      "import { base } from './base';\nexport const helped = () => base + 1;\n",
    );
    const line = "import data from './data.json'; import { helped } from './helper';";
    assert.equal((await front.run(`${line} [data.n, helped()]`)).result, '[ 3, 2 ]');
    fs.writeFileSync(path.join(folder, 'base.ts'), 'export const base: number = 10;\n');
    assert.equal((await front.run(`${line} helped()`)).result, '11');
  });

  test('packages with top-level await, which require refuses', async () => {
    const home = path.join(folder, 'node_modules', 'only-esm');
    fs.mkdirSync(home, { recursive: true });
    fs.writeFileSync(
      path.join(home, 'package.json'),
      '{"name": "only-esm", "type": "module", "exports": "./index.js"}',
    );
    fs.writeFileSync(
      path.join(home, 'index.js'),
      'export const answer = await Promise.resolve(42);\nexport default "whole";\n',
    );
    assert.equal(
      (await front.run("import whole, { answer } from 'only-esm'; [whole, answer]")).result,
      "[ 'whole', 42 ]",
    );
    assert.equal((await front.run("(await import('only-esm')).answer")).result, '42');
    const missing = await front.run("// @ts-nocheck\nimport x from 'no-such-package';\nx");
    assert.equal(missing.content.evalue, "Cannot find module 'no-such-package'");
  });

  test('environment variables and the working folder reach the cells', async () => {
    // as JSON: how Node prints an array depends on how long the folder's name is
    const { result } = await front.run('JSON.stringify([process.env.LAB_QUICK, process.cwd()])');
    assert.equal(result, `'${JSON.stringify(['1', fs.realpathSync(folder)])}'`);
  });
});
