/** A Chinese page is Chinese, an English page is English: outputs, pictures' texts, alts, folds, widgets, tooltips, charts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { missingChinese, strayChinese } from '../../scripts/notebooks/missing';
import { allLessons, readNotebook } from '../../scripts/notebooks/notebook';

const listed = (found: { cell: string; text: string }[]) => found.map(({ cell, text }) => `${cell}: ${text}`);

describe('what pages show', () => {
  for (const { name, files } of allLessons()) {
    const english = readNotebook(files.en);
    it(`${name}: every text has its Chinese, or is on the list of what stays`, () => {
      assert.deepEqual(listed(missingChinese(english, name)), [], `npm run sync -- --missing ${name}`);
    });
    it(`${name}: the English page shows no Chinese but its subject`, () => {
      assert.deepEqual(listed(strayChinese(english, name)), []);
    });
  }
});
