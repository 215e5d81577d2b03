/** Loading what variables remember, all of it or nothing. */
import { copyOf, tf } from '../runtime';
import { shapeOf } from '../runtime/expect';

/**
 * Checks `state` against variables of the same names, and returns the function that then fills them with copies.
 * @throws Error naming what is missing, left over, or of another shape or type
 */
export function prepare(
  what: string,
  variables: Record<string, tf.Variable>,
  state: Record<string, tf.Tensor>,
): () => void {
  for (const [name, variable] of Object.entries(variables)) {
    const given = state[name];
    if (!given)
      throw new Error(`${what} ${name} is missing; it has ${Object.keys(state).slice(0, 5).join(', ') || 'nothing'}`);
    if (String(given.shape) !== String(variable.shape) || given.dtype !== variable.dtype) {
      const expected = `${variable.dtype} ${shapeOf(variable)}`;
      throw new Error(
        `${what} ${name}: expected ${expected}, got ${given.dtype} ${shapeOf(given)}; is it of another net?`,
      );
    }
  }
  const extra = Object.keys(state).find(name => !(name in variables));
  if (extra) throw new Error(`${what} has ${extra}, which is not known here; is it of another kind?`);
  return () => {
    for (const [name, variable] of Object.entries(variables)) tf.tidy(() => variable.assign(copyOf(state[name])));
  };
}
