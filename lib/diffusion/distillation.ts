/**
 * Fewer steps by distillation: a student learns to land in one step where its teacher lands in two, then teaches the next
 * student (Salimans & Ho 2022, "Progressive Distillation", algorithm 2). What guidance does can be part of what the first
 * teacher says, so that the student needs one answer a step and not two (Meng et al. 2023).
 * @see notebooks/13-latent-diffusion.ipynb
 */
import { random, tf } from '../runtime';
import { expectShape } from '../runtime/expect';
import { indicesBelow, orNaN } from '../runtime/values';
import { type Denoiser, type Prediction, readAnswer } from './prediction';
import { type NoiseSchedule, trailingSteps } from './schedule';

/** A noise level for each row: its step t [B], −1 for the finished picture, and √ᾱ_t and √(1 − ᾱ_t), each [B, 1, …, 1]. */
export interface Place {
  t: tf.Tensor;
  signal: tf.Tensor;
  noise: tf.Tensor;
}

/** Where a student's step begins and ends, and where its teacher stops on the way. */
export interface HalvedStep {
  from: Place;
  middle: Place;
  to: Place;
}

/**
 * The `count` trailing steps of a student, halved for its teacher. which [B]: the step of each row, 0 the noisiest.
 * @example halvedStep(cosineSchedule(), 4, tf.tensor1d([3], 'int32')).middle.t // → [124]
 */
export function halvedStep(schedule: NoiseSchedule, count: number, which: tf.Tensor, rank = 4): HalvedStep {
  expectShape('steps', which, ['B'], 'one for each picture');
  const path = [...trailingSteps(schedule.steps, 2 * count), -1];
  const shares = path.map(t => (t < 0 ? (schedule.end ?? 1) : schedule.alphaBar[t])); // ᾱ of each
  const { indices, valid } = indicesBelow('steps', which, count);
  const pick = (values: number[]) => orNaN(tf.gather(tf.tensor1d(values), indices), valid); // [B]
  const shape = [which.size, ...Array<number>(rank - 1).fill(1)]; //                          [B, 1, …, 1]
  const place = (half: number): Place => ({
    t: pick(Array.from({ length: count }, (_, i) => path[2 * i + half])),
    signal: pick(Array.from({ length: count }, (_, i) => Math.sqrt(shares[2 * i + half]))).reshape(shape),
    noise: pick(Array.from({ length: count }, (_, i) => Math.sqrt(1 - shares[2 * i + half]))).reshape(shape),
  });
  return { from: place(0), middle: place(1), to: place(2) };
}

/**
 * One step of DDIM without chance, each row from its own level to its own. x: [B, ...] → [B, ...].
 * @example
 * const { from, to } = halvedStep(cosineSchedule(), 1, tf.tensor1d([0], 'int32'), 2);
 * ddimStep(x => x, tf.tensor2d([[3]]), from, to, 'x0') // → [[3]]
 */
export function ddimStep(model: Denoiser, x: tf.Tensor, from: Place, to: Place, prediction: Prediction): tf.Tensor {
  const { x0, eps } = readAnswer(prediction, model(x, from.t), x, from.signal, from.noise); // 2 × [B, ...]
  return x0.mul(to.signal).add(eps.mul(to.noise)); //                                          [B, ...]
}

/**
 * The picture that a net must see in x for one step of DDIM to land at `reached`: its equation solved for x̂0. The last step
 * lands on the picture itself.
 * x, reached: [B, ...] → [B, ...].
 * @example
 * const { from, to } = halvedStep(cosineSchedule(), 1, tf.tensor1d([0], 'int32'), 2);
 * pictureFor(tf.tensor2d([[3]]), tf.tensor2d([[5]]), from, to) // → [[5]]
 */
export function pictureFor(x: tf.Tensor, reached: tf.Tensor, from: Place, to: Place): tf.Tensor {
  const stays = to.noise.div(from.noise); //                                 [B, 1, …, 1] share of the noise that stays
  return reached.sub(x.mul(stays)).div(to.signal.sub(from.signal.mul(stays)));
}

/** What a student sees and what it should answer. x, answer: [B, ...], t: [B]. */
export interface Shown {
  x: tf.Tensor;
  t: tf.Tensor;
  answer: tf.Tensor;
}

/**
 * For data x0 [B, ...]: each row noised to one of the student's `count` steps, and the answer with which the student lands in
 * one step where the teacher lands in two. Teacher and student predict the same kind of thing.
 * @example
 * const { answer } = twoStepsInOne(x => tf.zerosLike(x), tf.zeros([2, 1]), cosineSchedule(), 4, 'x0');
 * answer.shape // → [2, 1]
 */
export function twoStepsInOne(
  teacher: Denoiser,
  x0: tf.Tensor,
  schedule: NoiseSchedule,
  count: number,
  prediction: Prediction,
): Shown {
  const which = random.integers([x0.shape[0]], 0, count); //                              [B]
  const { from, middle, to } = halvedStep(schedule, count, which, x0.rank);
  const x = x0.mul(from.signal).add(random.normal(x0.shape).mul(from.noise)); //          [B, ...]
  const halfway = ddimStep(teacher, x, from, middle, prediction); //                      [B, ...]
  const reached = ddimStep(teacher, halfway, middle, to, prediction); //                  [B, ...]
  const picture = pictureFor(x, reached, from, to); //                                    [B, ...]
  const noise = x.sub(picture.mul(from.signal)).div(from.noise); //                       [B, ...]
  const answers = { x0: picture, eps: noise, v: noise.mul(from.signal).sub(picture.mul(from.noise)) };
  return { x, t: from.t, answer: answers[prediction] };
}
