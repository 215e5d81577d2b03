/** Films that need no kernel: pictures one moment at a time, a cloud that is shifted and stretched, a slider that plays. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cloudPlot, type Figure, fittingFilm, functionPlot, peopleFilm, pictureFilm } from '../../lib/plot';
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

test('people stay as long as the evidence fits them, and the share is that of those who stay', async () => {
  const kinds = { rain: [2, 2, 1, 0], dry: [0, 0, 1, 2, 0, 0] };
  const figure = await peopleFilm(kinds, ['clouds', 'wind'], { rows: 3 });
  assert.match(figure.alt, /at first: rain 4 and dry 6; clouds: rain 3 and dry 2; wind: rain 2 and dry 1\./);
  for (const [frame, rain, dry] of [
    [0, 4, 6],
    [8, 3, 2],
    [16, 2, 1],
  ]) {
    const rows = await rowsAt(figure, 'p_moment', 16, frame);
    const dots = rows.filter(row => 'gone' in row);
    assert.equal(dots.filter(row => row.kind === 'rain').length, rain, `frame ${frame}`);
    assert.equal(dots.filter(row => row.kind === 'dry').length, dry, `frame ${frame}`);
    const bar = rows.find(row => 'low' in row && row.kind === 'rain' && row.step === frame / 8);
    assert.ok(Math.abs((bar?.high as number) - rain / (rain + dry)) < 1e-9);
  }
  await assert.rejects(peopleFilm({ a: [0], b: [3] }, ['one']), /expected whole numbers from 0 to 1, got 3/);
});

test('the bells of a fitting film are those of the step shown, and a search that is over stands still', async () => {
  const path = (...means: number[]) => means.map(mean => ({ mean, std: 0.5 + mean, cost: 2 - mean }));
  const figure = await fittingFilm(x => Math.exp(-x * x), { long: path(0, 1, 2), short: path(0, 1) }, [-4, 4]);
  assert.match(figure.alt, /fitted in 2 steps; long from mean 0, width 0\.5 to mean 2, width 2\.5 and short from/);
  for (const [step, long, short] of [
    [0, 0, 0],
    [2, 2, 1],
  ]) {
    const rows = (await rowsAt(figure, 'p_step', 1, step)) as Record<string, number | string>[];
    for (const [search, mean] of [
      ['long', long],
      ['short', short],
    ] as const) {
      const bell = rows.filter(row => row.search === search && 'density' in row);
      assert.equal(bell.length, 121);
      const density = (x: number) =>
        Math.exp(-0.5 * ((x - mean) / (0.5 + mean)) ** 2) / ((0.5 + mean) * Math.sqrt(2 * Math.PI));
      for (const row of bell) assert.ok(Math.abs((row.density as number) - density(row.x as number)) < 1e-9);
    }
    const drawn = rows.filter(row => 'cost' in row && 'frame' in row && row.search === 'long');
    assert.equal(Math.max(...drawn.map(row => row.frame as number)), 2 === step ? 2 : 0);
  }
  const narrow = { bad: [...path(0), { mean: 0, std: 0, cost: 1 }] };
  await assert.rejects(
    fittingFilm(x => x * x, narrow, [-1, 1]),
    /positive standard deviations/,
  );
});
