/** A run without numbers: shapes as of a real run, products counted by hand, memory by walking, nothing left behind. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Conv2d, ConvTranspose2d, Linear, type Module } from '../../lib/nn';
import { dryRun, shapesOnly, tf } from '../../lib/runtime';

const sizes = fc.record({
  rows: fc.integer({ min: 1, max: 7 }),
  from: fc.integer({ min: 1, max: 9 }),
  to: fc.integer({ min: 1, max: 9 }),
});

test('a linear layer multiplies rows × inputs × outputs times, with weights of any kind', () => {
  fc.assert(
    fc.property(sizes, fc.boolean(), ({ rows, from, to }, hollow) => {
      const make = () => new Linear(from, to);
      const layer = hollow ? shapesOnly(make) : make();
      const run = dryRun((x: tf.Tensor) => layer.forward(x), [{ shape: [rows, from] }]);
      layer.dispose();
      assert.deepEqual(run.outputs, [[rows, to]]);
      assert.equal(run.multiplyAdds, rows * from * to);
      assert.equal(run.elements, rows * to, 'the bias is added to each');
      assert.equal(run.operations, 2);
      assert.equal(run.peakBytes, 4 * 2 * rows * to, 'product and sum');
      assert.equal(run.bytesMoved, 4 * (rows * from + from * to + rows * to + rows * to + to + rows * to));
    }),
    { numRuns: 30 },
  );
});

test('products count the same however their factors are turned, and in batches', () => {
  const run = (turnA: boolean, turnB: boolean) =>
    dryRun(
      (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b, turnA, turnB),
      [{ shape: turnA ? [5, 3, 2] : [5, 2, 3] }, { shape: turnB ? [5, 7, 3] : [5, 3, 7] }],
    ).multiplyAdds;
  for (const turnA of [true, false]) for (const turnB of [true, false]) assert.equal(run(turnA, turnB), 5 * 2 * 3 * 7);
});

test('convolutions count kernel × channels for each pixel that comes out, transposed ones for each that goes in', () => {
  const down = shapesOnly(() => new Conv2d(3, 8, 5, { stride: 2, padding: 2, bias: false }));
  const up = shapesOnly(() => new ConvTranspose2d(8, 3, 4, { stride: 2, padding: 1, bias: false }));
  const halved = dryRun((x: tf.Tensor) => down.forward(x), [{ shape: [2, 16, 16, 3] }]);
  assert.deepEqual(halved.outputs, [[2, 8, 8, 8]]);
  assert.equal(halved.multiplyAdds, 2 * 8 * 8 * 8 * 5 * 5 * 3);
  const doubled = dryRun((x: tf.Tensor) => up.forward(x), [{ shape: [2, 8, 8, 8] }]);
  assert.deepEqual(doubled.outputs, [[2, 16, 16, 3]]);
  assert.equal(doubled.multiplyAdds, 2 * 8 * 8 * 8 * 4 * 4 * 3);
});

test('memory is what lives at once: a result goes with its last use, a reshape holds what it shares', () => {
  const [n, bytes] = [1000, 4000];
  const chain = (x: tf.Tensor) => x.add(1).mul(2).sub(3).sqrt();
  assert.equal(dryRun(chain, [{ shape: [n] }]).peakBytes, 2 * bytes);
  const kept = (x: tf.Tensor) => {
    const first = x.add(1);
    return first.mul(2).sub(3).sqrt().add(first);
  };
  assert.equal(dryRun(kept, [{ shape: [n] }]).peakBytes, 3 * bytes);
  const shared = (x: tf.Tensor) => {
    const first = x.add(1);
    const view = first.reshape([10, 100]);
    return [view, first.mul(2).sub(3)];
  };
  assert.equal(dryRun(shared, [{ shape: [n] }]).peakBytes, 3 * bytes);
});

test('ids are whole numbers, results are nested, and weights are as they were', () => {
  const layer: Module & { weight: tf.Variable } = shapesOnly(() => new Linear(4, 2));
  const real = new Linear(4, 2);
  const [before, counted] = [real.weight.dataSync().slice(), tf.memory().numTensors];
  const run = dryRun(
    (ids: tf.Tensor, x: tf.Tensor) => ({
      once: tf.gather(layer.weight, ids),
      more: [x.matMul(real.weight, false, true)],
    }),
    [{ shape: [1, 3], dtype: 'int32' }, { shape: [5, 4] }],
  );
  assert.deepEqual(run.outputs, [
    [1, 3, 4],
    [5, 2],
  ]);
  assert.equal(tf.memory().numTensors, counted);
  assert.deepEqual(real.weight.dataSync(), before);
  assert.deepEqual(layer.weight.shape, [2, 4]);
  layer.dispose();
  assert.throws(() => dryRun((x: tf.Tensor) => x.add(x.dataSync()[0]), [{ shape: [2] }]), /reads a value/);
});
