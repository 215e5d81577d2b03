/** Messages are found as gettext finds them, and composed texts part by part; whatever is seen of a bundle passes through. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { changeBundle, changeOutput, changeWidget, inChinese } from '../../lib/i18n/bundle';
import { Dictionary, type Words } from '../../lib/i18n/dictionary';
import { dictionaryOf, libWords } from '../../lib/i18n/load';
import { changeMarkup } from '../../lib/i18n/markup';
import { changePlotly, changeVega } from '../../lib/i18n/specs';
import { Names, readAllowed } from '../../lib/i18n/words';
import { staticFigure } from '../../lib/plot/figure';
import { ROOT } from '../../scripts/notebooks/notebook';

const names = new Names(readAllowed(ROOT));
const lib = libWords(ROOT);
const dictionary = (own: Words = {}) => new Dictionary(names, own, lib);
const own: Words = {
  'live net': '现场训练的网络',
  'trained longer': '训练更久',
  'mean, step by step': '逐步的均值',
  'The first {n} of them': '前 {n} 张',
  right: '正确',
  'root of ᾱ forgotten': '忘了 ᾱ 的平方根',
};

test('a message with numbers keeps them, one with texts translates them, one with code leaves it', () => {
  const words = dictionary({ ...own, '{net} beats {other}': '{net}胜过{other}', 'expected {code}': '应为 {code}' });
  fc.assert(
    fc.property(fc.integer(), n => words.translate(`The first ${n} of them`) === `前 ${n} 张`),
    { examples: [[-3], [70000]] },
  );
  assert.equal(words.translate('The first 70,000 of them'), '前 70,000 张');
  assert.equal(words.translate('live net beats VAE'), '现场训练的网络胜过 VAE');
  assert.equal(words.translate('expected right'), '应为 right');
  assert.equal(words.translate('nothing known here'), 'nothing known here');
});

test('millions and billions are said in steps of ten thousand, with the digits given', () => {
  const words = dictionary();
  const said: [string, string][] = [
    ['4.7 million', '470 万'],
    ['470 million', '4.7 亿'],
    ['17.5 billion', '175 亿'],
    ['119 billion', '1190 亿'],
    ['1,500 billion', '1.5 万亿'],
    ['0.002 million', '0.2 万'],
    ['2 million', '200 万'],
  ];
  for (const [english, chinese] of said) assert.equal(words.translate(english), chinese);
  assert.equal(dictionary({ '{n} billion steps': '{n billion}步' }).translate('119 billion steps'), '1190 亿步');
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 0, max: 99 }), (whole, part) => {
      const value = Number(`${whole}.${part}`);
      const [, number, unit] = /^([\d.]+) (万亿|亿|万)$/.exec(words.translate(`${value} million`)) ?? [];
      const size = { 万亿: 1e12, 亿: 1e8, 万: 1e4 }[unit] as number;
      assert.ok(Math.abs((Number(number) * size) / (value * 1e6) - 1) < 1e-12, `${value} million: ${number} ${unit}`);
    }),
  );
});

test('and has a space beside names and numbers only; a mark at the end of what stays keeps its place', () => {
  const words = dictionary({ ...own, lunch: '午餐', dinner: '晚餐' });
  assert.equal(words.translate('[1, 20] and [1, 20] and [1, 784]'), '[1, 20] 和 [1, 20] 和 [1, 784]');
  assert.equal(words.translate('lunch and dinner'), '午餐和晚餐');
  assert.equal(words.translate('lunch and CLIP'), '午餐和 CLIP');
  assert.equal(dictionary().translate('VAE ?'), 'VAE ?');
  assert.equal(words.translate('lunch ?'), '午餐？');
});

test('an alt text that the lib composed needs only the names of its curves', () => {
  const words = dictionary(own);
  const alt =
    'mean, step by step falls from 0.788 to -0.0136, live net rises from 1 to 2, with a high of 3 and right stays at 4, over t 49 to 999.';
  assert.equal(
    words.translate(alt),
    '逐步的均值从 0.788 降到 -0.0136，现场训练的网络从 1 升到 2，最高 3，正确保持在 4，t 从 49 到 999。',
  );
  assert.deepEqual(words.missing(alt), []);
  assert.deepEqual(dictionary().missing('live net falls from 1 to 0, over step 1 to 9.'), ['live net']);
  assert.equal(
    words.translate(
      'The first 4 of them: 20 grey images of 28×28 pixels in 2 rows of 10; rows right, root of ᾱ forgotten.',
    ),
    '前 4 张：20 张 28×28 像素的灰度图，2 行，每行 10 张；各行为正确、忘了 ᾱ 的平方根。',
  );
});

test('a clause is not taken in by the placeholder that the clause before ends with', () => {
  const words = dictionary({ 'layer 1': '第 1 层', 'head 3': '头 3' });
  const name = fc.constantFrom(['a', 'a'], ['layer 1', '第 1 层'], ['head 3', '头 3'], ['7', '7'], ['B = A', 'B = A']);
  const cell = fc.tuple(fc.integer(), name, name);
  fc.assert(
    fc.property(cell, cell, ([low, row, column], [high, row2, column2]) => {
      assert.equal(
        words.translate(
          `Heat map of 3 rows and 4 columns; lowest ${low} at row ${row[0]}, column ${column[0]}, highest ${high} at row ${row2[0]}, column ${column2[0]}.`,
        ),
        `3 行 4 列的热图；最低 ${low}，在行“${row[1]}”、列“${column[1]}”，最高 ${high}，在行“${row2[1]}”、列“${column2[1]}”。`,
      );
      const [w, b] = [Math.abs(low % 9), Math.abs(high % 9)];
      assert.equal(
        words.translate(`lowest ${low} at w ${w}, b ${b}, highest ${high} at w ${b}, b ${w}.`),
        `最低 ${low}，在 w = ${w}、b = ${b} 处，最高 ${high}，在 w = ${b}、b = ${w} 处。`,
      );
    }),
  );
});

test('percent signs stand close, Latin letters and digits apart from Chinese', () => {
  const words = dictionary({ '{n} right': '{n} 正确', '{net} is best': '{net}最好' });
  assert.equal(words.translate('84.3 % right'), '84.3% 正确');
  assert.equal(words.translate('VAE is best'), 'VAE 最好');
});

test('a Chinese text passes unchanged, however often', () => {
  const words = dictionary(own);
  for (const text of Object.keys(lib).filter(message => !message.includes('{'))) {
    const once = words.translate(text);
    if (names.foreign(once).length === 0) assert.equal(words.translate(once), once);
  }
});

test('a word that is data in the rows of a table is a word where it heads a column', () => {
  const allowed = readAllowed(ROOT);
  const data = { ...allowed.data, here: { 'a word': ['right'] } };
  const { text } = inChinese(new Dictionary(new Names({ ...allowed, data }, 'here'), own, lib));
  const bundle = {
    'text/html': '<table><tr><th scope="col">right</th></tr><tr><td>right</td></tr></table>',
    'text/plain': 'right\n─────\nright',
  };
  assert.deepEqual(changeBundle(bundle, { text, line: text }), {
    'text/html': '<table><tr><th scope="col">正确</th></tr><tr><td>right</td></tr></table>',
    'text/plain': '正确\n─────\nright',
  });
});

test('what a net writes is data by its pattern: the whole of a text or of a word, no part of one', () => {
  const allowed = readAllowed(ROOT);
  const data = { ...allowed.data, here: { 'an invented language': ['/[A-F?]{2,}/', '/usr/bin/sh'] } };
  const here = new Names({ ...allowed, data }, 'here');
  assert.deepEqual(here.foreign('遮住八个：????C?BAB?CDD??，填好：FDDDCCBABCCDDDF。'), []);
  assert.deepEqual(here.foreign('ABBEY 和 BAB is'), ['ABBEY', 'is']);
  assert.ok(here.isData('AB?CDD') && here.isData('/usr/bin/sh') && !here.isData('AB?CDDs'));
  assert.deepEqual(names.foreign('BAB'), ['BAB']);
});

test('a list in a chart that has no name of its own is labelled in Chinese, one that has keeps it', () => {
  const bound = (bind: object) => ({ params: [{ name: 'right', bind }] });
  const change = (text: string) => dictionary(own).translate(text);
  assert.deepEqual(changeVega(bound({ input: 'select' }), change), bound({ input: 'select', name: '正确 ' }));
  const named = bound({ input: 'range', name: 'live net' });
  assert.deepEqual(changeVega(named, change), bound({ input: 'range', name: '现场训练的网络' }));
  assert.deepEqual(changeVega({ params: [{ name: 'right', expr: '1' }] }, change), {
    params: [{ name: 'right', expr: '1' }],
  });
});

test('markup: text and read attributes change, tags, code and ids stay', () => {
  const change = (text: string) => dictionary(own).translate(text);
  assert.equal(
    changeMarkup(
      '<p id="right" title="right">right <code>right</code></p><pre>right</pre><img alt="right" src="right">',
      change,
    ),
    '<p id="right" title="正确">right <code>right</code></p><pre>right</pre><img alt="正确" src="right">',
  );
  assert.equal(changeMarkup('<code>right</code>', change), '<code>正确</code>', 'a value that is one line of code');
  const svg = '<svg aria-label="live net"><title>right</title><text x="1">live net</text></svg>';
  assert.equal(
    changeMarkup(svg, change),
    '<svg aria-label="现场训练的网络"><title>正确</title><text x="1">现场训练的网络</text></svg>',
  );
  const stored = `<img alt="right" src="data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}">`;
  const inside = /base64,([^"]+)/.exec(changeMarkup(stored, change))?.[1] ?? '';
  assert.match(Buffer.from(inside, 'base64').toString(), /<text x="1">现场训练的网络</);
  const text = staticFigure({ svg: svg.replace('right', '100 %# &amp; right') }, 'alt').bundle['text/html'] as string;
  assert.equal(
    decodeURIComponent(changeMarkup(text, change)).includes('>100 %# &amp; right</title><text x="1">现场训练的网络<'),
    true,
    changeMarkup(text, change),
  );
  fc.assert(
    fc.property(fc.string(), text => {
      const escaped = text.replace(/[&<>"]/g, c => `&#${c.charCodeAt(0)};`);
      assert.equal(
        changeMarkup(`<b>${escaped}</b>`, same => same),
        `<b>${escaped}</b>`,
      );
    }),
  );
});

test('a chart: where a label stands is no word, and the far end of a mark gives its axis no second name', () => {
  const spec = {
    mark: { type: 'text', align: { expr: "datum.value < 0 ? 'right' : 'left'" } },
    encoding: {
      x: { field: 'from', type: 'quantitative', title: 'bytes' },
      x2: { field: 'to' },
      text: { condition: { test: "datum.is === 'right'", value: 'right' }, value: '' },
    },
  };
  const words = dictionary({ right: '正确', to: '到', bytes: '字节' });
  const said = changeVega(spec, text => words.translate(text)) as typeof spec;
  assert.deepEqual(said.mark, spec.mark);
  assert.deepEqual(said.encoding.x2, { field: 'to' });
  assert.equal(said.encoding.x.title, '字节');
  assert.equal(said.encoding.text.condition.test, "datum.is === '正确'");
});

test('a chart: names of series change alike in data, domain, filter, expression; fields and types do not', () => {
  const spec = {
    description: 'right',
    data: { values: [{ series: 'live net', right: 1 }] },
    transform: [
      { filter: { field: 'series', oneOf: ['live net'] } },
      { calculate: "datum['right'] > 0 ? 'live net' : 'trained longer'", as: 'kind' },
    ],
    params: [{ name: 'which', value: 'live net', bind: { input: 'select', options: ['live net'], name: 'right' } }],
    mark: { type: 'line', interpolate: 'linear' },
    encoding: {
      x: { field: 'right', type: 'quantitative' },
      color: { field: 'series', title: null, scale: { domain: ['live net'] }, sort: ['live net'] },
      tooltip: [{ field: 'right' }],
    },
  };
  const said = JSON.stringify(changeVega(spec, text => dictionary({ ...own, linear: '线性' }).translate(text)));
  assert.equal(said.match(/live net/g), null);
  assert.equal(said.match(/现场训练的网络/g)?.length, 7);
  assert.match(said, /"interpolate":"linear"/);
  assert.match(said, /datum\['right'\] > 0 \? '现场训练的网络' : '训练更久'/);
  assert.match(said, /"x":\{"field":"right","type":"quantitative","title":"正确"\}/);
  assert.match(said, /"tooltip":\[\{"field":"right","title":"正确"\}\]/);
  assert.match(said, /"title":null/);
});

test('a chart of Plotly brings the words of its buttons along, in Chinese only', () => {
  const figure = { data: [{ name: 'right' }], layout: {}, config: { displaylogo: false } };
  const words = dictionaryOf(ROOT);
  const { config } = changePlotly(figure, text => words.translate(text)) as { config: Record<string, never> };
  assert.equal(config.displaylogo, false);
  assert.equal(config.locale, 'zh-CN');
  const said = Object.values((config.locales as Record<string, { dictionary: object }>)['zh-CN'].dictionary);
  assert.equal(said.length, 22);
  for (const text of said) assert.match(text, /\p{Script=Han}/u);
  assert.deepEqual(
    changePlotly(figure, text => text),
    figure,
  );
});

test('tables of text are aligned anew, by columns of a terminal', () => {
  const text = 'net       loss\n────────  ────\nlive net  1\nright     0.5\n\nright';
  const { 'text/plain': said } = changeBundle({ 'text/html': '', 'text/plain': text }, inChinese(dictionary(own)));
  assert.equal(said, '网络            损失\n──────────────  ────\n现场训练的网络  1\n正确            0.5\n\n正确');
});

test('what the reader prints stays, also where it is a word of the dictionary; messages of the lib do not', () => {
  const change = inChinese(dictionary(own));
  const printed = (text: string) => changeOutput({ output_type: 'stream', name: 'stdout', text }, change).text;
  assert.equal(printed('right\nloss\nlive 3\n'), 'right\nloss\nlive 3\n');
  assert.equal(printed('epoch 1 of 3\n'), '第 1 轮，共 3 轮\n');
  assert.deepEqual(changeBundle({ 'text/plain': "{ right: 'right' }" }, change), {
    'text/plain': "{ right: 'right' }",
  });
});

test('widgets: labels and HTML change, what the reader typed does not', () => {
  const state = {
    description: 'right',
    value: 'right',
    _options_labels: ['right'],
    outputs: [{ output_type: 'display_data', data: { 'text/html': '<b>right</b>' } }],
  };
  const change = inChinese(dictionary(own));
  assert.deepEqual(changeWidget(state, 'TextModel', change), {
    description: '正确',
    value: 'right',
    _options_labels: ['正确'],
    outputs: [{ output_type: 'display_data', data: { 'text/html': '<b>正确</b>' } }],
  });
  assert.equal(changeWidget({ value: '<b>right</b>' }, 'HTMLModel', change).value, '<b>正确</b>');
});
