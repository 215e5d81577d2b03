/** Films that need no kernel: pictures one moment at a time, a cloud that is shifted and stretched, a slider that plays. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cloudPlot, type Figure, functionPlot, pictureFilm } from '../../lib/plot';
import { tf } from '../../lib/runtime';

interface View {
  signal(name: string, value: unknown): View;
  runAsync(): Promise<View>;
  finalize(): void;
  _runtime: { data: Record<string, { values?: { value: unknown } }> };
}

type Row = Record<string, unknown>;

/** All rows of the chart's data when a signal has had these values, one after the other. */
async function rowsAt(figure: Figure, signal: string, ...values: unknown[]): Promise<Row[]> {
  const vega = require('vega');
  const spec = require('vega-lite').compile(figure.bundle['application/vnd.vegalite.v5+json']).spec;
  const view = new vega.View(vega.parse(spec), { renderer: 'none' }) as View;
  await view.runAsync();
  for (const value of values) await view.signal(signal, value).runAsync();
  const rows = Object.entries(view._runtime.data).flatMap(([name, d]) =>
    /data_\d+$|^data/.test(name) && Array.isArray(d.values?.value) ? (d.values.value as Row[]) : [],
  );
  view.finalize();
  return rows;
}

test('a picture film shows the pictures of one moment, and says which', async () => {
  const strips = { one: tf.zeros([3, 4, 4, 1]), two: tf.ones([3, 4, 4, 1]) };
  const figure = await pictureFilm(strips, ['begin', 'middle', 'end'], { title: 'T', name: 'look' });
  assert.match(figure.alt, /T: Film of one, two, 3 pictures from begin to end; shown: middle/);
  assert.equal((figure.svg?.match(/<image/g) ?? []).length, 2, 'the still picture shows one moment of each strip');
  assert.match(figure.svg ?? '', /data:image\/png;base64,/);
  await assert.rejects(pictureFilm(strips, ['a', 'b']), /strip 'one': expected 2 pictures, one for each moment, got 3/);
});

test('every point of the cloud is μ + σ·ε of the step shown', async () => {
  const bells = [
    { mean: [0, 0], std: [1, 1] },
    { mean: [2, -1], std: [0.5, 0.25] },
  ] as const;
  const figure = await cloudPlot(bells, { count: 20, seed: 3 });
  const rows = (await rowsAt(figure, 'p_step', 0, 1, 0, 1)).filter(row => 'e1' in row) as Record<string, number>[];
  const off = (row: Record<string, number>, m1: number, s1: number, m2: number, s2: number) =>
    Math.hypot(row.a - m1 - s1 * row.e1, row.b - m2 - s2 * row.e2);
  assert.equal(rows.length, 40, '20 points that stand still, and the same 20 moved');
  assert.equal(rows.filter(row => off(row, 0, 1, 0, 1) < 1e-9).length, 20);
  assert.equal(rows.filter(row => off(row, 2, 0.5, -1, 0.25) < 1e-9).length, 20);
  await assert.rejects(cloudPlot([bells[0], { mean: [0, NaN], std: [1, 1] }]), /step 1: expected finite means/);
});

test('the slider of a function plays where it has seconds, and only there', async () => {
  const slider = { name: 'p', min: 0, max: 1, step: 0.25, value: 0.5 };
  const params = async (seconds?: number) => {
    const figure = await functionPlot({ f: (x, p) => x * p }, [0, 1], { slider: { ...slider, seconds } });
    return {
      alt: figure.alt,
      params: (figure.bundle['application/vnd.vegalite.v5+json'] as { params: { name: string }[] }).params,
    };
  };
  assert.deepEqual(
    (await params()).params.map(p => p.name),
    ['p_p'],
  );
  const playing = await params(3);
  assert.deepEqual(
    playing.params.map(p => p.name),
    ['p_p', 'p_p_plays'],
  );
  assert.match(playing.alt, /A slider and a box to play move p from 0 to 1; shown at 0\.5/);
});
