/** Minutes of reading: more text, code and formulas take longer; what is folded or listed at the end does not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { allLessons, type Cell, LANGUAGES, type Notebook, readNotebook } from '../../scripts/notebooks/notebook';
import { readingMinutes, withReadingTime } from '../../scripts/notebooks/reading';

const HEAD = '# 01 · T\n\n| | |\n|---|---|\n| Time | now |\n| Code | here |';
const notebook = (...cells: [Cell['cell_type'], string, string[]?][]): Notebook => ({
  cells: cells.map(([cell_type, source, tags = []], i) => ({ cell_type, id: `c${i}`, metadata: { tags }, source })),
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
});
const words = (n: number) => Array(n).fill('word').join(' ');

describe('reading minutes', () => {
  it('grow with prose, code and formulas', () => {
    assert.equal(readingMinutes(notebook(['markdown', words(1800)])), 10);
    assert.equal(readingMinutes(notebook(['markdown', '字'.repeat(3000)])), 10);
    assert.equal(readingMinutes(notebook(['code', 'a\n'.repeat(120)])), 10);
    assert.equal(readingMinutes(notebook(['markdown', '$$x$$\n'.repeat(30)])), 10);
  });

  it('leave out folded answers, hidden code, references and addresses', () => {
    const bare = notebook(['markdown', words(1800)]);
    const more = notebook(
      ['markdown', `${words(1800)}\n\n<details>${words(900)}</details>`],
      ['code', 'a\n'.repeat(120), ['hide-input']],
      ['markdown', `## References\n\n- ${words(900)}`],
    );
    assert.equal(readingMinutes(more), readingMinutes(bare));
  });

  it('stand once in the head, however often they are written', () => {
    const once = withReadingTime(notebook(['markdown', HEAD], ['markdown', words(1800)]), 'en');
    assert.equal(once.cells[0].source, `${HEAD}\n| Reading | about 10 minutes |`);
    assert.deepEqual(withReadingTime(once, 'en'), once);
  });

  for (const { name, files } of allLessons()) {
    if (!/^\d/.test(name)) continue;
    it(`of ${name} are in its head in both languages, as counted`, () => {
      for (const language of LANGUAGES) {
        const saved = readNotebook(files[language]);
        assert.match(
          saved.cells[0].source,
          language === 'en' ? /^\| Reading \| about \d+ minutes \|$/m : /^\| 阅读 \| 约 \d+ 分钟 \|$/m,
        );
        assert.equal(withReadingTime(saved, language).cells[0].source, saved.cells[0].source, 'run `npm run sync`');
      }
    });
  }
});
