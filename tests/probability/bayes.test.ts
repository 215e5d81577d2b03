import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JointTable, logPosterior, posterior, updates } from '../../lib/probability';
import { DISPLAY } from '../../lib/runtime';

const prior = { rain: 0.2, dry: 0.8 };
const clouds = { rain: 0.9, dry: 0.3 };
const near = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-12, `${a} is not ${b}`);

test('clouds raise rain from 20 % to 0.18/0.42', () => {
  const result = posterior(prior, clouds);
  near(result.evidence, 0.42);
  near(result.posterior.rain, 0.18 / 0.42);
  near(result.posterior.rain + result.posterior.dry, 1);
});

test('updating twice equals updating once with the product, in either order', () => {
  const wind = { rain: 0.6, dry: 0.5 };
  const [, , twice] = updates(prior, [clouds, wind]);
  const once = posterior(prior, { rain: 0.9 * 0.6, dry: 0.3 * 0.5 }).posterior;
  near(twice.rain, once.rain);
  near(updates(prior, [wind, clouds])[2].rain, once.rain);
});

test('on logs it works where probabilities underflow', () => {
  const [rain, dry] = logPosterior([Math.log(0.2), Math.log(0.8)], [-5000, -5001]);
  near(Math.exp(rain) + Math.exp(dry), 1);
  near(Math.exp(rain), 0.2 / (0.2 + 0.8 * Math.exp(-1)));
});

test('a joint table gives marginals and conditionals; the chain rule holds both ways', () => {
  const table = JointTable.fromCounts(
    ['a', 'b'],
    ['x', 'y', 'z'],
    [
      [1, 2, 3],
      [4, 0, 10],
    ],
  );
  near(table.at('b', 'z'), 0.5);
  near(table.rowMarginal().a, 0.3);
  near(table.columnMarginal().x, 0.25);
  for (const row of table.rows) {
    for (const column of table.columns) {
      near(table.at(row, column), table.rowMarginal()[row] * table.givenRow(row)[column]);
      near(table.at(row, column), table.columnMarginal()[column] * table.givenColumn(column)[row]);
    }
  }
  assert.match(table[DISPLAY]()['text/plain'] as string, /0\.5000\t0\.7000\nΣ/);
});

test('errors say what was given', () => {
  assert.throws(() => posterior({ rain: 0.2, dry: 0.7 }, clouds), /the prior.*sum to 1/);
  assert.throws(() => posterior(prior, { rain: 9, dry: 0.3 }), /likelihood of "rain" is 9/);
  assert.throws(() => posterior(prior, { rain: 0, dry: 0 }), /impossible under every hypothesis/);
  const table = new JointTable(['a', 'b'], ['x'], [[1], [0]]);
  assert.throws(() => table.givenRow('c'), /"c" is not in the table; it has a, b/);
  assert.throws(() => table.givenRow('b'), /probability is 0/);
});
