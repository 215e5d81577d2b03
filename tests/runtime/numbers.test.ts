/** A number that is only nearly whole does not read as a whole one, wherever the lib cuts numbers to a few digits. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Spread } from '../../lib/course';
import { showTensor } from '../../lib/kernel/runner/tensor';
import { say } from '../../lib/plot/words';
import { rounded } from '../../lib/runtime/numbers';
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
