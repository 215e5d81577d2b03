import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { altText, ratioChart } from '../../scripts/bench/chart';
import { COMPARED } from '../../scripts/bench/compared';
import { MACHINE, type Row, ratios, withEarlier } from '../../scripts/bench/report';
import { missed, tables, withTables } from '../../scripts/bench/tables';

const docs = (name: string) => readFileSync(path.join(__dirname, '..', '..', 'docs', name), 'utf8');
const steps = JSON.parse(docs('bench.json')) as Row[];
const decoding = JSON.parse(docs('bench-decoding.json')) as Row[];
const measured = [...steps, ...decoding];
const WAY_OUT =
  'run npm run bench -- --rounds 0 --json docs/bench.json --chart docs/bench.svg --tables docs/compile.md';
const WAY_OUT_2 = 'run npm run bench -- --rounds 0 --json docs/bench-decoding.json --tables docs/language-models.md';

test('the tables and the chart in docs show what docs/bench.json and docs/bench-decoding.json hold', () => {
  assert.ok(docs('compile.md') === withTables(docs('compile.md'), steps), WAY_OUT);
  assert.ok(docs('bench.svg').includes(altText(steps)), WAY_OUT);
  assert.ok(docs('language-models.md') === withTables(docs('language-models.md'), decoding), WAY_OUT_2);
});

test('every goal beside PyTorch and transformers was reached; a ratio is what its row divides', () => {
  for (const row of measured) assert.ok(Math.abs(row.ratio - row.ours / row.reference) < 1e-9, row.metric);
  for (const [task, { goal }] of Object.entries(COMPARED)) {
    for (const reference of ['torch', ...(task === 'decode' ? ['transformers'] : ['torch-compile'])])
      assert.ok(
        measured.some(({ name, metric }) => name === task && new RegExp(`^ms .* / ${reference}$`).test(metric)),
        `${task} was not compared with ${reference}`,
      );
    assert.ok(goal || task === 'ddim', task);
  }
  assert.deepEqual(
    missed(measured).filter(words => /PyTorch's time|torch\.compile|transformers/.test(words)),
    [],
  );
});

test('what was promised and not reached is said', () => {
  const way = (mode: string, ms: number, peakMiB: number) => ({ mode, times: [ms, ms, ms], cpu: [ms], peakMiB });
  const ways = (ours: number, peak: number) => [
    way('compiled', ours, peak),
    way('torch', 4, 150),
    way('torch-compile', 4, 150),
    way('keras', 3, 150),
    way('keras-xla', 2, 150),
  ];
  assert.deepEqual(missed(ratios('cnn', ways(2, 195))), []);
  assert.match(tables(ratios('cnn', ways(2, 195))), /^All goals are reached\.$/m);
  const words = missed(ratios('cnn', ways(6, 210)));
  assert.deepEqual(words, [
    "CNN: 1.50 of PyTorch's time, goal 1.0",
    "CNN: 1.50 of torch.compile's time, goal 1.2",
    "CNN: 3.00 of Keras's time, goal 1.0",
    "CNN: 1.40 of PyTorch's memory, goal 1.3",
  ]);
  assert.ok(tables(ratios('cnn', ways(6, 210))).includes(`Not reached: ${words.join('; ')}.`));
});

test('the fastest of our ways is compared with all others; tables and chart follow', async () => {
  const way = (mode: string, ms: number, peakMiB: number) => ({ mode, times: [9 * ms, ms, ms], cpu: [ms], peakMiB });
  const ways = [way('eager', 8, 100), way('compiled', 3, 200), way('xla', 2, 300), way('torch', 4, 150)];
  const rows = ratios('vae', ways);
  assert.deepEqual(
    rows.filter(({ metric }) => metric.startsWith('ms')).map(({ metric, ratio }) => [metric, ratio]),
    [
      ['ms per step, xla / eager', 0.25],
      ['ms per step, xla / compiled', 2 / 3],
      ['ms per step, xla / torch', 0.5],
    ],
  );
  const [times, shares] = tables(rows).split('\n\n');
  assert.match(times, /\| VAE .* \| 8\.00 \| 3\.00 \| \*\*2\.00\*\* \| 4\.00 \|$/);
  assert.match(shares, /peak MiB: ours, PyTorch \|/); // nobody else was there
  assert.match(shares, /\| VAE \| 0\.50 \| ≤ 0\.8 \| 300, 150 \| 1\.33 \| ≤ 1\.3 \|$/);
  assert.match(await ratioChart(rows), /against PyTorch: VAE 0\.50\./);
  await assert.rejects(ratioChart([]), /npm run bench -- --json/);
  assert.throws(() => withTables('# no marks', rows), /between the lines <!--/);
});

test("rows of one file are one machine's", () => {
  const machine = (metric: string): Row => ({ name: MACHINE, metric, ours: 2, reference: 2, ratio: 1 });
  const row = (name: string, ours: number): Row => ({ name, metric: 'ms', ours, reference: 1, ratio: ours });
  const before = [machine('A'), row('vae', 1), row('cnn', 2)];
  assert.deepEqual(withEarlier(before, [machine('A'), row('vae', 3)], 'f'), [
    row('cnn', 2),
    machine('A'),
    row('vae', 3),
  ]);
  assert.throws(
    () => withEarlier(before, [machine('B'), row('vae', 3)], 'f'),
    /f was measured on 2 cores of A, this is 2 cores of B/,
  );
  assert.throws(
    () => withEarlier([row('cnn', 2)], [machine('B'), row('vae', 3)], 'f'),
    /a machine that it does not name/,
  );
  const all = [machine('B'), row('vae', 3), row('cnn', 4)];
  assert.deepEqual(withEarlier(before, all, 'f'), all);
  assert.deepEqual(withEarlier(before, [], 'f'), before); // drawn again, nothing measured
});
