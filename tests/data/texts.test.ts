import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shakespeare, tangPoems } from '../../lib/data';
import { CharacterTokenizer } from '../../lib/text';

test('eight works in their order, ASCII, lines as in print', () => {
  const text = shakespeare();
  assert.equal(text.length, 940_630);
  assert.match(text, /^[\n -~]+$/);
  const titles = [
    "A MIDSUMMER NIGHT'S DREAM",
    'HAMLET, PRINCE',
    'JULIUS CAESAR',
    'MACBETH\n',
    'ROMEO AND JULIET',
    'THE TEMPEST',
  ];
  const places = [...titles, 'TWELFTH NIGHT; OR', 'THE SONNETS'].map(title => text.indexOf(title));
  assert.equal(places[0], 0);
  assert.ok(
    places.every((place, i) => i === 0 || place > places[i - 1]),
    String(places),
  );
  assert.ok(text.includes('To be, or not to be,--that is the question'));
});

test('poems of four or eight lines of five, each once, famous ones among them', () => {
  const poems = tangPoems();
  assert.equal(poems.length, new Set(poems).size);
  for (const poem of poems)
    assert.match(
      poem,
      /^(?:\p{Script=Han}{5}，\p{Script=Han}{5}。){2}(?:(?:\p{Script=Han}{5}，\p{Script=Han}{5}。){2})?$/u,
    );
  for (const famous of [
    '白日依山尽，黄河入海流。欲穷千里目，更上一层楼。',
    '春眠不觉晓，处处闻啼鸟。夜来风雨声，花落知多少。',
  ])
    assert.ok(
      poems.some(poem => poem.startsWith(famous)),
      famous,
    );
  assert.ok(poems.length > 7000 && new CharacterTokenizer(poems.join('')).size <= 2202);
});

test('what a reader does with one reading does not touch the next', () => {
  const before = tangPoems();
  tangPoems().length = 0;
  assert.deepEqual(tangPoems(), before);
});
