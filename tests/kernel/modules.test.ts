/** Files and packages that cells import: of every kind, in every form, edited between two imports. Through the real kernel. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { newFolder } from '../folder';
import { Front } from './client';

const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');
const traceback = (reply: { content: Record<string, unknown> }) =>
  ((reply.content.traceback as string[] | undefined) ?? []).join('\n').replace(COLOUR, '');

const CJS = new Set(['.cjs', '.cts']);
/** A file of that kind which exports `value`. */
function exporting(ending: string, value: number): string {
  if (ending === '.json') return `{ "value": ${value} }`;
  if (ending === '.cjs') return `exports.value = ${value};\n`;
  return `export const value${/ts/.test(ending) ? ': number' : ''} = ${value};\n`;
}

/** A file of that kind which passes on the `value` of another. */
function passing(ending: string, from: string): string {
  if (ending === '.cjs') return `exports.value = require('${from}').value;\n`;
  return `export { value } from '${from}';\n`;
}

/** How such a file is named in an import. */
const namedIn = (ending: string, stem: string): string[] =>
  ({
    '.ts': [`./${stem}`, `./${stem}.js`, `./${stem}.ts`],
    '.tsx': [`./${stem}`, `./${stem}.js`, `./${stem}.tsx`],
    '.mts': [`./${stem}.mjs`, `./${stem}.mts`],
    '.cts': [`./${stem}.cjs`, `./${stem}.cts`],
    '.js': [`./${stem}`, `./${stem}.js`],
    '.jsx': [`./${stem}`, `./${stem}.jsx`],
    '.mjs': [`./${stem}.mjs`],
    '.cjs': [`./${stem}.cjs`],
    '.json': [`./${stem}.json`],
  })[ending]!;

/** A cell that shows `value` of the module. */
const FORMS: Record<string, (name: string) => string> = {
  named: name => `import { value } from '${name}'; value`,
  namespace: name => `import * as all from '${name}'; all.value`,
  dynamic: name => `(await import('${name}')).value`,
  require: name => `require('${name}').value`,
  equals: name => `import whole = require('${name}'); whole.value`,
  reexport: name => `export { value as passedOn } from '${name}'; require('${name}').value`,
};
const ENDINGS = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.json'];

describe('modules', { timeout: 300_000 }, () => {
  let front: Front;
  const folder = newFolder('modules');
  const write = (name: string, text: string) => {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text);
  };
  const shown = async (code: string): Promise<string> => {
    const reply = await front.run(code);
    return reply.result ?? `${reply.status}: ${traceback(reply)}`;
  };
  before(async () => {
    front = await Front.start({}, folder);
  });
  after(async () => {
    await front.stop();
  });

  for (const ending of ENDINGS) {
    test(`${ending}: every form of import gives the new value after an edit`, async () => {
      for (const [form, cell] of Object.entries(FORMS)) {
        const stem = `${form}${ending.slice(1)}`;
        for (const name of namedIn(ending, stem)) {
          for (const value of [1, 20]) {
            write(stem + ending, exporting(ending, value));
            assert.equal(await shown(cell(name)), String(value), `${form} of ${name}`);
          }
        }
      }
    });
  }

  test('an edit three files down arrives, whatever the kinds on the way', async () => {
    for (const [i, outer] of ENDINGS.filter(e => e !== '.json').entries()) {
      const inner = ENDINGS[(i + 3) % ENDINGS.length];
      const middle = CJS.has(outer) ? '.cjs' : '.ts';
      write(`deep${i}${outer}`, passing(outer, namedIn(middle, `mid${i}`)[0]));
      write(`mid${i}${middle}`, passing(middle, namedIn(inner, `leaf${i}`)[0]));
      for (const value of [3, 40]) {
        write(`leaf${i}${inner}`, exporting(inner, value));
        const code = `import { value } from '${namedIn(outer, `deep${i}`)[0]}'; value`;
        assert.equal(await shown(code), String(value), `${outer} → ${middle} → ${inner}`);
      }
    }
  });

  test('default and whole-file imports of JSON and CommonJS', async () => {
    for (const n of [1, 2]) {
      write('whole.json', `{ "n": ${n}, "list": [${n}] }`);
      write('list.json', `[${n}, ${n}]`);
      write('whole.cjs', `module.exports = { n: ${n} };`);
      const code =
        "import whole from './whole.json'; import list from './list.json'; import common from './whole.cjs';\n" +
        "[whole.n, list, common.n, (await import('./whole.json')).default.list, (await import('./list.json')).default.length]";
      assert.equal(await shown(code), `[ ${n}, [ ${n}, ${n} ], ${n}, [ ${n} ], 2 ]`);
    }
    const attributes = "import data from './whole.json' with { type: 'json' }; data.n";
    assert.equal(await shown(attributes), '2');
  });

  test('a file that goes away, comes back, or comes in front of another', async () => {
    write('comes.js', 'export const value = 1;\n');
    write('asks.ts', "import { value } from './comes';\nexport const asked = value;\n");
    const code = "import { asked } from './asks'; import { value } from './comes'; [asked, value]";
    assert.equal(await shown(code), '[ 1, 1 ]');
    write('comes.ts', 'export const value = 2;\n');
    assert.equal(await shown(code), '[ 2, 2 ]');
    fs.rmSync(path.join(folder, 'comes.ts'));
    assert.equal(await shown(code), '[ 1, 1 ]');
    fs.rmSync(path.join(folder, 'comes.js'));
    assert.match(await shown(code), /\.\/comes/);
    write('comes/index.ts', 'export const value = 3;\n');
    assert.equal(await shown(code), '[ 3, 3 ]');
    assert.match(await shown("import { late } from './late'; late"), /\.\/late/);
    write('late.ts', 'export const late = 4;\n');
    assert.equal(await shown("import { late } from './late'; late"), '4');
  });

  test('a new type in an edited file counts as well', async () => {
    write('typed.ts', 'export const thing = 1;\n');
    assert.equal(await shown("import { thing } from './typed'; thing.toFixed(1)"), "'1.0'");
    write('typed.ts', "export const thing = 'x';\n");
    assert.match(await shown("import { thing } from './typed'; thing.toFixed(1)"), /toFixed.*does not exist on type/);
    assert.equal(await shown("import { thing } from './typed'; thing.at(0)"), "'x'");
  });

  for (const [kind, manifest, source] of [
    ['CommonJS', '"main": "./index.js"', (n: number) => `exports.value = ${n};`],
    ['ES modules', '"type": "module", "exports": "./index.js"', (n: number) => `export const value = ${n};`],
    [
      'import alone',
      '"type": "module", "exports": { ".": { "import": "./index.js" } }',
      (n: number) => `export const value = ${n};`,
    ],
    ['top-level await', '"type": "module", "exports": "./index.js"', (n: number) => `export const value = await ${n};`],
  ] as const) {
    test(`a package beside the notebook, edited (${kind})`, async () => {
      const name = `beside-${kind.toLowerCase().replaceAll(' ', '-')}`;
      write(`node_modules/${name}/package.json`, `{ "name": "${name}", ${manifest} }`);
      write(`uses-${name}.ts`, `export { value } from '${name}';\n`);
      for (const n of [1, 2]) {
        write(`node_modules/${name}/index.js`, source(n));
        assert.equal(await shown(`import { value } from '${name}'; value`), String(n));
        assert.equal(await shown(`(await import('${name}')).value`), String(n));
        assert.equal(await shown(`import { value } from './uses-${name}'; value`), String(n));
      }
    });
  }

  test('a package that is installed after its import failed, then in another version', async () => {
    const code = "import { value } from 'comes-later'; value";
    assert.match(await shown(code), /comes-later/);
    assert.match(await shown(`// @ts-nocheck\n${code}`), /comes-later/);
    write(
      'node_modules/comes-later/package.json',
      '{ "name": "comes-later", "version": "1.0.0", "main": "a.js", "types": "a.d.ts" }',
    );
    write('node_modules/comes-later/a.js', 'exports.value = 1;');
    write('node_modules/comes-later/a.d.ts', 'export const value: number;');
    assert.equal(await shown(code), '1');
    write(
      'node_modules/comes-later/package.json',
      '{ "name": "comes-later", "version": "2.0.0", "main": "b.js", "types": "b.d.ts" }',
    );
    write('node_modules/comes-later/b.js', 'exports.value = "two";');
    write('node_modules/comes-later/b.d.ts', 'export const value: string;');
    assert.equal(await shown("import { value } from 'comes-later'; value.at(0)"), "'t'");
  });

  test("a package of the project's that changed is spoken of", async () => {
    const home = path.resolve(__dirname, '..', '..', 'node_modules', `changes-${process.pid}`);
    fs.mkdirSync(home);
    try {
      const name = path.basename(home);
      fs.writeFileSync(path.join(home, 'package.json'), `{ "name": "${name}", "version": "1.0.0" }`);
      fs.writeFileSync(path.join(home, 'index.js'), 'exports.value = 1;');
      const code = `import { value } from '${name}'; value`;
      assert.equal(await shown(code), '1');
      assert.equal((await front.run(code)).text, '');
      fs.writeFileSync(path.join(home, 'index.js'), 'exports.value = "two";');
      assert.match((await front.run(code)).text, /has changed since it was loaded: restart the kernel/);
    } finally {
      fs.rmSync(home, { recursive: true });
    }
  });

  test('files that wait at their top level, also far down', async () => {
    write('waits.ts', 'export const value = await Promise.resolve(5);\n');
    write('above.ts', "import { value } from './waits';\nexport const twice = 2 * value;\n");
    assert.equal(await shown("import { twice } from './above'; twice"), '10');
    write('waits.ts', 'export const value = await Promise.resolve(6);\n');
    assert.equal(await shown("import { twice } from './above'; twice"), '12');
    write('waits.ts', "throw new Error('broke ' + (await 7));\nexport const value = 0;\n");
    assert.match(await shown("import { twice } from './above'; twice"), /^error: Error: broke 7/);
  });

  test('a stop while files and packages load: the next import finds them whole', async () => {
    // a package's loop has no checks: it is ended by force, and no file on the way to it can clear up
    const busy =
      'const end = Date.now() + (globalThis.slow ? 20_000 : 0);\nwhile (Date.now() < end);\nexports.value = 5;\n';
    write('node_modules/slowly/index.js', busy);
    write('node_modules/above/index.js', "exports.early = 1;\nexports.value = require('slowly').value;\n");
    write('half.ts', "export const first = 1;\nexport { value } from 'above';\nexport const last = 3;\n");
    await front.run('(globalThis as any).slow = true;');
    const cell = front.request('execute_request', {
      code: "import { first, value, last } from './half'; [first, value, last]",
    });
    await new Promise(resolve => setTimeout(resolve, 500));
    await front.interrupt();
    assert.equal((await cell.reply).content.ename, 'KeyboardInterrupt');
    await front.run('(globalThis as any).slow = false;');
    assert.equal(await shown("import { first, value, last } from './half'; [first, value, last]"), '[ 1, 5, 3 ]');
    assert.equal(await shown("require('above')"), '{ early: 1, value: 5 }');
  });

  test('files that import each other', async () => {
    write(
      'ping.ts',
      "import { pong } from './pong';\nexport const ping = () => 'ping';\nexport const both = () => ping() + pong();\n",
    );
    write(
      'pong.ts',
      "import { ping } from './ping';\nexport const pong = () => 'pong';\nexport const back = () => pong() + ping();\n",
    );
    assert.equal(
      await shown("import { both } from './ping'; import { back } from './pong'; [both(), back()]"),
      "[ 'pingpong', 'pongping' ]",
    );
    write(
      'pong.ts',
      "import { ping } from './ping';\nexport const pong = () => 'PONG';\nexport const back = () => pong() + ping();\n",
    );
    assert.equal(
      await shown("import { both } from './ping'; import { back } from './pong'; [both(), back()]"),
      "[ 'pingPONG', 'PONGping' ]",
    );
  });

  test('a syntax error in an imported file names that file and its line', async () => {
    for (const types of ['', '// @ts-nocheck\n']) {
      for (const [name, text, line] of [
        ['broken.ts', 'export const a = 1;\nexport const b = ;\n', 2],
        ['broken.js', 'export const a = 1;\n\nexport const b = (;\n', 3],
        ['broken.cjs', 'exports.a = 1;\nexports.b = = 2;\n', 2],
        ['broken.json', '{\n  "a": 1,\n  "b": }\n', 3],
      ] as const) {
        write(name, text);
        const asked = name.replace(/\.ts$/, '');
        const place = new RegExp(`${name.replace('.', '\\.')}(?:, line |:)${line}\\b`);
        assert.match(await shown(`${types}import * as x from './${asked}'; x`), place, `${name} ${types}`);
        write('imports-broken.ts', `import * as x from './${asked}';\nexport const y = x;\n`);
        assert.match(await shown(`${types}import { y } from './imports-broken'; y`), place, `nested ${name} ${types}`);
        assert.match(await shown(`${types}(await import('./imports-broken')).y`), place, `dynamic ${name} ${types}`);
        fs.rmSync(path.join(folder, name));
      }
    }
  });

  test('a type error in an imported file is said at the import, with its file and line', async () => {
    write('mistyped.ts', 'export const a = 1;\nexport const b: string = a;\n');
    write('above-mistyped.ts', "export { b } from './mistyped';\n");
    for (const name of ['./mistyped', './above-mistyped']) {
      const said = await shown(`import { b } from '${name}'; b`);
      assert.match(said, /TS2322: Type 'number' is not assignable to type 'string'/);
      assert.match(said, /mistyped\.ts, line 2\n[\s\S]*→ 2 \| export const b: string = a;\n/);
      assert.match(said, /@ts-nocheck/);
    }
    assert.equal(await shown("// @ts-nocheck\nimport { b } from './mistyped'; b"), '1');
    write('mistyped.ts', '// @ts-nocheck\nexport const a = 1;\nexport const b: string = a;\n');
    assert.equal(await shown("import { b } from './above-mistyped'; b"), '1');
    write('mistyped.ts', 'export const a = 1;\nexport const b: string = String(a);\n');
    assert.equal(await shown("import { b } from './above-mistyped'; b"), "'1'");
    write('mistyped.ts', 'export const a = 1;\nexport const c = 2;\n');
    assert.match(await shown("import './above-mistyped'; 1"), /above-mistyped\.ts, line 1\n/);
  });

  test('what Node gives its modules: import.meta, __filename, require.resolve', async () => {
    write(
      'meta.ts',
      "export const here = [import.meta.filename, import.meta.dirname, import.meta.url, import.meta.resolve('./x.ts')];\n",
    );
    write(
      'meta.mjs',
      "import { fileURLToPath } from 'node:url';\nconst __filename = fileURLToPath(import.meta.url);\nexport const here = __filename;\n",
    );
    write(
      'meta.cjs',
      'exports.here = [__filename, __dirname, require.resolve("./meta.ts"), typeof module.exports, this === exports];\n',
    );
    const url = `file://${folder}`;
    const shownAs = async (code: string): Promise<unknown> => {
      const { text } = await front.run(`console.log(JSON.stringify(${code}))`);
      return JSON.parse(text);
    };
    assert.deepEqual(await shownAs("(await import('./meta')).here"), [
      `${folder}/meta.ts`,
      folder,
      `${url}/meta.ts`,
      `${url}/x.ts`,
    ]);
    assert.deepEqual(await shownAs("(await import('./meta.mjs')).here"), `${folder}/meta.mjs`);
    assert.deepEqual(await shownAs("require('./meta.cjs').here"), [
      `${folder}/meta.cjs`,
      folder,
      `${folder}/meta.ts`,
      'object',
      true,
    ]);
    assert.deepEqual(
      await shownAs(
        '[import.meta.dirname, __dirname, import.meta.url.startsWith("file:///"), import.meta.resolve("./a.ts"), import.meta.resolve("node:fs"), require.resolve("./meta.cjs")]',
      ),
      [folder, folder, true, `${url}/a.ts`, 'node:fs', `${folder}/meta.cjs`],
    );
  });
});

test('a project that cannot be written: the kernel starts, files are translated, nothing stays behind', async () => {
  const project = newFolder('read-only');
  const own = path.join(project, 'tmp');
  fs.mkdirSync(own);
  const source = path.resolve(__dirname, '..', '..');
  for (const part of ['lib', 'tsconfig.json', 'package.json'])
    fs.cpSync(path.join(source, part), path.join(project, part), { recursive: true });
  fs.symlinkSync(path.join(source, 'node_modules'), path.join(project, 'node_modules'), 'junction');
  fs.writeFileSync(path.join(project, '.lab'), ''); // a file: no folder can be made there, whoever runs this
  fs.writeFileSync(path.join(project, 'helper.ts'), 'export const helped: number = 1;\n');
  const launch = path.join(project, 'lib', 'kernel', 'launch.cjs');
  const front = await Front.start(
    { TMPDIR: own, TEMP: own, LAB_HISTORY: path.join(project, '.lab', 'history') },
    project,
    launch,
  );
  assert.equal((await front.run("import { helped } from './helper'; helped")).result, '1');
  assert.equal((await front.run("import { helped } from './helper'; helped + 1")).result, '2');
  assert.equal(await front.stop(), 0);
  assert.deepEqual(
    fs.readdirSync(own).filter(name => name.startsWith('latentlab-kernel-')),
    [],
  );
});
