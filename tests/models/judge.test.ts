/** Who judges the text-to-image model: its weights do what their log says, on pictures and styles that it never saw. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COLOURS, drawnThings, PAINTER_STYLES, repaintedThings, thingTensor } from '../../lib/data';
import { Committee, mostLikely, ResidualClassifier, ThingJudge } from '../../lib/models';
import { tf } from '../../lib/runtime';

const share = (right: boolean[]) => right.filter(Boolean).length / right.length;

test('the judge names things in the three unseen styles, and colours of repainted ones', () => {
  const judge = ThingJudge.load();
  const drawn = drawnThings(PAINTER_STYLES);
  const x = thingTensor(drawn);
  const things = judge.judge(x).map(({ thing }, i) => thing === drawn[i].thing);
  assert.equal(things.length, 3 * 123);
  assert.equal(share(things).toFixed(5), judge.facts.drawn, 'what is written in the file of weights');
  assert.ok(share(things) >= 0.96, `things: ${share(things)}`);
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

test('a committee says the mean of what its members say; alone one says what it says itself', () => {
  const members = [1, 2].map(() => new ResidualClassifier(3, [4, 4, 8]));
  const [both, one] = [new Committee(members), new Committee([members[0]])];
  const x = tf.randomUniform([5, 32, 32, 3], -1, 1, 'float32', 5);
  const [first, second] = members.map(member => tf.softmax(member.forward(x)));
  const mean = first.add(second).div(2);
  assert.ok(both.probabilities(x).sub(mean).abs().max().dataSync()[0] < 1e-6);
  assert.ok(one.probabilities(x).sub(first).abs().max().dataSync()[0] < 1e-6);
  assert.equal(mostLikely(both, x).length, 5);
  tf.dispose([x, first, second, mean]);
  both.dispose();
});
