/** The board on which the mask of attention is painted: what it computes by itself is what the function computes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Asked, maskBoard, maskLeak } from '../../lib/plot';
import { HostRandom } from '../../lib/runtime';
import { DISPLAY } from '../../lib/runtime/display';

const T = 5;
const dice = new HostRandom(4);
const numbers = (count: number) => Array.from({ length: count }, () => 4 * dice.uniform() - 2);
const asked = (values: number[][]): Asked => ({
  scores: values.map(a => values.map(b => a.reduce((sum, x, i) => sum + x * b[i], 0))),
  values,
});
const rows = Array.from({ length: T }, () => numbers(3));
const [now, changed] = [asked(rows), asked([...rows.slice(0, -1), numbers(3)])];
const causal = rows.map((_, from) => rows.map((_, to) => to <= from));
const near = (a: number[], b: number[]) =>
  a.forEach((x, i) => {
    assert.ok(Math.abs(x - b[i]) < 2e-3, `${a} and ${b}`);
  });

/** As much of the specification as is changed here. */
interface Board {
  params: { value: string }[];
  vconcat: [{ hconcat: { layer: { params: { value: { from: number; to: number }[] }[] }[] }[] }, object];
}

/** What the chart says leaks, after some clicks and with the choice below it. */
async function shown(order: string, toggled: [number, number][] = []): Promise<number[]> {
  const bundle = (await maskBoard(now, changed))[DISPLAY]();
  const spec = structuredClone(bundle['application/vnd.vegalite.v5+json']) as Board;
  const [{ hconcat }] = spec.vconcat;
  const [param] = hconcat[0].layer[0].params;
  spec.params[0].value = order;
  for (const [from, to] of toggled) {
    const at = param.value.findIndex(v => v.from === from && v.to === to);
    if (at < 0) param.value.push({ from, to });
    else param.value.splice(at, 1);
  }
  const [vega, vegaLite] = [require('vega'), require('vega-lite')];
  const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: 'none' });
  await view.runAsync();
  const found = new Map<number, number>();
  for (const name of Object.keys(view.getState({ data: () => true, signals: () => false }).data))
    for (const row of view.data(name)) if ('change' in row && 'from' in row) found.set(row.from, row.change);
  view.finalize();
  return Array.from({ length: T - 1 }, (_, i) => found.get(i + 1) ?? Number.NaN);
}

describe('the mask, painted', () => {
  it('leaks nothing where it is causal and comes before softmax', () => {
    assert.deepEqual(maskLeak(now, changed, causal), [0, 0, 0, 0]);
  });

  it('leaks by hand: one open cell of the last column', () => {
    const one: Asked = {
      scores: [
        [0, Math.log(3)],
        [0, 0],
      ],
      values: [[1], [2]],
    };
    const other: Asked = {
      scores: [
        [0, 0],
        [0, 0],
      ],
      values: [[1], [6]],
    };
    const all = [
      [true, true],
      [true, true],
    ];
    near(maskLeak(one, other, all), [Math.abs(1 / 4 + (3 / 4) * 2 - (1 / 2 + 6 / 2))]);
    near(
      maskLeak(
        one,
        other,
        [
          [true, false],
          [true, true],
        ],
        'after softmax',
      ),
      [1 / 4],
    );
  });

  for (const order of ['before softmax', 'after softmax'] as const)
    for (const [what, toggled] of [
      ['causal', []],
      ['one cell of the future', [[2, 5]]],
      [
        'a past closed, a future opened',
        [
          [3, 1],
          [1, 5],
          [4, 5],
        ],
      ],
    ] as [string, [number, number][]][])
      it(`chart and function agree: ${what}, masked ${order}`, async () => {
        const open = causal.map(row => [...row]);
        for (const [from, to] of toggled) open[from - 1][to - 1] = !open[from - 1][to - 1];
        near(await shown(order, toggled), maskLeak(now, changed, open, order));
      });

  it('says in words what leaks', async () => {
    const words = String((await maskBoard(now, changed))[DISPLAY]()['text/plain']);
    assert.match(
      words,
      /changes by 0 at most .* Masked after softmax it would be 0\.\d+, with every cell open [\d.]+\./,
    );
  });

  it('takes boards of 2 to 12 tokens, and twice the same size', async () => {
    await assert.rejects(maskBoard(asked([[1]]), asked([[1]])), /expected 2 to 12 tokens, got 1/);
    const many = asked(Array.from({ length: 13 }, () => [1]));
    await assert.rejects(maskBoard(many, many), /2 to 12 tokens, got 13/);
    await assert.rejects(maskBoard(now, asked(rows.slice(1))), /5 rows of 5 scores and 5 rows of 3 values, twice/);
    await assert.rejects(maskBoard({ scores: now.scores, values: [] }, changed), /expected 5 rows/);
    const odd = [
      [1, 1],
      [1, Number.NaN],
    ];
    await assert.rejects(maskBoard(asked(odd), asked(odd)), /expected finite numbers below 1e9, got NaN/);
  });
});
