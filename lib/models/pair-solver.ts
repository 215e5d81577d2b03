/**
 * Nets that look for two of five numbers that make a target, and what is measured of their answers.
 */
import {
  judgePairs,
  PAIR_MARKS,
  PAIR_VOCAB,
  type PairQuestion,
  type PairVerdict,
  pairPrompt,
  pairQuestion,
} from '../data';
import { HostRandom } from '../runtime';
import { expectCount } from '../runtime/expect';
import type { GptConfig } from './gpt';
import { type PolicyModel, type Rollout, Rollouts } from './rollouts';

/** Room for a question and eight attempts. */
export const PAIR_SOLVER: GptConfig = { vocab: PAIR_VOCAB, context: 48, layers: 2, heads: 4, width: 64, bias: false };
/** A third of its parameters. */
export const PAIR_STUDENT: GptConfig = { ...PAIR_SOLVER, layers: 1, width: 48 };

/**
 * What a program says of an answer.
 * @example
 * const question = { numbers: [1, 2, 3, 4, 5], target: 9 };
 * const rollout = { tokens: [...pairPrompt(question), 3, 4, 61, 8, 62, 64], prompt: 7, logProbs: [], finished: true };
 * verdictOf(question, rollout).right // → true
 */
export const verdictOf = (question: PairQuestion, { tokens, prompt }: Rollout): PairVerdict =>
  judgePairs(question, tokens.slice(prompt));

/** Means over answers. */
export interface PairSummary {
  /** Share that is right. */
  right: number;
  /** Tokens of an answer. */
  length: number;
  /** Attempts after one marked ✗. */
  retries: number;
  /** Share of the attempts whose sum is not the sum. */
  falseSums: number;
  /** Share of the answers that use both ways of writing numbers. */
  mixed: number;
  finished: number;
}

/**
 * @param questions one for each answer
 * @example
 * const question = { numbers: [1, 2, 3, 4, 5], target: 9 };
 * const rollout = { tokens: [...pairPrompt(question), 3, 4, 61, 8, 62, 64], prompt: 7, logProbs: [], finished: true };
 * summarisePairs([question], [rollout]).length // → 6
 */
export function summarisePairs(questions: readonly PairQuestion[], rollouts: readonly Rollout[]): PairSummary {
  if (questions.length !== rollouts.length || rollouts.length === 0) {
    throw new Error(
      `expected a question for each answer and at least one, got ${questions.length} and ${rollouts.length}`,
    );
  }
  const verdicts = rollouts.map((rollout, i) => verdictOf(questions[i], rollout));
  const mean = (value: (verdict: PairVerdict, i: number) => number) =>
    verdicts.reduce((sum, verdict, i) => sum + value(verdict, i), 0) / verdicts.length;
  return {
    right: mean(({ right }) => Number(right)),
    length: mean((_, i) => rollouts[i].tokens.length - rollouts[i].prompt),
    retries: mean(({ retries }) => retries),
    falseSums:
      mean(({ falseSums }) => falseSums) /
      Math.max(
        1e-9,
        mean(({ attempts }) => attempts),
      ),
    mixed: mean(({ mixed }) => Number(mixed)),
    finished: mean((_, i) => Number(rollouts[i].finished)),
  };
}

/**
 * Asks a net `count` questions that depend on the seed only.
 * @param temperature 1 draws, 0 takes the likeliest tokens
 * @returns the means, and questions and answers to look at
 * @see notebooks/22-r1.ipynb
 * @example examinePairs(new Gpt(PAIR_SOLVER), { count: 2 }).summary.right // → 0
 */
export function examinePairs(model: PolicyModel, { count = 256, seed = 99, temperature = 1 } = {}) {
  expectCount('questions', count);
  const random = new HostRandom(seed);
  const questions = Array.from({ length: count }, () => pairQuestion(random));
  const sampler = new Rollouts(model, { batch: count, end: PAIR_MARKS.end });
  const rollouts = sampler.sample(questions.map(pairPrompt), { temperature });
  sampler.dispose();
  return { summary: summarisePairs(questions, rollouts), questions, rollouts };
}
