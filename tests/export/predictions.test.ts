/** What answers a prediction is folded on an exported page, opens without a script, and stands open on paper. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { JSDOM } from 'jsdom';
import { buildSite } from '../../scripts/export/site';
import { readNotebook, selectLessons, tagsOf } from '../../scripts/notebooks/notebook';
import { newFolder } from '../folder';

describe('predictions on an exported page', () => {
  const folder = newFolder('predictions');
  const [lesson] = selectLessons(['1']);
  before(() => buildSite({ lessons: [lesson], folder, formats: ['html', 'slides'] }));

  for (const [language, up, words] of [
    ['en', '', 'Decide first, then open: what the cell shows'],
    ['zh', 'zh', '先选一个答案，再展开：单元格的输出'],
  ] as const) {
    for (const ending of ['html', 'slides.html']) {
      it(`${language} ${ending}: each answer is a closed <details> with all of the cell's outputs, and nothing else is`, () => {
        const html = fs.readFileSync(path.join(folder, up, `${lesson.name}.${ending}`), 'utf8');
        const { document } = new JSDOM(html).window;
        const tagged = readNotebook(lesson.files[language]).cells.filter(cell => tagsOf(cell).includes('answer'));
        assert.ok(tagged.length >= 3);
        assert.equal(document.querySelectorAll('.lab-answer').length, tagged.length);
        for (const { id, outputs } of tagged) {
          const details = document.querySelector(`#cell-${id} > details.lab-answer`) as HTMLDetailsElement;
          assert.equal(details.open, false);
          assert.equal(details.querySelector('summary')?.textContent, words);
          assert.equal(details.querySelectorAll('.outputs > .output').length, outputs?.length);
          assert.equal(document.querySelectorAll(`#cell-${id} .output`).length, outputs?.length, 'none outside');
        }
      });
    }
  }
});
