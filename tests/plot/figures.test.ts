import assert from 'node:assert/strict';
import test from 'node:test';
import { JSDOM } from 'jsdom';
import {
  barChart,
  type Figure,
  flowChart,
  functionPlot,
  groupedBars,
  heatmap,
  histogram,
  lineChart,
  plotlyFigure,
  scatter,
  surfacePlot,
  table,
  vegaFigure,
} from '../../lib/plot';

const VEGA = 'application/vnd.vegalite.v5+json';
const PLOTLY = 'application/vnd.plotly.v1+json';
const slider = { name: 'power p', min: 0.5, max: 3, step: 0.5, value: 1 };
const loop = [
  ['a', 'b'],
  ['b', 'c'],
  ['a', 'c'],
  ['c', 'a', 'again'],
] as const;

/** Every kind of figure that has an SVG, by name, with the live type that it must bring. */
const kinds: Record<string, [make: () => Figure | Promise<Figure>, live?: string]> = {
  line: [
    () => lineChart({ loss: [543, 200, 104], kl: [5, 20, 25] }, { title: 'Training', references: { published: 104 } }),
    VEGA,
  ],
  'line with band on log axes': [
    () =>
      lineChart(
        { a: { x: [1, 10, 100], y: [1, 0.1, 0.01], low: [0.5, 0.05, 0.005], high: [2, 0.2, 0.02] } },
        { logX: true, logY: true },
      ),
    VEGA,
  ],
  'line with holes': [() => lineChart({ a: [1, Number.NaN, 3, Infinity, 5] }), VEGA],
  bar: [() => barChart({ prior: 0.2, posterior: 0.43 }), VEGA],
  'grouped bars': [() => groupedBars({ p: { A: 0.5, B: 0.5 }, q: { A: 0.9, B: 0.1 } }, { horizontal: true }), VEGA],
  histogram: [() => histogram([1, 2, 2, 3, 3, 3, Number.NaN], { bins: 3, curve: x => Math.exp(-x) }), VEGA],
  function: [
    () => functionPlot({ 'x^p': (x, p) => x ** p, log: x => Math.log(x) }, [0, 1], { slider, samples: 21 }),
    VEGA,
  ],
  scatter: [
    () =>
      scatter([
        { x: 0, y: 1, label: 'a' },
        { x: 2, y: 3, label: 'b' },
      ]),
    VEGA,
  ],
  heatmap: [
    () =>
      heatmap(
        [
          [1, 2],
          [3, Number.NaN],
        ],
        { rows: ['r', 's'], colours: 'diverging' },
      ),
    VEGA,
  ],
  vega: [
    () =>
      vegaFigure(
        { data: { values: [{ a: 1 }] }, mark: 'point', encoding: { x: { field: 'a', type: 'quantitative' } } },
        { alt: 'one point' },
      ),
    VEGA,
  ],
  surface: [
    () =>
      surfacePlot((x, y) => x * x - y, [-1, 1], [0, 1], {
        samples: 5,
        paths: {
          way: [
            [1, 1],
            [0, 0],
          ],
        },
      }),
    PLOTLY,
  ],
  'plotly scatter': [
    () => plotlyFigure([{ type: 'scatter', x: [1, 2], y: [3, 4] }], { title: { text: 'T' } }, { alt: 'two points' }),
    PLOTLY,
  ],
  'plotly heat map': [
    () =>
      plotlyFigure(
        [
          {
            type: 'heatmap',
            z: [
              [1, 2],
              [3, 4],
            ],
          },
        ],
        {},
        { alt: 'four cells' },
      ),
    PLOTLY,
  ],
  flow: [
    () =>
      flowChart({
        nodes: { a: 'x < "y"', b: { label: 'ok?\n好吗？', shape: 'diamond' }, c: { label: 'c', shape: 'round' } },
        edges: loop,
      }),
  ],
  'flow to the right': [() => flowChart({ nodes: { a: 'a', b: 'b', c: 'c' }, edges: loop, direction: 'right' })],
};

for (const [name, [make, live]] of Object.entries(kinds)) {
  test(`${name}: live, static and words; the same data give the same bytes`, async () => {
    const figure = await make();
    const { bundle, alt } = figure;
    if (live) assert.ok(bundle[live], `no ${live}`);
    else
      assert.match(bundle['text/html'] as string, /<img alt="[^"]{10,}" src="data:image\/svg\+xml;charset=utf-8,<svg /);
    assert.ok((bundle['text/plain'] as string).startsWith(alt));
    assert.doesNotMatch(JSON.stringify(bundle), /NaN|Infinity|undefined/);
    checkSvg(figure.svg as string, alt);
    assert.equal(JSON.stringify((await make()).bundle), JSON.stringify(bundle));
  });
}

/** Well-formed, one accessible image, references that resolve, no id shared with another figure. */
function checkSvg(svg: string, alt: string): void {
  const { document } = new JSDOM(svg, { contentType: 'image/svg+xml' }).window;
  const root = document.documentElement;
  assert.equal(root.getAttribute('role'), 'img');
  assert.equal(root.getAttribute('aria-label'), alt);
  assert.equal(root.querySelector('desc')?.textContent, alt);
  assert.equal(root.querySelector('script'), null);
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-\d+$/);
  for (const [, id] of svg.matchAll(/url\(['"]?#([^)'"]+)/g)) assert.ok(ids.includes(id), `dangling reference #${id}`);
}

test('live specifications carry their alt text, and sliders stay bound', async () => {
  const { bundle, alt } = await functionPlot({ f: (x, p) => x * p }, [0, 1], { slider });
  const spec = bundle[VEGA] as { description: string; params: { bind: { input: string; max: number } }[] };
  assert.equal(spec.description, alt);
  assert.deepEqual([spec.params[0].bind.input, spec.params[0].bind.max], ['range', 3]);
  assert.match(alt, /slider moves power p from 0.5 to 3/);
});

test('alt text is made from the data', async () => {
  const { alt } = await lineChart({ loss: [543, 200, 104] }, { xTitle: 'epoch' });
  assert.equal(alt, 'loss falls from 543 to 104, over epoch 1 to 3.');
  assert.match((await histogram([1, 2, 2, 3])).alt, /4 values with mean 2 and standard deviation 0\.707/);
  assert.match((await heatmap([[1, 5]], { rows: ['r'], columns: ['a', 'b'] })).alt, /highest 5 at row r, column b/);
});

test('text forms hold the data as a table', async () => {
  const text = (await groupedBars({ p: { A: 0.5 }, q: { A: 0.25, B: 1 } })).bundle['text/plain'] as string;
  assert.match(text, /A +0\.5 +0\.25\nB +1/);
});

test('a table is HTML and aligned text', () => {
  const { bundle } = table([{ model: 'VAE <10>', bound: 102.4321, digits: 60000 }], { title: 'Bounds' });
  assert.match(
    bundle['text/html'] as string,
    /<caption>Bounds<\/caption>[\s\S]*VAE &lt;10&gt;<\/td><td style="text-align: right">102\.4<\/td>.*60,000/,
  );
  assert.equal(
    bundle['text/plain'],
    'Bounds\nmodel     bound  digits\n────────  ─────  ──────\nVAE <10>  102.4  60,000',
  );
});

test('a number that is only nearly whole does not read as a whole one', () => {
  const cells = (values: number[]) =>
    [...String(table(values.map(value => ({ value }))).bundle['text/html']).matchAll(/<td[^>]*>([^<]*)</g)].map(
      m => m[1],
    );
  assert.deepEqual(cells([0.99997, 1, 2.00001, -1.00002, 0.5, 12.3456]), [
    '1.000',
    '1',
    '2.000',
    '−1.000',
    '0.5',
    '12.35',
  ]);
  assert.deepEqual(cells([1, 2, 30000]), ['1', '2', '30,000']);
});

test('two dollar signs in a cell are no formula: MathJax leaves the cell alone', () => {
  const html = (cell: string) => String(table([{ cell }]).bundle['text/html']);
  assert.match(html('PATH="$HOME/bin:$PATH"'), /<td [^>]*class="tex2jax_ignore mathjax_ignore">PATH=/);
  assert.doesNotMatch(html('$5'), /class=/);
});

test('a table may hold links; in text they are their words', () => {
  const { bundle } = table([{ lesson: { text: '11 <GAN>', href: '11-gan.ipynb' }, pictures: 7 }]);
  assert.match(bundle['text/html'] as string, /<a href="11-gan\.ipynb">11 &lt;GAN&gt;<\/a>/);
  assert.match(bundle['text/plain'] as string, /11 <GAN> +7/);
});

test('long labels of a flow chart lie inside its picture, on lines, loops and title', () => {
  const nodes = { a: 'a', b: 'b', c: 'c' };
  const words = [
    'an express lane with a long name',
    'no: back to the beginning',
    'a title that is longer than the chart is wide',
  ];
  const edges = [
    ['a', 'b'],
    ['a', 'c', words[0]],
    ['b', 'c'],
    ['c', 'b', words[1]],
  ] as const;
  const svg = flowChart({ nodes, edges, title: words[2] }).svg as string;
  const [left, , width] = /viewBox="([^"]+)"/.exec(svg)![1].split(' ').map(Number);
  for (const said of words) {
    const tag = new RegExp(`<text ([^>]*)>${said}<`).exec(svg)![1];
    const [x, anchor = 'start'] = [/x="([-\d.]+)"/, /text-anchor="(\w+)"/].map(part => part.exec(tag)?.[1]);
    const from = Number(x) - { start: 0, middle: 3.5, end: 7 }[anchor as 'start'] * said.length;
    assert.ok(from >= left && from + 7 * said.length <= left + width, `'${said}' from ${from} in ${left} + ${width}`);
  }
});

test('a flow chart is Mermaid source too, and layers follow the arrows', () => {
  const figure = flowChart({ nodes: { a: 'first', b: 'second' }, edges: [['a', 'b', 'then']] });
  assert.match(
    figure.bundle['text/plain'] as string,
    /flowchart TD\n {2}n0\["first"\]\n {2}n1\["second"\]\n {2}n0 -->\|"then"\| n1/,
  );
  const at = (word: string) => Number(new RegExp(`y="([\\d.-]+)"[^>]*>${word}`).exec(figure.svg as string)?.[1]);
  assert.ok(at('first') < at('second'));
});

test('mistakes are named with a way out', async () => {
  await assert.rejects(
    () => lineChart({ a: { x: [1, 2], y: [1] } }),
    /curve 'a': expected as many x as y values, got 2 x and 1 y/,
  );
  await assert.rejects(() => heatmap([[1, 2], [3]]), /rows of equal length, got rows of 2 and 1 values/);
  await assert.rejects(
    () => functionPlot({ f: x => x }, [0, 1], { slider: { ...slider, step: 0.001 } }),
    /2 to 201 positions, got 2501/,
  );
  assert.throws(() => flowChart({ nodes: { a: 'a' }, edges: [['a', 'z']] }), /no node 'z'; there are a/);
  assert.throws(() => table([]), /at least one row/);
});

test('data of another shape is refused with what is expected and an example, where no compiler has looked', async () => {
  for (const curves of [[], [1, 2], 'loss', null, { loss: 'x' }, { loss: { x: [1] } }])
    await assert.rejects(
      lineChart(curves as never),
      /expected curves by name, lists of numbers, for example lineChart/,
    );
  for (const points of [{}, 'x', [[1, 2]], [null]])
    await assert.rejects(scatter(points as never), /expected points as a list of \{ x, y \}, for example scatter/);
});
