/**
 * What lesson 22 starts from, and its runs that take too long to wait for: `node --import tsx scripts/train/reasoner.ts RUN…`
 * with the runs below, in this order; `zero:3` is the run zero from seed 3 alone. Writes pair-solver.safetensors and a line per ten rounds into pair-solver.log. 1,500 steps
 * of `base` are too few: 1.4 % of its answers were right.
 */
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import {
  type Demonstrator,
  PAIR_MARKS,
  PAIR_PROMPT,
  type PairQuestion,
  pairDemonstration,
  pairPrompt,
  pairQuestion,
} from '../../lib/data';
import {
  type Demonstration,
  examinePairs,
  Gpt,
  type GptConfig,
  Grpo,
  type GrpoOptions,
  imitationLoss,
  PAIR_SOLVER,
  PAIR_STUDENT,
  type PairSummary,
  type Rollout,
  Rollouts,
  summarisePairs,
  textBatches,
  verdictOf,
} from '../../lib/models';
import { Adam, loadModule, saveModule } from '../../lib/nn';
import { compile, HostRandom, random, start, tf } from '../../lib/runtime';
import { logFile, riseAndFall, sayAndKeep, weightsFile } from './common';

const LOG = logFile('pair-solver');
const FOLDER = path.join(__dirname, '../../checkpoints');
const kept = (name: string) => path.join(FOLDER, `pairs-${name}.safetensors`);

const processor = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const rounded = (record: object) =>
  Object.fromEntries(Object.entries(record).map(([key, v]) => [key, typeof v === 'number' ? Number(v.toFixed(4)) : v]));
/** The log is long, so it is kept packed; tests/packed.ts packs it again. */
function unpackLog(): void {
  if (!fs.existsSync(LOG) && fs.existsSync(`${LOG}.br`))
    fs.writeFileSync(LOG, zlib.brotliDecompressSync(fs.readFileSync(`${LOG}.br`)));
}
const note = (line: object) => {
  sayAndKeep(LOG, rounded(line));
};

/** Learns to go on like the texts that `make` writes. */
function imitate(
  net: Gpt,
  make: (random: HostRandom) => Demonstration,
  steps: number,
  { seed = 7, size = 32, learningRate = 4e-3 } = {},
) {
  const random = new HostRandom(seed);
  const optimiser = new Adam(net.parameters(), { learningRate, beta2: 0.99, weightDecay: 0.01, clipNorm: 1 });
  const rate = riseAndFall({ learningRate, warmUp: 50, steps, decay: 0.4 });
  const step = compile((batch: { ids: tf.Tensor; weight: tf.Tensor }) =>
    optimiser.minimize(() => imitationLoss(net, batch)),
  );
  function* endless() {
    for (;;) {
      const texts = Array.from({ length: 8 * size }, () => make(random));
      yield* textBatches(texts, size, net.config.context, random);
    }
  }
  const batches = endless();
  let loss = Number.NaN;
  for (let done = 0; done < steps; done++) {
    const batch = batches.next().value as { ids: tf.Tensor2D; weight: tf.Tensor2D }; // they never end
    tf.tidy(() => {
      optimiser.learningRate.assign(tf.scalar(Math.max(1e-9, rate(done))));
      loss = step(batch).dataSync()[0];
    });
    tf.dispose(batch);
    if ((done + 1) % 200 === 0) console.log(done + 1, loss.toFixed(4), processor().toFixed(0));
  }
  step.dispose();
  optimiser.dispose();
  return loss;
}

const demonstrator =
  (options: Demonstrator) =>
  (random: HostRandom): Demonstration => {
    const question = pairQuestion(random);
    return { tokens: [...pairPrompt(question), ...pairDemonstration(question, random, options)], prompt: PAIR_PROMPT };
  };

const fresh = (config: GptConfig, from?: string): Gpt => {
  const net = new Gpt(config);
  if (from) loadModule(kept(from), net);
  return net;
};

type Reward = (question: PairQuestion, rollout: Rollout) => number;
const right: Reward = (question, rollout) => Number(verdictOf(question, rollout).right);

/** 1 for right, and half a point for one way of writing numbers. */
const tidy =
  (onlyRight: boolean): Reward =>
  (question, rollout) => {
    const { right: good, mixed } = verdictOf(question, rollout);
    return Number(good) + (!mixed && (good || !onlyRight) ? 0.5 : 0);
  };

/** GRPO for `rounds` rounds; a line in the log for each ten. */
function reinforce(
  net: Gpt,
  run: string,
  {
    rounds,
    seed,
    reward = right,
    ...options
  }: { rounds: number; seed: number; reward?: Reward } & Partial<GrpoOptions>,
): PairSummary {
  random.seed(seed);
  const ask = new HostRandom(1000 + seed);
  const grpo = new Grpo(net, {
    end: PAIR_MARKS.end,
    questions: QUESTIONS,
    learningRate: 3e-4,
    average: 'token',
    ...options,
  });
  const sums: Record<string, number> = {};
  for (let done = 1; done <= rounds; done++) {
    const spare = options.resample ? SPARE : 1;
    const questions = Array.from({ length: spare * QUESTIONS }, () => pairQuestion(ask));
    const { rollouts, rewards, ...said } = grpo.round(questions.map(pairPrompt), (rollout, i) =>
      reward(questions[i], rollout),
    );
    const size = rollouts.length / QUESTIONS;
    const asked = rollouts.map((_, i) => questions[Math.floor(i / size)]);
    const wrong = rollouts.filter((rollout, i) => !verdictOf(asked[i], rollout).right);
    const wrongLength =
      wrong.reduce((sum, { tokens, prompt }) => sum + tokens.length - prompt, 0) / Math.max(1, wrong.length);
    for (const [name, value] of Object.entries({ ...said, ...summarisePairs(asked, rollouts), wrongLength })) {
      sums[name] = (sums[name] ?? 0) + value / 10;
    }
    if (done % 10 === 0) {
      note({ run, seed, round: done, ...sums, cpu: processor() });
      for (const name of Object.keys(sums)) delete sums[name];
    }
  }
  grpo.dispose();
  return report(net, run, seed);
}

/** The exam of 512 questions, drawn and greedy. */
function report(net: Gpt, run: string, seed: number): PairSummary {
  const { summary } = examinePairs(net, { count: 512 });
  const greedy = examinePairs(net, { count: 512, temperature: 0 }).summary;
  note({
    run,
    seed,
    exam: 512,
    ...summary,
    greedy: greedy.right,
    greedyLength: greedy.length,
    parameters: net.parameterCount(),
    cpu: processor(),
  });
  return summary;
}

/** Right answers of a net with true sums, to learn from. */
function traces(net: Gpt, wanted: number): Demonstration[] {
  const found: Demonstration[] = [];
  const ask = new HostRandom(500);
  const sampler = new Rollouts(net, { batch: 512, end: PAIR_MARKS.end });
  while (found.length < wanted) {
    const questions = Array.from({ length: 512 }, () => pairQuestion(ask));
    found.push(
      ...sampler.sample(questions.map(pairPrompt)).filter((rollout, i) => {
        const verdict = verdictOf(questions[i], rollout);
        return verdict.right && verdict.falseSums === 0;
      }),
    );
  }
  sampler.dispose();
  return found.slice(0, wanted);
}

const SEEDS = [1, 2, 3];
const ROUNDS = 80;
/** Questions of a round. */
const QUESTIONS = 16;
/** As many times are at hand where silent groups are replaced. */
const SPARE = 4;
const BETA = 0.01;
/** What the demonstrations of the cold start are like. */
const COLD = { quit: 0.3 };
/** Batches that a student imitates. */
const IMITATED = 1500;
/** Two updates a round, so that ratios leave 1 and clipping has something to do. */
const TWICE = { rounds: 40, updates: 2 };

const RUNS: Record<string, () => Promise<void> | void> = {
  /** A net that has read scribbles in both notations and often gives up. */
  base() {
    const net = fresh(PAIR_SOLVER);
    imitate(net, demonstrator({ quit: 0.5, characters: 0.5 }), 2600);
    saveModule(kept('base'), net);
    report(net, 'base', 1);
  },
  /** Its cold start: tidy demonstrations in digits. */
  start() {
    const net = fresh(PAIR_SOLVER, 'base');
    imitate(net, demonstrator(COLD), 1300, { seed: 8, learningRate: 2e-3 });
    saveModule(kept('start'), net);
    const { right: share } = report(net, 'start', 1);
    const facts = { made: 'scripts/train/reasoner.ts', steps: '2600 + 1300', batch: '32', right: share.toFixed(3) };
    saveModule(weightsFile('pair-solver'), net, facts, { half: true });
  },
  main: () => each([...SEEDS, 4], seed => reinforced('main', 'start', seed, { beta: BETA })),
  zero: () => each(SEEDS, seed => reinforced('zero', 'base', seed, { beta: BETA })),
  /** Half a point for one way of writing numbers, right or wrong: giving up at once earns it. */
  language: () => each(SEEDS, seed => reinforced('language', 'base', seed, { beta: BETA, reward: tidy(false) })),
  /** The same half point, for right answers only. */
  'language-right': () =>
    each(SEEDS, seed => reinforced('language-right', 'base', seed, { beta: BETA, reward: tidy(true) })),
  distilled: () => taughtBy('main-1', 'distilled'),
  /** Right answers of a teacher that no reward has changed: is it their choice that helps? */
  picked: () => taughtBy('start', 'picked'),
  student() {
    each(SEEDS, seed => {
      random.seed(seed);
      const student = fresh(PAIR_STUDENT);
      imitate(student, demonstrator(COLD), IMITATED, { seed });
      report(student, 'student-start', seed);
      reinforce(student, 'student', { rounds: ROUNDS, seed });
    });
  },
  /** Right answers that a student chose among its own, before any reward: must somebody larger write them? */
  own() {
    each(SEEDS, seed => {
      random.seed(seed);
      const writer = fresh(PAIR_STUDENT);
      imitate(writer, demonstrator(COLD), IMITATED, { seed });
      const texts = traces(writer, 3000);
      note({ run: 'own', seed, texts: texts.length, length: meanLength(texts) });
      pupil('own', texts, seed);
    });
  },
  /** Demonstrations that often know the answer at once. */
  knows() {
    const net = fresh(PAIR_SOLVER, 'base');
    imitate(net, demonstrator({ quit: 0.3, direct: 0.5 }), 4000, { seed: 9, learningRate: 3e-3 });
    saveModule(kept('knows'), net);
    report(net, 'knows', 1);
  },
  longer: () => each(SEEDS, seed => reinforced('longer', 'knows', seed, { beta: BETA })),
  /** The same start and settings, but each token costs a little. */
  shorter: () =>
    each(SEEDS, seed =>
      reinforced('shorter', 'knows', seed, {
        beta: BETA,
        reward: (question, rollout) => right(question, rollout) - 0.04 * (rollout.tokens.length - rollout.prompt),
      }),
    ),
  /** Later corrections, from the same start. */
  answer: () => each(SEEDS, seed => reinforced('answer', 'start', seed, { ...TWICE, average: 'answer' })),
  dr: () => each(SEEDS, seed => reinforced('dr', 'start', seed, { ...TWICE, average: 41, scaled: false })),
  dapo: () => each(SEEDS, seed => reinforced('dapo', 'start', seed, { ...TWICE, average: 'token', high: 0.28 })),
  resample: () =>
    each(SEEDS, seed =>
      reinforced('resample', 'start', seed, { ...TWICE, average: 'token', high: 0.28, resample: true }),
    ),
};

/** Seeds asked for behind the name of a run. */
let wanted: number[] | undefined;
const each = (seeds: readonly number[], work: (seed: number) => void) => (wanted ?? seeds).forEach(work);

const meanLength = (texts: readonly Demonstration[]) =>
  texts.reduce((sum, text) => sum + text.tokens.length - text.prompt, 0) / texts.length;

/** A small net that imitates these answers. */
function pupil(run: string, texts: readonly Demonstration[], seed: number): void {
  random.seed(seed);
  const student = fresh(PAIR_STUDENT);
  imitate(student, random => texts[random.integer(texts.length)], IMITATED, { seed });
  report(student, run, seed);
}

/** Small nets that imitate 3,000 right answers of a teacher. */
function taughtBy(teacher: string, run: string): void {
  const texts = traces(fresh(PAIR_SOLVER, teacher), 3000);
  note({ run, texts: texts.length, length: meanLength(texts) });
  each(SEEDS, seed => pupil(run, texts, seed));
}

function reinforced(
  run: string,
  from: string,
  seed: number,
  options: Partial<GrpoOptions> & { rounds?: number; reward?: Reward },
) {
  const net = fresh(PAIR_SOLVER, from);
  const reference = options.beta ? fresh(PAIR_SOLVER, from) : undefined;
  reinforce(net, run, { rounds: ROUNDS, seed, reference, ...options });
  saveModule(kept(`${run}-${seed}`), net);
  tf.dispose([...net.parameters(), ...(reference?.parameters() ?? [])]);
}

async function main(): Promise<void> {
  unpackLog();
  fs.mkdirSync(FOLDER, { recursive: true });
  for (const argument of process.argv.slice(2)) {
    const [name, seeds] = argument.split(':');
    wanted = seeds?.split(',').map(Number);
    if (!RUNS[name]) throw new Error(`no run '${name}'; there are ${Object.keys(RUNS).join(', ')}`);
    await start({ seed: 22 });
    await RUNS[name]();
  }
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
