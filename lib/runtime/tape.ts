/**
 * Less memory for a gradient. tfjs keeps what the way there has saved, and every gradient on the way back, until the last
 * one is known; here each goes with its last use. TensorFlow's library sees to that itself where a step is compiled.
 */
import * as tf from '@tensorflow/tfjs';

type Gradients = Record<string, () => tf.Tensor>;

interface TapeNode {
  kernelName: string;
  outputs: tf.Tensor[];
  saved?: tf.Tensor[];
  gradient?: (dys: (tf.Tensor | null)[]) => Gradients;
}

/** Parts of tfjs's engine that take a gradient. */
interface Engine {
  state: { gradientDepth: number; activeTape: TapeNode[]; activeScope: { track: tf.Tensor[] } };
  nextTensorId(): number;
  addTapeNode(...given: unknown[]): void;
  gradients(f: () => tf.Tensor, xs: tf.Tensor[], dy?: tf.Tensor, allowNone?: boolean): { grads: tf.Tensor[] };
}

/** Operations whose gradients ask what they were given for its shape alone. */
const BY_SHAPE = new Set(['Add', 'Sub', 'Sum', 'Concat', 'PadV2', 'Slice', 'Mean', 'ExpandDims']);

/** What is left of a tensor of which only the shape is asked for. */
const outlineOf = (tensor: tf.Tensor): tf.Tensor => {
  const { shape, dtype, rank, size } = tensor;
  tensor.dispose();
  return { shape, dtype, rank, size, dispose() {} } as unknown as tf.Tensor;
};

/** From now on a gradient frees on its way back what the rest of the way does not need. */
export function freeOnTheWayBack(): void {
  const engine = tf.engine() as unknown as Engine;
  const { addTapeNode, gradients } = engine;
  /** What the operation before has used: nothing of it is wanted any more. */
  let used: tf.Tensor[] = [];
  /** The caller's own gradient of the result. */
  let given: tf.Tensor | undefined;
  /** Numbers of the tensors whose gradients the caller is to have. */
  let wanted = new Set<number>();

  engine.addTapeNode = (...node) => {
    addTapeNode.apply(engine, node);
    const added = engine.state.activeTape.at(-1)!;
    const { gradient, outputs, saved = [], kernelName } = added;
    if (!gradient) return;
    if (BY_SHAPE.has(kernelName) && engine.state.gradientDepth === 1)
      saved.forEach((each, i) => {
        saved[i] = outlineOf(each);
      });
    added.gradient = dys => {
      tf.dispose(used);
      used = [];
      const { track } = engine.state.activeScope;
      const since = engine.nextTensorId(); // whatever has a lower number was there before
      const before = track.length;
      const asked = gradient(dys);
      if (engine.state.gradientDepth > 0) return asked; // a gradient of this gradient may be asked for
      const over = dys.filter((dy, i) => dy !== null && dy !== given && !wanted.has(outputs[i].id)) as tf.Tensor[];
      used = [...over, ...saved, ...track.slice(before)];
      const handed = new Set(used);
      const own = (make: () => tf.Tensor) => () => {
        const made = make();
        if (made.id < since || handed.has(made)) return made.clone(); // what is handed on has a life of its own
        handed.add(made);
        return made;
      };
      return Object.fromEntries(Object.entries(asked).map(([name, make]) => [name, own(make)]));
    };
  };

  engine.gradients = (f, xs, dy, allowNone) => {
    const before = [used, given, wanted] as const;
    [used, given, wanted] = [[], dy, new Set(xs.map(({ id }) => id))];
    try {
      const result = gradients.call(engine, f, xs, dy, allowNone);
      if (engine.state.gradientDepth === 0) tf.dispose(used);
      return result;
    } finally {
      [used, given, wanted] = before;
    }
  };
}

/**
 * f(x), of which a gradient keeps x alone: what f makes on its way is made again on the way back. `weights`: the variables
 * that f uses. Where TensorFlow's library computes, and where a gradient's own gradient is asked for, it is f(x) as it is.
 */
export function recomputed(f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, weights: tf.Variable[] = []): tf.Tensor {
  const engine = tf.engine() as unknown as Engine;
  if (tf.getBackend() === 'tensorflow') return f(x);
  if (engine.state.gradientDepth !== 1) return tf.tidy(() => f(x));
  const run = tf.customGrad((...given) => {
    const save = given.at(-1) as unknown as tf.GradSaveFunc;
    save([x]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const { activeTape } = engine.state;
      try {
        return engine.gradients(() => f(saved[0]), [saved[0], ...weights], dy).grads;
      } finally {
        engine.state.activeTape = activeTape; // the way back that is under way still goes along it
      }
    };
    return { value: tf.tidy(() => f(x)), gradFunc };
  });
  return run(x, ...weights);
}
