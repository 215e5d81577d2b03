import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile, tf } from '../../lib/runtime';
import { CALLS } from './kernel-calls';

const numbers = (result: unknown): number[][] => {
  const tensors = Array.isArray(result) ? result : [result];
  return tensors.map((tensor: tf.Tensor) =>
    Array.from((tensor.dtype === 'complex64' ? tf.real(tensor) : tensor).dataSync()),
  );
};

function close(actual: number[][], expected: number[][]): void {
  assert.deepEqual(
    actual.map(({ length }) => length),
    expected.map(({ length }) => length),
  );
  const scale = Math.max(1, ...expected.flat().filter(Number.isFinite).map(Math.abs));
  actual.flat().forEach((value, i) => {
    const wanted = expected.flat()[i];
    assert.ok(Object.is(value, wanted) || Math.abs(value - wanted) <= 1e-6 * scale, `${value} and ${wanted} at ${i}`);
  });
}

/** Kernels that a compiled step cannot have, and why; docs/compile.md says so too. */
const REFUSED: Record<string, string> = {
  Multinomial: 'draws with a seed of JavaScript',
  NonMaxSuppressionV3: 'how many boxes are left depends on values',
  NonMaxSuppressionV4: 'likewise',
  NonMaxSuppressionV5: 'likewise',
  StaticRegexReplace: 'strings',
  Unique: 'how many values are left depends on values',
};

test('every operation of tfjs-node can be compiled, but for a few that no step could have', async t => {
  const used = new Set<string>();
  for (const [name, run] of Object.entries(CALLS)) {
    await t.test(name, async () => {
      const { kernelNames } = await tf.profile(() => run() as tf.TensorContainer);
      for (const kernel of kernelNames) used.add(kernel);
      const compiled = compile(run as () => tf.Tensor);
      close(numbers(compiled()), numbers(run()));
      compiled.check();
      compiled.dispose();
    });
  }
  const all = tf.getKernelsForBackend('tensorflow').map(({ kernelName }) => kernelName);
  assert.deepEqual(
    all.filter(name => !used.has(name) && !(name in REFUSED)),
    [],
  );
  assert.deepEqual(
    Object.keys(REFUSED).filter(name => used.has(name) || !all.includes(name)),
    [],
  );
});
