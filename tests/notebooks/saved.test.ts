/** What is saved in the lessons shows no number that went wrong unseen. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { allLessons, type Cell, LANGUAGES, readNotebook } from '../../scripts/notebooks/notebook';

/** Cells that show what becomes of an object as a number, without the word in their code. */
const SUBJECT = ['23-objects/string'];

/** A picture's bytes as letters, in which any three letters may follow each other. */
const BYTES = /base64,[A-Za-z0-9+/=]+/g;

/** NaN in what a cell shows: in words, in pages, in the words drawn into a picture. */
function notNumbers({ outputs = [] }: Cell): string[] {
  return outputs.flatMap(({ data = {}, text }) =>
    Object.entries({ ...data, stream: text }).flatMap(([type, shown]) => {
      const said = (typeof shown === 'string' ? shown : JSON.stringify(shown ?? '')).replace(BYTES, '');
      return /(?<![A-Za-z])NaN(?![A-Za-z])/.test(type === 'image/png' ? '' : said) ? [type] : [];
    }),
  );
}

describe('saved outputs', () => {
  it('with NaN in them are found', () => {
    const drawn = { output_type: 'execute_result' as const, data: { 'image/svg+xml': '<svg><text>NaN</text></svg>' } };
    const cell: Cell = { cell_type: 'code', id: 'c', metadata: {}, source: '', outputs: [drawn] };
    assert.deepEqual(notNumbers(cell), ['image/svg+xml']);
  });

  for (const { name, files } of allLessons())
    for (const language of LANGUAGES)
      it(`${name}, ${language}: NaN stands only where it is the subject`, () => {
        const cells = readNotebook(files[language]).cells.filter(
          ({ id, source }) => !source.includes('NaN') && !SUBJECT.includes(`${name}/${id}`),
        );
        assert.deepEqual(
          cells.flatMap(cell => notNumbers(cell).map(type => `${cell.id}: ${type}`)),
          [],
        );
      });
});
