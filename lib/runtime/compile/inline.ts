/** A compiled function where nothing is compiled: its body runs, and the results belong to the caller all the same. */
import { tf } from '../tensorflow';
import { notAsync } from './async';
import { mapTree } from './tree';

/**
 * Runs `fn` in a tidy. A compiled function gives new tensors; so a result that was there before, an argument or a
 * variable, and one that is named twice is cloned: whoever disposes a result disposes nothing else.
 */
export function runInline<R>(fn: () => R): R {
  return tf.tidy(() => {
    const { id: before } = tf.scalar(0); // tensors are numbered as they are made
    const result = fn();
    notAsync(result);
    const own = new Set<tf.Tensor>();
    return mapTree(result, leaf => {
      if (leaf.id < before || own.has(leaf)) return tf.clone(leaf);
      own.add(leaf);
      return leaf;
    }) as tf.TensorContainer;
  }) as R;
}
