import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findBrowser, findFirefox } from '../../scripts/export/browser';
import { renderOutput, tableOf } from '../../scripts/export/figures';
import { prepare } from '../../scripts/export/prepare';
import { slideTypes } from '../../scripts/export/slides';
import type { Cell, Notebook, Output } from '../../scripts/notebooks/notebook';

const show = (data: Record<string, unknown>): Output => ({
  output_type: 'display_data',
  data: data as never,
  metadata: {},
});
const htmlOf = (data: Record<string, unknown>, language: 'en' | 'zh' = 'en') =>
  String(renderOutput(show(data), language).output.data!['text/html']);
const cell = (id: string, source: string, extra: Partial<Cell> = {}): Cell => ({
  cell_type: 'markdown',
  id,
  metadata: {},
  source,
  ...extra,
});
const code = (id: string, extra: Partial<Cell> = {}): Cell =>
  cell(id, 'x', { cell_type: 'code', outputs: [], execution_count: 1, ...extra });

describe('figures in exports', () => {
  const spec = {
    data: {
      values: [
        { epoch: 1, loss: 543.427 },
        { epoch: 2, loss: 104 },
      ],
    },
  };

  it('keep the live form, the picture, and a text with the data', () => {
    const html = htmlOf({
      'application/vnd.vegalite.v5+json': spec,
      'image/svg+xml': '<svg/>',
      'text/plain': 'Loss falls',
    });
    for (const part of [
      'data-kind="vegalite"',
      '"loss":543.427',
      'data:image/svg+xml;base64,',
      'alt="Loss falls"',
      '<td>543.427</td>',
    ]) {
      assert.ok(html.includes(part), part);
    }
  });

  it('take the figure’s own text table where it has one', () => {
    const html = htmlOf({
      'application/vnd.vegalite.v5+json': spec,
      'image/svg+xml': '<svg/>',
      'text/plain': 'Loss falls\n\nepoch loss\n1 2',
    });
    assert.ok(html.includes('<pre>epoch loss\n1 2</pre>') && !html.includes('<td>'));
  });

  it('cannot break out of their script element', () => {
    const html = htmlOf({
      'application/vnd.plotly.v1+json': { data: [], layout: { title: '</script><b>' } },
      'text/plain': 'a "b" <c>',
    });
    assert.ok(!html.includes('</script><b>'));
    assert.ok(html.includes('a &quot;b&quot; &lt;c&gt;'));
  });

  it('tell which library they need, and leave other outputs alone', () => {
    assert.equal(
      renderOutput(show({ 'application/vnd.plotly.v1+json': { data: [], layout: {} } }), 'en').uses,
      'plotly',
    );
    const table = show({ 'text/html': '<table></table>', 'text/plain': 't' });
    assert.equal(renderOutput(table, 'en').output, table);
  });

  it('read their data out of layers, datasets and plotly traces', () => {
    assert.deepEqual(tableOf({ layer: [{ data: { values: [{ a: 1 }] } }], datasets: { d: [{ a: 2 }] } }), [
      { a: 1 },
      { a: 2 },
    ]);
    assert.deepEqual(tableOf({ data: [{ name: 's', x: [1, 2], y: [3, 4] }], layout: {} }), [
      { series: 's', x: 1, y: 3 },
      { series: 's', x: 2, y: 4 },
    ]);
  });

  it('have a row for what a film says, none for each of its pictures', () => {
    const url = 'data:image/png;base64,AA==';
    const layer = [
      { data: { values: [0, 1].map(frame => ({ frame, url })) } },
      { data: { values: [0, 1].map(frame => ({ frame, says: `t = ${frame}` })) } },
    ];
    const figure = show({ 'application/vnd.vegalite.v5+json': { layer }, 'text/plain': 'A film.' });
    const html = String((renderOutput(figure, 'en').output.data as Record<string, string>)['text/html']);
    assert.equal(html.match(/<tr>/g)?.length, 3);
    assert.match(html, /<td>1<\/td><td>t = 1<\/td>/);
  });

  it('show the ends of a whole curve that one row holds, and its length', () => {
    const values = [
      { series: 's', y: [1, 2, 3, 4, 5, 6, 7, 8] },
      { series: 't', y: [1, 2] },
    ];
    const figure = show({ 'application/vnd.vegalite.v5+json': { data: { values } }, 'text/plain': 'A chart.' });
    const html = String((renderOutput(figure, 'en').output.data as Record<string, string>)['text/html']);
    assert.match(html, /<td>1, 2, 3, 4, 5, …, 8 \(8\)<\/td>/);
    assert.match(html, /<td>\[1,2\]<\/td>/);
  });

  it('call a column as its own lesson does, not as another one', () => {
    const figure = show({ 'application/vnd.vegalite.v5+json': { data: { values: [{ map: 1 }] } }, 'text/plain': 'A.' });
    const head = (lesson: string) =>
      /<th scope="col">(.*?)<\/th>/.exec(String(renderOutput(figure, 'zh', lesson).output.data!['text/html']))?.[1];
    assert.deepEqual(['20-tokens-to-think', '13-latent-diffusion'].map(head), ['注意力图', '图的大小']);
  });
});

describe('a notebook made ready for export', () => {
  const notebook: Notebook = {
    cells: [
      cell('title', '# T'),
      code('setup', { metadata: { tags: ['teacher'] } }),
      code('widget', { outputs: [show({ 'application/vnd.jupyter.widget-view+json': {} })] }),
      code('quiet', { metadata: { tags: ['remove-output'] }, outputs: [show({ 'text/plain': '1' })] }),
    ],
    metadata: { widgets: {} },
    nbformat: 4,
    nbformat_minor: 5,
  };

  it('loses cells for the teacher unless they are asked for', () => {
    assert.deepEqual(
      prepare(notebook, 'en').notebook.cells.map(c => c.id),
      ['title', 'widget', 'quiet'],
    );
    assert.deepEqual(
      prepare(notebook, 'en', []).notebook.cells.map(c => c.id),
      ['title', 'setup', 'widget', 'quiet'],
    );
  });

  it('loses what only a kernel can show', () => {
    const cells = prepare(notebook, 'en').notebook.cells;
    assert.deepEqual(
      cells.map(c => c.outputs?.length ?? 0),
      [0, 0, 0],
    );
    assert.equal(notebook.cells[2].outputs!.length, 1, 'the original is left as it was');
  });
});

describe('slides', () => {
  it('begin at headings and go on until a slide is full', () => {
    const long = 'word '.repeat(400);
    const cells = [
      cell('a', '# T'),
      cell('b', '## One'),
      code('c'),
      cell('d', '### Below'),
      cell('e', long),
      cell('f', long),
    ];
    assert.deepEqual(slideTypes(cells), ['slide', 'slide', '-', 'subslide', '-', 'subslide']);
  });

  it('follow the author where the notebook says so', () => {
    const typed = [
      cell('a', '# T', { metadata: { slideshow: { slide_type: 'slide' } } }),
      cell('b', '## x'),
      cell('c', 'y', { metadata: { slideshow: { slide_type: 'notes' } } }),
    ];
    assert.deepEqual(slideTypes(typed), ['slide', '-', 'notes']);
  });
});

describe('the browser for PDFs', () => {
  it('is what LAB_BROWSER says, and a wrong path is told', () => {
    assert.equal(findBrowser({ LAB_BROWSER: process.execPath }), process.execPath);
    assert.throws(() => findBrowser({ LAB_BROWSER: '/no/such/program' }), /LAB_BROWSER is '\/no\/such\/program'/);
    assert.equal(findFirefox({ LAB_FIREFOX: process.execPath }), process.execPath);
    assert.throws(() => findFirefox({ LAB_FIREFOX: '/no/such/program' }), /LAB_FIREFOX is '\/no\/such\/program'/);
  });

  it('is not found where there is none', { skip: process.platform !== 'linux' }, () => {
    assert.equal(findBrowser({ PATH: '/nowhere' }), undefined);
  });
});
