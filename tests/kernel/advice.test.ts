/** What is said of cells that do not compile: habits from elsewhere, names that only browsers have, cells that were not run. The compiler alone, without a kernel around it. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { compileError } from '../../lib/kernel/code-frame';
import { CellCompiler } from '../../lib/kernel/compiler/service';
import { newFolder } from '../folder';

const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');
const LIBRARIES = path.resolve(__dirname, '..', '..', 'node_modules', 'typescript', 'lib');

describe('what the compiler says', { timeout: 300_000 }, () => {
  const folder = newFolder('advice');
  let compiler: CellCompiler;
  let cell = 0;
  before(() => {
    compiler = new CellCompiler(folder);
  });

  const found = (code: string) => compiler.compile(++cell, code).diagnostics;
  const run = (code: string) => {
    const { compiled, diagnostics } = compiler.compile(++cell, code);
    assert.deepEqual(diagnostics, []);
    compiler.commit(cell, compiled!.declared);
  };
  const said = (code: string): string => {
    const diagnostics = found(code);
    return diagnostics.length ? compileError(code, 1, diagnostics).traceback.join('\n').replace(COLOUR, '') : '';
  };

  test('a wrong call of the lib is answered with what is missing and an example; other calls are not', () => {
    run("import { train, lineChart, scatter, Adam, Linear, tf } from './lib';");
    const cases: [code: string, names: RegExp, example: RegExp][] = [
      [
        'await train({})',
        /missing the following properties .*: step, batches, epochs/,
        /\n {2}await train\(\{\n {4}step: /,
      ],
      [
        'await train({ step: () => 3, batches: () => [], epochs: 1 })',
        /loss: Tensor/,
        /for example:\n[\s\S]*epochs: 5/,
      ],
      [
        'await lineChart([])',
        /'never\[\]' is not assignable to .*'SeriesMap'/,
        /for example: await lineChart\(\{ loss: \[3, 2, 1\]/,
      ],
      ["await lineChart({ a: [1] }, { titel: 'x' })", /'titel' .* mean to write 'title'/, /title: 'Training'/],
      ['await scatter([[1, 2]])', /'Point'/, /for example: await scatter\(\[\{ x: 1, y: 2/],
      ['new Linear(4)', /'outputs' was not provided/, /for example: new Linear\(3, 2\)/],
      ['new Adam([], 0.1)', /learningRate\?/, /new Adam\(\[angle\], \{ learningRate: 0\.1 \}\)/],
    ];
    for (const [code, names, example] of cases) {
      const words = said(code);
      assert.match(words, names, code);
      assert.match(words, example, code);
      assert.equal(words.split('for example:').length, 2, `${code}: the example once`);
    }
    for (const code of [
      "tf.tensor1d('x')",
      "await train({ step: () => { const y: number = 'a'; return { loss: tf.scalar(1) }; }, batches: () => [], epochs: 1 })",
      "const wrong: number = 'a';",
    ])
      assert.doesNotMatch(said(code), /for example/, code);
  });

  test("of the browser's and Node's declarations, exactly what this Node has passes as a value", () => {
    const declared = fs
      .readdirSync(LIBRARIES)
      .filter(name => /^lib\.(?:dom|es|scripthost)/.test(name))
      .flatMap(name => [
        ...fs.readFileSync(path.join(LIBRARIES, name), 'utf8').matchAll(/^declare (?:var|let|const|function) (\w+)/gm),
      ])
      .map(([, name]) => name);
    const names = [
      ...new Set([
        ...declared,
        'WebSocket',
        'EventSource',
        'navigator',
        'localStorage',
        'fetch',
        'process',
        'Buffer',
        'require',
        'structuredClone',
      ]),
    ];
    const unknown = new Set(
      found(names.map(name => `void ${name};`).join('\n'))
        .flatMap(({ start, alsoOn = [] }) => [start.line, ...alsoOn])
        .map(line => names[line]),
    );
    const inNode = (name: string) => name in globalThis || name === 'require';
    assert.ok(names.length > 900, 'the declarations were read');
    assert.deepEqual(
      names.filter(name => inNode(name) && unknown.has(name)),
      [],
    );
    // TypeScript itself knows a few that are in no file.
    assert.deepEqual(
      names.filter(name => !inNode(name) && !unknown.has(name)),
      [],
    );
  });

  test("types of the browser's stay, for packages whose types speak of them, and Node's own names have Node's types", () => {
    run(
      'const canvas: HTMLCanvasElement | undefined = undefined; const picture: ImageData | undefined = undefined;\nconst gl: WebGL2RenderingContext | undefined = undefined;',
    );
    run(
      "import * as tf from '@tensorflow/tfjs';\nfunction draw(image: ImageData, canvas: HTMLCanvasElement) { return [tf.browser.fromPixels(image).shape, tf.browser.toPixels(tf.zeros([1, 1, 3]) as import('@tensorflow/tfjs').Tensor3D, canvas)]; }",
    );
    assert.match(said('const wrong: HTMLCanvasElement = 5;'), /'number' is not assignable to type 'HTMLCanvasElement'/);
    run(
      "const timer = setTimeout(() => {}, 1).unref(); const answer = async () => (await (await fetch(new URL('http://x'))).arrayBuffer()).byteLength;",
    );
    run(
      "const digest = crypto.subtle.digest('SHA-256', new Uint8Array(2)); const copy: { a: number } = structuredClone({ a: 1 });",
    );
    run(
      'const size: number = new Blob([new TextEncoder().encode("x")]).size; const aborted: boolean = AbortSignal.timeout(5).aborted; const now: number = performance.now();',
    );
  });

  test('a name of the browser is explained, unless the reader has made one', () => {
    for (const name of [
      'name',
      'length',
      'status',
      'event',
      'top',
      'parent',
      'document',
      'window',
      'localStorage',
      'alert',
      'Image',
      'WebSocket',
    ].filter(one => !(one in globalThis)))
      assert.match(said(`1;\n${name};`), new RegExp(`^error: '${name}' is a browser's, and cells run in Node`), name);
    assert.match(said("alert('x')"), /here: console\.log\(x\)/);
    assert.match(said("prompt('x')"), /here: await input\(/);
    run("const name = 'x', status = 1, top = [1];");
    assert.equal(said('[name.length, status + 1, top[0]]'), '');
  });

  test("Python's names and methods", () => {
    for (const [code, words] of [
      ['print(1)', 'console.log(x)'],
      ['len([1])', 'x.length'],
      ['const a = None', 'undefined, or null'],
      ['const a = True', 'true'],
      ['for (const i of range(3)) i', 'Array.from({ length: n }'],
      ['isinstance(1, 2)', 'instanceof'],
      ['np.array([1])', "import { tf } from './lib'"],
      ['self.x', 'this'],
      ["throw ValueError('x')", 'throw new RangeError'],
      ['[1].append(2)', 'push'],
      ["'a'.upper()", 'toUpperCase'],
      ['fs.existsSync("x")', "import fs from 'node:fs'"],
      ["display('x')", "import { display } from './lib'"],
      ['count = 5', 'let count = …'],
      ['count = 5\ncount2 = count + 1', 'let count2 = …'],
      ['first, second = 1, 2', 'let [first, second] = [1, 2]'],
    ])
      assert.ok(said(code).includes(words), `${code}: ${said(code)}`);
  });

  const HABITS: [string, string][] = [
    ['!ls -l', 'execSync("ls -l"'],
    ['!ls', 'execSync("ls"'],
    ['!git status --short', 'execSync("git status --short"'],
    ['%time f(x)', 'performance.now()'],
    ['%matplotlib inline', 'figures show themselves'],
    ['%%bash\nls\necho $HOME', 'execSync'],
    ['%%writefile a.py\nx = 1', 'fs.writeFileSync'],
    ['?Math', 'Shift+Tab'],
    ['??Math.floor', 'Shift+Tab'],
    ['Math.floor?', 'Shift+Tab'],
    ['Math?', 'Shift+Tab'],
    ['pip install numpy', 'npm install numpy'],
    ['!pip install -q numpy scipy', 'npm install numpy scipy'],
    ['%pip install numpy', 'npm install numpy'],
    ['npm install lodash', 'npm install lodash'],
    ['import numpy as np', "import { tf } from './lib'"],
    ['import pandas', 'readCsv'],
    ['from os.path import join, exists', "import { join, exists } from 'os/path'"],
    ['def f(a, b=1):\n    return a', 'function f('],
    ['async def f():\n    pass', 'async function f('],
    ['if (1 > 0) {\n  2\n} elif (1) {\n}', 'else if (…) {'],
    ['if x > 0 and not y:\n    z', 'if (x > 0 && !y) { … }'],
    ['while True:\n    pass', 'while (true) { … }'],
    ['for i in range(10):\n    f(i)', 'for (let i = 0; i < n; i++) { … }'],
    ['for k, v in pairs:\n    f(k)', 'for (const [k, v] of pairs) { … }'],
    ['class A(B):\n    x = 1', 'class A extends B'],
    ['try:\n    f()\nexcept ValueError as e:\n    g()', 'catch (error)'],
    ["with open('x') as f:\n    f", 'try { … } finally'],
    ['const f = lambda x: x + 1', 'x => …'],
    ['const x = 5 # note', '//'],
    ['# a comment\nconst x = 5', '//'],
    ["f'{x} of {y}'", 'between backticks'],
    ["r'\\d'", 'String.raw'],
    ['"""\ndoc\n"""', 'backticks'],
    ['[x * 2 for x in xs]', 'xs.map(x => …)'],
    ["raise ValueError('x')", 'throw new Error'],
    ['assert x > 0', 'if (!x) throw'],
    ['print "x"', 'console.log(x)'],
    ['echo hi', 'execSync("echo hi"'],
    ['rm -rf old', 'execSync("rm -rf old"'],
    ['cp a b', 'execSync("cp a b"'],
    ['pip list', 'execSync("pip list"'],
    ['conda activate base', 'execSync("conda activate base"'],
    ['export CUDA_VISIBLE_DEVICES=0', 'process.env.CUDA_VISIBLE_DEVICES = "0"'],
    ['lines1 = !ls -l', 'const lines1 = execSync("ls -l"'],
    ['n := 5', 'let n = 5'],
    ['const part = xs[1:3]', 'xs.slice(1, 3)'],
    ['xs[:-1]', 'xs.slice(0, -1)'],
    ['xs[::-1]', 'xs.toReversed()'],
    ['images[:, 0]', 'images.slice([from, …], [size, …])'],
    ['const sign = 1 if x > 0 else -1', 'x > 0 ? 1 : -1'],
    ['{k: v for k, v in pairs}', 'Object.fromEntries'],
    ['let q = 1;\nif (q and q) {}', '&&'],
    ['let r = 1;\nif (not r) {}', "'not' is Python's; here: !"],
  ];
  test("lines of Python's, IPython's and the shell's: one sentence each, with what says the same here", () => {
    for (const [code, words] of HABITS) {
      const diagnostics = found(code);
      const text = said(code);
      assert.ok(text.includes(words), `${code}\n${text}`);
      assert.doesNotMatch(text, /TS\d/, code);
      assert.ok(
        diagnostics.every(({ message }) => !message.includes('\n')),
        code,
      );
    }
  });

  test('signs of a Chinese keyboard: which, what stands in their place, and the line as it should be', () => {
    for (const [code, plain, sign] of [
      ['console.log（1）', 'console.log(1)', '（'],
      ['console.log(“你好”)', 'console.log("你好")', '“'],
      ['const a = 1；', 'const a = 1;', '；'],
      ['[1，2，3]', '[1,2,3]', '，'],
      ['const o = { a：1 }', 'const o = { a:1 }', '：'],
      ['！ls -l', '!ls -l', '！'],
      ['％time f()', '%time f()', '％'],
      ['Math？', 'Math?', '？'],
      ['const t = ‘abc’', "const t = 'abc'", '‘'],
      ['const t = 「abc」', 'const t = "abc"', '「'],
      ['const x＝5', 'const x=5', '＝'],
      ['１２ + 3', '12 + 3', '１'],
      ['5 × 3', '5 * 3', '×'],
      ['let x = 2;\nx ≤ 3', 'x <= 3', '≤'],
      ['[1].map(x → x)', '[1].map(x => x)', '→'],
      ['ｐｒｉｎｔ(1)', 'print(1)', 'ｐｒｉｎｔ'],
    ]) {
      const text = said(code);
      assert.ok(text.includes(`'${sign}' is none of the signs that code is written in`), `${code}\n${text}`);
      assert.ok(text.includes(`The line then reads: ${plain}`), `${code}\n${text}`);
      assert.equal(found(code).length, 1, code);
    }
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code of a cell
    assert.equal(said("const 数 = 5; // 注释（全角），\nconst words = '你好，（世界）'; `${数}：${words}`"), '');
  });

  test('the same lines, behind lines that are right and before others', () => {
    const right = fc.constantFrom(
      'const a1 = 1;',
      'let text = `\n# not a comment\n!ls\n`;',
      "console.log('print and not');",
      '/* def f(): */',
      'for (let i = 0; i < 3; i++) { i; }',
    );
    fc.assert(
      fc.property(
        fc.array(right, { maxLength: 3 }).map(lines => [...new Set(lines)]),
        fc.constantFrom(...HABITS),
        (lines, [code, words]) => {
          const all = [...lines, code].join('\n');
          const [first] = found(all);
          assert.equal(first.code, 0, all);
          assert.ok(said(all).includes(words), `${all}\n${said(all)}`);
          assert.ok(first.start.line >= lines.join('\n').split('\n').length - (lines.length ? 0 : 1), all);
        },
      ),
      { numRuns: 60, seed: 1 },
    );
  });

  test('code that only looks like it is left alone', () => {
    run('let done = false; let b: Record<string, number> = { a: 1 };');
    for (const code of [
      '!done',
      '!done && b',
      'done ? 1 : 2',
      'b?.a',
      '7 % 2',
      "'#' + 1",
      "console.log('a and b', \"f'x'\")",
      'class P { #x = 1; has(o: object) { return #x in o; } }',
      'label: for (;;) break label;',
      'const r1 = /[#\'"]/; r1',
    ])
      assert.equal(said(code), '', code);
    assert.match(said("console.log('this is' done)"), /^error TS1005/);
    assert.match(said('!zz(1)'), /^error TS2304: Cannot find name 'zz'/);
  });

  test('a name that a cell above will make is no fault of a cell that is being written, and hides none', () => {
    const found = (code: string, ...promised: string[]) =>
      compiler
        .check(code, new Set(promised))
        .map(({ code: number, message }) => [number, /'(\w+)'/.exec(message)?.[1]]);
    assert.deepEqual(found("const w: number = 'a';\nconst l = later, n = absent;\n({ later });", 'later'), [
      [2322, 'string'],
      [2304, 'absent'],
    ]);
    assert.deepEqual(found('later + 1', 'later'), []);
    assert.deepEqual(found('later + 1'), [[2304, 'later']]);
  });

  test('a package or a file that is missing: how to get it', () => {
    assert.match(
      said("import x from 'no-such-package-here';"),
      /Cannot find module 'no-such-package-here'.*\nto install it, in a terminal.*npm install no-such-package-here;/,
    );
    assert.match(said("import x from '@scope/name/deep';"), /npm install @scope\/name;/);
    assert.match(said("import x from 'torch';"), /import \{ tf \} from '\.\/lib'/);
    fs.writeFileSync(path.join(folder, 'helpers.ts'), 'export const x = 1;');
    assert.match(said("import { x } from './helper';"), /looked in .*; there is helpers\.ts/);
    assert.match(said("import { x } from 'helpers';"), /in front: '\.\/helpers'/);
  });

  test('what TypeScript adds is shown, and the same is said once', () => {
    assert.match(
      said('function area(width: number, height: number) { return width * height; }\narea(1)'),
      /Expected 2 arguments, but got 1\.[\s\S]*An argument for 'height' was not provided\.\n {2}in a cell: function area\(width/,
    );
    run('function volume(width: number, depth: number) { return width * depth; }');
    assert.match(
      said('volume(1)'),
      /An argument for 'depth' was not provided\.\n {2}in a cell: function volume\(width/,
    );
    const repeated = said(`const o = { a: 1 };\n${'o.missing;\n'.repeat(12)}`);
    assert.equal(repeated.match(/TS2339/g)?.length, 1);
    assert.match(repeated, /line 2 \(also line 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13\)/);
  });

  test('what is declared for all holds in later cells, until it is declared anew', () => {
    run(
      'declare global { var counter: number; interface Array<T> { second(): T } }\nArray.prototype.second = function () { return this[1]; };\nglobalThis.counter = 1; const beside = 1;',
    );
    run('const sum: number = counter + [1, 2].second() + beside;');
    assert.match(said('const wrong: string = counter;'), /'number' is not assignable/);
    run("declare global { var counter: string }\nglobalThis.counter = 'x';");
    assert.equal(said('counter.at(0)'), '');
    assert.match(said('declare global { var counter: Missing }'), /Cannot find name 'Missing'/);
    assert.equal(said('counter.at(0)'), '');
  });

  test('regular expressions with v, import.meta, .ts in an import, and what else Node runs', () => {
    fs.writeFileSync(path.join(folder, 'view.tsx'), 'export const x = 1;');
    for (const code of [
      '/[\\p{L}--[a-z]]/v.test("A")',
      '[import.meta.url, import.meta.dirname, import.meta.filename, import.meta.resolve("./x")]',
      "import { x } from './view.tsx'; x",
      "import data from './data.json' with { type: 'json' }; data",
      '[3, 1].toSorted().with(0, 2)',
      'process.stdout.clearLine(0)',
      '[__filename, __dirname, module.exports, require.resolve]',
    ]) {
      fs.writeFileSync(path.join(folder, 'data.json'), '{}');
      assert.equal(said(code), '', code);
    }
  });
});

describe('a cell from the middle, in a kernel that has not run the others', { timeout: 120_000 }, () => {
  const file = path.join(newFolder('middle'), 'middle.ipynb');
  const cells = [
    "import { readFileSync } from 'node:fs';",
    'const rows = 5, columns = 7;\nfunction area() { return rows * columns; }',
    'const model = { forward: (x: number) => x };',
    'const loss = model.forward(rows) + columns + area();\nconst again = [rows, rows, rows].map(x => x + columns);\nmodel.forward(loss)',
    'const later = 1;',
  ];
  before(() => {
    fs.writeFileSync(
      file,
      JSON.stringify({ cells: cells.map(source => ({ cell_type: 'code', source: source.split(/(?<=\n)/) })) }),
    );
    process.env.JPY_SESSION_NAME = file;
  });
  after(() => {
    delete process.env.JPY_SESSION_NAME;
  });

  test('one sentence names the names, the cells that make them, and the menu', () => {
    const compiler = new CellCompiler(path.dirname(file));
    const { diagnostics } = compiler.compile(1, cells[3]);
    assert.deepEqual(
      diagnostics.map(({ message }) => message),
      [
        "'rows', 'columns', 'area' and 'model' are made in cells that this kernel has not run: 'rows', 'columns' and 'area' in code cell 2 (const rows = 5, columns = 7;); 'model' in code cell 3 (const model = { forward: (x: number) => x };). Run them first: menu Run → Run All Above Selected Cell",
      ],
    );
    assert.match(
      compiler.compile(2, 'later + 1').diagnostics[0].message,
      /^'later' is made in a cell that this kernel has not run: 'later' in code cell 5/,
    );
    assert.match(
      compiler.compile(3, cells[0].replace('import', '// x\nrows;\nimport')).diagnostics[0].message,
      /'rows' in code cell 2/,
    );
  });

  test('without the notebook, all unknown names in one sentence too', () => {
    process.env.JPY_SESSION_NAME = '/nowhere.ipynb';
    const { diagnostics } = new CellCompiler(path.dirname(file)).compile(1, cells[3]);
    assert.equal(diagnostics.length, 1);
    assert.match(
      diagnostics[0].message,
      /^'model', 'rows', 'columns' and 'area' are unknown, .*Run All Above Selected Cell/,
    );
  });
});
