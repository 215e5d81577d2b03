/** Lessons link their first mentions to the glossary; glossary and map are made from the lessons as they are now. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { courseLessons, directNeeds } from '../../lib/course/map';
import { linkFirstMentions, termsByCell } from '../../scripts/notebooks/glossary';
import {
  allLessons,
  LANGUAGES,
  type Notebook,
  notebookText,
  ROOT,
  readNotebook,
} from '../../scripts/notebooks/notebook';
import { madeFromAll } from '../../scripts/sync';

const text = (...sources: string[]): Notebook => ({
  cells: sources.map((source, i) => ({ cell_type: 'markdown', id: `c${i}`, metadata: {}, source })),
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
});
const sources = (notebook: Notebook) => notebook.cells.map(cell => cell.source);

describe('first mentions', () => {
  const chinese = text(
    '**先验**（prior）与先验（prior），`先验（prior）`',
    '# 温度（temperature）\n**某似然（likelihood）**',
    '叫**熵（entropy）**，**奈特（nat）好**',
  );
  const english = text('A **prior**, a **prior**, and $prior$.', 'The **mere** likelihoods.');

  it('are linked once, outside of code, formulas and headings, in both languages', () => {
    assert.deepEqual(sources(linkFirstMentions(chinese, 'zh')), [
      '[**先验**](glossary.ipynb#prior)（prior）与先验（prior），`先验（prior）`',
      '# 温度（temperature）\n**某[似然](glossary.ipynb#likelihood)（likelihood）**',
      '叫[**熵（entropy）**](glossary.ipynb#entropy)，**奈特（nat）好**',
    ]);
    assert.deepEqual(sources(linkFirstMentions(english, 'en', termsByCell(chinese))), [
      'A [**prior**](glossary.ipynb#prior), a **prior**, and $prior$.',
      'The **mere** [likelihoods](glossary.ipynb#likelihood).',
    ]);
  });

  it('stay as they are when they are linked again', () => {
    const once = linkFirstMentions(chinese, 'zh');
    assert.deepEqual(linkFirstMentions(once, 'zh'), once);
  });

  for (const { name, files } of allLessons().filter(lesson => /^\d/.test(lesson.name))) {
    it(`of ${name} are linked in both languages`, () => {
      const [en, zh] = LANGUAGES.map(language => readNotebook(files[language]));
      const hint = 'run `npm run sync`';
      assert.deepEqual(sources(linkFirstMentions(en, 'en', termsByCell(zh))), sources(en), hint);
      assert.deepEqual(sources(linkFirstMentions(zh, 'zh')), sources(zh), hint);
    });
  }
});

describe('what is made from all lessons', () => {
  it('is up to date', () => {
    for (const [file, wanted] of madeFromAll()) {
      const name = path.relative(ROOT, file);
      assert.ok(fs.existsSync(file), `${name} is missing; run \`npm run sync\``);
      const found = file.endsWith('.ipynb') ? notebookText(readNotebook(file)) : fs.readFileSync(file, 'utf8');
      assert.equal(found, wanted, `${name}: run \`npm run sync\``);
    }
  });

  it('the map names what a lesson names, without what follows from the rest', () => {
    const lessons = courseLessons();
    assert.ok(lessons.length >= 9 && lessons.every(({ title }) => title.en && title.zh));
    const lesson = (name: string, ...needs: string[]) => ({ name, number: '00', title: { en: '', zh: '' }, needs });
    const needs = directNeeds([lesson('a'), lesson('b', 'a'), lesson('c', 'a', 'b')]);
    assert.deepEqual(needs, [
      ['a', 'b'],
      ['b', 'c'],
    ]);
  });
});
