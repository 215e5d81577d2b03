/** Which lesson teaches which item of the curriculum: listed with the result, and none is missing. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { coveredBy } from '../../scripts/notebooks/check';
import { CURRICULUM } from '../../scripts/notebooks/curriculum';
import { allLessons, LANGUAGES, type Language, readNotebook } from '../../scripts/notebooks/notebook';

/** Items that prose may cover; all others need a cell that computes or draws them. */
const TEXT_ONLY = ['P8'];

/** Id → numbers of the lessons with a cell that is tagged `covers:<id>`. */
function coverage(language: Language): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { name, files } of allLessons()) {
    const notebook = readNotebook(files[language]);
    const computing = { ...notebook, cells: notebook.cells.filter(cell => cell.cell_type === 'code') };
    const ids = [...coveredBy(computing), ...coveredBy(notebook).filter(id => TEXT_ONLY.includes(id))];
    for (const id of new Set(ids)) found.set(id, [...(found.get(id) ?? []), name.split('-')[0]]);
  }
  return found;
}

describe('the curriculum', () => {
  it('has the items that the themes count', () => {
    assert.equal(CURRICULUM.length, 82);
    assert.deepEqual(CURRICULUM.slice(0, 6), ['T1', 'T2', 'T3', 'T4', 'T5', 'F1']);
  });

  for (const language of LANGUAGES) {
    it(`is covered in '${language}'`, context => {
      const found = coverage(language);
      for (const id of CURRICULUM) if (found.has(id)) context.diagnostic(`${id}: lesson ${found.get(id)!.join(', ')}`);
      const missing = CURRICULUM.filter(id => !found.has(id));
      assert.deepEqual(missing, [], `no lesson has a cell tagged covers:${missing.join(', covers:')}`);
    });
  }
});
