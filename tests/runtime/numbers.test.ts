/** A number that is only nearly whole does not read as a whole one, wherever the lib cuts numbers to a few digits. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { MetricsCard, Spread } from '../../lib/course';
import { DataTable } from '../../lib/data';
import { showDataFrame } from '../../lib/kernel/runner/table';
import { showTensor } from '../../lib/kernel/runner/tensor';
import { table } from '../../lib/plot';
import { say } from '../../lib/plot/words';
import { DISPLAY } from '../../lib/runtime/display';
import { decimals, rounded, withMinus } from '../../lib/runtime/numbers';
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
