/** Every lesson has the same heads in the same order, in both languages, and links carry their target's title. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { frameProblems, shortTitle, untitledLinks } from '../../scripts/notebooks/frame';
import { allLessons, LANGUAGES, type Notebook, readNotebook } from '../../scripts/notebooks/notebook';

const notebook = (...sources: string[]): Notebook => ({
  cells: sources.map((source, i) => ({ cell_type: 'markdown', id: `c${i}`, metadata: {}, source })),
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
});

const HEAD = `# 03 · Bayes: how

**The question.** How likely is rain?

**After this lesson you can**

- count;
- reckon.

| | |
|---|---|
| Time | none |
| Memory | none |
| Before this | nothing |
| Code | none |`;
const solved = (n: number) => `**${n}.** What?\n\n<details><summary>Solution</summary>\n\n1\n</details>`;
const MIDDLE = `## 1 · Break it: all\n\n## 2 · Exercises\n\n${solved(1)}\n\n${solved(2)}\n\n${solved(3)}\n\n## 3 · Quiz`;
const END = '## Summary\n\n- It rains.\n\n**Next:** [04 Entropy](04-entropy.ipynb).\n\n## References\n\n- Bayes.';
const place = { name: '03-bayes', next: '04-entropy' };

describe('the frame', () => {
  it('is found whole', () => {
    assert.deepEqual(frameProblems(notebook(HEAD, MIDDLE, '## 4 · Metrics card', END), 'en', place), []);
  });

  const faults: [string, (text: string) => string, RegExp][] = [
    ['another number', text => text.replace('# 03', '# 04'), /title does not begin with '# 03/],
    ['no question', text => text.replace('rain?', 'rain.'), /with a question/],
    ['another label', text => text.replace('After this lesson', 'Afterwards'), /no list under/],
    ['rows in another order', text => text.replace('| Time', '| Code'), /the rows Code,Memory/],
    ['a section without its number', text => text.replace('## 2 · ', '## 3 · '), /numbered 1,3,3,4/],
    ['no quiz', text => text.replace('3 · Quiz', '3 · Play'), /last sections are Exercises,Play/],
    ['nothing to break', text => text.replace('Break it', 'Mend it'), /no section 'Break it'/],
    ['an exercise without a solution', text => text.replace('>Solution<', '>Hint<'), /3 exercises, but 2 solutions/],
    ['references before the summary', text => text.replace('## Summary', '## The end'), /does not end with/],
    ['references in one paragraph', text => text.replace('- Bayes.', 'Bayes.'), /references are no list/],
    ['no way on', text => text.replace('**Next:** ', 'Then '), /next lesson is undefined, expected 04-entropy/],
  ];
  for (const [name, change, expected] of faults) {
    it(`misses what ${name} takes away`, () => {
      const texts = [HEAD, MIDDLE, '## 4 · Metrics card', END].join('\0');
      const found = frameProblems(notebook(...change(texts).split('\0')), 'en', place);
      assert.match(found.join('\n'), expected);
    });
  }

  const lessons = allLessons().filter(lesson => /^\d/.test(lesson.name));
  for (const [i, { name, files }] of lessons.entries()) {
    for (const language of LANGUAGES) {
      it(`of ${name} is there in '${language}'`, () => {
        const found = frameProblems(readNotebook(files[language]), language, { name, next: lessons[i + 1]?.name });
        assert.deepEqual(found, []);
      });
    }
  }
});

describe('links to notebooks', () => {
  it('without their title are found', () => {
    const titles = new Map([['03-bayes', 'Bayes']]);
    const found = untitledLinks(notebook('[03 Bayes](03-bayes.ipynb), lesson [03](03-bayes.ipynb)'), titles);
    assert.deepEqual(found, ['[03](03-bayes.ipynb)']);
  });

  for (const language of LANGUAGES) {
    it(`carry their target's title in '${language}'`, () => {
      const notebooks = allLessons().map(({ name, files }) => [name, readNotebook(files[language])] as const);
      const titles = new Map(notebooks.map(([name, nb]) => [name, shortTitle(nb)]));
      for (const [name, nb] of notebooks) assert.deepEqual(untitledLinks(nb, titles), [], name);
    });
  }
});
