/** What the kernel advises comes in Chinese, to the end: habits from elsewhere, names of other worlds, packages, cells that were not run. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { changeError, inChinese } from '../../lib/i18n/bundle';
import { dictionaryOf, faultsOf } from '../../lib/i18n/load';
import { hasHan } from '../../lib/i18n/words';
import { compileError } from '../../lib/kernel/code-frame';
import { BROWSER, foreignMethod, foreignName, PYTHON, SHELL } from '../../lib/kernel/compiler/foreign-names';
import { habitOf, instead, MAGICS } from '../../lib/kernel/compiler/habits';
import { installing, missingModule } from '../../lib/kernel/compiler/packages-help';
import { wideSigns } from '../../lib/kernel/compiler/wide-signs';
import { ROOT } from '../../scripts/notebooks/notebook';

const dictionary = dictionaryOf(ROOT, '03-bayes');
const faults = faultsOf(ROOT, dictionary);
/** English that joins words; no line of code has it outside of texts. */
const ENGLISH = /\b(?:the|or|and|with|which|needs?|there|nothing|where|put|before|has|it|gives|shows)\b/;
const isChinese = (english: string): void => {
  const said = faults.say(english);
  assert.ok(hasHan(said), `${english} → ${said}`);
  assert.doesNotMatch(said.replace(/`[^`]*`|'[^']*'|"[^"]*"|“[^”]*”/g, ''), ENGLISH, `${english} → ${said}`);
};

describe('advice', () => {
  test('names of Python, of browsers, of the shell', () => {
    for (const name of Object.keys({ ...PYTHON, ...SHELL, ...BROWSER })) isChinese(foreignName(name, false) ?? name);
    isChinese(foreignName('FileReader', true) ?? '');
    isChinese(foreignMethod('append', 'number[]') ?? '');
  });

  test('lines of Python, IPython and the shell', () => {
    const lines = [
      'a, b = 1, 2',
      '!pip install numpy',
      'npm install left-pad',
      '!ls -l',
      '%%bash',
      ...[...Object.keys(MAGICS), 'unknown'].map(magic => `%${magic}`),
      'x?',
      'git status -s',
      ...'numpy torch tensorflow keras matplotlib seaborn pandas math random time sys os json re'
        .split(' ')
        .map(name => `import ${name} as n`),
      'from pandas import read_csv',
      'import own',
      'async def f(x):',
      'def f(x):',
      'elif x:',
      'except Exception:',
      'try:',
      'for i in range(3):',
      'for x in xs:',
      'while x:',
      'else:',
      'class A(B):',
      'with open(f) as g:',
      'lambda x: x',
      'raise Error',
      'assert x',
      'del x',
      'global x',
      'print x',
      'x = f"a"',
      'x = r"a"',
      '"""a',
      '[x for x in xs]',
      'x = 1 # one',
      'x and y',
      'rm -rf x',
      'export X=1',
      'x = !ls',
      'x := 5',
      'xs[1:3]',
      'xs[:, 0]',
      'x = 1 if y else 2',
      '{k: v for k, v in xs}',
    ];
    for (const line of lines) isChinese(habitOf(line, true) ?? `no advice for ${line}`);
  });

  test('signs of a Chinese keyboard', () => {
    const found = {
      start: { line: 0, column: 5 },
      end: { line: 0, column: 6 },
      message: 'Invalid character.',
      code: 1127,
    };
    for (const line of ['print（1）', 'let a；', 'x = 1，2'])
      isChinese(wideSigns([line], [found])[0]?.message ?? `no advice for ${line}`);
  });

  test('packages and files that are missing', () => {
    isChinese(installing('left-pad'));
    for (const name of ['left-pad', './nowhere', '../lib/kernel/mai', 'numpy'])
      isChinese(missingModule(name, ROOT, instead));
  });
});

test('names of cells that were not run; hints and places below a message', () => {
  const pairs = {
    "'a' and 'b' are made in cells that this kernel has not run: 'a' in code cell 1 (const a = 1;); 'b' in code cell 2 (let b = 2;). Run them first: menu Run → Run All Above Selected Cell":
      "'a'、'b' 来自本内核还没有运行过的单元格：'a' 在第 1 个代码单元格（const a = 1;）；'b' 在第 2 个代码单元格（let b = 2;）。请先运行它们：菜单“运行 → 运行选中单元格上方的所有单元格”",
    'lib/own.ts, line 3 (also line 5)': 'lib/own.ts，第 3 行（还有第 5 行）',
    "lib/own.ts, line 3: 'len' is Python's; here: undefined, or null":
      'lib/own.ts，第 3 行：“len”是 Python 的写法，这里用：undefined 或 null',
  };
  for (const [english, chinese] of Object.entries(pairs)) assert.equal(faults.say(english), chinese);
  const place = { line: 0, column: 0 };
  const error = compileError('push', 3, [
    {
      start: place,
      end: place,
      message: "'len' is Python's; here: undefined, or null",
      code: 0,
      hint: "the course's lib has it: import { push } from './lib'",
      alsoOn: [4, 6],
    },
  ]);
  const { traceback } = changeError(error, inChinese(dictionary, faults));
  const lines = traceback[0].split('\n');
  assert.match(lines[0], /“len”是 Python 的写法/);
  assert.equal(lines[1], "课程的库里有它：import { push } from './lib'");
  assert.equal(lines[2], '单元格 [3]，第 1 行（还有第 5, 7 行）');
  assert.match(lines[3], /push$/);
});
