/** A long list through a net: a portion after the other, so that memory does not grow with the list. */
import { tf } from '../runtime';
import { expectCount } from '../runtime/expect';

/**
 * What `f` makes of the items, [n, …] of each portion of n → [N, …] of all, which the caller disposes.
 * @example inPortions(['a', 'b', 'c'], part => tf.ones([part.length, 4]), 2).shape // → [3, 4]
 */
export function inPortions<T, R extends tf.Tensor>(
  items: readonly T[],
  f: (part: readonly T[]) => R,
  portion = 128,
): R {
  if (items.length === 0) throw new Error('expected at least one item, got none');
  expectCount('portion', portion);
  const starts = Array.from({ length: Math.ceil(items.length / portion) }, (_, i) => i * portion);
  const parts = starts.map(start => tf.tidy(() => f(items.slice(start, start + portion)))); // [n, …] each
  const all = tf.concat(parts) as R; //                                                        [N, …]
  tf.dispose(parts);
  return all;
}
