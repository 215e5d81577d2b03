/** Small things that Node has and cells expect: a terminal's functions, groups, options, help in the first second, papermill's parameters. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { papermillFiles } from '../../scripts/setup/papermill';
import { newFolder } from '../folder';
import { Front } from './client';

describe('what Node has', { timeout: 120_000 }, () => {
  let front: Front;
  before(async () => {
    front = await Front.start();
  });
  after(() => front.stop());

  /** What a page shows of a line with carriage returns. */
  const seen = (text: string): string => {
    let line = '';
    for (const part of text.split('\r')) line = part + line.slice(part.length);
    return line.trimEnd();
  };

  test('a progress line is drawn anew: clearLine, cursorTo, moveCursor', async () => {
    const cell =
      "process.stdout.write('a long first text'); process.stdout.clearLine(0); process.stdout.cursorTo(0); process.stdout.write('50 %');";
    assert.equal(seen((await front.run(cell)).text), '50 %');
    const moves =
      "process.stdout.write('abcdef'); process.stdout.cursorTo(2); process.stdout.write('X'); process.stdout.moveCursor(1, 0); process.stdout.write('Y');";
    assert.equal(seen((await front.run(moves)).text), 'abXdYf');
    const right = "process.stdout.write('abcdef'); process.stdout.cursorTo(3); process.stdout.clearLine(1);";
    assert.equal(seen((await front.run(right)).text), 'abc');
    const lines = "process.stdout.write('above\\nbelow'); process.stdout.clearLine(0);";
    assert.equal((await front.run(lines)).text.split('\n')[0], 'above');
    const facts =
      '[process.stdout.isTTY, process.stdout.columns > 0, process.stderr.getWindowSize().length, process.stdout.hasColors()]';
    assert.equal((await front.run(facts)).result, '[ false, true, 2, true ]');
    const called = await front.run(
      'await new Promise<void>(done => process.stdout.clearLine(0, () => process.stdout.cursorTo(0, () => done()))); 1',
    );
    assert.equal(called.result, '1');
  });

  test('groups of a failed cell end with it; those of a cell that ran stay', async () => {
    await front.run("console.group('outer'); console.group('inner'); throw new Error('x');");
    assert.equal((await front.run("console.log('flat')")).text, 'flat\n');
    await front.run("console.group('kept');");
    await front.run("console.groupCollapsed('lost'); throw new Error('x');");
    assert.equal((await front.run("console.log('in'); console.groupEnd(); console.log('out')")).text, '  in\nout\n');
  });

  test('import() in a text that is evaluated, /v, and a name like those that Node gives', async () => {
    assert.equal((await front.run("(await eval(\"import('node:path')\")).basename('a/b')")).result, "'b'");
    assert.equal((await front.run("/^[\\p{L}--[a-z]]$/v.test('A')")).result, 'true');
    assert.equal((await front.run('const module = 1; const __filename = 2; [module, __filename]')).result, '[ 1, 2 ]');
  });
});

test('options that Node does not take: said in the first cell, which runs', { timeout: 60_000 }, async () => {
  for (const options of ['--no-such-flag', '--max-old-space-size=4000 --require=/no/such.js']) {
    const front = await Front.start({ LAB_NODE_OPTIONS: options });
    const reply = await front.run('1 + 1');
    assert.equal(reply.result, '2', options);
    assert.ok(reply.text.startsWith(`LAB_NODE_OPTIONS="${options}": Node does not start with it`), reply.text);
    assert.equal((await front.run('2')).text, '');
    await front.stop();
  }
  const front = await Front.start({ LAB_NODE_OPTIONS: '--title="two words" --max-old-space-size=3000' });
  assert.equal(
    (await front.run('[process.title, process.execArgv.includes("--max-old-space-size=3000")]')).result,
    "[ 'two words', true ]",
  );
  await front.stop();
});

test('completion answers within a second from the start on, and knows what has no types yet', {
  timeout: 60_000,
}, async () => {
  const front = await Front.start({}, path.resolve(__dirname, '..', '..', 'notebooks')); // where the lib is read ahead
  for (const [code, wanted] of [
    ['const alpha = 1; alp', 'alpha'],
    ['Math.flo', 'floor'],
    ['console.', 'log'],
    ['retu', 'return'],
    ['JSON.str', 'stringify'],
  ]) {
    const asked = performance.now();
    const { matches } = (await front.ask('complete_request', { code, cursor_pos: code.length })) as {
      matches: string[];
    };
    assert.ok(performance.now() - asked < 1000, `${code}: ${performance.now() - asked} ms`);
    assert.ok(matches.includes(wanted), `${code}: ${matches.slice(0, 5)}`);
  }
  await front.stop();
});

test("papermill's parameters in TypeScript, brought in as one of its engines", () => {
  const folder = newFolder('papermill');
  const files: Record<string, string> = {
    ...papermillFiles(),
    'papermill/__init__.py': 'from .engines import engines',
    // The parts of papermill that it touches: engines are looked for while papermill itself is being imported.
    'papermill/engines.py':
      'from importlib.metadata import distributions\nclass NBClientEngine: pass\nengines = {e.name: e.load() for d in distributions(path=__import__("sys").path) for e in d.entry_points if e.group == "papermill.engine"}',
    'papermill/models.py':
      'from collections import namedtuple\nParameter = namedtuple("Parameter", "name inferred_type_name default help")',
    'papermill/translators.py':
      'class Translator:\n    @classmethod\n    def codify(cls, parameters, comment="Parameters"):\n        return "".join([cls.comment(comment) + "\\n", *(cls.assign(n, cls.translate(v)) + "\\n" for n, v in parameters.items())])\nclass Registry(dict):\n    register = dict.__setitem__\npapermill_translators = Registry()',
  };
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text);
  }
  const script = `
import json, papermill
from papermill.translators import papermill_translators as t
values = {"epochs": 3, "rate": 1e-3, "name": "it's \\"é\\"\\n", "on": True, "none": None, "sizes": [1, [2.5, float("inf")]], "more": {"a-b": float("nan")}}
found = t["typescript"].inspect({"source": "// x\\nlet epochs: number = 3; // how long\\nconst rate = 0.1\\nf(1)"})
print(json.dumps([t["tslab"].codify(values), [list(p) for p in found], list(papermill.engines)]))`;
  const python = path.resolve(
    __dirname,
    '..',
    '..',
    '.venv',
    process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python',
  );
  const [code, found, engines] = JSON.parse(
    execFileSync(python, ['-c', script], {
      env: { ...process.env, PYTHONPATH: folder, PYTHONUTF8: '1' },
      encoding: 'utf8',
    }),
  ) as [string, unknown, string[]];
  const names = 'epochs, rate, name, on, none, sizes, more';
  const run = new Function(`${code}; return { ${names} };`) as () => unknown;
  assert.deepEqual(run(), {
    epochs: 3,
    rate: 0.001,
    name: 'it\'s "é"\n',
    on: true,
    none: null,
    sizes: [1, [2.5, Number.POSITIVE_INFINITY]],
    more: { 'a-b': Number.NaN },
  });
  assert.match(code, /^\/\/ Parameters\nlet epochs = 3;\n/);
  assert.deepEqual(found, [
    ['epochs', 'number', '3', 'how long'],
    ['rate', 'None', '0.1', ''],
  ]);
  assert.ok(engines.includes('typescript'));
});
