/** A slow copy of the weights: what samples best is often their average over the last steps, not the last step. */
import { tf } from '../runtime';
import { expectNumber } from '../runtime/expect';
import { variable } from './init';
import type { Module } from './module';
import { prepare } from './states';

/**
 * shadow ← decay·shadow + (1 − decay)·weight after each step (Polyak averaging; Ho et al. 2020 use 0.9999).
 * @example
 * const averaged = new Ema(new Linear(2, 1), 0.99);
 * averaged.update();
 */
export class Ema {
  readonly shadow: tf.Variable[];
  private readonly weights: tf.Variable[];

  constructor(
    module: Module,
    readonly decay = 0.999,
  ) {
    expectNumber('decay', decay, { from: 0, below: 1 }, 'try 0.999');
    this.weights = module.parameters();
    this.shadow = this.weights.map(weight => variable(weight.mul(1), false)); // values of their own, not shared ones
  }

  /** Call after the optimiser's step; may stand inside a compiled step. */
  update(): void {
    this.shadow.forEach((shadow, i) => {
      tf.tidy(() => shadow.assign(shadow.add(this.weights[i].sub(shadow).mul(1 - this.decay))));
    });
  }

  /** Runs `use` with the averaged weights in place, then puts the trained ones back, also after an error. */
  async with<T>(use: () => T | Promise<T>): Promise<T> {
    this.swap();
    try {
      return await use();
    } finally {
      this.swap();
    }
  }

  /** Exchanges averaged and trained weights. */
  swap(): void {
    this.shadow.forEach((shadow, i) => {
      tf.tidy(() => {
        const average = tf.clone(shadow);
        shadow.assign(tf.clone(this.weights[i]));
        this.weights[i].assign(average);
      });
    });
  }

  state(): Record<string, tf.Tensor> {
    return Object.fromEntries(this.shadow.map((variable, i) => [`shadow.${i}`, tf.clone(variable)]));
  }

  /** Restores what `state()` gave, all of it or, where something doesn't fit, nothing. */
  load(state: Record<string, tf.Tensor>): void {
    this.readyToLoad(state)();
  }

  /** The checks of `load`, and a function that then writes. */
  readyToLoad(state: Record<string, tf.Tensor>): () => void {
    const named = Object.fromEntries(this.shadow.map((variable, i) => [`shadow.${i}`, variable]));
    return prepare('averaged weight', named, state);
  }

  dispose(): void {
    for (const variable of this.shadow) variable.dispose();
  }
}
