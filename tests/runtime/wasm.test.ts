/** WebAssembly's matrix products, with operands turned before they are multiplied, against products by the definition. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { tf as Tf } from '../../lib/runtime';

let tf: typeof Tf;
before(async () => {
  process.env.LAB_DEVICE = 'wasm';
  const runtime = await import('../../lib/runtime');
  await runtime.start({ seed: 1 });
  tf = runtime.tf;
});

type Matrix = number[][];
const turned = (m: Matrix): Matrix => m[0].map((_, j) => m.map(row => row[j]));
const product = (a: Matrix, b: Matrix): Matrix =>
  a.map(row => b[0].map((_, j) => row.reduce((sum, value, k) => sum + value * b[k][j], 0)));
const matrix = (rows: number, columns: number, seed: number): Matrix =>
  Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => Math.sin(seed + 7 * i + 3 * j)));

function near(found: number[], wanted: number[]): void {
  assert.equal(found.length, wanted.length);
  found.forEach((value, i) => {
    assert.ok(Math.abs(value - wanted[i]) < 1e-4, `${i}: ${value}, expected ${wanted[i]}`);
  });
}

test('products of one pair and of many, each operand straight or turned', () => {
  assert.equal(tf.getBackend(), 'wasm');
  const [m, k, n] = [5, 9, 4];
  for (const [turnA, turnB] of [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ]) {
    for (const batch of [0, 1, 3]) {
      const count = Math.max(1, batch);
      const a = Array.from({ length: count }, (_, i) => matrix(m, k, i));
      const b = Array.from({ length: count }, (_, i) => matrix(k, n, i + 0.5));
      const given = (all: Matrix[], turn: boolean): Tf.Tensor => {
        const each = all.map(one => (turn ? turned(one) : one));
        return batch === 0 ? tf.tensor2d(each[0]) : tf.tensor3d(each);
      };
      const before = tf.memory().numTensors;
      const found = tf.tidy(() => Array.from(tf.matMul(given(a, turnA), given(b, turnB), turnA, turnB).dataSync()));
      assert.equal(tf.memory().numTensors, before);
      near(
        found,
        a.flatMap((one, i) => product(one, b[i]).flat()),
      );
    }
  }
});

test('gradients of a product are those of the definition', () => {
  const [a, b] = [matrix(6, 3, 1), matrix(3, 8, 2)];
  const gradients = tf.grads((x, y) =>
    tf
      .matMul(x as Tf.Tensor2D, y as Tf.Tensor2D)
      .square()
      .sum(),
  );
  const [da, db] = gradients([tf.tensor2d(a), tf.tensor2d(b)]);
  const twice = product(a, b).map(row => row.map(value => 2 * value));
  near(Array.from(da.dataSync()), product(twice, turned(b)).flat());
  near(Array.from(db.dataSync()), product(turned(a), twice).flat());
});

test('a kernel that is borrowed may take a list of tensors', () => {
  const [a, b] = [matrix(4, 3, 1), matrix(3, 2, 2)];
  near(Array.from(tf.einsum('ik,kj->ij', tf.tensor2d(a), tf.tensor2d(b)).dataSync()), product(a, b).flat());
});

test('the gradient of a lookup adds up the rows of each place, one looked up twice as well', () => {
  const table = tf.tensor2d(matrix(5, 3, 1));
  const weights = tf.tensor3d([matrix(2, 3, 2), matrix(2, 3, 3)]);
  const ids = tf.tensor2d(
    [
      [4, 1],
      [4, 0],
    ],
    [2, 2],
    'int32',
  );
  const before = tf.memory().numTensors;
  const gradient = tf.tidy(() => {
    const derive = tf.grad(x => tf.gather(x, ids).mul(weights).sum());
    return Array.from(derive(table).dataSync());
  });
  assert.equal(tf.memory().numTensors, before);
  const [[[to4, to1], [again4, to0]]] = [[matrix(2, 3, 2), matrix(2, 3, 3)]];
  near(gradient, [...to0, ...to1, 0, 0, 0, 0, 0, 0, ...to4.map((value, i) => value + again4[i])]);
});

test('segments: whole numbers stay whole, and what belongs to none is dropped', () => {
  const sums = tf.unsortedSegmentSum(tf.tensor1d([5, 7, 9, 11], 'int32'), tf.tensor1d([1, -1, 1, 0], 'int32'), 3);
  assert.equal(sums.dtype, 'int32');
  assert.deepEqual(Array.from(sums.dataSync()), [11, 14, 0]);
});

test('a tensor beside itself, along any of its axes, in every dtype, is what plain JavaScript makes', async () => {
  const cases: [shape: number[], reps: number[]][] = [
    [[], []],
    [[1], [5]],
    [[3], [2]],
    [
      [1, 1],
      [4, 3],
    ],
    [
      [2, 3],
      [1, 2],
    ],
    [
      [2, 3],
      [3, 1],
    ],
    [
      [2, 1, 3],
      [2, 4, 1],
    ],
    [
      [2, 3, 2],
      [1, 2, 3],
    ],
    [
      [2, 3],
      [1, 1],
    ],
    [
      [2, 3],
      [0, 2],
    ],
  ];
  const tiled = (): number[][] =>
    cases.flatMap(([shape, reps]) =>
      (['float32', 'int32', 'bool'] as const).map(dtype => {
        const numbers = tf.range(0, tf.util.sizeFromShape(shape)).reshape(shape);
        const x = dtype === 'bool' ? numbers.greater(1) : numbers.cast(dtype);
        return Array.from(tf.tile(x, reps).dataSync());
      }),
    );
  const here = tiled();
  await tf.setBackend('cpu');
  const there = tiled();
  await tf.setBackend('wasm');
  assert.deepEqual(here, there);
});

test('a clone lies where its original does, and outlives it', () => {
  const backend = tf.backend() as unknown as { getMemoryOffset(dataId: object): number };
  const x = tf.tensor1d([1, 2, 3]);
  const clones = [x.clone(), tf.tensor2d([[1, 0]], [1, 2], 'bool').clone(), x.clone()];
  assert.equal(backend.getMemoryOffset(clones[0].dataId), backend.getMemoryOffset(x.dataId));
  x.dispose();
  clones[2].dispose();
  tf.ones([3]).dispose(); // would lie there, were it free
  assert.deepEqual(Array.from(clones[0].dataSync()), [1, 2, 3]);
  assert.deepEqual(Array.from(clones[1].dataSync()), [1, 0]);
  const variable = tf.variable(clones[0]);
  variable.assign(tf.tensor1d([4, 5, 6]));
  assert.deepEqual(Array.from(clones[0].dataSync()), [1, 2, 3]);
  tf.dispose([...clones, variable]);
});

test('the gradient of pooling reaches windows whose numbers are all negative, and the first of two that are equal', () => {
  const x = tf.tensor4d([-1, -2, -3, -4, 5, 5, -1, 7, -8, -6, 0, 0, -6, -9, 0, 0], [1, 4, 4, 1]);
  const found = tf.grad((each: Tf.Tensor) => {
    const pooled = tf.maxPool(each as Tf.Tensor4D, 2, 2, 'valid');
    return pooled.mul(tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1])).sum();
  })(x);
  assert.deepEqual(Array.from(found.dataSync()), [0, 0, 0, 0, 1, 0, 0, 2, 0, 3, 4, 0, 0, 0, 0, 0]);
  const wide = tf.grad((each: Tf.Tensor) => tf.maxPool(each as Tf.Tensor4D, 3, 1, 'same').sum())(
    tf.fill([1, 2, 2, 1], -1),
  );
  assert.deepEqual(Array.from(wide.dataSync()), [4, 0, 0, 0]);
});

test('whatever is not 0 is true', () => {
  assert.deepEqual(Array.from(tf.tensor1d([0.5, 0, -0.2, 2, Number.NaN]).toBool().dataSync()), [1, 0, 1, 1, 1]);
  assert.deepEqual(Array.from(tf.tensor1d([256, 0, -1], 'int32').toBool().dataSync()), [1, 0, 1]);
});
