/** Solvers and flows against closed forms, and against diffusers' schedulers (ode_reference.py). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ddim,
  dpmSolver2M,
  euler,
  type Field,
  flowField,
  flowLoss,
  flowTimes,
  heun,
  karrasLevels,
  linearSchedule,
  noiseField,
  noiseLevels,
  type OdeSolver,
  onLine,
  type Prediction,
  sample,
  scaledLinearSchedule,
  solve,
  spacedSteps,
  trailingSteps,
  weightsAt,
  zeroTerminal,
} from '../../lib/diffusion';
import { random, tf } from '../../lib/runtime';
import { readPacked } from '../packed';

const largest = (a: tf.Tensor, b: tf.Tensor) => tf.tidy(() => a.sub(b).abs().max().dataSync()[0]);

/** Data from a bell of mean 0.7 and standard deviation 0.5: the expected noise and velocity are known, and so is the path. */
const [MEAN, STD] = [0.7, 0.5];
const bellNoise: Field = (x, sigma) =>
  x
    .sub(MEAN)
    .mul(sigma)
    .div(sigma.square().add(STD ** 2));
const bellPath = (x: tf.Tensor, from: number, to: number) =>
  x
    .sub(MEAN)
    .mul(Math.sqrt((STD ** 2 + to ** 2) / (STD ** 2 + from ** 2)))
    .add(MEAN);
const bellVelocity: Field = (x, t) => {
  const left = tf.sub(1, t); //                                        weight of the data
  const deviation = x.sub(left.mul(MEAN)).div(
    left
      .square()
      .mul(STD ** 2)
      .add(t.square()),
  );
  return deviation
    .mul(t)
    .sub(deviation.mul(left).mul(STD ** 2))
    .sub(MEAN); // E[noise] − E[x0]
};

/** Error at the end for 8, 16, 32 and 64 steps, and the order that the last three doublings show. */
async function orderOf(
  field: Field,
  solver: OdeSolver,
  levelsOf: (steps: number) => number[],
  exact: tf.Tensor,
  start: tf.Tensor,
) {
  const errors: number[] = [];
  for (const steps of [8, 16, 32, 64]) {
    const x = await solve(field, { start, levels: levelsOf(steps), solver });
    errors.push(largest(x, exact));
    x.dispose();
  }
  return { errors, order: Math.log2(errors[1] / errors[3]) / 2 };
}

test('on a bell every solver runs into the exact path: Euler with order 1, Heun and DPM-Solver++(2M) with 2', async () => {
  const start = tf.tensor2d([[-8, 3, 10, 14]]); // at σ = 10
  const exact = bellPath(start, 10, 0.1);
  const levels = (steps: number) => karrasLevels(steps + 1, 0.1, 10).slice(0, -1);
  for (const [solver, expected] of [
    [euler, 1],
    [heun, 2],
    [dpmSolver2M, 2],
  ] as const) {
    const { errors, order } = await orderOf(bellNoise, solver, levels, exact, start);
    assert.ok(Math.abs(order - expected) < 0.25, `order ${order} for ${expected}; errors ${errors}`);
    assert.ok(errors[3] < errors[0] / 2 ** (2 * expected), `${errors}`);
  }
});

test('on the flow of a bell Euler has order 1 and Heun 2, and both end at mean + std·noise', async () => {
  const start = tf.tensor2d([[-1.5, -0.2, 0.4, 2]]);
  const exact = start.mul(STD).add(MEAN);
  for (const [solver, expected] of [
    [euler, 1],
    [heun, 2],
  ] as const) {
    const { errors, order } = await orderOf(bellVelocity, solver, steps => flowTimes(steps), exact, start);
    assert.ok(Math.abs(order - expected) < 0.25, `order ${order} for ${expected}; errors ${errors}`);
  }
});

test('a straight line is followed exactly in one step of Euler, and its looks are counted', async () => {
  random.seed(2);
  const [x0, noise] = [random.normal([3, 2]), random.normal([3, 2])];
  const x = await solve(() => noise.sub(x0), { start: noise, levels: flowTimes(1), solver: euler });
  assert.ok(largest(x, x0) < 1e-6);
  for (const [solver, looks] of [
    [euler, 6],
    [heun, 11],
    [dpmSolver2M, 6],
  ] as const) {
    let count = 0;
    const slopeAt = (y: tf.Tensor) => {
      count++;
      return tf.zerosLike(y);
    };
    const levels = karrasLevels(6, 0.1, 10);
    for (let i = 0; i < 6; i++) solver(slopeAt, x0, levels[i], levels[i + 1], undefined);
    assert.equal(count, looks);
  }
});

test("Euler's method on the noise field is DDIM without fresh noise", async () => {
  random.seed(3);
  const [schedule, times] = [linearSchedule(), spacedSteps(1000, 12)];
  const model = (x: tf.Tensor, t: tf.Tensor) =>
    tf.tanh(x).mul(t.toFloat().div(1000).reshape([t.size, 1, 1, 1]).mul(0.5).add(0.4));
  const start = random.normal([2, 3, 3, 1]);
  const old = await sample(model, {
    schedule,
    shape: [2, 3, 3, 1],
    path: times,
    start,
    sampler: ddim(),
    clip: undefined,
  });
  const levels = noiseLevels(schedule, times);
  const x = await solve(noiseField(model, schedule), {
    start: start.mul(Math.hypot(1, levels[0])),
    levels,
    solver: euler,
  });
  assert.ok(largest(x, old) < 1e-4 * old.abs().max().dataSync()[0], `${largest(x, old)}`);
});

interface Case {
  kind: 'euler' | 'heun' | 'dpm' | 'flow';
  schedule: 'linear' | 'scaled_linear';
  prediction: 'epsilon' | 'v_prediction';
  karras: boolean;
  steps: number;
  shift: number;
  levels: number[];
  start: number[];
  end: number[];
}
const cases = readPacked<Case[]>(__dirname, 'ode_reference.json');
const bending = (x: tf.Tensor, t: tf.Tensor) => tf.tanh(x.mul(1.2)).mul(t.mul(0.0005).add(0.4)).add(0.05);

for (const each of cases) {
  const { kind, steps, start, end } = each;
  const name =
    kind === 'flow' ? `shift ${each.shift}` : `${each.schedule}, ${each.prediction}${each.karras ? ', Karras' : ''}`;
  test(`${kind}, ${name}, ${steps} steps: levels and end are diffusers' own`, async () => {
    const levels = levelsLike(each);
    const theirs = [...new Set(each.levels)]; //   Heun's list has each inner level twice
    assert.equal(levels.length, theirs.length);
    for (const [i, level] of levels.entries())
      assert.ok(Math.abs(level - theirs[i]) <= 2e-5 * theirs[i], `${level} ${theirs[i]}`);
    const scale = kind === 'dpm' ? Math.hypot(1, levels[0]) : 1;
    const x = await solve(fieldLike(each), {
      start: tf.tensor1d(start).mul(scale).expandDims(1),
      levels,
      solver: { euler, heun, dpm: dpmSolver2M, flow: euler }[kind],
    });
    const size = Math.max(...end.map(Math.abs));
    assert.ok(largest(x, tf.tensor2d(end, [6, 1])) < 1e-4 * size, `${x.dataSync()} for ${end}`);
  });
}

const scheduleOf = ({ schedule }: Case) => (schedule === 'linear' ? linearSchedule() : scaledLinearSchedule());

function levelsLike(each: Case): number[] {
  if (each.kind === 'flow') return flowTimes(each.steps, each.shift);
  const levels = noiseLevels(scheduleOf(each), trailingSteps(1000, each.steps));
  return each.karras ? karrasLevels(each.steps, levels[each.steps - 1], levels[0]) : levels;
}

function fieldLike(each: Case): Field {
  const model = (x: tf.Tensor, t: tf.Tensor) => bending(x, t.toFloat().expandDims(1));
  if (each.kind === 'flow') return flowField((x, t) => model(x, t.mul(1000)));
  return noiseField(model, scheduleOf(each), ({ epsilon: 'eps', v_prediction: 'v' } as const)[each.prediction]);
}

test('answers as noise, picture or velocity are one field', () => {
  random.seed(4);
  const schedule = linearSchedule();
  const [x0, eps] = [random.normal([2, 3]), random.normal([2, 3])];
  const { signal, noise } = weightsAt(schedule, tf.tensor1d([400, 400], 'int32'), 2);
  const answers: Record<Prediction, tf.Tensor> = { eps, x0, v: eps.mul(signal).sub(x0.mul(noise)) };
  const [level] = noiseLevels(schedule, [400]);
  const x = x0.add(eps.mul(level));
  for (const kind of ['eps', 'x0', 'v'] as const) {
    const asked: number[] = [];
    const model = (_: tf.Tensor, t: tf.Tensor) => {
      asked.push(...t.dataSync());
      return answers[kind];
    };
    const field = noiseField(model, schedule, kind);
    assert.ok(largest(field(x, tf.scalar(level)), eps) < 1e-4, kind);
    assert.ok(
      asked.every(t => Math.abs(t - 400) < 0.01),
      `asked at ${asked}`,
    );
  }
});

test('a flow that answers 0 has loss 1 + the mean square of the data; one that knows the line has none', () => {
  random.seed(5);
  const [x0, noise] = [random.normal([4000, 3]).mul(2), random.normal([4000, 3])];
  assert.ok(Math.abs(flowLoss(x => tf.zerosLike(x), x0).dataSync()[0] - 5) < 0.3);
  assert.ok(flowLoss(() => noise.sub(x0), x0, noise).dataSync()[0] < 1e-10);
  const t = tf.fill([4000], 0.25);
  assert.ok(largest(onLine(x0, noise, t), x0.mul(0.75).add(noise.mul(0.25))) < 1e-6);
});

test('solve leaves nothing behind, shows each step, and refuses what does not fit', async () => {
  const start = tf.ones([2, 2]);
  const before = tf.memory().numTensors;
  const seen: number[] = [];
  const x = await solve(bellNoise, {
    start,
    levels: [4, 2, 1, 0],
    solver: dpmSolver2M,
    onStep: s => void seen.push(s.level),
  });
  x.dispose();
  assert.equal(tf.memory().numTensors, before);
  assert.deepEqual(seen, [2, 1, 0]);
  await assert.rejects(solve(bellNoise, { start, levels: [1] }), /two at the least, got 1/);
  await assert.rejects(solve(bellNoise, { start, levels: [1, 2] }), /levels must fall, got 2 after 1/);
  await assert.rejects(
    solve(y => y.sum(), { start, levels: [1, 0] }),
    /the slope and x of one shape/,
  );
  assert.throws(() => noiseLevels(zeroTerminal(linearSchedule()), [999]), /σ at t = 999 must be finite.*start lower/);
  assert.throws(() => karrasLevels(5, 2, 1), /lowest level must be positive and below 1/);
  assert.throws(() => flowTimes(4, 0), /shift must be positive/);
  assert.throws(() => onLine(start, tf.ones([2, 3]), tf.ones([2])), /of one shape/);
});
