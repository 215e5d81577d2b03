/** Trains a small convolution for ten steps on whatever device there is, and prints what happened as JSON. */
import { Adam, Conv2d, mse } from '../../../lib/nn';
import { type Compiled, compile, random, start, tf } from '../../../lib/runtime';

async function main(): Promise<void> {
  const device = await start({ seed: 1 });
  const layer = new Conv2d(1, 2, 3, { padding: 1 });
  const optimiser = new Adam(layer.parameters(), { learningRate: 0.05 });
  const x = random.uniform([4, 6, 6, 1]);
  const target = tf.concat([x.mul(2), x.sub(1)], 3);
  const step = compile((batch: tf.Tensor) => optimiser.minimize(() => mse(layer.forward(batch), target)));
  const losses = Array.from({ length: 10 }, () => {
    const loss = step(x);
    const value = loss.dataSync()[0];
    loss.dispose();
    return value;
  });
  random.seed(3);
  const first = Array.from(random.normal([3]).dataSync());
  random.seed(3);
  const repeats = String(Array.from(random.normal([3]).dataSync())) === String(first);
  const drawn = Array.from(random.integers([100], 2, 5).dataSync());
  const state = random.state();
  const before = random.uniform([2]).dataSync().join();
  random.restore(state);
  const restored = random.uniform([2]).dataSync().join() === before;
  const { kind, backend, description } = device;
  const compiled = recordedBy(step);
  const range = [Math.min(...drawn), Math.max(...drawn)];
  console.log(JSON.stringify({ kind, backend, description, losses, repeats, restored, range, compiled }));
}

/** How many programs, or why there are none. */
function recordedBy(step: Compiled): number | string {
  try {
    return step.programs().length;
  } catch (error) {
    return (error as Error).message;
  }
}

void main();
