import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Figure } from '../../lib/plot';
import * as plot from '../../lib/plot';
import { tf } from '../../lib/runtime';
import { assertClear, assertSound, ends, number, numbers, word } from './kinds';

type Make = Figure | Promise<Figure>;
/** What makes a figure from generated inputs, and how often it is tried. */
interface Kind {
  inputs: fc.Arbitrary<Make | (() => Make)>;
  runs: number;
}
const kind = <T>(inputs: fc.Arbitrary<T>, make: (input: T) => Make, runs = 60): Kind => ({
  inputs: inputs.map(input => Object.assign(() => make(input), { toString: () => fc.stringify(input) })),
  runs,
});

const chart = fc.record(
  { title: word, xTitle: word, yTitle: word, width: fc.constant(200), height: fc.constant(120) },
  { requiredKeys: [] },
);
const named = <T>(value: fc.Arbitrary<T>) => fc.dictionary(word, value, { maxKeys: 5 });
const bars = fc.record({ horizontal: fc.boolean(), yDomain: ends }, { requiredKeys: [] });
const series = numbers.chain(y => {
  const list = fc.array(number, { minLength: y.length, maxLength: y.length });
  return fc.record({ y: fc.constant(y), x: list, low: list, high: list }, { requiredKeys: ['y'] });
});
const lines = fc.record(
  { logX: fc.boolean(), logY: fc.boolean(), yDomain: ends, references: named(number) },
  { requiredKeys: [] },
);
const matrix = fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })).chain(([rows, columns]) => {
  const exactly = <T>(value: fc.Arbitrary<T>, n: number) => fc.array(value, { minLength: n, maxLength: n });
  return fc.tuple(
    exactly(exactly(number, columns), rows),
    fc.record({ rows: exactly(word, rows), columns: exactly(word, columns) }, { requiredKeys: [] }),
  );
});
/** Rows of numbers, now and then odd ones or of unequal lengths. */
const plane = fc.oneof(
  {
    arbitrary: fc.array(
      fc.tuple(
        fc.double({ min: -2, max: 2, noNaN: true }),
        number.filter(v => Math.abs(v) < 1e9),
      ),
      { maxLength: 4 },
    ),
    weight: 4,
  },
  { arbitrary: fc.array(fc.array(number, { maxLength: 3 }), { maxLength: 3 }), weight: 1 },
) as fc.Arbitrary<number[][]>;
/** Scores and values of some tokens, twice; now and then with an odd number. */
const board = fc.integer({ min: 0, max: 5 }).chain(tokens => {
  const one = fc.oneof({ arbitrary: fc.double({ min: -50, max: 50, noNaN: true }), weight: 200 }, number);
  const rows = (columns: number) => {
    const row = fc.array(one, { minLength: columns, maxLength: columns });
    return fc.array(row, { minLength: tokens, maxLength: tokens });
  };
  return fc.tuple(rows(tokens), rows(2), rows(tokens), rows(2));
});
const curve = fc.func(number);
const probability = fc.oneof(fc.double({ min: 0, max: 1 }), number);
const small = fc.oneof({ arbitrary: fc.double({ min: -9, max: 3 }), weight: 9 }, number);
const dtype = fc.constantFrom('float32', 'int32', 'bool' as const);
const pictures = fc
  .tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 1, max: 3 }), fc.constantFrom(1, 3), dtype)
  .chain(([n, side, channels, type]) => {
    const size = n * side * side * channels;
    return fc
      .array(number, { minLength: size, maxLength: size })
      .map(values => () => tf.tensor4d(values, [n, side, side, channels], type as 'float32'));
  });
const grid = fc.record(
  { title: word, titles: fc.array(word), rows: fc.array(word), heads: fc.array(word), range: ends },
  { requiredKeys: [] },
);
const flow = fc
  .dictionary(word, fc.record({ label: word, shape: fc.constantFrom('box', 'round', 'diamond'), colour: fc.nat(9) }), {
    maxKeys: 5,
  })
  .chain(nodes => {
    const id = fc.constantFrom(...Object.keys(nodes), 'no such node');
    const edge = fc.oneof(fc.tuple(id, id), fc.tuple(id, id, word));
    return fc.record({
      nodes: fc.constant(nodes),
      edges: fc.array(edge, { maxLength: 6 }),
      title: word,
      direction: fc.constantFrom('down', 'right'),
    });
  });

/** A standard deviation. */
const spread = fc.double({ min: 0.05, max: 20, noNaN: true });

const KINDS: Record<string, Kind> = {
  barChart: kind(fc.tuple(named(number), chart, bars), ([v, c, b]) => plot.barChart(v, { ...c, ...b })),
  groupedBars: kind(fc.tuple(named(named(number)), chart, bars), ([v, c, b]) => plot.groupedBars(v, { ...c, ...b })),
  histogram: kind(fc.tuple(numbers, chart, fc.record({ range: ends, curve }, { requiredKeys: [] })), ([v, c, o]) =>
    plot.histogram(v, { ...c, ...o }),
  ),
  lineChart: kind(
    fc.tuple(named(fc.oneof(numbers, series)), chart, lines),
    ([v, c, o]) => plot.lineChart(v, { ...c, ...o }),
    120,
  ),
  functionPlot: kind(
    fc.tuple(
      named(curve),
      ends,
      chart,
      fc.option(fc.record({ name: word, min: number, max: number, step: number, value: number }), { nil: undefined }),
    ),
    ([f, e, c, slider]) => plot.functionPlot(f, e, { ...c, samples: 9, slider }),
  ),
  scatter: kind(
    fc.tuple(
      fc.array(fc.record({ x: number, y: number, label: fc.oneof(word, fc.nat(3)) }, { requiredKeys: ['x', 'y'] })),
      chart,
      fc.option(ends, { nil: undefined }),
    ),
    ([points, c, square]) => plot.scatter(points, { ...c, square }),
  ),
  heatmap: kind(
    fc.tuple(matrix, chart, fc.constantFrom('magnitude', 'diverging')),
    ([[m, names], c, colours]) => plot.heatmap(m, { ...c, ...names, colours: colours as 'magnitude' }),
    100,
  ),
  maskBoard: kind(
    fc.tuple(board, chart),
    ([[scores, values, others, changed], { title }]) =>
      plot.maskBoard({ scores, values }, { scores: others, values: changed }, { title }),
    60,
  ),
  bayesSquare: kind(
    fc.record({
      hypothesis: word,
      opposite: word,
      evidence: word,
      prior: probability,
      ifTrue: probability,
      ifFalse: probability,
    }),
    plot.bayesSquare,
    40,
  ),
  elboChart: kind(
    // mostly bells that exist, else nearly every input is refused and nothing is drawn
    fc.record({
      weight: small,
      std: fc.oneof({ arbitrary: spread, weight: 4 }, small),
      x: small,
      mean: small,
      width: fc.oneof({ arbitrary: spread, weight: 4 }, small),
      floor: fc.oneof({ arbitrary: fc.constant(-9999), weight: 2 }, small),
    }),
    plot.elboChart,
    40,
  ),
  slidingKernel: kind(
    fc.tuple(plane, plane, fc.integer({ min: -1, max: 3 }), fc.integer({ min: -1, max: 2 }), word),
    ([picture, k, stride, padding, title]) => plot.slidingKernel([picture], [k], { stride, padding, title }),
    60,
  ),
  spreadingKernel: kind(
    fc.tuple(plane, plane, fc.integer({ min: -1, max: 3 }), word),
    ([picture, k, stride, title]) => plot.spreadingKernel(picture, k, { stride, title }),
    60,
  ),
  surfacePlot: kind(
    fc.tuple(fc.func(number), ends, ends, named(fc.array(ends, { maxLength: 4 })), chart),
    ([f, x, y, paths, c]) =>
      plot.surfacePlot(f as never, x, y, { title: c.title, xTitle: c.xTitle, paths, samples: 5 }),
  ),
  descentPlot: kind(
    fc.tuple(fc.func(number), ends, ends, named(fc.array(ends, { maxLength: 4 })), numbers, chart),
    ([f, x, y, paths, levels, c]) =>
      plot.descentPlot(f as never, x, y, paths, { title: c.title, xTitle: c.xTitle, levels: Array.from(levels) }),
    20,
  ),
  rolloutTree: kind(
    fc.tuple(
      fc.array(
        fc.record({
          name: word,
          branches: fc.array(
            fc.record({ steps: fc.array(word, { maxLength: 4 }), reward: number, advantage: number }),
            { maxLength: 5 },
          ),
        }),
        { maxLength: 3 },
      ),
      chart,
    ),
    ([frames, c]) => plot.rolloutTree(frames, c),
    80,
  ),
  sequenceChart: kind(
    fc.tuple(
      fc.array(
        fc.record({ from: word, to: word, label: word, detail: word }, { requiredKeys: ['from', 'to', 'label'] }),
        { maxLength: 5 },
      ),
      word,
    ),
    ([passings, title]) => plot.sequenceChart(passings, { title }),
    80,
  ),
  sortableTable: kind(
    fc.tuple(fc.array(fc.tuple(word, word, number), { maxLength: 4 }), word, word, fc.integer({ min: 0, max: 99 })),
    ([rows, title, head, width]) =>
      plot.sortableTable(
        rows.map(([name, kind, size]) => ({ name, constructor: kind, size })),
        {
          title,
          columns: {
            name: { title: head, width },
            constructor: { title: 'kind', width },
            size: { title: head, width },
          },
          filter: 'constructor',
          sort: 'size',
          hover: { name: head },
        },
      ),
  ),
  plotlyFigure: kind(
    fc.tuple(numbers, numbers, word, word),
    ([x, y, title, name]) =>
      plot.plotlyFigure([{ type: 'scatter', x, y, name }], { title: { text: title } }, { alt: `A figure ${title}` }),
    12,
  ),
  vegaFigure: kind(fc.tuple(fc.array(fc.record({ a: number, b: number, c: word })), word), ([values, title]) => {
    const encoding = {
      x: { field: 'a', type: 'quantitative' },
      y: { field: 'b', type: 'quantitative' },
      color: { field: 'c' },
    };
    const finite = values.filter(v => Math.abs(v.a) < 1e100 && Math.abs(v.b) < 1e100);
    return plot.vegaFigure({ title, data: { values: finite }, mark: 'line', encoding }, { alt: `expected ${title}` });
  }),
  imageGrid: kind(fc.tuple(pictures, grid), ([p, o]) => plot.imageGrid(p(), o)),
  filmStrip: kind(fc.tuple(pictures, fc.array(word, { maxLength: 4 }), grid), ([p, times, o]) =>
    plot.filmStrip([p()], times, o),
  ),
  pictureFilm: kind(fc.tuple(pictures, fc.array(word, { maxLength: 4 }), word, grid), ([p, times, name, o]) =>
    plot.pictureFilm({ [name]: p(), again: p() }, times, { title: o.title, range: o.range }),
  ),
  cloudPlot: kind(
    fc.tuple(fc.array(fc.tuple(small, spread, small), { maxLength: 4 }), small, word),
    ([bells, reach, title]) =>
      plot.cloudPlot(
        bells.map(([m, s, n]) => ({ mean: [m, n], std: [s, s] })),
        { title, reach, goal: [reach, 0], count: 9 },
      ),
    60,
  ),
  peopleFilm: kind(
    fc.tuple(word, fc.array(fc.integer({ min: -1, max: 3 }), { maxLength: 9 }), fc.array(word, { maxLength: 3 }), word),
    ([kind, fits, evidence, title]) => plot.peopleFilm({ [kind]: fits, [`${kind} not`]: [0, 1] }, evidence, { title }),
    40,
  ),
  fittingFilm: kind(
    fc.tuple(word, fc.array(fc.tuple(small, spread, small), { maxLength: 4 }), word, ends),
    ([name, steps, title, [from, to]]) =>
      plot.fittingFilm(
        x => Math.exp(-x * x),
        { [name]: steps.map(([mean, std, cost]) => ({ mean, std, cost })), still: [{ mean: 0, std: 1, cost: 1 }] },
        [from, to],
        { title, costTitle: name },
      ),
    40,
  ),
  latentGrid: kind(fc.tuple(word, fc.integer({ min: -1, max: 4 })), ([title, side]) =>
    plot.latentGrid(codes => tf.zeros([codes.length, 2, 2, 1]), { title, side }),
  ),
  latentMap: kind(
    fc.tuple(numbers, chart),
    ([v, c]) =>
      plot.latentMap(
        tf.tensor2d(
          v.flatMap(x => [x, 1]),
          [v.length, 2],
        ),
        v.map((_, i) => `${i}`),
        c,
      ),
    30,
  ),
  flowChart: kind(flow, input => plot.flowChart(input as never), 150),
  table: kind(
    fc.tuple(
      fc.array(named(fc.oneof(word, number, fc.boolean(), fc.constant(null), fc.record({ text: word, href: word }))), {
        maxLength: 3,
      }),
      fc.record({ title: word, decimals: fc.integer({ min: 0, max: 5 }) }, { requiredKeys: [] }),
    ),
    ([rows, options]) => plot.table(rows, options),
  ),
};

/** Exports that make no figure by themselves. */
const OTHERS = [
  'Figure',
  'contrast',
  'ink',
  'palette',
  'linePlan',
  'maskLeak',
  'sliderParam',
  'playable',
  'player',
  'liveChart',
  'slide',
  'spread',
];

test('every export of lib/plot is tried here, or is no figure', () => {
  assert.deepEqual(Object.keys(plot).sort(), [...Object.keys(KINDS), ...OTHERS].sort());
});

/** More tries, or others, by hand: PLOT_RUNS=10 PLOT_SEED=2 node --import tsx --test tests/plot/every-figure.test.ts */
const [TIMES, SEED] = [process.env.PLOT_RUNS ?? 1, process.env.PLOT_SEED ?? 13].map(Number);

for (const [name, { inputs, runs }] of Object.entries(KINDS)) {
  test(`${name}: sound for every input, or a clear refusal`, async () => {
    let made = 0;
    const whole = fc.asyncProperty(inputs, async make => {
      let figure: Figure;
      try {
        figure = await (make as () => Make)();
      } catch (error) {
        return assertClear(error);
      }
      made++;
      assertSound(figure);
    });
    await fc.assert(whole, { numRuns: runs * TIMES, seed: SEED, includeErrorInReport: true });
    assert.ok(made > 0, 'no input gave a figure');
  });
}
