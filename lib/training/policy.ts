/**
 * The arithmetic of learning from rewards without a critic: what an answer is worth beside the others to the same question,
 * how far one batch may move the policy, and how far it has gone from a reference.
 */
import { tf } from '../runtime';
import { expectCount, expectNumber, expectNumbers, expectReference, expectSame, expectShape } from '../runtime/expect';

/** Keeps 0/0 away where all rewards of a group are equal. */
const TINY = 1e-4;

/**
 * A = (r − mean) / (sd + 10⁻⁴) within each group of answers to one question; they sum to 0 (Shao et al. 2024, DeepSeekMath,
 * section 4.1.2). `scaled: false` leaves the division out (Liu et al. 2025, Dr. GRPO).
 * @param rewards group after group, `size` answers each
 * @see notebooks/22-r1.ipynb
 * @example groupAdvantages([1, 0, 0, 1], 2, { scaled: false }) // → [0.5, -0.5, -0.5, 0.5]
 */
export function groupAdvantages(rewards: readonly number[], size: number, { scaled = true } = {}): number[] {
  return groupsOf(rewards, size).flatMap(group => {
    const away = deviations(group);
    const sd = Math.sqrt(away.reduce((sum, d) => sum + d ** 2, 0) / size);
    return away.map(d => d / (scaled ? sd + TINY : 1));
  });
}

/** `size` rewards after `size` rewards. */
function groupsOf(rewards: readonly number[], size: number): number[][] {
  expectCount('answers of a group', size);
  expectNumbers('rewards', rewards);
  if (rewards.length === 0 || rewards.length % size !== 0) {
    throw new Error(
      `expected rewards of whole groups of ${size}, got ${rewards.length}; repeat each question ${size} times`,
    );
  }
  return Array.from({ length: rewards.length / size }, (_, i) => rewards.slice(i * size, (i + 1) * size));
}

function deviations(group: readonly number[]): number[] {
  const mean = group.reduce((sum, reward) => sum + reward, 0) / group.length;
  return group.map(reward => reward - mean);
}

/**
 * Share of groups whose answers all earned the same: from them nothing is learnt.
 * @example silentGroups([1, 1, 0, 1], 2) // → 0.5
 */
export function silentGroups(rewards: readonly number[], size: number): number {
  const groups = groupsOf(rewards, size);
  const silent = groups.filter(group => deviations(group).every(away => Math.abs(away) <= 1e-9));
  return silent.length / groups.length;
}

/**
 * pass@k: the chance that at least one of `k` answers is right, estimated without bias from `n` answers to one question of which
 * `right` are: 1 − C(n − right, k)/C(n, k) (Chen et al. 2021, arXiv 2107.03374, section 2.1). A mean over questions is theirs to take.
 * @throws where the three do not fit together: 0 ≤ right ≤ n, 1 ≤ k ≤ n
 * @see notebooks/22-r1.ipynb
 * @example passAtK(4, 1, 2) // → 0.5
 */
export function passAtK(n: number, right: number, k: number): number {
  expectCount('answers to a question', n);
  expectNumber('right answers', right, { from: 0, to: n, whole: true });
  expectNumber('k', k, { from: 1, to: n, whole: true }, 'no more can be chosen than were drawn');
  let none = 1; // C(n − right, k)/C(n, k) as a product, in which nothing overflows
  for (let i = 0; i < k; i++) none *= Math.max(0, n - right - i) / (n - i);
  return 1 - none;
}

/** How far the ratio may leave 1 before the gradient stops. */
export interface ClipRange {
  /** Below; 0.2 unless given. */
  low?: number;
  /** Above; as `low` unless given, larger in DAPO's clip-higher (Yu et al. 2025: 0.2 and 0.28). */
  high?: number;
}

/**
 * min(ρA, clip(ρ, 1 − low, 1 + high)·A), element by element, to be made large (Schulman et al. 2017, eq. 7).
 * @param ratio ρ = π/π_old, any shape
 * @param advantage of the same shape
 * @see notebooks/22-r1.ipynb
 * @example clippedObjective(tf.tensor1d([1.5, 0.5]), tf.tensor1d([1, 1])) // → [1.2, 0.5]
 */
export function clippedObjective(
  ratio: tf.Tensor,
  advantage: tf.Tensor,
  { low = 0.2, high = low }: ClipRange = {},
): tf.Tensor {
  expectSame({ ratio, advantage });
  expectNumber('low', low, { from: 0, to: 1 }, '0.2 is usual');
  expectNumber('high', high, { from: 0 }, '0.2 is usual');
  return ratio.mul(advantage).minimum(ratio.clipByValue(1 - low, 1 + high).mul(advantage));
}

/**
 * π_ref/π − log(π_ref/π) − 1 ≥ 0, whose mean over samples of π is KL(π‖π_ref) (Schulman 2020, "Approximating KL divergence", k3).
 * @param logp log-probabilities under π of what was sampled from it, any shape
 * @param reference those under π_ref, of the same shape
 * @see notebooks/22-r1.ipynb
 * @example k3(tf.tensor1d([0]), tf.tensor1d([0])) // → [0]
 */
export function k3(logp: tf.Tensor, reference: tf.Tensor): tf.Tensor {
  expectSame({ 'log-probabilities': logp, reference });
  const d = reference.sub(logp);
  return d.exp().sub(d).sub(1);
}

/**
 * What one token weighs: 'answer' gives each answer 1/B in all, so a token of a long answer less (GRPO as published); 'token' gives
 * all tokens the same (DAPO); a number divides each answer's sum by that constant (Dr. GRPO).
 */
export type TokenAverage = 'answer' | 'token' | number;

/**
 * The mean over the answers' tokens.
 * @param values [B, T]
 * @param weight [B, T], 1 at tokens of the answers and 0 elsewhere
 * @example averageTokens(tf.tensor2d([[1, 0], [3, 3]]), tf.tensor2d([[1, 0], [1, 1]]), 'answer') // → 2
 */
export function averageTokens(values: tf.Tensor, weight: tf.Tensor, how: TokenAverage = 'answer'): tf.Scalar {
  expectShape('values', values, ['B', 'T']);
  expectSame({ values, weight });
  const sums = values.mul(weight).sum(1); // [B]
  const counts = weight.toFloat().sum(1); //  [B]
  if (how === 'token') return sums.sum().div(orOne(counts.sum())) as tf.Scalar;
  if (how === 'answer') return sums.div(orOne(counts)).mean() as tf.Scalar;
  return sums
    .mean()
    .div(expectNumber('the divisor of tokens', how, { above: 0 }, 'the longest answer is usual')) as tf.Scalar;
}

/** What a sum is divided by; 1 where nothing was counted, and the sum is 0. */
const orOne = (count: tf.Tensor): tf.Tensor => tf.where(count.equal(0), tf.onesLike(count), count);

export interface PolicyLossOptions extends ClipRange {
  /** Weight of the divergence from the reference; 0 unless given. */
  beta?: number;
  average?: TokenAverage;
}

/** Each [B, T]: what a batch of answers says. */
export interface PolicyBatch {
  /** Log-probabilities under the policy that learns. */
  logp: tf.Tensor;
  /** Those under the policy that sampled; no gradient. */
  old: tf.Tensor;
  /** Those under the reference. */
  reference?: tf.Tensor;
  /** A of each answer, [B, 1]. */
  advantages: tf.Tensor;
  weight: tf.Tensor;
}

/**
 * −(clipped objective − β·k3), averaged over tokens (Shao et al. 2024, eq. 3). Its value says little: at the first update of a
 * batch it is about 0 whatever there is to learn.
 * @returns loss, and, to be watched: kl, the mean of k3 (0 without a reference), and the share of tokens whose gradient was clipped
 * @see notebooks/22-r1.ipynb
 * @example
 * const zero = tf.zeros([2, 3]);
 * const batch = { logp: zero, old: zero, advantages: tf.tensor2d([[1], [-1]]), weight: tf.ones([2, 3]) };
 * policyLoss(batch).loss // → 0
 */
export function policyLoss(
  { logp, old, reference, advantages, weight }: PolicyBatch,
  { beta = 0, average = 'answer', low = 0.2, high = low }: PolicyLossOptions = {},
): { loss: tf.Scalar; kl: tf.Scalar; clipped: tf.Scalar } {
  expectSame({ 'log-probabilities': logp, 'old ones': old, weight });
  expectShape('advantages', advantages, [logp.shape[0], 1], 'one for each answer');
  expectReference(beta, reference);
  const A = advantages.broadcastTo(logp.shape); //                           [B, T]
  const ratio = logp.sub(old).exp(); //                                      [B, T]
  const gained = clippedObjective(ratio, A, { low, high }); //               [B, T]
  const far = reference ? k3(logp, reference) : tf.zerosLike(logp); //       [B, T]
  const loss = averageTokens(gained.sub(far.mul(beta)), weight, average).neg() as tf.Scalar;
  const stopped = ratio.mul(A).greater(gained).toFloat(); //                 [B, T]
  return { loss, kl: averageTokens(far, weight, 'token'), clipped: averageTokens(stopped, weight, 'token') };
}
