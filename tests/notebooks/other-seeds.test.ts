/** Other seeds: a swap that finds nothing would measure a lesson's own seed again and again, and call it a spread. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readNotebook, selectLessons } from '../../scripts/notebooks/notebook';
import { reseeded, SEEDED } from '../../scripts/notebooks/seeded';
import { sourcesOf, swapped } from '../../scripts/notebooks/some-cells';

describe('cells with other seeds', () => {
  it('are refused where a swap fits nowhere, or a cell is not there', () => {
    assert.deepEqual(swapped(['seed = 1', 'seed = 1; seed = 1'], [['seed = 1', 'seed = $&']]), [
      'seed = $&',
      'seed = $&; seed = $&',
    ]);
    assert.deepEqual(swapped(['seed = 1'], [[/seed = \d/g, 'seed = 1']]), ['seed = 1']); // its own seed is one, too
    assert.throws(() => swapped(['seed = 1'], [['seed = 2', 'seed = 3']]), /none of the cells has seed = 2/);
    assert.throws(() => swapped(['seed = 1'], [[/seed = 2/g, 'seed = 3']]), /none of the cells has/);
    assert.throws(() => sourcesOf({ cells: [] } as never, ['fit']), /no cell is called 'fit'/);
  });

  for (const [name, sets] of Object.entries(SEEDED)) {
    for (const set of sets) {
      it(`${name}, ${Object.keys(set.figures)}: every cell and every seed is found, and two seeds differ`, () => {
        const [{ files }] = selectLessons([name]);
        const sources = sourcesOf(readNotebook(files.en), set.cells);
        assert.notDeepEqual(reseeded(sources, set, 101), reseeded(sources, set, 102));
      });
    }
  }
});
