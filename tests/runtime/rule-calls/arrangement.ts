/** What arranges numbers anew. */
import { HostRandom, type ShapeLike, tf } from '../../../lib/runtime';
import { bool, both, type Call, call, float, int, only, product } from './call';

export function arrangement(): Call[] {
  const calls: Call[] = [];
  for (const [axis, dtype] of product([0, 1, -1, 2], ['float32', 'int32', 'bool'] as const)) {
    const of = (...shape: number[]): ShapeLike => ({ shape, dtype });
    const each = dtype === 'float32' ? both : only;
    const sizes = [2, 3, 4].map((size, i) => (i === (axis < 0 ? axis + 3 : axis) ? size + 4 : size));
    calls.push(...each(`concat along ${axis}`, [of(2, 3, 4), of(...sizes)], (x, y) => tf.concat([x, y], axis)));
    calls.push(...each(`stack along ${axis}`, [of(2, 3), of(2, 3)], (x, y) => tf.stack([x, y], axis)));
    calls.push(...each(`unstack along ${axis}`, [of(2, 3, 4)], x => tf.unstack(x, axis)));
    calls.push(...each(`split along ${axis}`, [of(4, 4, 4)], x => tf.split(x, 2, axis)));
    calls.push(...each(`uneven split along ${axis}`, [of(4, 4, 4)], x => tf.split(x, [1, 0, 3], axis)));
    calls.push(...each(`expandDims ${axis}`, [of(2, 3)], x => tf.expandDims(x, axis)));
    calls.push(...each(`reverse along ${axis}`, [of(2, 3, 4)], x => tf.reverse(x, axis)));
    calls.push(...each('reshape', [of(2, 3, 4)], x => [tf.reshape(x, [axis + 2, -1]), tf.reshape(x, [-1])]));
    for (const indices of [[], [5], [2, 2]])
      calls.push(call(`gather along ${axis}`, [of(2, 3, 4), int(...indices)], (x, i) => tf.gather(x, i, axis)));
  }
  calls.push(
    call('gather in batches', [float(2, 3, 4), int(2, 5)], (x, i) => tf.gather(x, i, 1, 1)),
    call('gradient of gather', [float(6, 4), int(2, 5)], (x, i) =>
      tf.grad(y =>
        tf
          .gather(y, i as tf.Tensor1D)
          .square()
          .sum(),
      )(x),
    ),
    call('gradient of gather along 1', [float(2, 6, 4), int(5)], (x, i) =>
      tf.grad(y =>
        tf
          .gather(y, i as tf.Tensor1D, 1)
          .square()
          .sum(),
      )(x),
    ),
    call('parts of hundreds', [float(600)], x => [
      tf.split(x, 300),
      tf.split(
        x,
        Array.from({ length: 24 }, (_, i) => 2 * i + 2),
      ),
    ]),
    call('squeeze', [float(1, 3, 1)], x => [tf.squeeze(x), tf.squeeze(x, [-1])]),
    call('scalar', [float(1, 1)], x => tf.reshape(x, [])),
    ...both('transpose', [float(2, 3, 4)], x => [tf.transpose(x), tf.transpose(x, [1, 2, 0])]),
    ...both('tile', [float(2, 3)], x => [tf.tile(x, [2, 1]), tf.tile(x, [3, 2])]),
    call('tile', [bool(2, 0)], x => tf.tile(x, [2, 4])),
    ...both('slice', [float(4, 5)], x => [tf.slice(x, [1, 2]), tf.slice(x, 1, 2), tf.slice(x, [0, 1], [-1, 3])]),
    ...both('pad', [float(4, 5)], x => [
      tf.pad(x, [
        [1, 2],
        [0, 3],
      ]),
      tf.pad(
        x,
        [
          [0, 0],
          [0, 0],
        ],
        7,
      ),
    ]),
    call('mirrorPad', [float(4, 5)], x => [
      tf.mirrorPad(
        x,
        [
          [1, 2],
          [0, 3],
        ],
        'reflect',
      ),
      tf.mirrorPad(
        x,
        [
          [1, 2],
          [0, 3],
        ],
        'symmetric',
      ),
    ]),
    ...both('where', [float(2, 3), float(2, 3)], (x, y) => tf.where(tf.ones([2, 3], 'bool'), x, y)),
    call('broadcastTo', [float(3, 1)], x => tf.broadcastTo(x, [2, 3, 4])),
    ...both('addN', [float(2, 3), float(2, 3)], (x, y) => tf.addN([x, y, x])),
    call('diag', [float(3)], x => tf.diag(x)),
    call('diag', [float(2, 3)], x => tf.diag(x)),
  );
  for (const [depth, dtype] of product([2, 4], ['float32', 'int32', 'bool'] as const))
    calls.push(call(`oneHot as ${dtype}`, [int(2, 3)], i => tf.oneHot(i, depth, 1, 0, dtype)));
  return calls;
}

/** What masks and steps of both signs make of a slice, 300 times by chance. */
export function stridedSlices(): Call[] {
  const chance = new HostRandom(7);
  const between = (low: number, high: number) => low + chance.integer(high - low + 1);
  const three = (make: () => number) => [make(), make(), make()];
  const bits = () => chance.integer(8);
  const rarely = (mask: number) => (chance.integer(3) === 0 ? mask : 0);
  return Array.from({ length: 300 }, () => {
    const [beginMask, endMask] = [bits(), bits()];
    const [whole, fresh, single] = [rarely(1 << chance.integer(3)), rarely(bits()), rarely(bits())]; // '…', new axes, one index
    const one = (i: number) => ((single >> i) & 1) === 1;
    const begin = three(() => between(-6, 6)).map((place, i) => (one(i) ? Math.abs(place) % 2 : place));
    const steps = three(() => between(-3, 3) || 2).map((step, i) => (one(i) ? 1 : step));
    const end = three(() => between(-6, 6));
    return call(
      `stridedSlice ${begin}:${end}:${steps} by ${[beginMask, endMask, whole, fresh, single]}`,
      [float(4, 5, 6, 2)],
      x => tf.stridedSlice(x, begin, end, steps, beginMask, endMask, whole, fresh, single),
    );
  });
}
