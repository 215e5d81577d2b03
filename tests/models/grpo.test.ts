/** Rollouts and GRPO: what is drawn is what the model says, what earns more becomes likelier, and wrong settings are refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pairQuestion } from '../../lib/data';
import {
  examinePairs,
  Gpt,
  Grpo,
  imitationLoss,
  loadPretrained,
  PAIR_SOLVER,
  PAIR_STUDENT,
  Rollouts,
  rolloutBatch,
  summarisePairs,
  textBatches,
  tokenLogProbs,
  trainingLog,
} from '../../lib/models';
import { HostRandom, random, tf } from '../../lib/runtime';
import { checkSettings, checkShapes } from '../ranges';

const TINY = { vocab: 6, context: 21, layers: 2, heads: 2, width: 8 };
const END = 5;
const TEXT = { tokens: [1, 2, 3], prompt: 1, logProbs: [0, 0], finished: true };
const net = (seed = 3) => {
  random.seed(seed);
  const made = new Gpt(TINY);
  for (const weight of made.parameters()) tf.tidy(() => weight.assign(weight.add(random.normal(weight.shape, 0, 0.3))));
  return made;
};

test('log-probabilities from the cache are those of the whole text, for prompts of different lengths', () => {
  const model = net();
  const sampler = new Rollouts(model, { batch: 3, end: END });
  const rollouts = sampler.sample([[0], [1, 2, 3], [4, 4, 4, 4, 4, 4, 4, 4, 4, 0]]);
  for (const { tokens, prompt, logProbs, finished } of rollouts) {
    assert.equal(logProbs.length, tokens.length - prompt);
    assert.equal(finished, tokens[tokens.length - 1] === END);
    assert.ok(finished || tokens.length === TINY.context);
    assert.equal(tokens.indexOf(END, prompt), finished ? tokens.length - 1 : -1, 'nothing comes after the end');
    const all = tokenLogProbs(model, tf.tensor2d([tokens], undefined, 'int32')).dataSync();
    logProbs.forEach((logp, i) => {
      assert.ok(Math.abs(logp - all[prompt - 1 + i]) < 1e-4, `${logp} and ${all[prompt - 1 + i]}`);
    });
  }
  assert.deepEqual(
    rollouts.map(({ tokens, prompt }) => tokens.slice(0, prompt)),
    [[0], [1, 2, 3], [4, 4, 4, 4, 4, 4, 4, 4, 4, 0]],
  );
  const { ids, weight, old } = rolloutBatch(rollouts, TINY.context);
  const ratios = tf.tidy(() => tokenLogProbs(model, ids).sub(old).exp().mul(weight).add(tf.scalar(1).sub(weight)));
  assert.ok(
    ratios.dataSync().every(ratio => Math.abs(ratio - 1) < 1e-4),
    'ratio 1 before any update',
  );
  sampler.dispose();
});

test('drawn as often as the model says; temperature 0 takes the likeliest; nothing is left behind', () => {
  const model = net(4);
  const sampler = new Rollouts(model, { batch: 2000, length: 3, end: END });
  const prompts = Array.from({ length: 2000 }, () => [1, 2]);
  const wanted = tf.tidy(() =>
    model
      .forward(tf.tensor2d([[1, 2]], undefined, 'int32'))
      .softmax()
      .dataSync()
      .slice(6),
  );
  sampler.sample(prompts);
  const before = tf.memory().numTensors;
  const drawn = sampler.sample(prompts).map(({ tokens }) => tokens[2]);
  assert.equal(tf.memory().numTensors, before);
  wanted.forEach((p, id) => {
    const share = drawn.filter(token => token === id).length / 2000;
    assert.ok(Math.abs(share - p) < 4 * Math.sqrt((p * (1 - p)) / 2000) + 1e-3, `${id}: ${share}, expected ${p}`);
  });
  const best = wanted.indexOf(Math.max(...wanted));
  assert.ok(sampler.sample(prompts, { temperature: 0 }).every(({ tokens }) => tokens[2] === best));
  sampler.dispose();
});

test('a bandit: the token that earns becomes the likely one, and what it is held to keeps it near', () => {
  const share = (beta: number) => {
    const [model, reference] = [net(5), net(5)];
    const options = { end: END, questions: 4, size: 8, length: 3, learningRate: 0.01, beta, reference };
    const grpo = new Grpo(model, options);
    const prompts = Array.from({ length: 4 }, () => [0, 1]);
    let said = grpo.round(prompts, ({ tokens }) => Number(tokens[2] === 2));
    assert.ok(Math.abs(said.kl) < 1e-4, 'no distance before the first update');
    assert.equal(said.clipped, 0);
    for (let i = 0; i < 40; i++) said = grpo.round(prompts, ({ tokens }) => Number(tokens[2] === 2));
    grpo.dispose();
    return { reward: said.reward, kl: said.kl };
  };
  const [free, held] = [share(0), share(5)];
  assert.ok(free.reward > 0.95, `${free.reward}`);
  assert.ok(held.kl < free.kl / 3, `${held.kl} and ${free.kl}`);
});

test('rewards that are all the same move nothing', () => {
  const model = net(6);
  const before = model.parameters().map(weight => Array.from(weight.dataSync()));
  const grpo = new Grpo(model, { end: END, questions: 2, size: 4 });
  const { silent, loss } = grpo.round([[0], [1]], () => 1);
  assert.equal(silent, 1);
  assert.ok(Math.abs(loss) < 1e-6);
  model.parameters().forEach((weight, i) => {
    assert.ok(weight.dataSync().every((v, j) => Math.abs(v - before[i][j]) < 1e-6));
  });
  grpo.dispose();
});

test('imitation: an untrained net is surprised by ln(vocab); batches hold every text once', () => {
  const texts = Array.from({ length: 8 }, (_, i) => ({ tokens: Array(4 + i).fill(i % 5), prompt: 2 }));
  const batches = [...textBatches(texts, 2, TINY.context, new HostRandom(1))];
  assert.equal(batches.length, 4);
  const learnt = batches.reduce((sum, { weight }) => sum + weight.sum().dataSync()[0], 0);
  assert.equal(
    learnt,
    texts.reduce((sum, { tokens, prompt }) => sum + tokens.length - prompt, 0),
  );
  const loss = imitationLoss(new Gpt(TINY), batches[0]).dataSync()[0];
  assert.ok(Math.abs(loss - Math.log(6)) < 0.1, `${loss}`);
});

test('what is measured of the solvers', () => {
  assert.equal(new Gpt(PAIR_SOLVER).parameterCount(), 105856);
  const student = new Gpt(PAIR_STUDENT);
  assert.ok(student.parameterCount() < 35000);
  const { summary, rollouts } = examinePairs(student, { count: 8 });
  assert.equal(rollouts.length, 8);
  assert.ok(summary.length > 0 && summary.right <= 1);
  assert.throws(
    () => summarisePairs([pairQuestion(new HostRandom(1))], []),
    /expected a question for each answer.*got 1 and 0/,
  );
});

test('of a net whose weights are NaN nothing is drawn', () => {
  const broken = net();
  for (const weight of broken.parameters()) tf.tidy(() => weight.assign(tf.fill(weight.shape, Number.NaN)));
  const message = /log-probability of token 1 is NaN, expected a number/;
  for (const temperature of [0, 1])
    assert.throws(() => new Rollouts(broken, { batch: 1, end: END }).sample([[0]], { temperature }), message);
  assert.throws(() => new Grpo(broken, { end: END, questions: 1, size: 2 }).round([[0]], () => 1), message);
});

test('wrong settings and shapes are refused', async () => {
  const model = net();
  const sampler = new Rollouts(model, { batch: 1, end: END });
  const grpo = new Grpo(model, { end: END, questions: 2, size: 2 });
  const made = (options: object) => new Grpo(model, { end: END, questions: 2, size: 2, ...options });
  await checkShapes({
    'prompts, too few': () => sampler.sample([]),
    'prompt, empty': () => sampler.sample([[]]),
    'prompt, too long': () => sampler.sample([Array(21).fill(0)]),
    'prompt, no token': () => sampler.sample([[6]]),
    'questions of a round': () => grpo.round([[0]], () => 1),
    'ids of tokenLogProbs': () => tokenLogProbs(model, tf.zeros([3], 'int32')),
    'text beyond the context': () =>
      rolloutBatch([{ tokens: [1, 2, 3], prompt: 1, logProbs: [0, 0], finished: true }], 2),
    'a reference that learns': () => made({ reference: model }),
    'a reference with the weights that learn': () =>
      made({ reference: Object.assign(new Gpt(TINY), { transformer: model.transformer }) }),
    'a reference of other tokens': () => made({ reference: new Gpt({ ...TINY, vocab: 7 }) }),
    'a reference of a shorter context': () => made({ reference: new Gpt({ ...TINY, context: 8 }) }),
    'beta without a reference': () => made({ beta: 0.1 }),
    'a text without a prompt': () => rolloutBatch([{ ...TEXT, prompt: 0, logProbs: [0, 0, 0] }], 8),
    'a prompt longer than its text': () => rolloutBatch([{ ...TEXT, prompt: 4, logProbs: [] }], 8),
    'fewer log-probabilities than tokens': () => rolloutBatch([{ ...TEXT, logProbs: [0] }], 8),
    'a token that is no number': () => rolloutBatch([{ ...TEXT, tokens: [1, 2, Number.NaN] }], 8),
    'no texts': () => rolloutBatch([], 8),
    imitationLoss: () => imitationLoss(model, { ids: tf.zeros([2, 4], 'int32'), weight: tf.zeros([2, 4]) }),
    textBatches: () => [...textBatches([{ tokens: [1, 2], prompt: 1 }], 2, 8, new HostRandom(1))],
  });
  await checkSettings([
    { name: 'batch', use: batch => new Rollouts(model, { batch, end: END }), wrong: [0, 1.5], right: [1] },
    {
      name: 'length',
      use: length => new Rollouts(model, { batch: 1, length, end: END }),
      wrong: [0, 22],
      right: [2, 21],
    },
    { name: 'end', use: end => new Rollouts(model, { batch: 1, end }), wrong: [-1, 6], right: [0] },
    { name: 'temperature', use: temperature => sampler.sample([[0]], { temperature }), wrong: [-1], right: [0, 2] },
    { name: 'questions', use: questions => made({ questions }), wrong: [0, 1.5], right: [1] },
    { name: 'size', use: size => made({ size }), wrong: [0, 1, 1.5], right: [2] },
    { name: 'updates', use: updates => made({ updates }), wrong: [0, 1.5], right: [2] },
    { name: 'warmUp', use: warmUp => made({ warmUp }), wrong: [-1, 1.5], right: [0] },
    { name: 'learningRate', use: learningRate => made({ learningRate }), wrong: [0, -1], right: [0.1] },
    { name: 'a reward', use: r => grpo.round([[0], [1]], () => r), right: [0, -2.5] },
    { name: 'count', use: count => examinePairs(new Gpt(PAIR_STUDENT), { count }), wrong: [0, 1.5], right: [1] },
  ]);
});

test('the solver that comes with the course does what its log says', () => {
  const solver = new Gpt(PAIR_SOLVER);
  const { right } = loadPretrained('pair-solver', solver);
  const [base, start] = trainingLog('pair-solver').filter(({ exam }) => exam);
  assert.ok(Number(start.right) > Number(base.right));
  const found = examinePairs(solver).summary.right; // of 256 questions: three standard errors are 0.075
  assert.ok(Math.abs(found - Number(right)) < 0.075, `${found}, the log says ${right}`);
});

test('resampling: questions whose answers all earn the same make room for others, and no more are asked than needed', () => {
  /** Answers to questions below `from` earn nothing, those above by turns 1 and 0. */
  const round = (count: number, from: number, resample = true) => {
    const model = net(7);
    const before = model.parameters().map(weight => Array.from(weight.dataSync()));
    const grpo = new Grpo(model, { end: END, questions: 2, size: 4, resample });
    const turns = new Map<number, number>();
    const prompts = Array.from({ length: count }, (_, i) => [i % 5]);
    const said = grpo.round(prompts, (_, question) => {
      const turn = turns.get(question) ?? 0;
      turns.set(question, turn + 1);
      return question < from ? 0 : turn % 2;
    });
    grpo.dispose();
    const moved = model
      .parameters()
      .some((weight, i) => weight.dataSync().some((v, j) => Math.abs(v - before[i][j]) > 1e-7));
    return { asked: said.asked, answered: turns.size, silent: said.silent, moved, rollouts: said.rollouts.length };
  };
  const of = { silent: 1, rollouts: 8 }; // what is said of a round is said of its first questions
  assert.deepEqual(round(8, 3), { asked: 6, answered: 6, moved: true, ...of });
  assert.deepEqual(round(8, 99), { asked: 8, answered: 8, moved: false, ...of });
  assert.deepEqual(round(8, 0), { asked: 2, answered: 2, moved: true, ...of, silent: 0 });
  assert.deepEqual(round(2, 2, false), { asked: 2, answered: 2, moved: false, ...of });
  const grpo = new Grpo(net(7), { end: END, questions: 2, size: 2, resample: true });
  for (const prompts of [[], [[0]], [[0], [1], [2]]])
    assert.throws(() => grpo.round(prompts, () => 1), /expected 2 prompts or a multiple of them.*got [013]/);
  grpo.dispose();
});
