import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { changeBundle, inChinese } from '../../lib/i18n/bundle';
import { dictionaryOf } from '../../lib/i18n/load';
import { descentPlot, player, type VegaSpec } from '../../lib/plot';
import { contourLines } from '../../lib/plot/descent';

interface View {
  signal(name: string): unknown;
  signal(name: string, value: unknown): View;
  data(name: string): { frame: number }[];
  runAsync(): Promise<View>;
  finalize(): void;
}

/** The chart as a page shows it, without a screen. */
async function opened(spec: VegaSpec): Promise<View> {
  const vega = require('vega');
  const full = require('vega-lite').compile(spec).spec;
  return new vega.View(vega.parse(full), { renderer: 'none' }).runAsync();
}

const steps = [0, 1, 2, 3].map(frame => ({ frame, x: frame }));
const chart = (p = player({ name: 'step', last: 3, value: 1, seconds: 0.12 })) => ({
  params: p.params,
  layer: [
    {
      data: { values: steps, name: 'grown' },
      transform: [p.upTo],
      mark: 'line',
      encoding: { x: { field: 'x', type: 'quantitative' } },
    },
    {
      data: { values: steps, name: 'shown' },
      transform: [p.now],
      mark: 'point',
      encoding: { x: { field: 'x', type: 'quantitative' } },
    },
  ],
});

test('frames stand still until play is ticked, go to the end, stop there and start anew', async () => {
  const view = await opened(chart());
  await wait(150);
  assert.equal(view.signal('p_step'), 1, 'it moved without being asked');
  await view.signal('p_step_plays', true).runAsync();
  const seen = new Set<unknown>();
  for (let i = 0; i < 100 && view.signal('p_step_plays'); i++) {
    seen.add(view.signal('p_step'));
    await wait(10);
  }
  assert.equal(view.signal('p_step_plays'), false, 'it never ended');
  assert.equal(view.signal('p_step'), 3);
  assert.ok(seen.has(2), 'no frame between');
  await view.signal('p_step_plays', true).runAsync();
  await wait(60);
  assert.ok((view.signal('p_step') as number) < 3, 'played again it did not start anew');
  view.finalize();
});

test('the slider alone chooses the frame: a path up to it, a point at it', async () => {
  const compiled = require('vega-lite').compile(chart()).spec;
  const names = (compiled.data as { name: string; transform?: unknown[] }[]).filter(d => d.transform).map(d => d.name);
  const view = await opened(chart());
  await view.signal('p_step', 2).runAsync();
  assert.deepEqual(
    names.map(name => view.data(name).map(row => row.frame)),
    [[0, 1, 2], [2]],
  );
  view.finalize();
});

test('a player names what it was given wrong', () => {
  assert.throws(() => player({ last: 0 }), /last: expected a whole number from 1 to 1,000, got 0/);
  assert.throws(() => player({ last: 5, value: 6 }), /value: expected a whole number from 0 to 5, got 6/);
  assert.throws(() => player({ last: 5, seconds: 0 }), /expected seconds above 0, got 0/);
});

test('contour lines lie at their level, also where they leave the picture', () => {
  const f = (x: number, y: number) => x * x + 4 * y * y;
  const lines = contourLines(f, [-1, 2], [-1, 1], [0.25, 1, 3]);
  assert.deepEqual([...new Set(lines.map(line => line.level))], [0.25, 1, 3]);
  for (const { level, x, y } of lines)
    for (const [i, xi] of x.entries())
      assert.ok(Math.abs(f(xi, y[i]) - level) < 0.02, `${xi}, ${y[i]} is not at ${level}`);
  const whole = lines.filter(line => line.level === 0.25);
  assert.equal(whole.length, 1, 'the inner ellipse is one closed line');
});

test('paths of descent keep every step, say where they end, and speak Chinese', async () => {
  const long = [0, 1, 2, 3, 4].map(i => [1 / 2 ** i, 1 / 3 ** i] as const);
  const figure = await descentPlot(
    (x, y) => x * x + y * y,
    [-1, 1],
    [-1, 1],
    { plain: long, short: long.slice(0, 2) },
    { levels: [0.5], title: 'Ways' },
  );
  assert.match(figure.alt, /plain goes from 2 to 0\.00406 in 4 steps and short goes from 2 to 0\.361 in 1 steps/);
  const spec = figure.bundle['application/vnd.vegalite.v5+json'] as {
    layer: { data: { values: { series: string; frame: number; x: number }[] } }[];
  };
  const rows = spec.layer[1].data.values;
  assert.deepEqual(
    rows.filter(r => r.series === 'plain').map(r => r.x),
    long.map(p => p[0]),
  );
  assert.deepEqual(
    rows.filter(r => r.series === 'short').map(r => r.x),
    [1, 0.5, 0.5, 0.5, 0.5],
  );
  const root = path.resolve(__dirname, '../..');
  const chinese = changeBundle(
    figure.bundle,
    inChinese(dictionaryOf(root, '', { plain: '朴素', short: '短', Ways: '路' })),
  );
  assert.match(
    String(chinese['text/plain']),
    /^路：x、y 等高线图上的路径；朴素用 4 步从 2 走到 0\.00406.*可用滑块或“播放”框逐步查看。$/m,
  );
  assert.match(JSON.stringify(chinese['application/vnd.vegalite.v5+json']), /"name":"播放/);
  await assert.rejects(
    descentPlot(() => 0, [-1, 1], [-1, 1], {}, { levels: [1] }),
    /points of the longest path/,
  );
});
