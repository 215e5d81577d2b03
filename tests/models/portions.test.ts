/** A list in portions gives what the whole list gives, whatever the portion, and leaves no tensor behind. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inPortions } from '../../lib/models';
import { tf } from '../../lib/runtime';

const numbers = Array.from({ length: 7 }, (_, i) => i * i - 3);
const embed = (part: readonly number[]) => tf.outerProduct(tf.tensor1d([...part]), tf.tensor1d([1, -2, 0.5]));

test('each portion is at most as large as asked, all together are the whole list in its order', () => {
  const whole = embed(numbers);
  for (const portion of [1, 2, 3, 7, 100]) {
    const lengths: number[] = [];
    const before = tf.memory().numTensors;
    const counted = (part: readonly number[]) => {
      lengths.push(part.length);
      return embed(part);
    };
    const all = inPortions(numbers, counted, portion);
    assert.equal(tf.memory().numTensors, before + 1);
    assert.deepEqual(all.arraySync(), whole.arraySync());
    assert.ok(Math.max(...lengths) <= portion, `${lengths}`);
    assert.equal(lengths.length, Math.ceil(numbers.length / portion));
  }
});

test('tensors of any rank', () => {
  const maps = inPortions(numbers, part => tf.ones([part.length, 2, 3, 4]), 3);
  assert.deepEqual(maps.shape, [7, 2, 3, 4]);
});

test('an empty list and a portion that is no count are refused', () => {
  assert.throws(() => inPortions([], embed), /expected at least one item, got none/);
  for (const portion of [0, -1, 1.5, Number.NaN]) {
    assert.throws(() => inPortions(numbers, embed, portion), /portion must be at least 1 and whole, got/);
  }
});
