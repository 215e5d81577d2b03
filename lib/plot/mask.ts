/**
 * The mask of attention as a board: a click opens or closes a cell, and what follows is computed inside the chart.
 * @see notebooks/17-attention-gpt.ipynb
 */
import { numbersOf } from './checks';
import type { Figure } from './figure';
import { palette, sequential } from './palette';
import { type VegaSpec, vegaFigure } from './vega';
import { say } from './words';

/** One way of asking: scores[from][to], and the values [to][d] that are handed over. */
export interface Asked {
  scores: readonly (readonly number[])[];
  values: readonly (readonly number[])[];
}

type Order = 'before softmax' | 'after softmax';

const total = (numbers: readonly number[]): number => numbers.reduce((sum, x) => sum + x, 0);

/** e^score in parts of the row's largest, which no score makes too large. */
function powersOf(scores: readonly number[]): number[] {
  const top = Math.max(...scores);
  return scores.map(score => Math.exp(score - top));
}

/** Weights of one row: e^score over the sum of the open places (masked before softmax) or of all (after it). */
function weightsOf(scores: readonly number[], open: readonly boolean[], order: Order): number[] {
  const powers = powersOf(scores);
  const kept = powers.map((p, i) => (open[i] ? p : 0));
  const sum = total(order === 'before softmax' ? kept : powers);
  return kept.map(p => (sum > 0 ? p / sum : 0));
}

/**
 * The largest change of each earlier output, T − 1 numbers, when only the last token is another: what leaks from the future.
 * @example
 * const zero = [[0, 0], [0, 0]];
 * maskLeak({ scores: zero, values: [[1], [3]] }, { scores: zero, values: [[1], [5]] }, [[true, true], [true, true]]) // → [1]
 */
export function maskLeak(
  now: Asked,
  changed: Asked,
  open: readonly (readonly boolean[])[],
  order: Order = 'before softmax',
): number[] {
  const outputs = ({ scores, values }: Asked, row: number): number[] => {
    const weights = weightsOf(scores[row], open[row], order);
    return values[0].map((_, d) => total(weights.map((w, to) => w * values[to][d])));
  };
  return now.scores.slice(0, -1).map((_, row) => {
    const [a, b] = [outputs(now, row), outputs(changed, row)];
    return Math.max(...a.map((x, d) => Math.abs(x - b[d])));
  });
}

/**
 * A board of T × T cells whose open ones can be chosen by clicks, the causal mask at first, with the sum of each row of weights,
 * and below it `maskLeak` for each earlier token. A choice below the chart masks before or after softmax. No kernel is needed.
 * @param now the scores [T][T] and values [T][D] of some tokens
 * @param changed the same with another last token
 * @throws where the two differ in size, or a board would have fewer than 2 or more than 12 tokens
 * @example
 * const tokens = [[0, 1], [1, 0], [1, 1]];
 * const scores = tokens.map(a => tokens.map(b => a[0] * b[0] + a[1] * b[1]));
 * await maskBoard({ scores, values: tokens }, { scores, values: [[0, 1], [1, 0], [2, 2]] })
 */
export async function maskBoard(now: Asked, changed: Asked, { title }: { title?: string } = {}): Promise<Figure> {
  const T = now.scores.length;
  checkBoard(T, now, changed);
  const causal = now.scores.map((_, from) => now.scores.map((_, to) => to <= from));
  const all = causal.map(row => row.map(() => true));
  const most = farthest(now.values[T - 1], changed.values[T - 1]); // where a token looks at nothing but the last one
  const leak = (open: boolean[][], order?: Order) => say(Math.max(...maskLeak(now, changed, open, order)));
  const alt = `A board of ${T} by ${T} cells, those on and below the diagonal open: an earlier output changes by ${leak(causal)} at most when the last token is another. Masked after softmax it would be ${leak(causal, 'after softmax')}, with every cell open ${leak(all)}.`;
  return vegaFigure(boardSpec(now, changed, causal, most, title), { alt });
}

const farthest = (a: readonly number[], b: readonly number[]): number =>
  Math.max(0.01, ...a.map((x, d) => Math.abs(x - b[d])));

function checkBoard(T: number, now: Asked, changed: Asked): void {
  if (T < 2 || T > 12) throw new Error(`a board: expected 2 to 12 tokens, got ${T}`);
  const D = now.values[0]?.length ?? 0;
  for (const { scores, values } of [now, changed])
    if (
      ![scores, values].every(rows => rows.length === T) ||
      scores.some(r => r.length !== T) ||
      values.some(r => r.length !== D)
    )
      throw new Error(`a board: expected ${T} rows of ${T} scores and ${T} rows of ${D} values, twice, got others`);
  const odd = [now, changed]
    .flatMap(({ scores, values }) => [...scores, ...values])
    .flatMap(row => numbersOf('a board', row))
    .find(x => !(Math.abs(x) < 1e9));
  if (odd !== undefined) throw new Error(`a board: expected finite numbers below 1e9, got ${odd}`);
}

/** Rows of the chart: a cell for each pair of tokens, once as it is and once with the other last token. */
const cellsOf = ({ scores, values }: Asked, version: number) =>
  scores.flatMap((row, from) =>
    powersOf(row).map((power, to) => ({
      version,
      from: from + 1,
      to: to + 1,
      power: Number(power.toPrecision(5)),
      v: values[to].map(x => Number(x.toPrecision(4))),
      d: values[to].map((_, d) => d),
    })),
  );

/** What each row of cells goes through: the share of its row that a cell keeps. */
const WEIGHTS: VegaSpec[] = [
  { joinaggregate: [{ op: 'sum', field: 'power', as: 'whole' }], groupby: ['version', 'from'] },
  { filter: { param: 'open', empty: false } },
  { joinaggregate: [{ op: 'sum', field: 'power', as: 'kept' }], groupby: ['version', 'from'] },
  {
    calculate: "datum.kept > 0 ? datum.power / (mask == 'before softmax' ? datum.kept : datum.whole) : 0",
    as: 'weight',
  },
];
const FIRST = { filter: 'datum.version == 0' };
const FROM = { field: 'from', type: 'ordinal', title: 'token' };

function boardSpec(now: Asked, changed: Asked, causal: boolean[][], most: number, title?: string): VegaSpec {
  const side = Math.min(300, 40 * causal.length);
  return {
    ...(title ? { title } : {}),
    params: [
      {
        name: 'mask',
        value: 'before softmax',
        bind: { input: 'radio', options: ['before softmax', 'after softmax'], name: 'mask ' },
      },
    ],
    data: { values: [...cellsOf(now, 0), ...cellsOf(changed, 1)] },
    vconcat: [{ hconcat: [cellBoard(causal, side), rowSums(side)] }, leakBars(causal.length, side, most)],
  };
}

/** The cells: all of them grey, which can be clicked, and over them the weights of the open ones. */
function cellBoard(causal: boolean[][], side: number): VegaSpec {
  const x = { field: 'to', type: 'ordinal', title: 'looks at', axis: { labelAngle: 0 } };
  const open = causal.flatMap((row, from) => row.flatMap((is, to) => (is ? [{ from: from + 1, to: to + 1 }] : [])));
  const click = { type: 'point', fields: ['from', 'to'], toggle: 'true', clear: false };
  return {
    width: side,
    height: side,
    layer: [
      {
        params: [{ name: 'open', select: click, value: open }],
        transform: [FIRST],
        mark: { type: 'rect', fill: '#f2f2f2', stroke: '#bbb', cursor: 'pointer' },
        encoding: { x, y: FROM, tooltip: ['from', 'to'].map(field => ({ field })) },
      },
      {
        transform: [FIRST, ...WEIGHTS],
        mark: { type: 'rect', cursor: 'pointer' },
        encoding: {
          x,
          y: FROM,
          color: { field: 'weight', type: 'quantitative', scale: { domain: [0, 1], range: sequential } },
          tooltip: ['from', 'to', 'weight'].map(field => ({ field })),
        },
      },
    ],
  };
}

/** The sum of the weights of each row, as a number beside it. */
const rowSums = (side: number): VegaSpec => ({
  width: 60,
  height: side,
  transform: [FIRST, ...WEIGHTS, { aggregate: [{ op: 'sum', field: 'weight', as: 'sum' }], groupby: ['from'] }],
  mark: { type: 'text', fontSize: 13 },
  encoding: {
    x: { value: 30, axis: { title: 'sum' } },
    y: { ...FROM, title: 'sum of the row', axis: { labels: false, ticks: false, domain: false } },
    text: { field: 'sum', format: '.2f' },
  },
});

/** How far each earlier output moves between the two versions: `maskLeak`, in the chart. */
function leakBars(T: number, side: number, most: number): VegaSpec {
  const earlier = Array.from({ length: T - 1 }, (_, i) => i + 1);
  const leak = { type: 'quantitative', title: 'leak', scale: { type: 'sqrt', domain: [0, most], clamp: true } };
  const ends = [
    { op: 'min', field: 'out', as: 'least' },
    { op: 'max', field: 'out', as: 'most' },
  ];
  return {
    width: side,
    height: 100,
    transform: [
      ...WEIGHTS,
      { flatten: ['v', 'd'] },
      { calculate: 'datum.weight * datum.v', as: 'share' },
      { aggregate: [{ op: 'sum', field: 'share', as: 'out' }], groupby: ['version', 'from', 'd'] },
      { aggregate: ends, groupby: ['from', 'd'] },
      { calculate: 'datum.most - datum.least', as: 'change' },
      { aggregate: [{ op: 'max', field: 'change', as: 'change' }], groupby: ['from'] },
      { filter: `datum.from < ${T}` },
    ],
    encoding: {
      x: { ...FROM, axis: { labelAngle: 0 }, scale: { domain: earlier } },
      y: { field: 'change', ...leak },
      tooltip: ['from', 'change'].map(field => ({ field })),
    },
    layer: [
      { mark: { type: 'bar', color: palette[1] } },
      { mark: { type: 'text', dy: -7 }, encoding: { text: { field: 'change', format: '.3f' } } },
    ],
  };
}
