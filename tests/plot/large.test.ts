import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  barChart,
  type Figure,
  flowChart,
  groupedBars,
  heatmap,
  histogram,
  imageGrid,
  lineChart,
  scatter,
  table,
} from '../../lib/plot';
import { extremes, spreadOut } from '../../lib/plot/thinning';
import { assertSound } from './kinds';

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const VEGA = 'application/vnd.vegalite.v5+json';

test('thinning keeps first, last, lowest and highest of every stretch, the order, and holes', () => {
  const values = fc.array(fc.oneof(fc.double({ noNaN: true }), fc.constant(Number.NaN)), { maxLength: 400 });
  fc.assert(
    fc.property(values, fc.integer({ min: 5, max: 60 }), (y, most) => {
      const rows = y.map((value, x) => ({ x, value }));
      const kept = extremes(rows, most, row => row.value);
      assert.ok(kept.length <= Math.max(most, 5));
      assert.deepEqual(
        kept.map(row => row.x),
        [...new Set(kept.map(row => row.x))].sort((a, b) => a - b),
      );
      const ends = (list: { value: number }[]) => {
        const known = list.map(row => row.value).filter(v => !Number.isNaN(v) && Number.isFinite(v));
        return known.length ? [Math.min(...known), Math.max(...known)] : [];
      };
      assert.deepEqual(ends(kept), ends(rows));
      assert.equal(
        kept.some(row => Number.isNaN(row.value)),
        y.some(Number.isNaN),
      );
      if (y.length) assert.deepEqual([kept[0], kept[kept.length - 1]], [rows[0], rows[rows.length - 1]]);
    }),
  );
});

test('thinning of points keeps outliers and small groups', () => {
  const crowd = range(50_000).map(i => ({ x: Math.sin(i), y: Math.cos(3 * i), group: 'crowd' }));
  const points = [...crowd.slice(0, 30_000), { x: 90, y: -70, group: 'crowd' }, ...crowd.slice(30_000)];
  points.splice(123, 0, { x: 0, y: 0, group: 'alone' });
  const kept = spreadOut(points, 1000, p => [p.x, p.y, p.group]);
  assert.ok(kept.length <= 1000 && kept.length > 900);
  assert.ok(kept.some(p => p.x === 90));
  assert.ok(kept.some(p => p.group === 'alone'));
});

test('a spike of one in 200,000 points stays in words, in the live chart and in the picture', async () => {
  const y = new Float64Array(200_000);
  [y[777], y[123_456]] = [1e6, -500_000];
  const { alt, bundle, svg } = await lineChart({ a: y });
  assert.match(alt, /a goes from 0 to 0, with a low of −500,000, with a high of 1,000,000, over x 1 to 200,000/);
  assert.match(alt, /Drawn are \d+ of 200,000 points, the extremes among them\.$/);
  const [curve] = (bundle[VEGA] as { data: { values: { x: number[]; y: number[] }[] } }).data.values;
  assert.equal(curve.y[curve.x.indexOf(778)], 1e6);
  assert.equal(curve.y[curve.x.indexOf(123_457)], -500_000);
  const path = /<path d="(M0,[^"]+)" stroke="#0072B2"/.exec(svg as string)?.[1] ?? '';
  const heights = [...path.matchAll(/[ML][\d.]+,([\d.]+)/g)].map(match => Number(match[1]));
  assert.ok(Math.max(...heights) - Math.min(...heights) > 200, 'the spike is not drawn');
});

/** Figures of more data than a screen shows, and what their words must say. */
const LARGE: Record<string, [make: () => Promise<Figure> | Figure, says: RegExp]> = {
  '200,000 points': [
    () => scatter(range(200_000).map(i => ({ x: Math.sin(i), y: i % 977, label: i % 7 }))),
    /200,000 points in 7 groups.*Drawn are [\d,]+ of 200,000 points/,
  ],
  '100 curves of 3,000 points': [
    () => lineChart(Object.fromEntries(range(100).map(n => [`c${n}`, range(3000).map(i => Math.sin(i * n))]))),
    /and 81 more.*Drawn are [\d,]+ of 300,000 points/,
  ],
  '1,000 bars': [
    () => barChart(Object.fromEntries(range(1000).map(i => [`bar ${i}`, i === 500 ? -3 : i]))),
    /1,000 bars, the lowest bar 500 −3, the highest bar 999 999\. Drawn are [\d,]+ of 1,000 bars/,
  ],
  '100,000 bars from left to right': [
    () => barChart(Object.fromEntries(range(100_000).map(i => [`bar ${i}`, i])), { horizontal: true }),
    /Drawn are [\d,]+ of 100,000 bars/,
  ],
  '50 groups of 100 bars': [
    () =>
      groupedBars(
        Object.fromEntries(range(50).map(g => [`g${g}`, Object.fromEntries(range(100).map(i => [`b${i}`, i * g]))])),
      ),
    /and 30 more groups.*Drawn are [\d,]+ of 5,000 bars/,
  ],
  'a histogram of 500,000 values': [
    () => histogram(Float32Array.from({ length: 500_000 }, (_, i) => Math.sin(i))),
    /500,000 values/,
  ],
  'a matrix of 300 × 1,000': [
    () => heatmap(range(300).map(r => range(1000).map(c => (r === 3 && c === 997 ? 1e4 : Math.sin(r * c))))),
    /highest 10,000 at row 3, column 997\. Drawn in 100 by 100 blocks/,
  ],
  '2,000 pictures': [
    () =>
      imageGrid(
        range(2000).map(i => ({ data: new Uint8Array(64).fill(i % 255), height: 8, width: 8, channels: 1 as const })),
      ),
    /2000 grey images/,
  ],
  'a flow chart of 150 nodes': [
    () =>
      flowChart({
        nodes: Object.fromEntries(range(150).map(i => [`n${i}`, `node ${i}`])),
        edges: range(149).map(i => [`n${i}`, `n${i + 1}`]),
      }),
    /node 0 → node 1, .* and 110 more\.$/,
  ],
  '20,000 rows': [() => table(range(20_000).map(i => ({ i, name: `row ${i}` }))), /Table with 20,000 rows/],
};

for (const [what, [make, says]] of Object.entries(LARGE)) {
  test(`${what}: no overflow, a bounded size, and a word about what is not drawn`, async () => {
    const figure = await make();
    assertSound(figure);
    assert.match(figure.alt, says);
  });
}

test('equal names of rows and columns keep places of their own', async () => {
  const names = { rows: ['the', 'the'], columns: ['cat', 'cat', 'sat'] };
  const matrix = [
    [1, 2, 3],
    [4, 5, 6],
  ];
  const { svg } = await heatmap(matrix, names);
  const words = [...(svg as string).matchAll(/<text[^>]*>([^<]*)</g)].map(match => match[1]);
  for (const [word, count] of Object.entries({ the: 2, cat: 2, sat: 1, 1: 1, 3: 1, 5: 1 }))
    assert.equal(words.filter(w => w === word).length, count, word);
  const same = (await heatmap(matrix, { rows: ['a', 'b'], columns: ['c', 'd', 'e'] })).svg as string;
  const cells = (source: string) => [...source.matchAll(/<path d="(M0?[^"]+h[^"]+)" fill="rgb/g)].length;
  assert.equal(cells(svg as string), cells(same));
});
