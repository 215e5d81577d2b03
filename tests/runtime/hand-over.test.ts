/** Numbers that TensorFlow has are not kept by JavaScript a second time. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { Linear, loadModule, saveModule } from '../../lib/nn';
import { handOver, isNative, tf } from '../../lib/runtime';
import { nativeBackend } from '../../lib/runtime/tensorflow';
import { newFolder } from '../folder';

/** What waits in JavaScript for its first operation. */
const waiting = (tensor: tf.Tensor) => nativeBackend().tensorMap.get(tensor.dataId).values;

test("handing over: the values are TensorFlow's, and the same", { skip: !isNative() }, () => {
  const x = tf.tensor1d([1, 2, 3]);
  assert.notEqual(waiting(x), null);
  assert.equal(handOver(x), x);
  assert.equal(waiting(x), null);
  assert.deepEqual([...x.dataSync()], [1, 2, 3]);
});

test('no weight waits in JavaScript after a file was read', { skip: !isNative() }, () => {
  const file = path.join(newFolder('hand-over'), 'hand-over.safetensors');
  const layer = new Linear(3, 2);
  saveModule(file, layer);
  const read = new Linear(3, 2);
  loadModule(file, read);
  for (const [name, weight] of read.namedParameters()) assert.equal(waiting(weight), null, name);
  assert.deepEqual(read.weight.arraySync(), layer.weight.arraySync());
});
