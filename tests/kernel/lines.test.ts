/** Wherever an error is shown, it speaks of the reader's own lines: not of compiled ones, of the kernel, or of packages. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { Front, type Reply } from './client';

const ROOT = path.resolve(__dirname, '..', '..');
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');
const FOREIGN = /cell-\d+\.ts|\.lab|lib\/kernel|node:|node_modules|runner\.js|expression\.ts|__lab__/;

/** Lines that compilation drops, joins or makes longer. */
const BEFORE = [
  '',
  '// a comment',
  '/* a comment\n   of two lines */',
  'interface Dropped {\n  a: number;\n  b?: string;\n}',
  "type Word = 'a' | 'b';",
  'const { a = 1, ...rest } = { a: 2, b: 3 } as Record<string, number>;',
  'for (const i of [1, 2]) void i;',
  'await null;',
  'enum Colour { Red, Green }',
  'class Box<T> { constructor(private readonly held: T, public n = 0) {} get it(): T { return this.held; } }',
  "import { tf } from './lib';",
  'let later: number | undefined = 5; later ??= 6;',
];

/** Ways to show an error, as code over `e`; each prints or throws. */
const SHOWN: Record<string, string> = {
  'console.log': 'console.log(e);',
  'console.error': 'console.error("it was", e);',
  'its stack': 'console.log(e.stack);',
  'util.inspect': "console.log(require('node:util').inspect(e));",
  'the value of the cell': 'e',
  'in an object': '({ e, n: 1 })',
  'as a cause': "console.log(new Error('outer', { cause: e }));",
  'in an aggregate': "console.log(new AggregateError([e], 'both'));",
  thrown: 'throw e;',
  'thrown with more words': "e.stack += '\\nand more'; throw e;",
  'thrown as a cause': "throw new Error('outer', { cause: e });",
  'after a clone': 'console.log(structuredClone(e));',
};

describe('lines', { timeout: 240_000 }, () => {
  let front: Front;
  let folder: string;
  before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lines-'));
    const home = path.join(folder, 'node_modules', 'caller');
    fs.mkdirSync(home, { recursive: true });
    fs.writeFileSync(path.join(home, 'package.json'), '{ "name": "caller", "main": "index.js" }');
    fs.writeFileSync(
      path.join(home, 'index.js'),
      'exports.call = f => [0].map(() => f());\nexports.fail = () => { null.x; };\nexports.late = f => new Promise((_, no) => setTimeout(() => { try { f(); } catch (e) { no(e); } }, 1));\nexports.site = () => { const was = Error.prepareStackTrace; Error.prepareStackTrace = (_, s) => s; const s = new Error().stack; Error.prepareStackTrace = was; return s[0].getFileName(); };',
    );
    fs.writeFileSync(
      path.join(folder, 'own.ts'),
      "interface A {\n  a: number;\n}\n\nexport function own(a: A): never {\n  throw new Error('own ' + a.a);\n}\n",
    );
    front = await Front.start({}, folder);
  });
  after(async () => {
    await front.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  /** All that a cell shows. */
  function textOf(reply: Reply): string {
    const traceback = (reply.content.traceback as string[] | undefined) ?? [];
    return [reply.text, reply.result ?? '', ...traceback].join('\n').replace(COLOUR, '');
  }

  async function shows(code: string): Promise<{ text: string; count: number }> {
    const reply = await front.run(`${code}`);
    const text = textOf(reply);
    assert.doesNotMatch(text, FOREIGN, code);
    return { text, count: Number(reply.content.execution_count ?? (await front.run('1')).content.execution_count) };
  }

  /** The places in cells and files that a text speaks of, as "cell:line". */
  const places = (text: string): string[] =>
    [...text.matchAll(/cell \[\d+\](?::|, line )(\d+)/g)].map(([, line]) => line);

  for (const [name, show] of Object.entries(SHOWN))
    test(`an error shown by: ${name}`, async () => {
      const [before] = fc.sample(fc.subarray(BEFORE, { minLength: 3 }), 1);
      const lines = [...before, 'function fail(): never {', "  throw new Error('marked');", '}', 'let e: any;'];
      const head = lines.join('\n').split('\n').length;
      const code = `${lines.join('\n')}\ntry { fail(); } catch (error) { e = error; }\n${show}`;
      const { text } = await shows(code);
      const found = places(text);
      assert.ok(found.includes(String(head - 2)), `${code}\n${text}`); // the throw
      assert.ok(found.includes(String(head + 1)), `${code}\n${text}`); // the call
      assert.ok(
        found.every(line => [head - 2, head + 1, head + 2].includes(Number(line))),
        `${code}\n${text}`,
      );
    });

  test('console.trace, in the cell, in a callback and in a timer', async () => {
    const code =
      "interface Gone {\n  a: 1;\n}\nconsole.trace('here');\n[1].forEach(() =>\n  console.trace('there'));\nsetTimeout(() => {\n  console.trace('late');\n}, 1);\nawait new Promise(r => setTimeout(r, 30));";
    const { text } = await shows(code);
    assert.match(text, /Trace: here\n {4}at cell \[\d+\]:4:9\n/);
    assert.match(text, /Trace: there\n {4}at cell \[\d+\]:6:11\n/);
    assert.match(text, /Trace: late\n {4}at .*cell \[\d+\]:8:11\)?\n/);
  });

  test('a file of the reader, and the lib: by their own lines', async () => {
    const own = await shows("import { own } from './own';\n\ntry {\n  own({ a: 1 });\n} catch (e) { console.log(e); }");
    assert.match(own.text, /Error: own 1\n {4}at own \(.*own\.ts:6:9\)\n {4}at cell \[\d+\]:4:\d+\n\s*$/);
    const lib = await shows(
      "import { Linear, tf } from './lib';\ntry {\n  new Linear(4, 2).forward(tf.ones([3, 5]));\n} catch (e) { console.log(e); }",
    );
    const frames = [...lib.text.matchAll(/\((lib\/[\w/.-]+\.ts):(\d+):(\d+)\)/g)];
    assert.ok(frames.length > 0, lib.text);
    for (const [, file, line, column] of frames) {
      const text = fs.readFileSync(path.join(ROOT, file), 'utf8').split('\n')[Number(line) - 1];
      assert.match(text.slice(Number(column) - 1), /^[\w$]/, `${file}:${line}:${column}`);
    }
    assert.match(lib.text, /at cell \[\d+\]:3:/);
  });

  test('calls through a package, and faults in it: only the lines of the reader', async () => {
    const through = "import { call, fail, late, site } from 'caller';\n\n";
    for (const code of [
      "try { call(() => { throw new Error('x'); }); } catch (e) { console.log(e); }",
      'try { fail(); } catch (e) { console.log(e); }',
      'fail();',
      "await late(() => { throw new Error('x'); });",
      "eval('null.x');",
      "new Function('null.x')();",
      "JSON.parse('{');",
      "require('fs').readFileSync('/no/such/file');",
      "try { new URL('x'); } catch (e) { console.log(e); }",
    ]) {
      const { text } = await shows(`// @ts-nocheck\n${through}${code}`);
      const found = places(text);
      assert.ok(found.length > 0 && found.every(line => line === '4'), `${code}\n${text}`);
    }
    assert.match(textOf(await front.run('// @ts-nocheck\nconsole.log(site())')), /caller\/index\.js/); // V8's own list is as it was
  });

  test('whatever an error is, its stack can be read', async () => {
    for (const made of [
      "Object.defineProperty(new Error('x'), 'message', { get() { throw 1; } })",
      "Object.assign(new Error('x'), { name: Symbol('n') })",
      "(() => { const e = new Error('x'); e.toString = () => { throw 1; }; return e; })()",
      '(() => { const o = {}; Error.captureStackTrace(o); return o; })()',
      '(() => { const f = () => f(); try { f(); } catch (e) { return e; } })()',
      "Object.assign(Object.create(null), { e: new Error('x') }).e",
    ]) {
      const { result } = await front.run(`// @ts-nocheck\ntypeof (${made}).stack`);
      assert.equal(result, "'string'", made);
    }
  });

  test("TensorFlow's complaints: one sentence with shapes, and the reader's line", async () => {
    const faults = [
      [
        "tf.gather(tf.tensor1d([1, 2, 3]), tf.tensor1d([7], 'int32'))",
        /^TensorFlow cannot compute GatherV2 of \[3\], \[1\], \[\]: indices\[0\] = 7 is not in \[0, 3\)$/,
      ],
      [
        "tf.conv2d(tf.ones([1, 2, 2, 3]) as never, tf.ones([5, 5, 3, 4]) as never, 1, 'valid')",
        /^TensorFlow cannot compute Conv2D of \[1, 2, 2, 3\], \[5, 5, 3, 4\]: /,
      ],
      [
        "compile((x: tf.Tensor, i: tf.Tensor) => tf.gather(x, i as tf.Tensor1D))(tf.ones([3]), tf.tensor1d([9], 'int32'))",
        /^TensorFlow cannot compute a compiled step of \[3\], \[1\]: indices\[0\] = 9 is not in \[0, 3\)$/,
      ],
    ] as const;
    for (const [code, sentence] of faults) {
      const reply = await front.run(`import { compile, tf } from './lib';\n\n\n${code};`);
      assert.match(String(reply.content.evalue), sentence);
      const text = textOf(reply);
      assert.doesNotMatch(text, FOREIGN);
      assert.deepEqual([...new Set(places(text))], ['4'], text);
      const logged = await shows(`try {\n  ${code};\n} catch (e) { console.log(e); }`);
      assert.match(logged.text, /TensorFlow cannot compute .*\n {4}at (?:.*\n)*.*cell \[\d+\]:2:/);
    }
  });
});
