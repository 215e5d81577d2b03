/**
 * Optimisers whose every number lives in a variable: the learning rate, the step count and the moments.
 * So a step can be compiled once and replayed while the rate changes, and a checkpoint resumes it exactly.
 */
import { tf } from '../runtime';

/** A loss, or a record of scalars whose `loss` is minimised and whose others are only reported. */
export type Losses = tf.Scalar | (Record<string, tf.Scalar> & { loss: tf.Scalar });

export abstract class Optimiser {
  /** Read anew at each step; `optimiser.learningRate.assign(tf.scalar(1e-4))` changes it. */
  readonly learningRate: tf.Variable;
  readonly step: tf.Variable;

  constructor(
    readonly parameters: tf.Variable[],
    learningRate: number,
    readonly clipNorm?: number,
  ) {
    if (parameters.length === 0) throw new Error('nothing to optimise: the list of parameters is empty');
    if (!(learningRate > 0)) throw new Error(`learning rate must be positive, got ${learningRate}`);
    this.learningRate = slot(tf.scalar(learningRate));
    this.step = slot(tf.scalar(0));
  }

  /** One step down the gradient of `losses()`; returns what it returned, measured before the step. */
  minimize<L extends Losses>(losses: () => L): L {
    return tf.tidy(() => {
      const { value, grads } = valuesAndGradients(losses, this.parameters);
      this.step.assign(this.step.add(1));
      this.update(this.clipNorm ? clipByGlobalNorm(grads, this.clipNorm) : grads);
      return value;
    }) as L;
  }

  /** Moves every parameter by its gradient; grads[i] belongs to parameters[i]. */
  protected abstract update(grads: tf.Tensor[]): void;

  /** Variables that make up the optimiser's memory, by name. */
  protected slots(): Record<string, tf.Variable> {
    return { learningRate: this.learningRate, step: this.step };
  }

  /** Copies of all memory, for a checkpoint. The caller disposes them. */
  state(): Record<string, tf.Tensor> {
    return Object.fromEntries(Object.entries(this.slots()).map(([name, variable]) => [name, tf.clone(variable)]));
  }

  /** Restores what `state()` gave. */
  load(state: Record<string, tf.Tensor>): void {
    for (const [name, variable] of Object.entries(this.slots())) {
      if (!state[name]) throw new Error(`optimiser state ${name} is missing`);
      variable.assign(tf.tidy(() => tf.clone(state[name])));
    }
  }

  dispose(): void {
    for (const variable of Object.values(this.slots())) variable.dispose();
  }
}

/** θ ← θ − lr·v with v ← momentum·v + g; without momentum, plain gradient descent. */
export class Sgd extends Optimiser {
  readonly momentum: number;
  private readonly velocity: tf.Variable[];

  constructor(
    parameters: tf.Variable[],
    { learningRate = 0.01, momentum = 0, clipNorm = undefined as number | undefined } = {},
  ) {
    super(parameters, learningRate, clipNorm);
    this.momentum = momentum;
    this.velocity = momentum ? parameters.map(zerosLike) : [];
  }

  protected update(grads: tf.Tensor[]): void {
    this.parameters.forEach((parameter, i) => {
      let move = grads[i];
      if (this.momentum) {
        this.velocity[i].assign(this.velocity[i].mul(this.momentum).add(move));
        move = this.velocity[i];
      }
      parameter.assign(parameter.sub(move.mul(this.learningRate)));
    });
  }

  protected override slots(): Record<string, tf.Variable> {
    return { ...super.slots(), ...numbered('velocity', this.velocity) };
  }
}

/** Adam (Kingma & Ba 2015, alg. 1); with `weightDecay`, AdamW (Loshchilov & Hutter 2019, alg. 2). PyTorch's defaults. */
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
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
    this.weightDecay = weightDecay;
    this.mean = parameters.map(zerosLike);
    this.square = parameters.map(zerosLike);
  }

  protected update(grads: tf.Tensor[]): void {
    const one = tf.scalar(1);
    const size = this.learningRate.div(one.sub(tf.pow(this.beta1, this.step))); // α / (1 − β₁ᵗ)
    const correction = one.sub(tf.pow(this.beta2, this.step)).sqrt(); // √(1 − β₂ᵗ)
    this.parameters.forEach((parameter, i) => {
      const m = this.mean[i];
      const v = this.square[i];
      m.assign(m.add(grads[i].sub(m).mul(1 - this.beta1)));
      v.assign(
        v.add(
          grads[i]
            .square()
            .sub(v)
            .mul(1 - this.beta2),
        ),
      );
      const move = m.div(v.sqrt().div(correction).add(this.epsilon)).mul(size);
      const decayed = this.weightDecay ? parameter.mul(one.sub(this.learningRate.mul(this.weightDecay))) : parameter;
      parameter.assign(decayed.sub(move));
    });
  }

  protected override slots(): Record<string, tf.Variable> {
    return { ...super.slots(), ...numbered('mean', this.mean), ...numbered('square', this.square) };
  }
}

/** Scales all gradients by one factor so that their joint L2 norm is at most `most` (Pascanu et al. 2013, alg. 1). */
export function clipByGlobalNorm(grads: tf.Tensor[], most: number): tf.Tensor[] {
  const norm = globalNorm(grads);
  const factor = tf.minimum(1, tf.scalar(most).div(norm.add(1e-6)));
  return grads.map(g => g.mul(factor));
}

/** √(sum of squares over all entries of all tensors). */
export function globalNorm(tensors: tf.Tensor[]): tf.Scalar {
  return tf.addN(tensors.map(t => t.square().sum())).sqrt() as tf.Scalar;
}

/** The value of `losses()` and the gradient of its loss for each variable, in their order. Call inside tf.tidy. */
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
