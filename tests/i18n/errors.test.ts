/** Every error of the lib has its Chinese: the templates are read from its source, so that a new one is asked for as well. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inChinese } from '../../lib/i18n/bundle';
import { compiled } from '../../lib/i18n/dictionary';
import { dictionaryOf, faultsOf, faultWords, libWords } from '../../lib/i18n/load';
import { hasHan } from '../../lib/i18n/words';
import { ROOT } from '../../scripts/notebooks/notebook';
import { askedIn, errorsIn, type Message, sentencesIn } from './messages';

const known = { ...libWords(ROOT), ...faultWords(ROOT) };
/** A template without the names of its placeholders. */
const form = (text: string): string => text.replace(/\{[a-z]+\d*\}/g, '{}').trim();
const forms = new Set(Object.keys(known).map(form));
const wordsIn = (template: string): number => template.match(/[A-Za-z]{2,}/g)?.length ?? 0;

/** Pieces that one error is put together from: the whole is asked for. */
const isPiece = (template: string): boolean => /[;,] $|^[;,] /.test(template);
const missing = (messages: Message[]): string[] => [
  ...new Set(
    messages.filter(({ template }) => !forms.has(form(template))).map(({ template, place }) => `${place} ${template}`),
  ),
];

/** A mark in a stack, which nobody reads; lines of progress, which have messages of their own, part by part. */
const UNSEEN = ['here'];
const PROGRESS = /^epoch \{\} of|^\(\{\} steps\/s\)/;

describe('errors', () => {
  test('each has its Chinese', () => {
    const said = errorsIn('lib').filter(({ template }) => wordsIn(template) > 0 && !UNSEEN.includes(template));
    assert.ok(said.length > 340);
    assert.deepEqual(missing(said), []);
  });

  test('so have names of values and ways out that are phrases', () => {
    const said = askedIn('lib').filter(({ template }) => /[A-Za-z]{2,}[^<]* \S*[A-Za-z]{2,}/.test(template));
    assert.ok(said.length > 60);
    assert.deepEqual(missing(said), []);
  });

  test('and every sentence that is no error by itself: remedies, notes, warnings', () => {
    const folders = ['runtime', 'training', 'nn', 'models', 'diffusion', 'probability', 'formats'];
    const said = folders
      .flatMap(folder => sentencesIn(`lib/${folder}`))
      .filter(({ template }) => wordsIn(template) >= 3 && /[a-z]{2,} .*[a-z]{2}/.test(template))
      .filter(({ template }) => !isPiece(template) && !PROGRESS.test(template) && !/<\w|=>/.test(template));
    assert.ok(said.length > 100);
    assert.deepEqual(missing(said), []);
  });
});

const dictionary = dictionaryOf(ROOT, '12-diffusion');
const faults = faultsOf(ROOT, dictionary);

test('an entry of the dictionary answers to an error, with all of its values', () => {
  for (const { template } of errorsIn('lib').filter(({ template }) => wordsIn(template) > 1)) {
    let count = 0;
    const message = template.replace(/\{\}/g, () => `7${++count}`);
    const said = faults.say(message);
    assert.ok(hasHan(said), message);
    for (let i = 1; i <= count; i++) assert.match(said, new RegExp(`(?<!\\d)7${i}(?!\\d)`), `${message} → ${said}`);
  }
});

test('Chinese has the placeholders of its English, each once', () => {
  for (const [english, chinese] of Object.entries(faultWords(ROOT)).filter(([english]) => english.includes('{'))) {
    const { names } = compiled(english, chinese);
    const used = (chinese.match(/\{[a-z]+\d*\}/g) ?? []).map(name => name.slice(1, -1));
    assert.deepEqual([...used].sort(), [...names].sort(), english);
  }
});

test('values, ranges, ways out and places come in Chinese, names of settings stay', () => {
  const pairs = {
    'expected images [B, 28, 28, 1], got [128, 784]; reshape first':
      '图像应为 [B, 28, 28, 1]，得到 [128, 784]；请先用 reshape 变形',
    'eta must be between 0 and 1, got 2; 0 draws no fresh noise, 1 as much as ancestral sampling':
      'eta 应为 0 到 1 之间的数，得到 2；0 不加新噪声，1 与祖先采样加得一样多',
    'steps must be positive and whole, got 1.5': 'steps 应为正整数，得到 1.5',
    'learning rate must be positive and finite, got NaN; try 0.001': '学习率应为正的有限数，得到 NaN；可试 0.001',
    'expected mean and logVar of one shape, got [2, 3] and [2, 4]; reshape first':
      'mean、logVar 的形状应相同，得到 [2, 3]、[2, 4]；请先用 reshape 变形',
    'the compiled function reads a value (dataSync, arraySync, print …), at cell [3], line 2; return the tensor and read it outside; choose with tf.where instead of if':
      '被编译的函数读取了值（dataSync、arraySync、print……），在单元格 [3]，第 2 行；请把张量返回，在外面读取；用 tf.where 代替 if',
    'my own words: anything at all': 'my own words: anything at all',
    'loss is 3': 'loss is 3',
  };
  for (const [english, chinese] of Object.entries(pairs)) assert.equal(faults.say(english), chinese);
});

test('a table that quotes an error of the lib quotes it in Chinese, and what only looks like one is left alone', () => {
  const { text } = inChinese(dictionary, faults);
  const said = {
    'there is no tool sushi; there are a, b': '没有工具 sushi；现有 a, b',
    'stew gave no answer within 5 ms; allow more with { timeout }':
      'stew 在 5 毫秒内没有答复；可用 { timeout } 多等一会儿',
    'run: stopped after 100 ms; give it less to do, or more milliseconds; it takes { code: string }':
      'run：运行 100 毫秒后被停下；请减少工作量，或把时限调大；它的参数为 { code: string }',
    'there is no tool': 'there is no tool',
  };
  for (const [english, chinese] of Object.entries(said)) assert.equal(text(english), chinese);
  assert.equal(inChinese(dictionary).text('there is no tool sushi; there are a, b').includes('没有工具'), false);
});
