/** A number that is only nearly whole does not read as a whole one, wherever the lib cuts numbers to a few digits. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Claim, MetricsCard, Spread } from '../../lib/course';
import { DataTable } from '../../lib/data';
import { showDataFrame } from '../../lib/kernel/runner/table';
import { showTensor } from '../../lib/kernel/runner/tensor';
import { table, vegaFigure } from '../../lib/plot';
import { say } from '../../lib/plot/words';
import { DISPLAY } from '../../lib/runtime/display';
import { decimals, minusInText, minusInWords, rounded, withMinus } from '../../lib/runtime/numbers';
import { numbers } from '../../lib/training/progress';

test('only whole numbers read as whole ones, and no digit is lost', () => {
  assert.deepEqual(
    [0.99997, 1, -1.00002, 0.25, 12.3456, 99.99999, 0].map(value => rounded(value)),
    ['1.000', '1', '-1.000', '0.25', '12.35', '100.0', '0'],
  );
  assert.equal(rounded(0.9997, 3), '1.00');
  fc.assert(
    fc.property(fc.double({ min: -99, max: 99, noNaN: true }), fc.integer({ min: 3, max: 6 }), (value, digits) => {
      const text = rounded(value, digits);
      assert.equal(Number(text), Number(value.toPrecision(digits)) || 0);
      if (!Number.isInteger(value) && Number(text) !== 0) assert.doesNotMatch(text, /^-?\d+$/);
    }),
    { numRuns: 500 },
  );
});

test('so says the line of a training, the summary of a tensor, an alt text and a spread', async () => {
  assert.equal(numbers({ loss: 0.99997, right: 1 }), 'loss 1.000, right 1');
  const nearly = { dtype: 'float32', shape: [2], size: 2, isDisposed: false, data: async () => [0.99997, 0.99998] };
  const text = String((await showTensor(nearly as never))['text/plain']);
  assert.match(text, /min 1\.000 {2}max 1\.000 {2}mean 1\.000\n/);
  assert.equal(say(0.99997), '1.00');
  assert.equal(String(new Spread([0.99997, 0.99998])), '1.000 ± 7.07e-6 (n = 2)');
});

test('on a page an amount has the minus sign of formulas; code, dates and words keep their hyphens', () => {
  const set = {
    '-1': '−1',
    '1e-6': '1e−6',
    '-2e-3 ± 0.1': '−2e−3 ± 0.1',
    '-9 (-9.4 ± 1 (n = 3))': '−9 (−9.4 ± 1 (n = 3))',
  };
  for (const [text, said] of Object.entries(set)) assert.equal(withMinus(text), said);
  assert.equal(withMinus('-1e-2 to -1e-5'), '−1e−2 to −1e−5');
  for (const kept of ['x.reverse(-1)', '2024-01-02', '784-400-20', '28-by-28', 'low-rank', 'got -5', '-x'])
    assert.equal(withMinus(kept), kept);
});

test('a sentence has it too, where no name or call goes before', () => {
  const set = {
    'falls from -0.1 to -2e-3, at (-1, 0.5)': 'falls from −0.1 to −2e−3, at (−1, 0.5)',
    'ELBO ≥ -4; w1: slope -0.7; N(-2, 0.5²)': 'ELBO ≥ −4; w1: slope −0.7; N(−2, 0.5²)',
    '8 at (-0.00, 0.2), lost -0.000 ± 0.01': '8 at (0.00, 0.2), lost 0.000 ± 0.01',
    '从 -1 到 −2，斜率 -3': '从 −1 到 −2，斜率 −3',
  };
  for (const [text, said] of Object.entries(set)) assert.equal(minusInText(text), said);
  for (const kept of ['x.reverse(-1)', 'argMax(-1)', '2024-01-02', '3-5 of them', 'GPT-2', 'z -x'])
    assert.equal(minusInText(kept), kept);
  assert.deepEqual(['-1', '-2e-3', 'to -1'].map(minusInWords), ['-1', '-2e-3', 'to −1']);
  assert.equal(withMinus('log p = -15.8, a stranger'), 'log p = −15.8, a stranger');
});

test('so a claim with what was found, an alt text, a picture, and the words of a chart but not its data', async () => {
  const claim = new Claim('it is at least -9.2, `f(-1)` or $-2$', 'holds', [
    { sign: '<', found: -0.001, bound: -1e-9, times: 1 },
  ]);
  const html = claim.toHtml().source;
  assert.match(html, /at least −9\.2, <code>f\(-1\)<\/code> or \$-2\$/);
  assert.match(html, /found −0\.001, bound &lt; −1e−9/);
  assert.match(String(claim), /at least -9\.2.*\n {2}found -0\.001, bound < -1e-9/);
  const values = [{ x: -1, y: '-2', name: 'slope -0.7' }];
  const encoding = { x: { field: 'x', type: 'quantitative' }, y: { field: 'name' }, detail: { field: 'y' } };
  const chart = await vegaFigure({ data: { values }, mark: 'point', encoding }, { alt: 'It is -1.' });
  assert.equal(chart.alt, 'It is −1.');
  const spec = chart.bundle['application/vnd.vegalite.v5+json'] as { description: string; data: { values: unknown } };
  assert.equal(spec.description, 'It is −1.');
  assert.equal(JSON.stringify(spec.data.values), JSON.stringify([{ ...values[0], name: 'slope −0.7' }]));
  assert.match(String(chart.svg), /<desc>It is −1\.<\/desc>/);
  assert.match(String(chart.svg), />slope −0\.7<\/text>/);
});

test('so stand the cells of a table, a data frame, a data table and a metrics card; their plain text is for programs', () => {
  const frame = { shape: [1, 1], columns: ['a'], index: [-1], values: [[-0.5]] } as never;
  const card = new MetricsCard([{ name: 'low', value: -0.5, band: [-0.6, -0.4] }], { seed: 1 }, false);
  const bundles = [
    table([{ a: -0.5, b: '-0.5 ± 1e-3' }])[DISPLAY](),
    showDataFrame(frame),
    new DataTable('t', new Map([['a', [-0.5]]]), row => `row ${row}`)[DISPLAY](),
    card[DISPLAY](),
  ];
  for (const bundle of bundles) {
    assert.match(String(bundle['text/html']), /<td[^>]*>−0\.5/);
    assert.doesNotMatch(String(bundle['text/html']), />-\d/);
  }
  assert.match(String(bundles[0]['text/plain']), /-0\.5 ± 1e-3/);
});

test('what rounds to nothing has no sign, what does not keeps it', () => {
  assert.deepEqual(
    [-1e-9, -0, 0, 1e-9, -0.0004, -0.0006, -12.34567].map(value => decimals(value, 3)),
    ['0.000', '0.000', '0.000', '0.000', '0.000', '-0.001', '-12.346'],
  );
  assert.equal(decimals(-0.4, 0), '0');
  assert.match(String(table([{ loss: -2.98e-8 }], { decimals: 5 }).bundle['text/plain']), /^0\.00000$/m);
});
