/** A table that Vega sorts and filters: what its lists do is what a reader sees. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { sortableTable } from '../../lib/plot';

const columns = {
  name: { title: 'name', width: 80 },
  kind: { title: 'kind', width: 60 },
  size: { title: 'size', width: 60 },
  year: { title: 'year', width: 60, show: String },
};
const rows = [
  { name: 'small', kind: 'a', size: 1.5, year: 2020 },
  { name: 'large', kind: 'b', size: 3000, year: 2014 },
  { name: 'middle', kind: 'a', size: 20, year: 2024 },
];
const options = { title: 'Three', columns, filter: 'kind', sort: 'size' };

/** Names from top to bottom after the lists were set. */
async function order(signals: Record<string, unknown>): Promise<string[]> {
  const figure = await sortableTable(rows, options);
  const vega = require('vega');
  const { compile } = require('vega-lite');
  const view = new vega.View(vega.parse(compile(figure.bundle['application/vnd.vegalite.v5+json']).spec), {
    renderer: 'none',
  });
  for (const [name, value] of Object.entries(signals)) view.signal(name, value);
  await view.runAsync();
  const data = (Object.keys(view.getState({ data: () => true, signals: () => false }).data) as string[])
    .map(name => view.data(name) as { cell_0?: string; place?: number }[])
    .find(each => each.some(row => row.cell_0 && row.place))!;
  view.finalize();
  return [...data].sort((a, b) => a.place! - b.place!).map(row => row.cell_0!);
}

test('the largest stands on top, the box turns the order, lists choose column and rows', async () => {
  assert.deepEqual(await order({}), ['large', 'middle', 'small']);
  assert.deepEqual(await order({ smallest: true }), ['small', 'middle', 'large']);
  assert.deepEqual(await order({ sorted: 1 }), ['middle', 'small', 'large']);
  assert.deepEqual(await order({ only: 'a' }), ['middle', 'small']);
});

test('cells say counts in full, others with three digits, years as they are; the text has all rows', async () => {
  const { bundle } = await sortableTable(rows, options);
  const text = bundle['text/plain'] as string;
  assert.match(text, /large\s+b\s+3,000\s+2014/);
  assert.match(text, /small\s+a\s+1\.5\s+2020/);
});

test('what cannot be shown is refused by its name', async () => {
  await assert.rejects(sortableTable([], options), /rows: expected a whole number from 1/);
  await assert.rejects(
    sortableTable(rows, { ...options, sort: 'cost' }),
    /expected a column of numbers, 'size', 'year', got 'cost'/,
  );
  await assert.rejects(
    sortableTable(rows, { ...options, sort: 'kind' }),
    /expected a column of numbers, 'size', 'year', got 'kind'/,
  );
});
