/** What values look like below a cell, and what travels beside the text: pictures, tables, bytes. Through the real kernel. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { PNG } from 'pngjs';
import { Front, type Reply } from './client';

type Bundle = Record<string, string>;
const bundle = ({ outputs, content }: Reply): Bundle => {
  const result = outputs.find(({ type }) => type === 'execute_result');
  assert.ok(result, `no result: ${content.evalue}`);
  return result.content.data as Bundle;
};

describe('display', { timeout: 300_000 }, () => {
  let front: Front;
  before(async () => {
    front = await Front.start();
    const reply = await front.run(
      "import { tf, Linear, Module, display } from './lib'; const bridge = (globalThis as any)[Symbol.for('latentlab.kernel')];",
    );
    assert.equal(reply.status, 'ok', String(reply.content.evalue));
  });
  after(() => front.stop());

  test('a tensor: type, shape, range and values', async () => {
    const text = bundle(await front.run('tf.tensor2d([[0, 1], [2, 5]])'))['text/plain'];
    assert.match(text, /^Tensor float32 \[2, 2\] {2}min 0 {2}max 5 {2}mean 2\n[\s\S]*\[2, 5\]/);
    assert.match(bundle(await front.run('tf.tensor1d([1, NaN])'))['text/plain'], /1 not finite/);
    const disposed = await front.run('const gone = tf.ones([3]); gone.dispose(); gone');
    assert.equal(bundle(disposed)['text/plain'], 'Tensor float32 [3] (disposed)');
  });

  test('tensors that look like images are pictures, a batch of them a sheet; others are not', async () => {
    const one = bundle(await front.run('tf.linspace(0, 1, 12 * 16).reshape([12, 16, 1])'));
    const picture = PNG.sync.read(Buffer.from(one['image/png'], 'base64'));
    assert.deepEqual([picture.width, picture.height], [16, 12]);
    assert.deepEqual([...picture.data.subarray(0, 4)], [0, 0, 0, 255]);
    assert.deepEqual([...picture.data.subarray(-4)], [255, 255, 255, 255]);

    const sheet = bundle(await front.run('tf.zeros([10, 8, 8, 3])'));
    const { width, height } = PNG.sync.read(Buffer.from(sheet['image/png'], 'base64'));
    assert.deepEqual([width, height], [8 * 10 - 2, 2 * 10 - 2]); // eight in a row, gaps of two pixels
    for (const code of ['tf.zeros([28, 28])', 'tf.zeros([8, 8, 5])', 'tf.zeros([2, 2, 3])'])
      assert.equal(bundle(await front.run(code))['image/png'], undefined, code);
  });

  test('what is black and what is white in a picture is decided by the type, and said', async () => {
    const cases: [code: string, first: number, says: RegExp][] = [
      ["tf.fill([8, 8, 1], 5, 'int32')", 5, /in the picture 0 is black, 255 is white/],
      ["tf.ones([8, 8, 1], 'bool')", 255, /in the picture 0 is black, 1 is white/],
      ['tf.fill([8, 8, 1], 0.5)', 128, /in the picture 0 is black, 1 is white/],
      ['tf.fill([8, 8, 1], -1)', 0, /in the picture -1 is black, 1 is white/],
      ['tf.range(0, 64).reshape([8, 8, 1])', 0, /in the picture 0 is black, 63 is white/],
    ];
    for (const [code, first, says] of cases) {
      const shown = bundle(await front.run(code));
      assert.match(shown['text/plain'], says, code);
      assert.equal(PNG.sync.read(Buffer.from(shown['image/png'], 'base64')).data[0], first, code);
    }
  });

  test('a model: its layers and the number of its parameters', async () => {
    const data = bundle(
      await front.run(
        'class Net extends Module { readonly first = new Linear(4, 8); readonly second = new Linear(8, 2); }\nnew Net()',
      ),
    );
    assert.match(data['text/plain'], /^Net: 58 parameters\n {2}first\.weight \[.*\] 32\n/);
    assert.match(data['text/html'], /<b>Net: 58 parameters<\/b>[\s\S]*second\.bias/);
  });

  test('a danfojs data frame: an HTML table, escaped, cut with a note', async () => {
    const small = bundle(
      await front.run(
        "import { DataFrame } from 'danfojs-node'; new DataFrame({ name: ['<b>', 'y'], size: [1.23456789, 2] })",
      ),
    );
    assert.match(small['text/html'], /<th>name<\/th><th>size<\/th>.*<td>&lt;b&gt;<\/td><td>1\.23457<\/td>/s);
    assert.match(small['text/html'], /2 rows × 2 columns/);
    for (const load of [
      '',
      "const { DataFrame } = await import('danfojs-node'); ",
      "const { DataFrame } = require('danfojs-node'); ",
    ]) {
      const code = `{ ${load}new DataFrame([['a', 1], ['a', null], ['a', 3]], { columns: ['k', 'v'] }).groupby(['k']); }`;
      const grouped = await front.run(code);
      assert.match(String(grouped.content.evalue), /"v" has missing values, which danfojs counts as 0/, load);
    }
    const long = bundle(await front.run('new DataFrame({ n: Array.from({ length: 500 }, (_, i) => i) })'));
    assert.equal(long['text/html'].split('<tr>').length - 1, 21);
    assert.match(long['text/html'], /500 rows × 1 columns \(the beginning is shown\)/);
  });

  test('maps, sets, typed arrays, dates, errors as values, promises, functions, null', async () => {
    const shown: Record<string, string | RegExp> = {
      "new Map([['a', 1]])": "Map(1) { 'a' => 1 }",
      'new Set([1, 2])': 'Set(2) { 1, 2 }',
      'new Uint8Array([1, 2])': 'Uint8Array(2) [ 1, 2 ]',
      'new Date(0)': '1970-01-01T00:00:00.000Z',
      "new RangeError('as a value')": /^RangeError: as a value\n/,
      'Promise.resolve(new Map())': 'Map(0) {}',
      '[Promise.resolve(1)]': '[ Promise { 1 } ]',
      'null as unknown': 'null',
      'Math.max': '[Function: max]',
      '10n ** 20n': '100000000000000000000n',
      'Array.from({ length: 1000 }, (_, i) => i)': /900 more items/,
    };
    for (const [code, expected] of Object.entries(shown)) {
      const text = bundle(await front.run(code))['text/plain'];
      if (typeof expected === 'string') assert.equal(text, expected, code);
      else assert.match(text, expected, code);
    }
  });

  test('large nested values are cut before they are written, and soon', async () => {
    for (const code of [
      'Array.from({ length: 100 }, () => Array.from({ length: 100 }, () => Array.from({ length: 100 }, () => Array(100).fill(7))))',
      "Object.fromEntries(Array.from({ length: 300 }, (_, i) => ['k' + i, Object.fromEntries(Array.from({ length: 300 }, (_, j) => ['m' + j, { x: [i, j] }]))]))",
      'new Map(Array.from({ length: 200 }, (_, i) => [i, new Set(Array.from({ length: 2000 }, (_, j) => ({ j })))] as const))',
    ]) {
      const begun = performance.now();
      const text = String(bundle(await front.run(code))['text/plain']);
      assert.ok(text.length > 100 && text.length < 25_000, `${code}: ${text.length}`);
      assert.match(text, /more items|\[Object\]|\[Set\]|\[Array\]|more characters/, code);
      assert.ok(performance.now() - begun < 5000, `${code}: ${performance.now() - begun} ms`);
    }
    const wide = bundle(await front.run('new Map(Array.from({ length: 60_000 }, (_, i) => [i, { i }] as const))'));
    assert.match(
      String(wide['text/plain']),
      /99 => \{ i: 99 \},\s+\.\.\. 59900 more items/,
      'only what is written counts',
    );
    const watched = `class Watched extends Array<number> {
      static made = 0; constructor(...list: number[]) { super(...list); Watched.made++; }
      override *[Symbol.iterator]() { Watched.made++; yield 0; return undefined; }
    }
    const watched = new Watched(1, 2); [watched]`;
    assert.match(String(bundle(await front.run(watched))['text/plain']), /Watched\(2\) \[ 1, 2 \]/);
    assert.equal((await front.run('Watched.made')).result, '1', "showing a value runs none of the reader's code");
    const ring: unknown = bundle(await front.run('const ring: any = { a: [1, { b: 2 }] }; ring.self = ring; ring'))[
      'text/plain'
    ];
    assert.equal(ring, '<ref *1> { a: [ 1, { b: 2 } ], self: [Circular *1] }');
    assert.match(
      String(bundle(await front.run("({ get never(): number { throw new Error('asked') } })"))['text/plain']),
      /Getter/,
    );
  });

  test('a plain Vega-Lite, Vega or Plotly object draws itself: live, as a picture, in words', async () => {
    const values = "{ values: [{ month: 'May', sales: 3 }, { month: 'June', sales: 5 }] }";
    const encoding = "{ x: { field: 'month', type: 'nominal' }, y: { field: 'sales', type: 'quantitative' } }";
    const lite = `data: ${values}, mark: 'bar', encoding: ${encoding}`;
    const schema = 'https://vega.github.io/schema';
    const marks =
      "marks: [{ type: 'rect', encode: { enter: { x: { value: 1 }, width: { value: 9 }, height: { value: 9 } } } }]";
    const cases: [code: string, mime: string, words: RegExp][] = [
      [`({ ${lite} })`, 'vegalite.v5', /^bar chart of sales over month, 2 rows\.$/],
      [`({ $schema: '${schema}/vega-lite/v6.json', title: 'Shop', ${lite} })`, 'vegalite.v5', /^Shop: bar chart of/],
      [`JSON.parse(JSON.stringify({ description: 'Mine', ${lite} }))`, 'vegalite.v5', /^Mine$/],
      [`({ $schema: '${schema}/vega/v5.json', width: 20, height: 20, ${marks} })`, 'vega.v5', /^chart\.$/],
      ["({ data: [{ x: [1, 2], y: [3, 4], name: 'steps' }], layout: {} })", 'plotly.v1', /^scatter chart of steps\.$/],
      [
        "({ data: [{ type: 'surface', z: [[1, 2], [3, 4]] }], layout: { title: { text: 'Hill' } } })",
        'plotly.v1',
        /^Hill/,
      ],
    ];
    for (const [code, mime, words] of cases) {
      const shown = bundle(await front.run(code));
      assert.match(shown['text/plain'], words, code);
      assert.match(shown['image/svg+xml'], /^<svg/, code);
      assert.equal(typeof shown[`application/vnd.${mime}+json`], 'object', code);
    }
  });

  test('a chart that cannot be drawn here is live only, and why is said; other objects stay text', async () => {
    const faulty = await front.run("({ data: { values: [] }, mark: 'barr', encoding: {} })");
    assert.match(
      faulty.text,
      /no still picture of this chart: expected a mark such as bar, line, point, area, rect, got "barr"/,
    );
    assert.ok(bundle(faulty)['application/vnd.vegalite.v5+json']);
    for (const code of [
      "({ $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' })",
      '({ data: [1, 2], layout: {} })',
      "({ data: [{ x: 1 }], layout: {}, model: 'mine' })",
      "({ data: { values: [] }, mark: 'excellent' })",
      '({ data: [], layout: {} })',
      "new (class { data = { values: [] }; mark = 'bar'; encoding = {} })()",
    ])
      assert.deepEqual(Object.keys(bundle(await front.run(code))), ['text/plain'], code);
  });

  test('bytes in a bundle become base64', async () => {
    const { outputs } = await front.run("bridge.display({ 'image/png': new Uint8Array([1, 2, 3]) }, {})");
    assert.deepEqual(outputs[0].content.data, { 'image/png': 'AQID' });
  });

  test('clear_output(wait) comes in order, between what was there and what replaces it', async () => {
    const { outputs } = await front.run("console.log('old'); bridge.clearOutput(true); console.log('new');");
    assert.deepEqual(
      outputs.map(({ type, content }) => [type, content.text ?? content.wait]),
      [
        ['stream', 'old\n'],
        ['clear_output', true],
        ['stream', 'new\n'],
      ],
    );
  });

  test('colours reach the page', async () => {
    assert.equal((await front.run("console.log('\\x1b[31mred\\x1b[39m')")).text, '\x1b[31mred\x1b[39m\n');
  });

  test('binary buffers, both ways, byte for byte', async () => {
    const opened = await front.run(
      "const comm = bridge.openComm('bytes', { data: {}, buffers: [new Uint8Array([7, 8]), new Float32Array([0.5])] }); comm.onMessage((m: any) => comm.send({ data: { n: m.buffers.length }, buffers: m.buffers.map((b: Uint8Array) => Uint8Array.from(b).reverse()) }));",
    );
    const [{ content, buffers }] = opened.outputs.filter(({ type }) => type === 'comm_open');
    assert.deepEqual(
      buffers.map(buffer => [...buffer]),
      [
        [7, 8],
        [0, 0, 0, 63],
      ],
    );
    const large = new Uint8Array(1_000_000).map((_, i) => i % 251);
    front.request('comm_msg', { comm_id: content.comm_id, data: {} }, front.shell, [large, new Uint8Array([1, 2])]);
    const echo = await front.until(
      message => message.header.msg_type === 'comm_msg' && message.content.comm_id === content.comm_id,
    );
    assert.deepEqual(echo.content.data, { n: 2 });
    assert.deepEqual(Buffer.from(echo.buffers[0]), Buffer.from(large.reverse()));
    assert.deepEqual([...echo.buffers[1]], [2, 1]);
  });
});
