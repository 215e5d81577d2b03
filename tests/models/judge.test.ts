/** Who judges the text-to-image model: its weights do what their log says, on pictures and styles that it never saw. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COLOURS, drawnThings, PAINTER_STYLES, repaintedThings, thingTensor } from '../../lib/data';
import { ThingJudge } from '../../lib/models';
import { tf } from '../../lib/runtime';

const share = (right: boolean[]) => right.filter(Boolean).length / right.length;

test('the judge names things in the three unseen styles, and colours of repainted ones', () => {
  const judge = ThingJudge.load();
  const drawn = drawnThings(PAINTER_STYLES);
  const x = thingTensor(drawn);
  const things = judge.judge(x).map(({ thing }, i) => thing === drawn[i].thing);
  assert.equal(things.length, 3 * 123);
  assert.ok(share(things) >= 0.9, `things: ${share(things)}`);
  const repainted = repaintedThings(drawn.slice(0, 60));
  const y = thingTensor(repainted);
  const verdicts = judge.judge(y);
  const colours = verdicts.map(({ colour }, i) => colour === repainted[i].colour);
  assert.ok(share(colours) >= 0.98, `colours: ${share(colours)}`);
  assert.equal(new Set(verdicts.map(({ colour }) => colour)).size, COLOURS.length);
  tf.dispose([x, y]);
  judge.dispose();
});

test('noise is no thing: the judge finds each only about as often as chance', () => {
  const judge = ThingJudge.load();
  const x = tf.randomUniform([123, 32, 32, 3], -1, 1, 'float32', 4);
  const right = judge.judge(x).map(({ thing }, i) => thing === i);
  assert.ok(share(right) < 0.05, String(share(right)));
  x.dispose();
  judge.dispose();
});
