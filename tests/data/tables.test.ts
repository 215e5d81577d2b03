import assert from 'node:assert/strict';
import { test } from 'node:test';
import { breastCancer, dataFrame, iris, smallDigits, wine } from '../../lib/data';

test('sizes, classes and means are the published ones', () => {
  const [flowers, wines, tumours] = [iris(), wine(), breastCancer()];
  const counts = (labels: number[]) =>
    labels.reduce<number[]>((c, l) => {
      c[l] = (c[l] ?? 0) + 1;
      return c;
    }, []);
  assert.deepEqual([flowers.features.length, flowers.columns.length, counts(flowers.labels)], [150, 4, [50, 50, 50]]);
  assert.deepEqual([wines.features.length, wines.columns.length, counts(wines.labels)], [178, 13, [59, 71, 48]]);
  assert.deepEqual([tumours.features.length, tumours.columns.length, counts(tumours.labels)], [569, 30, [212, 357]]);
  assert.deepEqual(flowers.classes, ['setosa', 'versicolor', 'virginica']);
  assert.deepEqual(tumours.classes, ['malignant', 'benign']);
  const mean = (column: number) => flowers.features.reduce((sum, f) => sum + f[column], 0) / 150;
  [5.8433, 3.0573, 3.758, 1.1993].forEach((expected, i) => {
    assert.ok(Math.abs(mean(i) - expected) < 1e-3, `${flowers.columns[i]} ${mean(i)}`);
  });
});

test('the small digits are 1,797 pictures of 8×8', () => {
  const set = smallDigits();
  assert.deepEqual([set.count, set.height, set.width], [1797, 8, 8]);
  assert.deepEqual(set.labelCounts(), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
  assert.deepEqual(
    [...set.at(0).pixels.subarray(0, 8)],
    [0, 0, 5, 13, 9, 1, 0, 0].map(g => Math.round((g * 255) / 16)),
  );
});

test('as data frames', () => {
  const frame = iris().frame();
  assert.deepEqual(frame.shape, [150, 5]);
  assert.equal(frame.columns[4], 'class');
  assert.deepEqual(dataFrame(['a', 'b'], [[1, 'x']]).shape, [1, 2]);
});
