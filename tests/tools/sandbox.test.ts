/** Code that nobody vouches for: what it gives, what it cannot reach, and what stops it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runTypeScript } from '../../lib/tools';

const value = async (code: string) => (await runTypeScript(code)).value;

describe('the sandbox', () => {
  it('gives the value of the last expression, as JSON carries it', async () => {
    assert.equal(await value('const n: number = 6; n * 7'), 42);
    assert.deepEqual(await value('interface P { x: number } const p: P = { x: 1 }; [p, null, "é👩‍🔬"]'), [
      { x: 1 },
      null,
      'é👩‍🔬',
    ]);
    assert.equal(await value('let a = 1;'), null);
    assert.equal(await value('(async () => { await null; return 5; })()'), 5);
    assert.equal(await value('enum E { A = 3 } E.A'), 3);
  });

  it('keeps what is printed, cut where it is long', async () => {
    assert.deepEqual((await runTypeScript('console.log(1, "a", [2], { b: null }); 0')).printed, ['1 a [2] {"b":null}']);
    const { printed } = await runTypeScript('for (let i = 0; i < 1e4; i++) console.log("line " + i)', {
      milliseconds: 20_000,
    });
    assert.equal(printed.at(-1), '…');
    assert.ok(printed.join('').length < 21_000);
  });

  const nothing = ['process', 'require', 'fetch', 'setTimeout', 'WebAssembly', 'Buffer', 'global', 'module', 'Deno'];
  it(`has none of ${nothing.join(', ')}, by no way round`, async () => {
    for (const name of nothing) assert.equal(await value(`typeof ${name}`), 'undefined', name);
    assert.equal(await value('typeof console.log.constructor("return process")'), 'function');
    await assert.rejects(value('console.log.constructor("return process")()'), /ReferenceError: .*process/);
    await assert.rejects(value('globalThis.constructor.constructor("return require")()("fs")'), /ReferenceError/);
    await assert.rejects(value('import("fs").then(fs => fs.readFileSync("/etc/hostname"))'), /threw|cannot|could not/i);
    await assert.rejects(value('import fs from "fs"; fs'), /could not load module/);
  });

  it('forgets: what one run leaves, the next does not find', async () => {
    await runTypeScript('globalThis.left = 1; Object.prototype.left = 2; JSON.stringify = () => "no"; 0');
    assert.deepEqual(await value('[typeof left, JSON.stringify({})]'), ['undefined', '{}']);
    assert.deepEqual(await value('JSON.stringify = () => "changed"; ({ a: 1 })'), { a: 1 });
  });

  const faults: [string, string, RegExp][] = [
    ['a mistake of grammar', 'let a = ;\n', /cannot be read: line 1: Expression expected/],
    ['one further down', '1;\n2;\nfunction (', /line 3/],
    ['an error', 'null.x', /the code threw TypeError: .*null/],
    ['an error of its own', 'throw new RangeError("too far")', /threw RangeError: too far/],
    ['a thrown text', 'throw "no"', /no/],
    ['a loop without end', 'for (;;);', /stopped after 100 ms; give it less to do/],
    ['a recursion without end', 'const f = (): number => f() + 1; f()', /threw InternalError: stack|stopped/],
    [
      'all of the memory',
      'const a = []; for (;;) a.push(new Array(1e5).fill(7));',
      /stopped (at 32 MiB of memory|after)/,
    ],
    ['a promise that stays', 'new Promise(() => {})', /promise that nothing will fulfil/],
    ['a promise that fails', 'Promise.reject(new Error("spilt"))', /spilt/],
    ['a function', '(x: number) => x', /a function, which JSON cannot carry/],
    ['a symbol', 'Symbol("s")', /a symbol/],
    ['a BigInt', '10n', /BigInt|bigint/i],
    ['an object in itself', 'const a: any = {}; a.a = a; a', /circular/i],
  ];
  for (const [name, code, said] of faults) {
    it(`says what is wrong: ${name}`, async () => {
      await assert.rejects(runTypeScript(code, { milliseconds: 100 }), said);
      assert.equal(await value('1 + 1'), 2, 'the next run is well');
    });
  }

  it('refuses limits that are none', async () => {
    await assert.rejects(runTypeScript('1', { milliseconds: 0 }), /milliseconds must be/);
    await assert.rejects(runTypeScript('1', { megabytes: Number.NaN }), /megabytes must be/);
  });
});
