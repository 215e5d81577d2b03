import type { Module } from '../../lib/nn';
import { tf } from '../../lib/runtime';

/**
 * Fills a net from Park and Miller's generator, name by name, as the references in Python draw it.
 * @param ones names of weights that lie around 1 and not around 0
 * @param names the weights that are filled, default all
 */
export function filledByName<M extends Module>(model: M, ones: RegExp, names?: readonly string[]): M {
  let state = 1;
  const draw = (): number => {
    state = (16807 * state) % (2 ** 31 - 1);
    return 0.6 * (state / (2 ** 31 - 1)) - 0.3;
  };
  const weights = model.stateDict();
  for (const name of [...(names ?? Object.keys(weights))].sort()) {
    const one = ones.test(name) ? 1 : 0;
    const { size, shape } = weights[name];
    weights[name] = tf.tensor(
      Float32Array.from({ length: size }, () => draw() + one),
      shape,
    );
  }
  return model.loadStateDict(weights);
}
