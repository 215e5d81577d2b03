import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { coveredBy, lessonProblems, notebookProblems } from '../../scripts/notebooks/check';
import { CURRICULUM } from '../../scripts/notebooks/curriculum';
import { allLessons, type Cell, type Notebook, readNotebook } from '../../scripts/notebooks/notebook';

/** A notebook of one cell that has nothing wrong, changed by `change`. */
function notebookWith(change: Partial<Cell>): Notebook {
  const cell: Cell = {
    cell_type: 'code',
    id: 'one',
    metadata: {},
    source: '1 + 1',
    execution_count: 1,
    outputs: [],
    ...change,
  };
  return { cells: [cell], metadata: { kernelspec: { name: 'tslab' } }, nbformat: 4, nbformat_minor: 5 };
}

describe('the checker itself', () => {
  it('finds nothing in a good notebook', () => assert.deepEqual(notebookProblems(notebookWith({}), 'en'), []));

  const faults: [string, Partial<Cell>, RegExp][] = [
    ['a cell that was not run', { execution_count: null }, /without having been run/],
    ['an unknown curriculum id', { metadata: { tags: ['covers:Z9'] } }, /unknown curriculum id/],
    [
      'a machine path in an output',
      { outputs: [{ output_type: 'stream', name: 'stdout', text: 'see /home/ann/x.ts' }] },
      /\/home\/ann/,
    ],
    [
      'an error',
      { outputs: [{ output_type: 'error', ename: 'Error', evalue: 'no', traceback: [] }] },
      /saved with an error: Error: no/,
    ],
    [
      'a live figure alone',
      {
        outputs: [
          {
            output_type: 'display_data',
            data: { 'application/vnd.plotly.v1+json': {}, 'text/plain': 'alt' },
            metadata: {},
          },
        ],
      },
      /without a still picture/,
    ],
    [
      'bold that Markdown does not close',
      { cell_type: 'markdown', source: '**问题：**怎么办' },
      /will show its asterisks/,
    ],
    [
      'a picture without words',
      { outputs: [{ output_type: 'display_data', data: { 'image/png': 'aGk=' }, metadata: {} }] },
      /without words/,
    ],
  ];
  for (const [name, change, expected] of faults) {
    it(`finds ${name}`, () => assert.match(notebookProblems(notebookWith(change), 'en').join('\n'), expected));
  }

  it('lets bold stand before punctuation and spaces', () => {
    const source = '**问题**：怎么办。**对！** 好 **a**（b） *词*。又：*字*（word），2 * 3';
    assert.deepEqual(notebookProblems(notebookWith({ cell_type: 'markdown', source }), 'en'), []);
  });

  it('does not take a URL or a relative path for a machine path', () => {
    const text = 'https://example.org/home/ann ./lib/work/x and/tmp/y';
    assert.deepEqual(
      notebookProblems(notebookWith({ outputs: [{ output_type: 'stream', name: 'stdout', text }] }), 'en'),
      [],
    );
  });
});

describe('every lesson', () => {
  for (const lesson of allLessons()) {
    it(`${lesson.name} is sound, and equal in both languages`, () => assert.deepEqual(lessonProblems(lesson), []));
  }

  it('claims to cover what the curriculum has, in both languages alike', () => {
    for (const { name, files } of allLessons()) {
      const [english, chinese] = [files.en, files.zh].map(file => coveredBy(readNotebook(file)));
      assert.deepEqual(chinese, english, name);
      assert.deepEqual(
        english.filter(id => !CURRICULUM.includes(id)),
        [],
        name,
      );
    }
  });
});
