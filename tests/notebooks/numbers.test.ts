/** A number in the text is the one that its output shows: marked, written by the sync, and refused where it differs. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mendedTables, withSigns } from '../../scripts/notebooks/mend-signs';
import { allLessons, type Cell, type Notebook, readNotebook } from '../../scripts/notebooks/notebook';
import { markedIn, numberProblems, saidBy, withNumbers } from '../../scripts/notebooks/numbers';

const text = (source: string, id = 't'): Cell => ({ cell_type: 'markdown', id, metadata: {}, source });
const shows = (id: string, ...plain: string[]): Cell => ({
  cell_type: 'code',
  id,
  metadata: {},
  source: '',
  outputs: plain.map(said => ({ output_type: 'execute_result', data: { 'text/plain': said } })),
});
const table = [
  '2048 pictures each',
  'set          Fréchet distance  share',
  '───────────  ────────────────  ─────',
  'real digits  1,216.84          0.962',
  'made         -3.5e-2           1',
].join('\n');
const claims =
  '✓ it falls, far enough\n  found 0.021 (tightest of 3), bound < 0.3\n  found 12,500, bound > 1\n✓ it stays\n  found 7, bound = 7';
const twice = [
  'way   change  sd  change',
  '────  ──────  ──  ──────',
  'none  -1.5    0   2.5',
  'none  4       0   5',
].join('\n');
const lesson = (...cells: Cell[]): Notebook => ({
  cells: [shows('table', table, claims, twice), shows('one', "'darts find 3.14 within 0.01'"), ...cells],
  metadata: { metrics: [{ name: 'read_surely', value: 0.9649 }] },
  nbformat: 4,
  nbformat_minor: 5,
});

describe('marked numbers', () => {
  const english = lesson();

  for (const [source, said] of [
    ['table::real digits::Fréchet distance', '1,216.84'],
    ['table::real digits::Fréchet distance;0', '1,217'],
    ['table::made::Fréchet distance;3', '−0.035'],
    ['table::made::Fréchet distance', '−3.5e−2'],
    ['table::real digits::share;%', '96'],
    ['table::real digits::share;%1', '96.2'],
    ['table::✓ it falls', '0.021'],
    ['table::✓ it falls::2', '12,500'],
    ['table::✓ it stays;2', '7.00'],
    ['one', '3.14'],
    ['table::none::change#1', '−1.5'],
    ['table::none::change#2;0', '3'],
    ['table::none#2::change#1', '4'],
    ['metric::read_surely;2', '0.96'],
  ])
    it(`${source} is ${said}`, () => assert.equal(saidBy(source, english), said));

  for (const [source, error] of [
    ['nowhere::a::b', /no cell 'nowhere'/],
    ['table::real digits::colour', /shows no number at real digits, colour/],
    ['table::✓ it flies', /shows no number at ✓ it flies/],
    ['table::✓ it stays::2', /shows no number/],
    ['table::none::change', /2 columns are headed 'change'; say which, as in 'change#2'/],
    ['table::none::change#3', /shows no number at none, change#3/],
    ['table::none#3::change#1', /shows no number at none#3, change#1/],
    ['metric::other', /no metric 'other'; there is read_surely/],
    ['77/ladder::pairs::perplexity', /no lesson 77 to take a number from/],
    ['16/stairs::pairs::perplexity', /no cell 'stairs' to take a number from/],
  ] as [string, RegExp][])
    it(`${source} is refused`, () => assert.throws(() => saidBy(source, english), error));

  it("of another lesson are that lesson's", () => {
    const ladder = readNotebook(allLessons().find(({ name }) => name.startsWith('16-'))!.files.en);
    assert.equal(saidBy('16/ladder::pairs::perplexity;1', english), saidBy('ladder::pairs::perplexity;1', ladder));
  });

  it('are written in both languages as the English outputs say, and found where they differ', () => {
    const old = text('From <!--=one-->2.71<!--/--> to <!--=metric::read_surely;%-->5<!--/--> % and 99.');
    const chinese = lesson(text('从 <!--=one-->2.71<!--/--> 到 <!--=metric::read_surely;%-->5<!--/-->%。'));
    assert.equal(numberProblems(lesson(old), english).length, 2);
    assert.match(numberProblems(lesson(old), english)[0], /text 't' says 2\.71, its output 3\.14/);
    const [en, zh] = [lesson(old), chinese].map(nb => withNumbers(nb, english));
    assert.equal(
      en.cells[2].source,
      'From <!--=one-->3.14<!--/--> to <!--=metric::read_surely;%-->96<!--/--> % and 99.',
    );
    assert.equal(zh.cells[2].source, '从 <!--=one-->3.14<!--/--> 到 <!--=metric::read_surely;%-->96<!--/-->%。');
    assert.deepEqual(numberProblems(en, english), []);
    assert.deepEqual(withNumbers(en, english), en);
  });

  it('that no output gives yet stand as written, and are named', () => {
    const waiting = lesson(text('About <!--=table::soon::share-->7<!--/--> of them.'));
    assert.deepEqual(withNumbers(waiting, english), waiting);
    assert.match(numberProblems(waiting, english)[0], /cell 'table' shows no number at soon, share/);
  });

  it('of the lessons are those of their outputs, the same in both languages', () => {
    for (const { name, files } of allLessons()) {
      const [en, zh] = [readNotebook(files.en), readNotebook(files.zh)];
      assert.deepEqual([...numberProblems(en, en), ...numberProblems(zh, en)], [], name);
      const sources = (nb: Notebook) =>
        markedIn(nb)
          .map(({ cell, source }) => `${cell} ${source}`)
          .sort();
      assert.deepEqual(sources(zh), sources(en), name);
    }
  });
});

describe('signs in saved outputs', () => {
  it('are mended where a table is older than its sign, and nothing else is', () => {
    const old = '<table title="-1"><tr><th>-1</th><td class="n">-3.5e-2</td><td>x-1</td></tr></table><p>-1</p>';
    const set = '<table title="-1"><tr><th>−1</th><td class="n">−3.5e−2</td><td>x-1</td></tr></table><p>-1</p>';
    assert.equal(mendedTables(old), set);
    const output = { output_type: 'display_data' as const, data: { 'text/html': old, 'text/plain': '-1' } };
    const [cell] = withSigns({ ...lesson(), cells: [{ ...shows('a'), outputs: [output] }] }).cells;
    assert.deepEqual(cell.outputs, [{ ...output, data: { 'text/html': set, 'text/plain': '-1' } }]);
  });

  it('so are claims, pictures, their alt texts and the words of charts; code and data stay', () => {
    const claim = '<p>✓ log p is -9.2<br><small>found -1e-9, bound = &quot;a, -1&quot;</small></p><pre>f(-1, -2)</pre>';
    const alt = 'It falls to -2.\n\nx\n──\n-2';
    const values = [{ x: -1, y: '-2', label: 'slope -0.7' }];
    const chart = { data: { values }, title: 'at -1' };
    const svg = '<svg><text dx="-5">a = -1</text></svg>';
    const data = { 'application/vnd.vegalite.v5+json': chart, 'image/svg+xml': svg, 'text/plain': alt };
    const outputs = [{ 'text/html': claim, 'text/plain': '✓ log p is -9.2' }, data].map(bundle => ({
      output_type: 'display_data' as const,
      data: bundle,
    }));
    const [{ outputs: mended }] = withSigns({ ...lesson(), cells: [{ ...shows('a'), outputs }] }).cells;
    assert.deepEqual(
      mended?.map(one => one.data),
      [
        {
          'text/html': claim.replace('is -9.2', 'is −9.2').replace('-1e-9', '−1e−9'),
          'text/plain': '✓ log p is -9.2',
        },
        {
          'application/vnd.vegalite.v5+json': {
            data: { values: [{ ...values[0], label: 'slope −0.7' }] },
            title: 'at −1',
          },
          'image/svg+xml': '<svg><text dx="-5">a = −1</text></svg>',
          'text/plain': 'It falls to −2.\n\nx\n──\n-2',
        },
      ],
    );
  });

  for (const { name, files } of allLessons())
    it(`of ${name}: no number has a hyphen, in either language`, () => {
      for (const file of Object.values(files)) {
        const notebook = readNotebook(file);
        assert.deepEqual(withSigns(notebook), notebook, 'run scripts/notebooks/mend-signs.ts, then `npm run sync`');
      }
    });
});
