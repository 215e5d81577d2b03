/**
 * Group relative policy optimisation (Shao et al. 2024, DeepSeekMath, algorithm 1): several answers to each question, a reward
 * for each, and a step toward those that earned more than the others to the same question. There is no critic.
 */
import { Adam } from '../nn';
import { compile, tf } from '../runtime';
import { expectCount, expectNumber, expectReference } from '../runtime/expect';
import { groupAdvantages, type PolicyLossOptions, policyLoss, silentGroups } from '../training';
import { type PolicyModel, type Rollout, Rollouts, rolloutBatch, tokenLogProbs } from './rollouts';

export interface GrpoOptions extends PolicyLossOptions {
  /** Token after which an answer is over. */
  end: number;
  /** Questions of a round. */
  questions?: number;
  /** Answers to each. */
  size?: number;
  /** Longest text with its prompt; the model's context unless given. */
  length?: number;
  learningRate?: number;
  /** Steps of the straight rise of the rate. */
  warmUp?: number;
  /** Steps of the optimiser on the answers of one round. */
  updates?: number;
  /** Divides advantages by the group's standard deviation. */
  scaled?: boolean;
  /** Asks further questions in place of those whose answers all earned the same (Yu et al. 2025, DAPO's dynamic sampling). */
  resample?: boolean;
  /** What the policy is held to with weight `beta`; it must be a net of its own, not one that learns. */
  reference?: PolicyModel;
}

/** What happened in a round: of its first questions, one for each of `questions`, but for what says otherwise. */
export interface GrpoRound extends Answers {
  /** How many questions were asked; more than `questions` only with `resample`. */
  asked: number;
  /** Mean of the rewards. */
  reward: number;
  /** Mean tokens of an answer. */
  length: number;
  /** Share of answers that reached the end mark. */
  finished: number;
  /** Share of groups whose answers all earned the same. */
  silent: number;
  /** Nats that a token of the answers was surprising when it was drawn: an estimate of the policy's entropy. */
  entropy: number;
  /** Mean of k3 over the tokens, at the last update; 0 without a reference. */
  kl: number;
  /** Share of tokens whose gradient was clipped, at the last update. */
  clipped: number;
  loss: number;
}

interface Answers {
  rollouts: Rollout[];
  rewards: number[];
}
type Prompts = readonly (readonly number[])[];
/** Of an answer to the question with this number. */
type Reward = (rollout: Rollout, question: number) => number;

/** A reference stands still, reads the same tokens, and is asked for with `beta`. */
function checkReference(model: PolicyModel, { reference, beta = 0 }: GrpoOptions): void {
  expectReference(beta, reference);
  if (!reference) return;
  const own = new Set(model.parameters());
  if (reference.parameters().some(weight => own.has(weight)))
    throw new Error(
      'expected a reference that does not learn, got the policy itself; load its weights into another net',
    );
  const [{ vocab, context }, other] = [model.config, reference.config];
  if (other.vocab !== vocab || other.context < context)
    throw new Error(
      `expected a reference of the policy's ${vocab} tokens and context of ${context}, got ${other.vocab} and ${other.context}`,
    );
}

/**
 * @see notebooks/22-r1.ipynb
 * @example
 * const net = new Gpt({ vocab: 5, context: 16, layers: 1, heads: 1, width: 8 });
 * const grpo = new Grpo(net, { end: 4, questions: 2, size: 3 });
 * grpo.round([[0], [1]], ({ finished }) => Number(finished)).rewards.length // → 6
 */
export class Grpo {
  private readonly sampler: Rollouts;
  private readonly optimiser: Adam;
  private readonly asked?: ReturnType<Grpo['reference']>;
  private readonly step: ReturnType<Grpo['compiled']>;
  private readonly rate: (step: number) => number;
  private readonly questions: number;
  private readonly size: number;
  private readonly updates: number;
  private done = 0;

  constructor(
    readonly model: PolicyModel,
    private readonly options: GrpoOptions,
  ) {
    const { questions = 16, size = 8, updates = 1, learningRate = 3e-4, warmUp = 10 } = options;
    this.questions = expectCount('questions of a round', questions);
    this.size = expectNumber('answers of a group', size, { from: 2, whole: true }, 'one alone is worth 0, always');
    this.updates = expectCount('updates of a round', updates);
    expectNumber('warmUp', warmUp, { from: 0, whole: true });
    checkReference(model, options);
    this.sampler = new Rollouts(model, { batch: questions * size, length: options.length, end: options.end });
    this.optimiser = new Adam(model.parameters(), { learningRate, beta2: 0.99, clipNorm: 1 });
    this.rate = step => learningRate * Math.min(1, (step + 1) / Math.max(1, warmUp));
    this.asked = options.reference && this.reference(options.reference);
    this.step = this.compiled();
  }

  private reference(model: PolicyModel) {
    return compile(({ ids }: { ids: tf.Tensor }) => tokenLogProbs(model, ids)); // [B, T−1]
  }

  private compiled() {
    const { reference: held } = this.options;
    return compile(
      (batch: { ids: tf.Tensor; old: tf.Tensor; far: tf.Tensor; advantages: tf.Tensor; weight: tf.Tensor }) =>
        this.optimiser.minimize(() => {
          const { ids, old, far, advantages, weight } = batch;
          const logp = tokenLogProbs(this.model, ids, true); // [B, T−1]
          return policyLoss({ logp, old, reference: held && far, advantages, weight }, this.options);
        }),
    );
  }

  /**
   * Draws `size` answers to each question, asks for their rewards, and moves the policy.
   * @param prompts one for each of `questions`; with `resample` a multiple of them, of which as few are asked as it takes
   * @param reward of an answer to the question with this number
   */
  round(prompts: Prompts, reward: Reward): GrpoRound {
    this.checkPrompts(prompts.length);
    const first = this.answers(prompts, 0, reward);
    const { asked, ...learnt } = this.options.resample
      ? this.loud(first, prompts, reward)
      : { asked: this.questions, ...first };
    const { loss, kl, clipped } = this.learn(learnt.rollouts, groupAdvantages(learnt.rewards, this.size, this.options));
    const { rollouts, rewards } = first;
    const drawn = rollouts.flatMap(({ logProbs }) => logProbs);
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    return {
      rollouts,
      rewards,
      asked,
      reward: mean(rewards),
      length: drawn.length / rollouts.length,
      finished: mean(rollouts.map(({ finished }) => Number(finished))),
      silent: silentGroups(rewards, this.size),
      entropy: -mean(drawn),
      kl,
      clipped,
      loss,
    };
  }

  private checkPrompts(count: number): void {
    const { questions, options } = this;
    if (!options.resample && count !== questions) throw new Error(`expected ${questions} prompts, got ${count}`);
    if (options.resample && (count === 0 || count % questions !== 0))
      throw new Error(`expected ${questions} prompts or a multiple of them, to resample from, got ${count}`);
  }

  /** Answers to `questions` of the prompts and their rewards, `from` the one with this number on. */
  private answers(prompts: Prompts, from: number, reward: Reward): Answers {
    const { size, questions } = this;
    const asked = prompts.slice(from, from + questions);
    const rollouts = this.sampler.sample(asked.flatMap(prompt => Array<readonly number[]>(size).fill(prompt)));
    return { rollouts, rewards: rollouts.map((rollout, i) => reward(rollout, from + Math.floor(i / size))) };
  }

  /** As many groups, those with different rewards first; silent ones are among them only where the prompts ran out. */
  private loud(first: Answers, prompts: Prompts, reward: Reward): Answers & { asked: number } {
    const { size, questions } = this;
    const groupsOf = ({ rollouts, rewards }: Answers) =>
      Array.from({ length: questions }, (_, g) => [g * size, (g + 1) * size]).map(([from, to]) => ({
        rollouts: rollouts.slice(from, to),
        rewards: rewards.slice(from, to),
      }));
    const speaks = (group: Answers) => silentGroups(group.rewards, size) === 0;
    const groups = groupsOf(first);
    let asked = questions;
    for (; asked < prompts.length && groups.filter(speaks).length < questions; asked += questions)
      groups.push(...groupsOf(this.answers(prompts, asked, reward)));
    const kept = [...groups.filter(speaks), ...groups.filter(group => !speaks(group))].slice(0, questions);
    return {
      asked,
      rollouts: kept.flatMap(({ rollouts }) => rollouts),
      rewards: kept.flatMap(({ rewards }) => rewards),
    };
  }

  /** Moves the policy toward answers with positive advantages, one for each, and away from the others. */
  private learn(rollouts: readonly Rollout[], advantages: readonly number[]) {
    const { ids, weight, old } = rolloutBatch(rollouts, this.model.config.context);
    const batch = {
      ids,
      weight,
      old,
      far: this.asked ? this.asked({ ids }) : tf.zerosLike(old), // [B, T−1]
      advantages: tf.tensor2d([...advantages], [advantages.length, 1]), //  [B, 1]
    };
    let said = { loss: 0, kl: 0, clipped: 0 };
    for (let update = 0; update < this.updates; update++) {
      tf.tidy(() => {
        this.optimiser.learningRate.assign(tf.scalar(this.rate(this.done)));
        const { loss, kl, clipped } = this.step(batch);
        said = { loss: loss.dataSync()[0], kl: kl.dataSync()[0], clipped: clipped.dataSync()[0] };
      });
      this.done++;
    }
    tf.dispose(batch);
    return said;
  }

  dispose(): void {
    for (const each of [this.sampler, this.step, this.optimiser]) each.dispose();
    this.asked?.dispose();
  }
}
