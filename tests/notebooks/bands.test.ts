/** A band that cannot fail protects nothing: value ± 3 standard deviations over seeds, or a published bound. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bandProblem, bandsOf, metricsTable, ownBands, type StoredBand } from '../../scripts/notebooks/bands';
import { allLessons, readNotebook } from '../../scripts/notebooks/notebook';

const metric = (band: StoredBand['band'], rest: Partial<StoredBand> = {}): StoredBand => ({
  name: 'm',
  value: 1,
  band,
  reference: '',
  ...rest,
});

describe('bands', () => {
  it('that could not fail are found', () => {
    const found: [StoredBand, RegExp][] = [
      [metric([1, 15], { value: 12.1 }), /15\.0 to 1/],
      [metric([5, 1000], { value: 12.4 }), /200\.0 to 1/],
      [metric([0, 5]), /5\.0 times the value/],
      [metric([-2, 9]), /9\.0 times the value/],
      [metric([-5, -0.0001], { value: -1 }), /50000\.0 to 1/],
      [metric([-9, 2], { value: -1 }), /9\.0 times the value/],
      [metric([0.6, 1.4], { sd: 0.1, seeds: 5 }), /4\.0 standard deviations/],
      [metric([0.5, null]), /open on one side/],
    ];
    for (const [band, expected] of found) assert.match(bandProblem(band) ?? '', expected, JSON.stringify(band));
  });

  it('that can are let be', () => {
    const good = [
      metric([0.9, 1.1]),
      metric([1, 1]),
      metric([0.7, 1.3], { sd: 0.1, seeds: 5 }),
      metric([0.2, 8], { sd: 1.3, seeds: 3 }),
      metric([0, 1e-6], { value: 1e-9, reference: 'exact' }),
      metric([0.95, null], { reference: '0.95 (He et al.)' }),
    ];
    for (const band of good) assert.equal(bandProblem(band), undefined, JSON.stringify(band));
  });

  it('made of the run that they judge are found, and no lesson has one', () => {
    const cell = (source: string) => ({ cells: [{ cell_type: 'code', source }] }) as never;
    const card =
      "metricsCard([{ name: 'a', value: s.mean, band: s.band(), spread: s }, { name: 'b', band: [0, 1], spread: s }])";
    assert.deepEqual(ownBands(cell(card)), ['a']);
    assert.deepEqual(ownBands(cell("[{ name: 'a', band: new Spread(v['x']).band(3) }]")), ['a']);
    assert.deepEqual(
      ownBands(cell("[{ name: 'a', value: s.sd, band: [s.sd, s.sd] }, { name: 'b', value: s.sd, band: [0, 1] }]")),
      ['a'],
    );
    const found = allLessons().flatMap(({ name, files }) =>
      ownBands(readNotebook(files.en)).map(each => `${name} ${each}`),
    );
    assert.deepEqual(found, []);
  });

  it('of the lessons can fail', () => {
    const found = allLessons().flatMap(({ name, files }) =>
      bandsOf(readNotebook(files.en)).flatMap(band => (bandProblem(band) ? [`${name} ${band.name}`] : [])),
    );
    assert.deepEqual(found, []);
  });

  it('stand in one table, with those outside marked', () => {
    const table = metricsTable(allLessons());
    const rows = allLessons().reduce((sum, { files }) => sum + bandsOf(readNotebook(files.en)).length, 0);
    assert.equal(table.split('\n').length, rows + 2);
    assert.doesNotMatch(table, /✗/);
  });
});
