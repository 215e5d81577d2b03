import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  COLOURS,
  drawnThings,
  heldOutPairs,
  JUDGE_STYLES,
  PAINTER_STYLES,
  repaintedThings,
  type ThingPicture,
  thingCaption,
  thingNames,
  thingSplit,
  thingTensor,
  thingText,
  thingTokenizer,
} from '../../lib/data';
import { HostRandom } from '../../lib/runtime';

const numberOf = (name: string) => thingNames().findIndex(({ en }) => en === name);
const pictureOf = (name: string, style = 'noto') => drawnThings([style]).find(p => p.thing === numberOf(name))!;

test('123 things, each in the three styles of the painter and in at least two of the judge', () => {
  assert.equal(new Set(thingNames().map(({ en }) => en)).size, 123);
  assert.equal(new Set(thingNames().map(({ zh }) => zh)).size, 123);
  assert.equal(drawnThings(PAINTER_STYLES).length, 3 * 123);
  for (const thing of thingNames().keys()) {
    const drawn = drawnThings(JUDGE_STYLES).filter(p => p.thing === thing);
    assert.ok(drawn.length >= 2, `${thingNames()[thing].en}: ${drawn.length}`);
  }
  assert.ok(!PAINTER_STYLES.some(style => (JUDGE_STYLES as readonly string[]).includes(style)));
});

test('a repainted fox keeps its white and its eyes, and its body has the colour', () => {
  const fox = pictureOf('fox');
  const blue = repaintedThings([fox]).find(({ colour }) => colour === 'blue')!;
  let [body, kept] = [0, 0];
  for (let i = 0; i < fox.pixels.length; i += 3) {
    const [r, g, b] = fox.pixels.subarray(i, i + 3);
    const now = [...blue.pixels.subarray(i, i + 3)];
    if (r - b > 120) {
      body++;
      assert.ok(now[2] > now[0] + 40, `pixel ${i / 3}: ${[r, g, b]} became ${now}`);
    } else if (Math.max(r, g, b) - Math.min(r, g, b) < 15) {
      kept++;
      assert.deepEqual(now, [r, g, b]);
    }
  }
  assert.ok(body > 150 && kept > 300, `${body} of the body, ${kept} kept`);
});

test('what is white, black or of all colours is not repainted', () => {
  for (const name of ['panda', 'rainbow', 'snowman']) assert.deepEqual(repaintedThings([pictureOf(name)]), []);
});

test('held-out pairs are never trained, though their words are, and never show the colour of nature', () => {
  const { train, heldOut } = thingSplit();
  const key = ({ thing, colour }: Pick<ThingPicture, 'thing' | 'colour'>) => `${thing} ${colour}`;
  const pairs = heldOutPairs();
  assert.ok(pairs.length >= 40, String(pairs.length));
  const trained = new Set(train.map(key));
  for (const pair of pairs) {
    assert.ok(!trained.has(key(pair)), thingCaption(pair));
    assert.ok(trained.has(`${pair.thing} undefined`), thingCaption(pair));
    const others = COLOURS.filter(colour => trained.has(`${pair.thing} ${colour}`));
    assert.equal(others.length, COLOURS.length - 1, thingCaption(pair));
  }
  assert.equal(heldOut.length, pairs.length * PAINTER_STYLES.length);
  for (const { thing, colour, pixels } of heldOut) {
    const own = drawnThings(PAINTER_STYLES).filter(p => p.thing === thing);
    const distance = Math.min(...own.map(p => differenceOf(p.pixels, pixels)));
    assert.ok(distance > 4, `${thingCaption({ thing, colour })} is ${distance} from the plain picture`);
  }
});

function differenceOf(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, v, i) => sum + Math.abs(v - b[i]), 0) / a.length;
}

test('captions in two languages, all words known', () => {
  const fox = { thing: numberOf('fox') };
  assert.equal(thingCaption(fox), 'a fox');
  assert.equal(thingCaption({ ...fox, colour: 'orange' }), 'an orange fox');
  assert.equal(thingCaption({ ...fox, colour: 'red' }, 'zh'), '红色的狐狸');
  assert.equal(thingCaption({ thing: numberOf('scissors') }), 'scissors');
  const tokenizer = thingTokenizer();
  const draw = new HostRandom(5);
  for (const picture of [...thingSplit().train, ...thingSplit().heldOut]) {
    const text = thingText(picture, draw);
    assert.deepEqual(tokenizer.unknown(text), [], text);
    assert.ok(tokenizer.tokens(text).length <= tokenizer.context, text);
  }
  assert.deepEqual(tokenizer.unknown('a chartreuse fox'), ['chartreuse']);
});

test('pictures as a tensor reach from −1 to 1', () => {
  const x = thingTensor([pictureOf('panda')]);
  assert.deepEqual(x.shape, [1, 32, 32, 3]);
  assert.equal(x.max().dataSync()[0], 1);
  assert.ok(x.min().dataSync()[0] < -0.6);
  x.dispose();
});
