/**
 * Many answers at once, drawn from a small language model: all texts go forward side by side, several tokens in one native call,
 * with the keys and values kept.
 */
import { KeyValueCache, logProbsOf, variable } from '../nn';
import { compileLoop, type HostRandom, random, tf } from '../runtime';
import { expectCount, expectNumber, expectNumbers, expectShape } from '../runtime/expect';
import { averageTokens } from '../training';
import type { CausalModel } from './decoder';

/** A model that can be sampled from a cache and be asked for all its logits at once. */
export interface PolicyModel extends CausalModel {
  forward(ids: tf.Tensor, training?: boolean): tf.Tensor3D;
  parameters(): tf.Variable[];
}

export interface Rollout {
  /** Prompt and answer. The end mark, where it was reached, is the last token. */
  tokens: number[];
  /** Tokens of the prompt. */
  prompt: number;
  /** One for each token of the answer: its log-probability when it was drawn, at temperature 1. */
  logProbs: number[];
  /** Was the end mark reached? */
  finished: boolean;
}

/** Tokens in one native call; after each it is asked whether all have ended. */
const CHUNK = 8;

/**
 * @example
 * const net = new Gpt({ vocab: 5, context: 16, layers: 1, heads: 1, width: 8 });
 * const sampler = new Rollouts(net, { batch: 2, length: 16, end: 4 });
 * sampler.sample([[0, 1], [2]]).map(({ prompt }) => prompt) // → [2, 1]
 */
export class Rollouts {
  private readonly cache: KeyValueCache;
  private readonly last: tf.Variable;
  private readonly temperature: tf.Variable;
  private readonly steps: ReturnType<Rollouts['compiled']>;
  readonly batch: number;
  readonly length: number;
  readonly end: number;

  /**
   * @param batch texts side by side
   * @param length longest text with its prompt, in tokens; the model's context unless given
   * @param end token after which a text is over
   */
  constructor(
    readonly model: CausalModel,
    { batch, length = model.config.context, end }: { batch: number; length?: number; end: number },
  ) {
    const { vocab, context } = model.config;
    this.batch = expectCount('texts side by side', batch);
    this.length = expectCount('the longest text', length, context, 'it must fit the context');
    this.end = expectNumber('the end mark', end, { from: 0, to: vocab - 1, whole: true });
    this.cache = new KeyValueCache({ ...model.memory, batch, capacity: CHUNK * Math.ceil(length / CHUNK) });
    this.last = variable(tf.zeros([batch]), false);
    this.temperature = variable(tf.scalar(1), false);
    this.steps = this.compiled();
  }

  /** given [B]: tokens of prompts; −1 where what was drawn last goes on → the tokens that were fed, and log p of the next ones. */
  private compiled() {
    return compileLoop(({ given }: { given: tf.Tensor }) => {
      const fed = tf.where(given.greaterEqual(0), given.toFloat(), this.last); // [B]
      const logits = this.model.next(fed.toInt().reshape([-1, 1]), this.cache, tf.scalar(1)); // [B, V]
      const gumbel = random
        .uniform([this.batch, logits.shape[1]], 2 ** -24, 1 + 2 ** -24)
        .log()
        .neg()
        .log()
        .neg(); // [B, V]
      const drawn = logits.add(gumbel.mul(this.temperature)).argMax(1); // [B], a draw of softmax(logits / temperature)
      this.last.assign(drawn.toFloat());
      return { fed, logp: logProbsOf(logits, drawn) };
    });
  }

  /**
   * One answer to each prompt.
   * @param prompts as many as `batch`, of any lengths below `length`
   * @param temperature 1 draws from the model as it is, 0 takes the likeliest
   */
  sample(prompts: readonly (readonly number[])[], { temperature = 1 } = {}): Rollout[] {
    this.check(prompts, temperature);
    tf.tidy(() => this.temperature.assign(tf.scalar(temperature)));
    this.cache.rewind(0);
    const rollouts = prompts.map(prompt => ({
      tokens: [] as number[],
      prompt: prompt.length,
      logProbs: [] as number[],
      finished: false,
    }));
    for (let from = 0; from < this.length && rollouts.some(({ finished }) => !finished); from += CHUNK) {
      const given = Array.from({ length: CHUNK }, (_, t) => prompts.map(prompt => prompt[from + t] ?? -1)); // [8, B]
      const { fed, logp } = tf.tidy(() => {
        const said = this.steps({ given: tf.tensor2d(given) });
        return { fed: said.fed.dataSync(), logp: said.logp.dataSync() };
      });
      for (const [b, rollout] of rollouts.entries()) {
        for (let t = 0; t < CHUNK; t++) this.note(rollout, fed[t * this.batch + b], logp[t * this.batch + b]);
      }
    }
    for (const { tokens, prompt, logProbs } of rollouts) logProbs.length = tokens.length - prompt; // that of the next one was noted, too
    return rollouts;
  }

  private note(rollout: Rollout, token: number, next: number): void {
    const { tokens, prompt, logProbs, finished } = rollout;
    if (finished || tokens.length === this.length) return;
    tokens.push(token);
    rollout.finished = tokens.length > prompt && token === this.end;
    if (tokens.length < prompt) return;
    if (Number.isNaN(next))
      // of a draw from NaN nothing else would tell
      throw new Error(
        `the log-probability of token ${tokens.length} is NaN, expected a number; has the training diverged?`,
      );
    logProbs.push(next);
  }

  private check(prompts: readonly (readonly number[])[], temperature: number): void {
    expectNumber('temperature', temperature, { from: 0 }, '0 always takes the likeliest token');
    if (prompts.length !== this.batch) throw new Error(`expected ${this.batch} prompts, got ${prompts.length}`);
    const long = prompts.find(({ length }) => length === 0 || length >= this.length);
    if (long) throw new Error(`expected prompts of 1 to ${this.length - 1} tokens, got ${long.length}`);
    const { vocab } = this.model.config;
    const wrong = prompts.flat().find(id => !(Number.isInteger(id) && id >= 0 && id < vocab));
    if (wrong !== undefined) throw new Error(`tokens must be whole numbers from 0 to ${vocab - 1}, got ${wrong}`);
  }

  dispose(): void {
    this.steps.dispose();
    this.cache.dispose();
    tf.dispose([this.last, this.temperature]);
  }
}

/**
 * log p of each token, given those before it.
 * @param ids [B, T]
 * @returns [B, T − 1]: for tokens 1 … T − 1
 * @example
 * const net = new Gpt({ vocab: 5, context: 8, layers: 1, heads: 1, width: 8 });
 * tokenLogProbs(net, tf.zeros([2, 4], 'int32')).shape // → [2, 3]
 */
export function tokenLogProbs(model: PolicyModel, ids: tf.Tensor, training = false): tf.Tensor2D {
  expectShape('token ids', ids, ['B', 'T'], 'expandDims(0) makes a batch of one');
  const [B, T] = ids.shape;
  expectCount('tokens after the first', T - 1);
  const logits = model.forward(tf.slice(ids, [0, 0], [B, T - 1]), training); // [B, T−1, V]
  return logProbsOf(logits, tf.slice(ids, [0, 1], [B, T - 1])) as tf.Tensor2D;
}

/**
 * Texts as tensors: shorter ones are filled up with their last token, the length goes up to a multiple of 8, so that few shapes
 * are compiled. The caller disposes them.
 * @param most longest length, a model's context
 * @returns ids [B, T]; weight [B, T − 1], 1 at tokens of answers; old [B, T − 1], the log-probabilities when they were drawn
 * @example rolloutBatch([{ tokens: [1, 2, 3], prompt: 1, logProbs: [0, 0], finished: true }], 8).weight // → [[1, 1, 0, 0, 0, 0, 0]]
 */
export function rolloutBatch(
  rollouts: readonly Rollout[],
  most: number,
): { ids: tf.Tensor2D; weight: tf.Tensor2D; old: tf.Tensor2D } {
  rollouts.forEach(checkRollout);
  const longest = rollouts.reduce((most, { tokens }) => Math.max(most, tokens.length), 0);
  expectCount('the longest text', longest, most, 'it must fit the context');
  const T = Math.min(most, CHUNK * Math.ceil(longest / CHUNK));
  const rows = rollouts.map(({ tokens, prompt, logProbs }) => {
    const at = <V>(value: (t: number) => V) => Array.from({ length: T - 1 }, (_, t) => value(t + 1)); // of tokens 1 … T − 1
    const answered = (t: number) => t >= prompt && t < tokens.length;
    return {
      ids: [tokens[0], ...at(t => tokens[Math.min(t, tokens.length - 1)])],
      weight: at(t => (answered(t) ? 1 : 0)),
      old: at(t => (answered(t) ? logProbs[t - prompt] : 0)),
    };
  });
  const stacked = (name: 'ids' | 'weight' | 'old', dtype: 'int32' | 'float32') =>
    tf.tensor2d(
      rows.map(row => row[name]),
      undefined,
      dtype,
    ); // [B, T or T−1]
  return { ids: stacked('ids', 'int32'), weight: stacked('weight', 'float32'), old: stacked('old', 'float32') };
}

function checkRollout({ tokens, prompt, logProbs }: Rollout, i: number): void {
  expectNumber(
    `the prompt's length of text ${i}`,
    prompt,
    { from: 1, to: tokens.length, whole: true },
    'answers follow it',
  );
  if (logProbs.length !== tokens.length - prompt)
    throw new Error(
      `expected ${tokens.length - prompt} log-probabilities for text ${i}, one for each token of the answer, got ${logProbs.length}`,
    );
  expectNumbers(`tokens of text ${i}`, tokens);
  expectNumbers(`log-probabilities of text ${i}`, logProbs);
}

/** A text to be imitated: what is learnt are its tokens after the prompt. */
export type Demonstration = Pick<Rollout, 'tokens' | 'prompt'>;

/**
 * Batches for imitation: texts of about the same length together, in a random order. The caller disposes them.
 * @param size texts of a batch; what is left over is left out
 * @param most longest length, a model's context
 * @example
 * const texts = [{ tokens: [0, 1], prompt: 1 }, { tokens: [0, 2], prompt: 1 }];
 * [...textBatches(texts, 2, 8, new HostRandom(1))].length // → 1
 */
export function* textBatches(
  texts: readonly Demonstration[],
  size: number,
  most: number,
  random: HostRandom,
): Generator<{ ids: tf.Tensor2D; weight: tf.Tensor2D }> {
  expectCount('texts of a batch', size, texts.length);
  const sorted = [...texts].sort((a, b) => a.tokens.length - b.tokens.length);
  const starts = random.shuffle(Array.from({ length: Math.floor(texts.length / size) }, (_, i) => i * size));
  for (const start of starts) {
    const rows = sorted.slice(start, start + size);
    const { ids, weight, old } = rolloutBatch(
      rows.map(text => ({ ...text, logProbs: text.tokens.slice(text.prompt).map(() => 0), finished: true })),
      most,
    );
    old.dispose();
    yield { ids, weight };
  }
}

/**
 * Mean of −log p over the tokens after the prompts, in nats. Untrained: about ln(vocab).
 * @param batch ids [B, T] and weight [B, T − 1], as `textBatches` makes them
 * @example
 * const net = new Gpt({ vocab: 5, context: 8, layers: 1, heads: 1, width: 8 });
 * imitationLoss(net, { ids: tf.zeros([2, 4], 'int32'), weight: tf.ones([2, 3]) }).shape // → []
 */
export function imitationLoss(model: PolicyModel, { ids, weight }: { ids: tf.Tensor; weight: tf.Tensor }): tf.Scalar {
  return averageTokens(tokenLogProbs(model, ids, true), weight, 'token').neg() as tf.Scalar;
}
