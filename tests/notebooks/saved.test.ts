/** What is saved in the lessons shows no number that went wrong unseen, and each figure under a ✓ keeps its bound. */
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

/** 'found 3.1e-8 (tightest of 6), bound < 1e-6', in both languages (lib/course/claims.ts); texts may hold line breaks. */
const FIGURES =
  /^ {2}(?:found|实测) ("[\s\S]*?"|[^\s"（]+)(?: \(tightest of [\d,]+\)|（[\d,]+ 个中最接近界限的）)?(?:, bound|，界限) ([<≤>≥=≠]) ("[\s\S]*?"|[^\s"]+)(?=\n {2}(?:found|实测) |\n[✓✗○] |\s*$)/gmu;

/** What a figure's line starts with: each must be one that can be read. */
const STARTS = /^ {2}(?:found|实测) /gm;

/** The lines of a claim that say themselves that it does not hold, or that could not be read, in the plain words of an output. */
function broken(words: string): string[] {
  const lines = [...words.matchAll(FIGURES)];
  const unread = (words.match(STARTS) ?? []).length - lines.length;
  const failing = lines.filter(([, found, sign, bound]) => !keeps(found, sign, bound)).map(([line]) => line.trim());
  return unread > 0 ? [...failing, `${unread} lines of figures that cannot be read`] : failing;
}

/** Does what is shown hold? Rounding cannot turn it round: two numbers that would look alike are shown in full. */
function keeps(found: string, sign: string, bound: string): boolean {
  if (sign === '=' || sign === '≠') return (found === bound) === (sign === '=');
  const [a, b] = [found, bound].map(shown =>
    shown.startsWith('"') ? shown : Number(shown.replaceAll(',', '').replace('−', '-').replace('∞', 'Infinity')),
  ); // texts stand in the order of their letters
  return { '<': a < b, '≤': a <= b, '>': a > b, '≥': a >= b }[sign] ?? false; // NaN holds nowhere
}

const plainOf = ({ outputs = [] }: Cell): string[] =>
  outputs.map(({ data = {} }) => [data['text/plain'] ?? ''].flat().join(''));

describe('saved outputs', () => {
  it('with a ✓ over a figure that breaks its bound are found', () => {
    const bad = [
      'found 24, bound = 0',
      'found 0.05, bound < 0.05',
      'found 1,200 (tightest of 3), bound < 999',
      'found -3, bound > −2',
      'found 0.1, bound ≥ 0.2',
      'found 1e-3, bound ≤ 1e-4',
      'found "a", bound = "b"',
      'found 4, bound ≠ 4',
      'found NaN, bound < 1',
      '实测 24，界限 = 0',
      '实测 1,200（3 个中最接近界限的），界限 < 999',
      'found by nobody',
    ];
    for (const line of bad)
      assert.equal(broken(`✓ so it is\n  ${line}\n✓ another\n  found 1, bound = 1`).length, 1, line);
    const good = [
      'found 1,200 (tightest of 3), bound > 999',
      'found −2.5, bound < 0',
      'found 0, bound ≤ 0',
      '实测 4.93e-5（12 个中最接近界限的），界限 < 0.001',
      'found "two\nlines", bound = "two\nlines"',
      'found "a", bound ≠ "b"',
      'found "00" (tightest of 2), bound < "01"',
    ];
    for (const line of good)
      assert.deepEqual(broken(`✓ so it is\n  ${line}\n✓ another\n  found 1, bound = 1`), [], line);
  });

  for (const { name, files } of allLessons())
    for (const language of LANGUAGES)
      it(`${name}, ${language}: each figure under a claim keeps its bound`, () => {
        const found = readNotebook(files[language]).cells.flatMap(cell =>
          plainOf(cell).flatMap(words => broken(words).map(line => `${cell.id}: ${line}`)),
        );
        assert.deepEqual(found, []);
      });

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
