/** How fast this device trains: a step of a small autoencoder, loss read back, as lessons have it. */
import { tf } from '../../runtime';

/** Steps are timed for this long, in ms; those before it make the device's programs. */
const LONG_ENOUGH = 50;

/**
 * Milliseconds of a step: 64 pictures of 784 pixels through 200 units and back, the gradients of both matrices, and one
 * number read. Median of what fits into 50 ms, three at least.
 */
export async function measure(): Promise<number> {
  const x = tf.randomUniform([64, 784]);
  const weights = [
    tf.variable(tf.randomNormal([784, 200], 0, 0.05)),
    tf.variable(tf.randomNormal([200, 784], 0, 0.05)),
  ];
  const sgd = tf.train.sgd(0.01);
  const step = async (): Promise<void> => {
    const loss = sgd.minimize(
      () =>
        x
          .matMul(weights[0] as tf.Tensor2D)
          .relu()
          .matMul(weights[1])
          .sub(x)
          .square()
          .mean() as tf.Scalar,
      true,
    )!;
    await loss.data();
    loss.dispose();
  };
  await step();
  const times: number[] = [];
  for (const began = performance.now(); times.length < 3 || performance.now() - began < LONG_ENOUGH; ) {
    const before = performance.now();
    await step();
    times.push(performance.now() - before);
  }
  tf.dispose([x, ...weights]);
  sgd.dispose();
  return times.sort((a, b) => a - b)[times.length >> 1];
}
