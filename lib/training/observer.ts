/** What the training loop tells those who watch it. Observers know nothing of gradients, the loop nothing of charts. */
import type { TrainingResult } from './result';

/** Scalars of one step or their means over an epoch, by name; `loss` is always among them. */
export type Metrics = Record<string, number>;

/** Known before the first step. */
export interface RunInfo {
  epochs: number;
  stepsPerEpoch?: number;
  totalSteps?: number;
  /** Steps already done by the run that a checkpoint continues. */
  startStep: number;
}

export interface StepReport {
  /** Steps done so far, this one included. */
  step: number;
  /** Epoch of this step, from 0. */
  epoch: number;
  metrics: Metrics;
  stepsPerSecond: number;
  /** Undefined where the number of steps isn't known. */
  secondsLeft?: number;
}

export interface EpochReport {
  epoch: number;
  step: number;
  /** Means over the epoch's steps, and what `evaluate` measured after it. */
  metrics: Metrics;
}

export interface Observer {
  /**
   * Looks at reports only, not at weights, and sets nothing: it may hear of a step some steps later. Where a graphics card
   * computes in a page and all observers of steps say so, losses are read together every few steps.
   */
  late?: boolean;
  onStart?(run: RunInfo): void | Promise<void>;
  onStep?(report: StepReport): void | Promise<void>;
  onEpoch?(report: EpochReport): void | Promise<void>;
  onEnd?(result: TrainingResult): void | Promise<void>;
}
