/** A Chinese page is Chinese, an English page is English: outputs, pictures' texts, alts, folds, widgets, tooltips, charts. */
import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { missingChinese, strayChinese, strayProse } from '../../scripts/notebooks/missing';
import { allLessons, readNotebook } from '../../scripts/notebooks/notebook';

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

describe('what pages show', () => {
  for (const { name, files } of allLessons()) {
    const english = readNotebook(files.en);
    it(`${name}: every text has its Chinese, or is on the list of what stays`, () => {
      assert.deepEqual(listed(missingChinese(english, name)), [], `npm run sync -- --missing ${name}`);
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
