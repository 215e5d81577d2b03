/** Halving steps, against a bell: its best guess is known, and so is where its way from noise to data ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cosineSchedule,
  ddim,
  ddimStep,
  halvedStep,
  type Place,
  type Prediction,
  pictureFor,
  sample,
  trailingSteps,
  twoStepsInOne,
} from '../../lib/diffusion';
import { Adam, mse } from '../../lib/nn';
import { random, tf } from '../../lib/runtime';

const largest = (a: tf.Tensor, b: tf.Tensor) => tf.tidy(() => a.sub(b).abs().max().dataSync()[0]);
const schedule = cosineSchedule();
const STD = 0.6;

/** Standard deviation of √ᾱ·x0 + √(1 − ᾱ)·ε where x0 has STD. */
const spreadAt = ({ signal, noise }: Place) => signal.mul(STD).square().add(noise.square()).sqrt();

test('a step, its middle and its end are three neighbours on the path of twice as many steps', () => {
  const which = tf.tensor1d([0, 1, 2, 3], 'int32');
  const { from, middle, to } = halvedStep(schedule, 4, which, 2);
  const path = trailingSteps(1000, 8);
  assert.deepEqual([...from.t.dataSync()], [path[0], path[2], path[4], path[6]]);
  assert.deepEqual([...from.t.dataSync()], trailingSteps(1000, 4));
  assert.deepEqual([...middle.t.dataSync()], [path[1], path[3], path[5], path[7]]);
  assert.deepEqual([...to.t.dataSync()], [path[2], path[4], path[6], -1]);
  assert.deepEqual([to.signal.dataSync()[3], to.noise.dataSync()[3]], [1, 0]); // nothing but the picture
  const both = from.signal.square().add(from.noise.square());
  assert.ok(largest(both, tf.ones([4, 1])) < 1e-6);
  assert.throws(
    () => halvedStep(schedule, 4, tf.tensor1d([4], 'int32')),
    /steps must be whole numbers from 0 to 3, got 4/,
  );
});

test('a step of the library is the step of the sampler', async () => {
  const model = (x: tf.Tensor, t: tf.Tensor) => x.mul(t.reshape([-1, 1]).div(2000)); // any answer will do
  for (const prediction of ['eps', 'x0', 'v'] as Prediction[]) {
    random.seed(4);
    const x = random.normal([3, 2]);
    const path = [749, 499];
    const sampled = await sample(model, {
      schedule,
      shape: [3, 2],
      path,
      sampler: ddim(),
      prediction,
      clip: undefined,
      start: x,
    });
    const row = (i: number) => halvedStep(schedule, 4, tf.fill([3], i, 'int32'), 2);
    const [first, second] = [row(1), row(2)];
    const done: Place = { t: tf.fill([3], -1), signal: tf.ones([3, 1]), noise: tf.zeros([3, 1]) };
    const stepped = ddimStep(
      model,
      ddimStep(model, x, first.from, first.to, prediction),
      second.from,
      done,
      prediction,
    );
    assert.ok(largest(sampled, stepped) < 1e-5, prediction);
  }
});

test('the picture that is asked for makes one step land where it should', () => {
  random.seed(5);
  const [x, goal] = [random.normal([4, 3]), random.normal([4, 3])];
  const { from, to } = halvedStep(schedule, 4, tf.tensor1d([0, 1, 2, 3], 'int32'), 2);
  const picture = pictureFor(x, goal, from, to);
  assert.ok(
    largest(
      ddimStep(() => picture, x, from, to, 'x0'),
      goal,
    ) < 1e-4,
  );
  assert.ok(largest(picture.slice([3]), goal.slice([3])) < 1e-6); // the last step lands on the picture itself
});

/** A net for the bell that lands exactly where its way ends: x·(spread at the end)/(spread at the start). */
const exactTo = (to: Place) => (x: tf.Tensor, from: Place) =>
  pictureFor(x, x.mul(spreadAt(to)).div(spreadAt(from)), from, to);

test('a teacher whose steps are exact makes a student whose steps are: two on the way are one', () => {
  for (const count of [1, 4, 8]) {
    random.seed(6);
    const x0 = random.normal([64, 2]).mul(STD);
    const places = halvedStep(schedule, count, tf.range(0, count, 1, 'int32'), 2);
    const at = (t: tf.Tensor, list: tf.Tensor) => {
      // the row of each t in `list` [count]
      return tf.equal(t.reshape([-1, 1]), list.reshape([1, -1])).toFloat(); // [B, count]
    };
    /** Looks t up among the starts and middles of all steps, and goes exactly to the next place. */
    const teacher = (x: tf.Tensor, t: tf.Tensor) => {
      const pick = (rows: tf.Tensor, { t: ts, signal, noise }: Place): Place => ({
        t: tf.matMul(rows as tf.Tensor2D, ts.reshape([-1, 1])),
        signal: tf.matMul(rows as tf.Tensor2D, signal as tf.Tensor2D),
        noise: tf.matMul(rows as tf.Tensor2D, noise as tf.Tensor2D),
      });
      const [starts, middles] = [at(t, places.from.t), at(t, places.middle.t)];
      const answer = (rows: tf.Tensor, from: Place, to: Place) => {
        const [here, there] = [pick(rows, from), pick(rows, to)];
        const safe = { ...here, noise: tf.where(here.noise.equal(0), tf.onesLike(here.noise), here.noise) };
        const inside = rows.sum(1, true).greater(0);
        const picture = exactTo(there)(x, safe);
        return tf.where(tf.broadcastTo(inside, picture.shape), picture, tf.zerosLike(picture));
      };
      return answer(starts, places.from, places.middle).add(answer(middles, places.middle, places.to));
    };
    const { x, t, answer } = twoStepsInOne(teacher, x0, schedule, count, 'x0');
    const rows = at(t, places.from.t) as tf.Tensor2D; // [64, count]
    const [from, to] = [places.from, places.to].map(place => ({
      t,
      signal: tf.matMul(rows, place.signal as tf.Tensor2D),
      noise: tf.matMul(rows, place.noise as tf.Tensor2D),
    }));
    const exact = exactTo(to)(x, from);
    assert.ok(largest(answer, exact) < 2e-4, `${count}: ${largest(answer, exact)}`);
  }
});

/** What is expected of x0, given x: the best answer for a bell, whose steps of DDIM are not exact. */
const guess = (x: tf.Tensor, { signal, noise }: Place) =>
  x.mul(signal.mul(STD ** 2)).div(signal.mul(STD).square().add(noise.square()));

test('for a bell the answer is the product of two known factors, whatever is predicted', () => {
  const x0 = tf.tensor2d([[0.3], [-1], [2]]);
  const [a, b] = [trailingSteps(1000, 2)[0], trailingSteps(1000, 2)[1]].map(t => schedule.alphaBar[t]);
  const best = (alphaBar: number) => (Math.sqrt(alphaBar) * STD ** 2) / (alphaBar * STD ** 2 + 1 - alphaBar); // x̂0 = best·x
  const onward = best(a) * Math.sqrt(b) + ((1 - Math.sqrt(a) * best(a)) / Math.sqrt(1 - a)) * Math.sqrt(1 - b);
  const factor = onward * best(b); // from t = 999 by way of 499 to the picture
  const model = (kind: Prediction) => (x: tf.Tensor, t: tf.Tensor) => {
    const alphaBar = tf.gather(tf.tensor1d(schedule.alphaBar), t.toInt()).reshape([-1, 1]);
    const place = { t, signal: alphaBar.sqrt(), noise: tf.sub(1, alphaBar).sqrt() };
    const picture = guess(x, place);
    const eps = x.sub(picture.mul(place.signal)).div(place.noise);
    return { x0: picture, eps, v: eps.mul(place.signal).sub(picture.mul(place.noise)) }[kind];
  };
  for (const kind of ['x0', 'v'] as const) {
    random.seed(7);
    const { x, answer } = twoStepsInOne(model(kind), x0, schedule, 1, kind);
    const picture = x.mul(factor);
    const eps = x.sub(picture.mul(Math.sqrt(a))).div(Math.sqrt(1 - a));
    const expected = kind === 'x0' ? picture : eps.mul(Math.sqrt(a)).sub(picture.mul(Math.sqrt(1 - a)));
    assert.ok(largest(answer, expected) < 1e-4, kind);
  }
});

test('what a student learns on a bell is the closed form, and the gradient is that of the squared error', () => {
  const teacher = (x: tf.Tensor, t: tf.Tensor) => {
    const alphaBar = tf.gather(tf.tensor1d(schedule.alphaBar), t.toInt()).reshape([-1, 1]);
    return guess(x, { t, signal: alphaBar.sqrt(), noise: tf.sub(1, alphaBar).sqrt() });
  };
  random.seed(8);
  const share = tf.variable(tf.scalar(0)); // the student: x̂0 = share·x
  const { x, answer } = twoStepsInOne(teacher, random.normal([256, 1]).mul(STD), schedule, 1, 'x0');
  const loss = () => mse(x.mul(share), answer) as tf.Scalar;
  const { grads } = tf.variableGrads(loss, [share]);
  const nudged = (by: number) => tf.tidy(() => mse(x.mul(share.add(by)), answer).dataSync()[0]);
  const slope = (nudged(0.05) - nudged(-0.05)) / 0.1; // exact for a square
  assert.ok(Math.abs(Object.values(grads)[0].dataSync()[0] - slope) < 1e-4);
  const adam = new Adam([share], { learningRate: 0.05 });
  for (let i = 0; i < 200; i++) adam.minimize(loss).dispose();
  const wanted = tf.tidy(() => answer.div(x).mean().dataSync()[0]); // one factor for all x
  assert.ok(Math.abs(share.dataSync()[0] - wanted) < 1e-3, `${share.dataSync()[0]} against ${wanted}`);
});
