import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emoji, emojiSplit, emojiTensor, HELD_OUT, HELD_OUT_RECOLOURED, recolour } from '../../lib/data';
import { tf } from '../../lib/runtime';

test('1,060 pictures in each style, captions in both languages', () => {
  const all = emoji();
  assert.equal(all.length, 2 * 1060);
  assert.ok(all.every(p => p.caption.en && p.caption.zh && p.pixels.length === 32 * 32 * 3));
  const garlic = all.filter(p => p.caption.en === 'garlic');
  assert.deepEqual(
    garlic.map(p => [p.style, p.caption.zh]),
    [
      ['noto', '蒜'],
      ['twemoji', '蒜'],
    ],
  );
});

test('the red heart is red on white', () => {
  const heart = emoji().find(p => p.caption.en === 'red heart' && p.style === 'noto')!;
  const at = (x: number, y: number) => [...heart.pixels.subarray(3 * (32 * y + x), 3 * (32 * y + x) + 3)];
  assert.deepEqual(at(0, 0), [255, 255, 255]);
  const [r, g, b] = at(16, 14);
  assert.ok(r > 200 && g < 90 && b < 90, `centre ${r} ${g} ${b}`);
});

test('held-out captions are in neither style of the training pictures, nor by way of recolouring', () => {
  const { train, recoloured, heldOut } = emojiSplit();
  const names = new Set<string>([...HELD_OUT, ...HELD_OUT_RECOLOURED]);
  assert.ok(![...train, ...recoloured].some(p => names.has(p.caption.en)));
  assert.equal(heldOut.length, 2 * names.size);
  const learnt = new Set(train.flatMap(p => p.caption.en.split(' ')).concat(recoloured.map(p => p.colour as string)));
  for (const name of names)
    for (const word of name.split(' ')) assert.ok(learnt.has(word), `${name}: ${word} is unknown`);
});

test('recolouring changes the hue and the caption, not light and shade', () => {
  const fox = emoji().find(p => p.caption.en === 'fox')!;
  const green = recolour(fox, 'green');
  assert.deepEqual(green.caption, { en: 'green fox', zh: '绿色的狐狸' });
  for (let i = 0; i < fox.pixels.length; i += 3) {
    const [before, after] = [fox, green].map(p => p.pixels.subarray(i, i + 3));
    assert.ok(Math.abs(Math.max(...before) - Math.max(...after)) <= 1);
    if (Math.max(...before) - Math.min(...before) > 50) assert.ok(after[1] > after[0] && after[1] > after[2]);
  }
});

test('as a tensor of −1 to 1', () => {
  tf.tidy(() => {
    const x = emojiTensor(emoji().slice(0, 3));
    assert.deepEqual(x.shape, [3, 32, 32, 3]);
    assert.equal(x.max().dataSync()[0], 1);
    assert.ok(x.min().dataSync()[0] < -0.5);
  });
});
