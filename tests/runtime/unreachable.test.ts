/** Tensors that nothing reaches any more give TensorFlow's memory back; those that a name or a closure holds do not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile, isNative, tf } from '../../lib';
import { nativeBackend } from '../../lib/runtime/tensorflow';

const MEGABYTE = 262_144; // numbers of 4 bytes
const alive = (): number => nativeBackend().binding.getNumOfTensors();
const settle = () => new Promise(resolve => setTimeout(resolve, 200));

/** What a careless cell does: each intermediate result is left where it is. */
function leave(count: number): void {
  for (let i = 0; i < count; i++) tf.fill([4, MEGABYTE], i).add(1);
}

if (isNative()) {
  test('what was not disposed of and cannot be reached is freed; what tfjs counts stays as it was', async () => {
    const kept = tf.range(0, 1000).mul(2);
    const reshaped = tf.range(0, 12).add(1).reshape([3, 4]); // shares its data with a tensor that is gone
    const weights = tf.variable(tf.fill([2, 2], 3));
    const double = tf.fill([2, 2], 2).add(0);
    const step = compile((x: tf.Tensor) => x.mul(double).add(weights)); // captures a tensor
    const first = [...step(tf.ones([2, 2])).dataSync()];
    const [before, counted] = [alive(), tf.memory().numTensors];
    for (let round = 0; round < 5; round++) {
      leave(20);
      await settle();
    }
    const made = tf.memory().numTensors - counted;
    assert.equal(made, 200);
    assert.ok(alive() - before < made / 2, `${alive() - before} of ${made} are still there`);
    assert.equal(kept.dataSync()[999], 1998);
    assert.deepEqual([...reshaped.dataSync()], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    assert.deepEqual([...step(tf.ones([2, 2])).dataSync()], first);
    assert.deepEqual([...weights.dataSync()], [3, 3, 3, 3]);
  });

  test('a tensor that was disposed of is freed once, and at once', async () => {
    const before = alive();
    for (let i = 0; i < 50; i++) tf.tidy(() => tf.fill([4, MEGABYTE], i).add(1).sum()).dispose();
    assert.equal(alive(), before);
    leave(20);
    await settle();
    const sum = tf.tidy(() => tf.fill([2], 1).add(1).sum().dataSync()[0]);
    assert.equal(sum, 4);
  });
}
