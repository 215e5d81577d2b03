import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countHoles, mnist } from '../../lib/data';

const drawing = (...rows: string[]) => ({
  data: rows
    .join('')
    .split('')
    .map(c => (c === '#' ? 255 : 0)),
  height: rows.length,
  width: rows[0].length,
});

test('holes of drawn shapes', () => {
  assert.equal(countHoles(drawing('....', '....')), 0);
  assert.equal(countHoles(drawing('#####', '#...#', '#...#', '#####')), 1);
  assert.equal(countHoles(drawing('####', '#..#', '####', '#..#', '####')), 2);
  assert.equal(countHoles(drawing('####', '#..#', '#..#', '#.##')), 0); // open at the bottom
  assert.equal(countHoles(drawing('.##.', '#..#', '#..#', '.##.')), 1); // closed over corners
  assert.equal(countHoles(drawing('###', '#.#', '###')), 0); // one pixel is no hole
});

test('most zeros have one hole, most eights two', async () => {
  const { test: set } = await mnist();
  const share = (digit: number, holes: number) => {
    const all = set.indicesOf(digit);
    return all.filter(i => countHoles(set.picture(i)) === holes).length / all.length;
  };
  assert.ok(
    share(0, 1) > 0.8 && share(8, 2) > 0.5 && share(1, 0) > 0.95,
    `${share(0, 1)} ${share(8, 2)} ${share(1, 0)}`,
  );
});
