/** Runs without numbers of what lessons count beside whole nets: the same code on TensorFlow and where it isn't. */
import { Gpt } from '../../../lib/models';
import { Adam, KeyValueCache } from '../../../lib/nn';
import { type DryRun, dryRun, random, tf } from '../../../lib/runtime';

/** By name. */
export function drySteps(): Record<string, DryRun> {
  const gpt = new Gpt({ vocab: 11, context: 8, layers: 2, heads: 2, width: 8, dropout: 0.1 });
  const cache = new KeyValueCache({ ...gpt.memory, capacity: 5 });
  const optimiser = new Adam(gpt.parameters(), { learningRate: 1e-3 });
  const ids = (...shape: number[]) => ({ shape, dtype: 'int32' });
  const loss = (a: tf.Tensor, b: tf.Tensor) => gpt.loss(a, b) as tf.Scalar;
  const runs = {
    'all anew': dryRun((x: tf.Tensor) => gpt.forward(x), [ids(1, 5)]),
    'the next one with a cache': dryRun(
      (x: tf.Tensor, count: tf.Tensor) => gpt.next(x, cache, count),
      [ids(1, 1), { shape: [] }],
    ),
    gradients: dryRun(
      (a: tf.Tensor, b: tf.Tensor) => {
        const { value, grads } = tf.variableGrads(() => loss(a, b));
        return [value, ...Object.values(grads)];
      },
      [ids(3, 8), ids(3, 8)],
    ),
    'a step': dryRun((a: tf.Tensor, b: tf.Tensor) => optimiser.minimize(() => loss(a, b)), [ids(3, 8), ids(3, 8)]),
    drawn: dryRun(() => [random.normal([2, 3]), random.uniform([4]), random.integers([5], 0, 9)], []),
  };
  for (const each of [gpt, cache, optimiser]) each.dispose();
  return runs;
}

/** Why these are refused, by name: how large their results are only values tell, or they are no numbers. */
export function dryRefusals(): Record<string, string> {
  const boxes = (x: tf.Tensor) => tf.image.nonMaxSuppression(x as tf.Tensor2D, x.sum(1) as tf.Tensor1D, 3);
  const refused: Record<string, (x: tf.Tensor) => unknown> = {
    'values, each once': x => tf.unique(x).values,
    'the best boxes': boxes,
    'the best boxes, softly': x =>
      tf.image.nonMaxSuppressionWithScore(x as tf.Tensor2D, x.sum(1) as tf.Tensor1D, 3).selectedIndices,
    words: () => tf.string.staticRegexReplace(['fox'], 'x', 'g'),
    'a value': x => x.mul(x.dataSync()[0]),
  };
  const said = (run: (x: tf.Tensor) => unknown): string => {
    try {
      return JSON.stringify(dryRun(run, [{ shape: [5, 4] }]).outputs);
    } catch (error) {
      return (error as Error).message;
    }
  };
  return Object.fromEntries(Object.entries(refused).map(([name, run]) => [name, said(run)]));
}
