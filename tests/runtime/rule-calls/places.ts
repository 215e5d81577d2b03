/** What puts numbers where indices say, counts, transforms, and what the lib asks for itself. */
import { random, type ShapeLike, tf } from '../../../lib/runtime';
import { copyOf, nativeBackend } from '../../../lib/runtime/tensorflow';
import { mulNoNan } from '../../../lib/runtime/values';
import { bool, type Call, call, float, int } from './call';

export function placesAndNumbers(): Call[] {
  const calls: Call[] = [];
  for (const dtype of ['float32', 'int32'] as const) {
    const of = (...shape: number[]): ShapeLike => ({ shape, dtype });
    const ids = (ids: tf.Tensor) => ids as tf.Tensor1D;
    calls.push(
      call('scatterND', [int(4, 1), of(4, 3)], (at, x) => tf.scatterND(at, x, [7, 3])),
      call('scatterND', [int(2, 2, 2), of(2, 2)], (at, x) => tf.scatterND(at, x, [5, 6])),
      call('gatherND', [of(4, 5, 6), int(2, 3, 1)], (x, at) => tf.gatherND(x, at)),
      call('gatherND', [of(4, 5, 6), int(7, 3)], (x, at) => tf.gatherND(x, at)),
      call('tensorScatterUpdate', [of(6, 2), int(3, 1), of(3, 2)], (x, at, y) => tf.tensorScatterUpdate(x, at, y)),
      call('unsortedSegmentSum', [of(6, 2), int(6)], (x, at) => tf.unsortedSegmentSum(x, ids(at), 4)),
      call('sparseToDense', [int(3), of(3), of()], (at, x, other) => tf.sparseToDense(at, x, [7], other as tf.Scalar)),
      call('sparseToDense', [int(3, 2), of(3), of()], (at, x, other) =>
        tf.sparseToDense(at, x, [7, 4], other as tf.Scalar),
      ),
      call('bincount', [int(5), of(5)], (x, weights) => tf.bincount(x as tf.Tensor1D, weights as tf.Tensor1D, 9)),
      call('bincount', [int(5)], x => tf.bincount(x as tf.Tensor1D, tf.tensor1d([], dtype), 9)),
      call('ranges', [], () => [tf.range(0, 5, 1, dtype), tf.range(7, 2, -2, dtype), tf.range(0, 0.95 + 9, 3, dtype)]),
      call('constants', [], () => [
        tf.range(0, 2000, 3, dtype).add(
          tf.tensor1d(
            Array.from({ length: 667 }, (_, i) => 2 * i),
            dtype,
          ),
        ),
        tf.fill([3, 700], 2, dtype).add(tf.ones([700], dtype)),
        tf.zeros([2000], 'bool').logicalNot(),
      ]),
    );
  }
  calls.push(
    call('gradient of unsortedSegmentSum', [float(6, 2), int(6)], (x, at) =>
      tf.grad(y =>
        tf
          .unsortedSegmentSum(y, at as tf.Tensor1D, 4)
          .square()
          .sum(),
      )(x),
    ),
    call('fractions', [], () => [tf.range(0, 1, 0.1), tf.range(0, 1.05, 0.15), tf.linspace(0, 1, 7)]),
    call('complex', [float(3), float(3)], (x, y) => {
      const z = tf.complex(x, y);
      return [z, tf.real(z), tf.imag(z), tf.abs(z), z.mul(z), z.add(z), tf.fft(z), tf.ifft(z), z.reshape([3, 1])];
    }),
    call('real transforms', [float(2, 8)], x => [tf.rfft(x), tf.irfft(tf.rfft(x))]),
    call('stft', [float(64)], x => tf.signal.stft(x as tf.Tensor1D, 16, 8)),
    call('multinomial', [float(2, 5)], x => tf.multinomial(x as tf.Tensor2D, 6, 3)),
    call('multinomial', [float(5)], x => tf.multinomial(x as tf.Tensor1D, 6, 3)),
    call('the lib’s random', [], () => [random.normal([2, 3]), random.uniform([4]), random.integers([2, 2], 0, 9)]),
    call('the lib’s own', [float(3), bool(2), int(2)], (x, flags, ids) => [
      mulNoNan(x, x),
      ...[x, flags, ids].map(copyOf),
    ]),
    call('what the backend has', [float(2, 3), float(3)], (x, y) => {
      const { divide, divNoNan } = nativeBackend() as unknown as Record<
        'divide' | 'divNoNan',
        (a: tf.Tensor, b: tf.Tensor) => tf.Tensor
      >;
      return [divide, divNoNan].map(f => f.call(nativeBackend(), x, y));
    }),
    call(
      'broadcastArgs',
      [int(3), int(1)],
      (s0, s1) => tf.engine().runKernel('BroadcastArgs', { s0, s1 }) as tf.Tensor,
    ),
  );
  return calls;
}
