/** One figure of each kind and option that changes colours or places, for what is measured on all of them. */

import type { Figure } from '../../lib/plot';
import * as plot from '../../lib/plot';
import { tf } from '../../lib/runtime';

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const eight = Object.fromEntries(range(8).map(n => [`curve ${n}`, range(5).map(i => n + i)]));
const pixels = () =>
  tf.tensor4d(
    range(8).map(i => i / 8),
    [2, 2, 2, 1],
  );
/** Three tokens, the last of them times `last`. */
const board = (last: number) => {
  const values = [
    [0, 1],
    [1, 0],
    [last, last],
  ];
  return { scores: values.map(a => values.map(b => a[0] * b[0] + a[1] * b[1])), values };
};

export const SAMPLES: Record<string, () => Figure | Promise<Figure>> = {
  barChart: () => plot.barChart({ a: 0.5, b: -0.25, c: 1 }, { title: 'Bars', yTitle: 'share' }),
  'barChart, horizontal': () => plot.barChart({ a: 0.5, b: -0.25 }, { horizontal: true }),
  groupedBars: () =>
    plot.groupedBars(Object.fromEntries(range(8).map(g => [`g${g}`, { A: g, B: 1 }])), { title: 'Groups' }),
  histogram: () => plot.histogram([1, 2, 2, 3, 3, 3], { bins: 3, curve: x => Math.exp(-x), title: 'Counts' }),
  lineChart: () => plot.lineChart(eight, { title: 'Lines', references: { published: 3 } }),
  'lineChart, banded': () => plot.lineChart({ a: { y: [1, 2], low: [0, 1], high: [2, 3] } }, { logY: true }),
  functionPlot: () =>
    plot.functionPlot({ f: (x, p) => x * p, g: x => x }, [0, 1], {
      slider: { name: 'p', min: 0, max: 1, step: 0.5, value: 1 },
    }),
  scatter: () =>
    plot.scatter(
      range(8).map(i => ({ x: i, y: i, label: i })),
      { title: 'Points' },
    ),
  heatmap: () =>
    plot.heatmap(
      range(10).map(r => range(10).map(c => r * c)),
      { title: 'Heat', legend: 'product' },
    ),
  'heatmap, diverging': () =>
    plot.heatmap(
      range(10).map(r => range(10).map(c => (r - 4.5) * (c - 4.5))),
      { colours: 'diverging' },
    ),
  maskBoard: () => plot.maskBoard(board(1), board(2), { title: 'Mask' }),
  bayesSquare: () =>
    plot.bayesSquare({ hypothesis: 'ill', opposite: 'well', evidence: '+', prior: 0.3, ifTrue: 0.9, ifFalse: 0.2 }),
  elboChart: () => plot.elboChart({ weight: 1.5, std: 0.8, x: 2, mean: 0.3, width: 0.9, floor: -10 }),
  pictureFilm: () => plot.pictureFilm({ one: pixels(), two: pixels() }, ['begin', 'end'], { title: 'Film' }),
  cloudPlot: () =>
    plot.cloudPlot(
      [
        { mean: [0, 0], std: [1, 1] },
        { mean: [1, -1], std: [0.5, 0.2] },
      ],
      { goal: [1, -1], title: 'Cloud' },
    ),
  peopleFilm: () => plot.peopleFilm({ ill: [1, 1, 0], well: [0, 1, 0, 0, 0] }, ['test positive'], { title: 'People' }),
  fittingFilm: () =>
    plot.fittingFilm(
      x => Math.exp(-x * x),
      {
        search: [
          { mean: 1, std: 1, cost: 2 },
          { mean: 0, std: 0.7, cost: 0 },
        ],
      },
      [-4, 4],
    ),
  descentPlot: () =>
    plot.descentPlot(
      (x, y) => x * x + y * y,
      [-1, 1],
      [-1, 1],
      {
        plain: [
          [1, 1],
          [0.5, 0.5],
          [0, 0],
        ],
        other: [
          [-1, 1],
          [0, 0],
        ],
      },
      { levels: [0.5, 1], goal: [0, 0], title: 'Ways' },
    ),
  sortableTable: () =>
    plot.sortableTable(
      [
        { name: 'a', kind: 'x', size: 1 },
        { name: 'b', kind: 'y', size: 2 },
      ],
      {
        title: 'Two',
        columns: {
          name: { title: 'name', width: 80 },
          kind: { title: 'kind', width: 80 },
          size: { title: 'size', width: 80 },
        },
        filter: 'kind',
        sort: 'size',
      },
    ),
  rolloutTree: () =>
    plot.rolloutTree(
      ['before', 'after'].map(name => ({
        name,
        branches: [
          { steps: ['1 2 = 3 ✗', '4 5 = 9 ✓'], reward: 1, advantage: 1 },
          { steps: ['1 2 = 3 ✗'], reward: 0, advantage: -1 },
        ],
      })),
      { title: 'Answers' },
    ),
  sequenceChart: () =>
    plot.sequenceChart(
      [
        { from: 'guest', to: 'kitchen', label: 'order', detail: '{ "dish": "soup" }' },
        { from: 'kitchen', to: 'guest', label: 'dish' },
      ],
      { title: 'An order' },
    ),
  slidingKernel: () =>
    plot.slidingKernel(
      [range(4).map(r => range(4).map(c => r * c))],
      [
        [
          [1, 0],
          [0, -1],
        ],
      ],
      { padding: 1, title: 'Slides' },
    ),
  spreadingKernel: () =>
    plot.spreadingKernel(
      [
        [1, 0.5],
        [0, 1],
      ],
      [
        [1, 1],
        [1, 1],
      ],
      { stride: 2, title: 'Spreads' },
    ),
  surfacePlot: () =>
    plot.surfacePlot((x, y) => x * x + y, [-1, 1], [0, 1], {
      title: 'Surface',
      samples: 5,
      paths: {
        way: [
          [1, 1],
          [0, 0],
        ],
        other: [
          [-1, 1],
          [0, 0.5],
        ],
      },
    }),
  plotlyFigure: () =>
    plot.plotlyFigure(
      [{ type: 'scatter', x: [1, 2], y: [3, 4], name: 'one' }],
      { title: { text: 'Plotly' }, showlegend: true },
      { alt: 'two points' },
    ),
  vegaFigure: () =>
    plot.vegaFigure(
      {
        title: 'Own',
        data: { values: [{ a: 1, b: 2 }] },
        mark: 'point',
        encoding: { x: { field: 'a' }, y: { field: 'b' } },
      },
      { alt: 'one point' },
    ),
  imageGrid: () => plot.imageGrid(pixels(), { title: 'Pictures', titles: ['a', 'b'], rows: ['row'], heads: [1, 2] }),
  filmStrip: () => plot.filmStrip([pixels()], ['t = 0', 't = 1'], { rows: ['x'] }),
  latentMap: () => plot.latentMap(tf.tensor2d([0, 1, 2, 3], [2, 2]), [0, 1]),
  latentGrid: () => plot.latentGrid(codes => tf.zeros([codes.length, 2, 2, 1]), { side: 2, title: 'Grid' }),
  flowChart: () =>
    plot.flowChart({
      title: 'Flow',
      nodes: Object.fromEntries(range(8).map(i => [`n${i}`, { label: `node ${i}`, colour: i }])),
      edges: [
        ...range(7).map(i => [`n${i}`, `n${i + 1}`, `step ${i}`] as const),
        ['n7', 'n0', 'back'],
        ['n3', 'n3', 'self'],
      ],
    }),
  table: () => plot.table([{ a: 1 }]),
};
