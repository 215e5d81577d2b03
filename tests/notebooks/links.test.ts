import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { brokenLinks, headingId, seeTags } from '../../scripts/notebooks/links';
import { allLessons, LANGUAGES, type Notebook, ROOT, readNotebook } from '../../scripts/notebooks/notebook';

const text = (source: string): Notebook => ({
  cells: [{ cell_type: 'markdown', id: 'a', metadata: {}, source }],
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
});

describe('links', () => {
  const here = path.join(__dirname, '..', 'fixtures', 'notebooks', 'here.ipynb');

  it('to files and headings that exist are good, others are found', () => {
    const good =
      '# A `b` title\n[x](#A-b-title) [y](00-sampler.ipynb#In-space) [z](https://example.org/no) `[c](nowhere)`';
    assert.deepEqual(brokenLinks(text(good), here), []);
    const bad = '[x](#No-such) [y](00-sampler.ipynb#No) [z](01-none.ipynb)';
    assert.deepEqual(brokenLinks(text(bad), here), ['#No-such', '00-sampler.ipynb#No', '01-none.ipynb']);
  });

  it('use the ids that Jupyter gives headings', () => {
    assert.equal(headingId('5 · Back **propagation** in [Rn](x.ipynb)'), '5-·-Back-propagation-in-Rn');
  });

  for (const lesson of allLessons()) {
    for (const language of LANGUAGES) {
      it(`of ${lesson.name} (${language}) lead somewhere`, () => {
        const file = lesson.files[language];
        assert.deepEqual(brokenLinks(readNotebook(file), file), []);
      });
    }
  }

  it('from the lib lead to lessons that exist in both languages', () => {
    const lessons = allLessons().map(lesson => lesson.name);
    const lost = seeTags(path.join(ROOT, 'lib')).filter(({ lesson }) => !lessons.includes(lesson));
    assert.deepEqual(lost, []);
  });
});
