/**
 * Random tensors. They are drawn by TensorFlow from a seed and a counter that lives in a variable, so that
 * the same seed gives the same numbers, step by step and inside a compiled step, where every run draws fresh ones.
 * (tfjs's own tf.randomNormal draws on the host and would be frozen into a compiled step; `compile` refuses it.)
 */
import { atHome, shareOf } from './compile/replicas';
import { expectNumber } from './expect';
import { HostRandom } from './host-random';
import { DT, typeAttr } from './native';
import { blank, buildingShapes } from './shapes-only';
import { isNative, nativeBackend, tf } from './tensorflow';

/** int32 [2]: the seed, and how many tensors were drawn. */
let key: tf.Variable | undefined;
let host = new HostRandom(0);

function keyVariable(): tf.Variable {
  if (!key || key.isDisposed) setKey(0, 0);
  return key!;
}

function setKey(seed: number, drawn: number): void {
  tf.tidy(() => {
    const value = tf.tensor1d([seed, drawn], 'int32');
    if (key && !key.isDisposed) key.assign(value);
    else key = tf.variable(value, false, `random/key/${Date.now()}`);
  });
}

/** Does `work` with a key of its own: what computes elsewhere has none, and a recording could not make it. */
export function withKey<T>(work: () => T): T {
  const before = key;
  key = undefined;
  const own = keyVariable();
  try {
    return work();
  } finally {
    own.dispose();
    key = before;
  }
}

/**
 * Runs one of TensorFlow's stateless generators of whole numbers on the next key. A replica of a step draws the whole
 * batch's numbers and takes its own: so they are those of one machine.
 */
function draw(op: string, shape: number[], range: tf.Tensor[] = []): tf.Tensor {
  const share = shareOf(shape);
  const state = keyVariable();
  const attrs = [typeAttr('T', DT.int32), typeAttr('Tseed', DT.int32), typeAttr('dtype', DT.int32)];
  const drawn = nativeBackend().executeSingleOutput(op, attrs, [
    tf.tensor1d(share?.whole ?? shape, 'int32'),
    state,
    ...range,
  ]);
  atHome(() => state.assign(state.add(tf.tensor1d([0, 1], 'int32'))));
  return share ? tf.slice(drawn, share.begin, shape) : drawn;
}

/**
 * float32 in [0, 1), multiples of 2⁻²³, plus `offset` of such a step. Made from whole numbers by hand, because
 * TensorFlow's own uniform and normal generators give other numbers when XLA compiles them.
 */
function uniformSteps(shape: number[], offset: number): tf.Tensor {
  const bits = draw('StatelessRandomUniformFullInt', shape); // all 32 of them
  const mask = tf.scalar(2 ** 23 - 1, 'int32');
  const low = nativeBackend().executeSingleOutput('BitwiseAnd', [typeAttr('T', DT.int32)], [bits, mask]);
  const steps = low.toFloat();
  return (offset === 0 ? steps : steps.add(offset)).mul(2 ** -23);
}

/** Φ⁻¹(u) for uniform u is normal; u stays off 0 and 1 by half a step, so |z| ≤ 5.3. */
function normalDraw(shape: number[]): tf.Tensor {
  return nativeBackend().executeSingleOutput('Ndtri', [typeAttr('T', DT.float)], [uniformSteps(shape, 0.5)]);
}

function hostDraw(shape: number[], next: () => number, dtype: 'float32' | 'int32' = 'float32'): tf.Tensor {
  const values = new (dtype === 'int32' ? Int32Array : Float32Array)(tf.util.sizeFromShape(shape)).map(next);
  return tf.tensor(values, shape, dtype);
}

if (isNative()) setKey(0, 0); // a compiled step could not make it at its first draw

export const random = {
  /** Starts all generators anew, this one and `random.host`. */
  seed(n: number): void {
    if (!Number.isSafeInteger(n)) throw new Error(`a seed must be a whole number, got ${n}`);
    if (isNative()) setKey(n | 0, 0);
    host = new HostRandom(n);
  },

  /** The global generator on the host, for shuffles and choices in JavaScript. */
  get host(): HostRandom {
    return host;
  },

  /** Normal numbers of the given mean and standard deviation, float32. */
  normal<R extends tf.Rank>(shape: tf.ShapeMap[R], mean = 0, std = 1): tf.Tensor<R> {
    expectNumber('mean', mean);
    expectNumber('std', std, { from: 0 });
    if (buildingShapes()) return blank(shape);
    if (!isNative()) return hostDraw(shape, () => mean + std * host.normal()) as tf.Tensor<R>;
    return tf.tidy(() => scaled(normalDraw(shape), std, mean)) as tf.Tensor<R>;
  },

  /** Uniform numbers in [min, max), float32. */
  uniform<R extends tf.Rank>(shape: tf.ShapeMap[R], min = 0, max = 1): tf.Tensor<R> {
    expectNumber('min', min);
    expectNumber('max', max, { from: min });
    if (buildingShapes()) return blank(shape);
    if (!isNative()) return hostDraw(shape, () => min + (max - min) * host.uniform()) as tf.Tensor<R>;
    return tf.tidy(() => scaled(uniformSteps(shape, 0), max - min, min)) as tf.Tensor<R>;
  },

  /** Whole numbers low, …, high − 1, all equally likely, int32. */
  integers<R extends tf.Rank>(shape: tf.ShapeMap[R], low: number, high: number): tf.Tensor<R> {
    for (const [name, value] of Object.entries({ low, high })) {
      expectNumber(name, value, { from: -(2 ** 31), to: 2 ** 31 - 1, whole: true }, 'int32 holds no others');
    }
    if (!(high > low)) throw new Error(`integers need low < high, got ${low} and ${high}; high itself is never drawn`);
    if (!isNative()) return hostDraw(shape, () => low + host.integer(high - low), 'int32') as tf.Tensor<R>;
    return tf.tidy(() => {
      const range = [tf.scalar(low, 'int32'), tf.scalar(high, 'int32')];
      return draw('StatelessRandomUniformInt', shape, range);
    }) as tf.Tensor<R>;
  },

  /** Where the generators stand; `restore` continues exactly there. */
  state(): number[] {
    const native = isNative() ? Array.from(keyVariable().dataSync()) : [0, 0];
    return [...native, ...host.state];
  },

  restore(state: number[]): void {
    if (state.length !== 6) throw new Error(`a random state has 6 numbers, got ${state.length}`);
    for (const each of state) expectNumber('a number of a random state', each, { whole: true });
    host.state = state.slice(2); // checks, and comes first: all is restored or nothing
    if (isNative()) setKey(state[0], state[1]);
  },
};

function scaled(x: tf.Tensor, factor: number, shift: number): tf.Tensor {
  const stretched = factor === 1 ? x : x.mul(factor);
  return shift === 0 ? stretched : stretched.add(shift);
}
