/** A Chinese page is Chinese, an English page is English: outputs, pictures' texts, alts, folds, widgets, tooltips, charts. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, test } from 'node:test';
import { lessonWords } from '../../lib/i18n/load';
import { missingChinese, strayChinese, strayProse } from '../../scripts/notebooks/missing';
import { allLessons, ROOT, readNotebook } from '../../scripts/notebooks/notebook';
import { pairsOf } from '../../scripts/notebooks/pairs';

const listed = (found: { cell: string; text: string }[]) => found.map(({ cell, text }) => `${cell}: ${text}`);

/** `*…*` and <em> around Han: JupyterLab would slant it. */
const slantedIn = (source: string): string[] =>
  source
    .replace(/```[\s\S]*?```|`[^`\n]*`|\$\$[\s\S]*?\$\$|\$[^$\n]*\$/g, '')
    .match(/(?<![*\w\\])\*(?!\*)[^*\n]*\p{Script=Han}[^*\n]*\*(?!\*)|<(?:em|i)>[^<]*\p{Script=Han}/gu) ?? [];

test('slanted Han is found, bold Han and slanted Latin are not', () => {
  assert.deepEqual(slantedIn('这是*重点*，**重要**，*et al.*，`*码*`。'), ['*重点*']);
});

test('a sentence of the other language is found, a source, code and a formula are not', () => {
  const page = (source: string) => ({ cells: [{ cell_type: 'markdown', id: 'a', metadata: {}, source }] }) as never;
  const found = (source: string, language: 'en' | 'zh') => strayProse(page(source), 'none', language).map(f => f.text);
  assert.deepEqual(found('这里 the loss falls very fast 了。', 'zh'), ['the loss falls very fast']);
  assert.deepEqual(found('- LeCun et al., Gradient-based learning applied to documents (1998)', 'zh'), []);
  assert.deepEqual(found('用 `let all of them be` 与 $a\\text{ for all of the}$', 'zh'), []);
  assert.deepEqual(found('The loss, 损失, falls.\nIt falls.', 'en'), ['The loss, 损失, falls.']);
});

test('two lists of the lib do not give one word two Chinese ones', () => {
  const folder = path.join(ROOT, 'lib/i18n/zh');
  const apart = ['jupyterlab.json', 'errors.json', 'advice.json']; // each is asked alone, for JupyterLab's page and for errors
  const lists = fs.readdirSync(folder).filter(file => !apart.includes(file));
  assert.ok(lists.length > 5);
  const found = new Map<string, string>();
  for (const file of lists) {
    const words = JSON.parse(fs.readFileSync(path.join(folder, file), 'utf8')) as Record<string, string>;
    for (const [english, chinese] of Object.entries(words)) {
      assert.equal(chinese, found.get(english) ?? chinese, `'${english}' in ${file}`);
      found.set(english, chinese);
    }
  }
});

test('one English text with two Chinese ones in two cells is refused', () => {
  const cell = (zh: string) => ({
    cell_type: 'code',
    id: zh,
    metadata: {},
    source: `text({ en: 'none', zh: '${zh}' })`,
  });
  const page = (...zh: string[]) => ({ cells: zh.map(cell) }) as never;
  assert.throws(() => pairsOf(page('无', '没有')), /'none' is '无' in one cell and '没有' in another/);
  assert.deepEqual(pairsOf(page('无', '无')), { none: '无' });
  const strange = { cell_type: 'code', id: 'a', metadata: {}, source: `text({ en: 'constructor', zh: '构造函数' })` };
  assert.deepEqual(pairsOf({ cells: [strange] } as never), { constructor: '构造函数' });
});

describe('what pages show', () => {
  for (const { name, files } of allLessons()) {
    const english = readNotebook(files.en);
    it(`${name}: every text has its Chinese, or is on the list of what stays`, () => {
      assert.deepEqual(listed(missingChinese(english, name)), [], `npm run sync -- --missing ${name}`);
    });
    it(`${name}: its list of words says the same as its code does`, () => {
      const pairs = new Map(Object.entries(pairsOf(english)));
      const own = Object.entries(lessonWords(ROOT, name));
      const words = own.filter(([text, chinese]) => (pairs.get(text) ?? chinese) !== chinese);
      assert.deepEqual(words, []);
    });
    it(`${name}: the English page shows no Chinese but its subject`, () => {
      assert.deepEqual(listed(strayChinese(english, name)), []);
    });
    it(`${name}: the text is in the page's own language`, () => {
      if (name === 'glossary') return; // it names every term in both
      assert.deepEqual(listed(strayProse(english, name, 'en')), []);
      assert.deepEqual(listed(strayProse(readNotebook(files.zh), name, 'zh')), []);
    });
    it(`${name}: Chinese is stressed by weight, never slanted`, () => {
      const texts = readNotebook(files.zh).cells.filter(({ cell_type }) => cell_type === 'markdown');
      const slanted = texts.flatMap(({ id, source }) => slantedIn(source).map(text => `${id}: ${text}`));
      assert.deepEqual(slanted, []);
    });
  }
});
