/**
 * Optimisers whose every number lives in a variable: the learning rate, the step count and the moments.
 * So a step can be compiled once and replayed while the rate changes, and a checkpoint resumes it exactly.
 */
import { isNative, meanOverReplicas, tf } from '../runtime';
import { expectNumber } from '../runtime/expect';
import { mulNoNan } from '../runtime/values';
import { prepare } from './states';

/** A loss, or a record of scalars whose `loss` is minimised and whose others are only reported. */
export type Losses = tf.Scalar | (Record<string, tf.Scalar> & { loss: tf.Scalar });

/**
 * @example
 * const layer = new Linear(2, 1);
 * const optimiser: Optimiser = new Sgd(layer.parameters(), { learningRate: 0.1 });
 * optimiser.minimize(() => layer.forward(tf.ones([1, 2])).square().mean() as tf.Scalar);
 */
export abstract class Optimiser {
  /** Read anew at each step; `optimiser.learningRate.assign(tf.scalar(1e-4))` changes it. */
  readonly learningRate: tf.Variable;
  readonly step: tf.Variable;
  /** What is moved; a variable that was named twice is moved once. */
  readonly parameters: tf.Variable[];

  constructor(
    parameters: tf.Variable[],
    learningRate: number,
    readonly clipNorm?: number,
  ) {
    if (parameters.length === 0) throw new Error('nothing to optimise: the list of parameters is empty');
    expectNumber('learning rate', learningRate, { above: 0 }, 'try 0.001');
    if (clipNorm !== undefined) expectNumber('clipNorm', clipNorm, { above: 0 }, 'leave it out to clip nothing');
    this.parameters = [...new Set(parameters)];
    this.learningRate = slot(tf.scalar(learningRate));
    this.step = slot(tf.scalar(0));
  }

  /**
   * One step down the gradient of `losses()`; returns what it returned, measured before the step. Where the loss or any
   * gradient is NaN or infinite nothing moves, neither weights nor the optimiser's memory, and the loss returned is NaN.
   */
  minimize<L extends Losses>(losses: () => L): L {
    return tf.tidy(() => {
      const { value, grads } = meanOverReplicas(() => valuesAndGradients(losses, this.parameters));
      const loss = value instanceof tf.Tensor ? value : value.loss;
      const norm = this.clipNorm ? globalNorm(grads) : tf.addN(grads.map(g => g.sum())); // [], no number where any gradient is none
      const ok = tf.isFinite(tf.add(norm, loss)).toFloat() as tf.Scalar; // [] 1, or 0 where nothing may move
      this.step.assign(this.step.add(ok));
      const factor = this.clipNorm && tf.where(ok.cast('bool'), clipFactor(norm, this.clipNorm), tf.scalar(0)); // []
      this.update(factor ? grads.map(g => orZero(g, factor)) : grads, ok);
      const said = tf.where(ok.cast('bool'), loss, tf.scalar(Number.NaN));
      return value instanceof tf.Tensor ? said : { ...(value as object), loss: said };
    }) as L;
  }

  /** Moves every parameter by its gradient; grads[i] belongs to parameters[i]. Where `ok` is 0 instead of 1, they may be NaN, and nothing may move. */
  protected abstract update(grads: tf.Tensor[], ok: tf.Scalar): void;

  /** Variables that make up the optimiser's memory, by name. */
  protected slots(): Record<string, tf.Variable> {
    return { learningRate: this.learningRate, step: this.step };
  }

  /** Copies of all memory, for a checkpoint. The caller disposes them. */
  state(): Record<string, tf.Tensor> {
    return Object.fromEntries(Object.entries(this.slots()).map(([name, variable]) => [name, tf.clone(variable)]));
  }

  /** Restores what `state()` gave, all of it or, where something is missing, left over or doesn't fit, nothing. */
  load(state: Record<string, tf.Tensor>): void {
    this.readyToLoad(state)();
  }

  /** The checks of `load`, and a function that then writes. */
  readyToLoad(state: Record<string, tf.Tensor>): () => void {
    return prepare('optimiser state', this.slots(), state);
  }

  dispose(): void {
    for (const variable of Object.values(this.slots())) variable.dispose();
  }
}

/**
 * θ ← θ − lr·v with v ← momentum·v + g; without momentum, plain gradient descent.
 * @example
 * const weight = variable(tf.scalar(1));
 * new Sgd([weight], { learningRate: 0.1 }).minimize(() => weight.square() as tf.Scalar);
 * weight // → 0.8
 */
export class Sgd extends Optimiser {
  readonly momentum: number;
  private readonly velocity: tf.Variable[];

  constructor(
    parameters: tf.Variable[],
    { learningRate = 0.01, momentum = 0, clipNorm = undefined as number | undefined } = {},
  ) {
    super(parameters, learningRate, clipNorm);
    this.momentum = expectNumber('momentum', momentum, { from: 0, below: 1 }, 'try 0.9');
    this.velocity = momentum ? this.parameters.map(zerosLike) : [];
  }

  protected update(grads: tf.Tensor[], ok: tf.Scalar): void {
    const rate = this.learningRate.mul(ok); //                                                []
    const momentum = tf.where(ok.cast('bool'), tf.scalar(this.momentum), tf.scalar(1)); //       []
    this.parameters.forEach((parameter, i) => {
      let move = grads[i];
      if (this.momentum) {
        this.velocity[i].assign(this.velocity[i].mul(momentum).add(orZero(move, ok)));
        move = this.velocity[i];
      }
      parameter.assign(parameter.sub(orZero(move, rate)));
    });
  }

  protected override slots(): Record<string, tf.Variable> {
    return { ...super.slots(), ...numbered('velocity', this.velocity) };
  }
}

/**
 * Adam (Kingma & Ba 2015, alg. 1); with `weightDecay`, AdamW (Loshchilov & Hutter 2019, alg. 2). PyTorch's defaults.
 * @example
 * const angle = variable(tf.scalar(1));
 * new Adam([angle], { learningRate: 0.1 }).minimize(() => angle.square() as tf.Scalar);
 * angle // → 0.9
 */
export class Adam extends Optimiser {
  private readonly mean: tf.Variable[];
  private readonly square: tf.Variable[];
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;

  constructor(
    parameters: tf.Variable[],
    {
      learningRate = 1e-3,
      beta1 = 0.9,
      beta2 = 0.999,
      epsilon = 1e-8,
      weightDecay = 0,
      clipNorm = undefined as number | undefined,
    } = {},
  ) {
    super(parameters, learningRate, clipNorm);
    this.beta1 = expectNumber('beta1', beta1, { from: 0, below: 1 }, "Adam's paper has 0.9");
    this.beta2 = expectNumber('beta2', beta2, { from: 0, below: 1 }, "Adam's paper has 0.999");
    this.epsilon = expectNumber('epsilon', epsilon, { above: 0 }, 'try 1e-8');
    this.weightDecay = expectNumber('weightDecay', weightDecay, { from: 0 }, '0 is none');
    this.mean = this.parameters.map(zerosLike);
    this.square = this.parameters.map(zerosLike);
  }

  protected update(grads: tf.Tensor[], ok: tf.Scalar): void {
    const one = tf.scalar(1);
    const step = tf.maximum(this.step, 1); // 0 where the very first step is refused, and 1 − β⁰ would divide by 0
    const rate = this.learningRate.mul(ok); //                        0 where nothing may move
    const size = rate.div(one.sub(tf.pow(this.beta1, step))); //      α / (1 − β₁ᵗ)
    const correction = one.sub(tf.pow(this.beta2, step)).sqrt(); //   √(1 − β₂ᵗ)
    const [towards1, towards2] = [this.beta1, this.beta2].map(beta => tf.scalar(1 - beta).mul(ok)); // 1 − β, or 0
    this.parameters.forEach((parameter, i) => {
      const m = this.mean[i];
      const v = this.square[i];
      m.assign(m.add(orZero(grads[i].sub(m), towards1)));
      v.assign(v.add(orZero(grads[i].square().sub(v), towards2)));
      const move = m.div(v.sqrt().div(correction).add(this.epsilon)).mul(size);
      const decayed = this.weightDecay ? parameter.mul(one.sub(rate.mul(this.weightDecay))) : parameter;
      parameter.assign(decayed.sub(move));
    });
  }

  protected override slots(): Record<string, tf.Variable> {
    return { ...super.slots(), ...numbered('mean', this.mean), ...numbered('square', this.square) };
  }
}

/**
 * Scales all gradients by one factor so that their joint L2 norm is at most `most` (Pascanu et al. 2013, alg. 1).
 * @example clipByGlobalNorm([tf.tensor1d([3, 4])], 1)[0] // → [0.6, 0.8]
 */
export function clipByGlobalNorm(grads: tf.Tensor[], most: number): tf.Tensor[] {
  expectNumber('the largest norm', most, { above: 0 }, 'it is what the norm is cut down to');
  const factor = clipFactor(globalNorm(grads), most);
  return grads.map(g => g.mul(factor));
}

const clipFactor = (norm: tf.Tensor, most: number): tf.Tensor => tf.minimum(1, tf.scalar(most).div(norm.add(1e-6)));

/** x·factor, but 0 where the factor is, also for an x of NaN or ∞: one operation, so that a good step takes no longer. */
function orZero(x: tf.Tensor, factor: tf.Tensor): tf.Tensor {
  if (isNative()) return mulNoNan(x, factor);
  return tf.where(factor.notEqual(0).broadcastTo(x.shape), x.mul(factor), tf.zerosLike(x));
}

/**
 * √(sum of squares over all entries of all tensors).
 * @example globalNorm([tf.tensor1d([3]), tf.tensor1d([4])]) // → 5
 */
export function globalNorm(tensors: tf.Tensor[]): tf.Scalar {
  if (tensors.length === 0) throw new Error('the norm of no tensors is not defined; give one at the least');
  return tf.addN(tensors.map(t => t.square().sum())).sqrt() as tf.Scalar;
}

/**
 * The value of `losses()` and the gradient of its loss for each variable, in their order. Call inside tf.tidy.
 * @example
 * const w = variable(tf.scalar(3));
 * tf.tidy(() => valuesAndGradients(() => w.square() as tf.Scalar, [w]).grads[0].dataSync()[0]) // → 6
 */
export function valuesAndGradients<L extends Losses>(losses: () => L, variables: tf.Variable[]) {
  const reported: Record<string, tf.Tensor> = {};
  let single = false;
  const { value, grads } = tf.variableGrads(() => {
    const out = losses();
    single = out instanceof tf.Tensor;
    if (out instanceof tf.Tensor) return out;
    for (const [name, scalar] of Object.entries(out)) if (name !== 'loss') reported[name] = tf.keep(tf.clone(scalar));
    return out.loss;
  }, variables);
  const list = variables.map(variable => {
    if (!grads[variable.name])
      throw new Error(`the loss does not depend on variable ${variable.name} [${variable.shape}]`);
    return grads[variable.name];
  });
  if (single) return { value: value as unknown as L, grads: list };
  const record: Record<string, tf.Tensor> = { loss: value };
  for (const name of Object.keys(reported)) {
    record[name] = tf.clone(reported[name]); // the kept copy outlives the gradient's own scope; this one is tidied as usual
    reported[name].dispose();
  }
  return { value: record as L, grads: list };
}

const slot = (values: tf.Tensor): tf.Variable => {
  const made = tf.variable(values, false);
  values.dispose();
  return made;
};
const zerosLike = (variable: tf.Variable): tf.Variable => slot(tf.zeros(variable.shape));
const numbered = (name: string, list: tf.Variable[]) => Object.fromEntries(list.map((v, i) => [`${name}.${i}`, v]));
