/**
 * Recurrent nets: one step after the other, each with a state that it hands on. The plain one (Elman 1990), the GRU (Cho et
 * al. 2014) and the LSTM (Hochreiter & Schmidhuber 1997; Gers et al. 2000), with the gates, the names and the layouts of
 * PyTorch's `nn.RNN`, `nn.GRU` and `nn.LSTM`, so that their weights load.
 * B batch, T time, I inputs, H width of the state, L layers.
 * @see notebooks/16-sequences.ipynb
 */
import { Embedding, type Initialiser, Linear, Module, softmaxCrossEntropy, variable } from '../nn';
import { random, tf } from '../runtime';
import { expectCount, expectNumber, expectSame, expectShape, expectSizes } from '../runtime/expect';

export interface RecurrentConfig {
  inputs: number;
  /** Numbers of the state. */
  width: number;
  /** Each layer reads the states of the one below. */
  layers?: number;
}

/** What goes on to the next step, [L, B, H]; the LSTM has its memory cell, too. */
export interface RecurrentState {
  h: tf.Tensor;
  c?: tf.Tensor;
}

export interface RecurrentResult {
  /** The last layer's state at each step, [B, T, H]. */
  outputs: tf.Tensor3D;
  state: RecurrentState;
}

/** One layer's state, [B, H] each. */
interface StepState {
  h: tf.Tensor;
  c?: tf.Tensor;
}

/**
 * What the three share: weights, layers, and the walk through time.
 * @example new Rnn({ inputs: 3, width: 4 }) instanceof Recurrent // → true
 */
export abstract class Recurrent extends Module {
  /** Whether there is a memory cell beside the state. */
  protected readonly hasCell: boolean = false;

  /** @param gates how many blocks of H rows the weights have */
  constructor(
    readonly config: RecurrentConfig,
    gates: number,
  ) {
    super();
    expectSizes('a recurrent net', config);
    const { inputs, width, layers = 1 } = config;
    const bound = 1 / Math.sqrt(width);
    const draw = (...shape: number[]) => variable(random.uniform(shape, -bound, bound));
    for (let layer = 0; layer < layers; layer++) {
      const fields = {
        [`weight_ih_l${layer}`]: draw(gates * width, layer === 0 ? inputs : width), // [G·H, I]
        [`weight_hh_l${layer}`]: draw(gates * width, width), //                       [G·H, H]
        [`bias_ih_l${layer}`]: draw(gates * width), //                                [G·H]
        [`bias_hh_l${layer}`]: draw(gates * width), //                                [G·H]
      };
      Object.assign(this, fields);
    }
  }

  /**
   * One step of a layer: fromInput [B, G·H] is x Wᵀ + b, fromState [B, G·H] the same of the state before.
   * @returns the new state
   */
  protected abstract step(fromInput: tf.Tensor, fromState: tf.Tensor, before: StepState): StepState;

  /**
   * x: [B, T, I] → the states. `state`: where to begin; zeros unless given.
   * `nudge` [B, T, H] is added to the last layer's states as they come: with zeros, its gradient is ∂L/∂h of each step.
   */
  forward(x: tf.Tensor, state?: RecurrentState, nudge?: tf.Tensor): RecurrentResult {
    const { inputs, width, layers = 1 } = this.config;
    expectShape('a sequence', x, ['B', 'T', inputs]);
    const [B, T] = x.shape;
    const start = state ?? this.zeroState(B);
    expectShape('the state', start.h, [layers, B, width]);
    if (this.hasCell && !start.c) throw new Error('expected a state of h and its memory cell c, got h only');
    if (start.c && !this.hasCell)
      throw new Error('expected a state of h only, got a memory cell, too; is it of another net?');
    if (start.c) expectShape('the memory cell', start.c, [layers, B, width]);
    expectCount('steps of a sequence', T as number);
    if (nudge) expectShape('the nudge', nudge, [B, T, width]);
    let rows = x;
    const last: StepState[] = [];
    for (let layer = 0; layer < layers; layer++) {
      const of = (tensor: tf.Tensor) => tf.slice(tensor, [layer, 0, 0], [1, B, width]).reshape([B, width]);
      const before = { h: of(start.h), c: start.c && of(start.c) };
      const steps = this.layer(layer, rows, before, layer === layers - 1 ? nudge : undefined);
      rows = tf.stack(
        steps.map(({ h }) => h),
        1,
      ); // [B, T, H]
      last.push(steps[T - 1]);
    }
    const stacked = (each: tf.Tensor[]) => tf.stack(each, 0); // [L, B, H]
    const h = stacked(last.map(each => each.h));
    const c = this.hasCell ? stacked(last.map(each => each.c!)) : undefined;
    return { outputs: rows as tf.Tensor3D, state: c ? { h, c } : { h } };
  }

  zeroState(B: number): RecurrentState {
    const zeros = () => tf.zeros([this.config.layers ?? 1, B, this.config.width]);
    return this.hasCell ? { h: zeros(), c: zeros() } : { h: zeros() };
  }

  /** The states of a layer, one for each step. x: [B, T, I] */
  private layer(layer: number, x: tf.Tensor, start: StepState, nudge?: tf.Tensor): StepState[] {
    const weight = (name: string) => this.named(`${name}_l${layer}`);
    const [B, T, I] = x.shape;
    const times = (rows: tf.Tensor, name: string) =>
      tf.matMul(rows as tf.Tensor2D, weight(`weight_${name}`) as tf.Tensor2D, false, true).add(weight(`bias_${name}`));
    const inputs = tf.tidy(() => tf.unstack(times(x.reshape([B * T, I]), 'ih').reshape([B, T, -1]), 1)); // T × [B, G·H]
    const nudges = nudge && tf.unstack(nudge, 1); // T × [B, H]
    const states: StepState[] = [];
    let now = start;
    for (const [t, input] of inputs.entries()) {
      // What a step makes in between goes with it: of 2,000 texts of 64 characters an LSTM would hold 1 GB else.
      now = tf.tidy(() => {
        const next = this.step(input, times(now.h, 'hh'), now);
        return (nudges ? { ...next, h: next.h.add(nudges[t]) } : next) as StepState & tf.TensorContainerObject;
      });
      states.push(now);
    }
    return states;
  }

  protected named(name: string): tf.Variable {
    return (this as unknown as Record<string, tf.Variable>)[name];
  }
}

/**
 * h ← tanh(W x + U h + b)
 * @example new Rnn({ inputs: 3, width: 4 }).forward(tf.zeros([2, 5, 3])).outputs.shape // → [ 2, 5, 4 ]
 */
export class Rnn extends Recurrent {
  constructor(config: RecurrentConfig) {
    super(config, 1);
  }

  protected step(fromInput: tf.Tensor, fromState: tf.Tensor): StepState {
    return { h: fromInput.add(fromState).tanh() }; // [B, H]
  }
}

/**
 * Gates r (how much of the past a new state is made of) and z (how much of the past stays), and the new state n.
 * @example new Gru({ inputs: 3, width: 4 }).parameterCount() // → 108
 */
export class Gru extends Recurrent {
  constructor(config: RecurrentConfig) {
    super(config, 3);
  }

  protected step(fromInput: tf.Tensor, fromState: tf.Tensor, { h }: StepState): StepState {
    const [ri, zi, ni] = tf.split(fromInput, 3, 1); // 3 × [B, H]
    const [rs, zs, ns] = tf.split(fromState, 3, 1); // 3 × [B, H]
    const [r, z] = [ri.add(rs).sigmoid(), zi.add(zs).sigmoid()]; // [B, H]
    const n = ni.add(r.mul(ns)).tanh(); // [B, H]
    return { h: n.add(z.mul(h.sub(n))) }; // (1 − z)·n + z·h
  }
}

/**
 * Gates i (in), f (keep), o (out) and the new content g; the memory cell c is only added to and scaled, which keeps gradients alive.
 * @example new Lstm({ inputs: 3, width: 4 }, { forgetBias: 1 }).parameterCount() // → 144
 */
export class Lstm extends Recurrent {
  protected override readonly hasCell = true;

  /** @param forgetBias makes the net keep its memory at first, with 1 (Jozefowicz et al. 2015); PyTorch's start unless given */
  constructor(config: RecurrentConfig, { forgetBias }: { forgetBias?: number } = {}) {
    super(config, 4);
    if (forgetBias === undefined) return;
    expectNumber('forgetBias', forgetBias, {}, '1 is usual');
    const { width: H, layers = 1 } = config;
    for (let layer = 0; layer < layers; layer++) {
      for (const [name, value] of [
        ['bias_ih', forgetBias],
        ['bias_hh', 0],
      ] as const) {
        const bias = this.named(`${name}_l${layer}`);
        const parts = () => [tf.slice(bias, [0], [H]), tf.fill([H], value), tf.slice(bias, [2 * H], [2 * H])];
        tf.tidy(() => bias.assign(tf.concat(parts()) as tf.Tensor1D)); // [4H], the second quarter is f's
      }
    }
  }

  protected step(fromInput: tf.Tensor, fromState: tf.Tensor, { c }: StepState): StepState {
    const [i, f, g, o] = tf.split(fromInput.add(fromState), 4, 1); // 4 × [B, H]
    const cell = f.sigmoid().mul(c!).add(i.sigmoid().mul(g.tanh())); // [B, H]
    return { h: o.sigmoid().mul(cell.tanh()), c: cell };
  }
}

export interface TextRnnConfig {
  kind: 'rnn' | 'gru' | 'lstm';
  /** Number of different tokens. */
  vocab: number;
  /** Numbers that a token becomes. */
  embedding: number;
  width: number;
  layers?: number;
}

/**
 * Text with a recurrent net: embedding, recurrence, and a linear layer to the next token's logits.
 * @example new TextRnn({ kind: 'lstm', vocab: 9, embedding: 3, width: 4 }).forward(tf.zeros([1, 5], 'int32')).logits.shape // → [ 1, 5, 9 ]
 */
export class TextRnn extends Module {
  readonly encoder: Embedding;
  readonly rnn: Recurrent;
  readonly decoder: Linear;

  constructor(
    readonly config: TextRnnConfig,
    options: { forgetBias?: number } = {},
  ) {
    super();
    expectSizes('a recurrent net for texts', config);
    const { kind, vocab, embedding, width, layers } = config;
    if (kind !== 'rnn' && kind !== 'gru' && kind !== 'lstm')
      throw new Error(`a recurrent net for texts: kind is ${kind}, expected rnn, gru or lstm`);
    if (options.forgetBias !== undefined && kind !== 'lstm')
      throw new Error(
        `forgetBias must come with an lstm, got ${options.forgetBias} for ${kind}, which has no such gate`,
      );
    const init: Initialiser = shape => random.normal(shape, 0, 0.1);
    this.encoder = new Embedding(vocab, embedding, { init });
    const sizes = { inputs: embedding, width, layers };
    this.rnn = kind === 'lstm' ? new Lstm(sizes, options) : kind === 'gru' ? new Gru(sizes) : new Rnn(sizes);
    this.decoder = new Linear(width, vocab, { init });
  }

  /** ids: [B, T] int32 → logits of the next token [B, T, V], and the state for the text that follows. */
  forward(ids: tf.Tensor, state?: RecurrentState): { logits: tf.Tensor3D; state: RecurrentState } {
    expectShape('token ids', ids, ['B', 'T'], 'expandDims(0) makes a batch of one');
    const { outputs, state: after } = this.rnn.forward(this.encoder.forward(ids), state); // [B, T, H]
    return { logits: this.decoder.forward(outputs) as tf.Tensor3D, state: after };
  }

  /** Mean cross-entropy of the next token, in nats. ids, next: [B, T] int32. Untrained: about ln V. */
  loss(ids: tf.Tensor, next: tf.Tensor): tf.Scalar {
    expectSame({ ids, 'next ids': next });
    const { logits } = this.forward(ids); // [B, T, V]
    return softmaxCrossEntropy(logits.reshape([-1, this.config.vocab]), next.flatten());
  }
}
