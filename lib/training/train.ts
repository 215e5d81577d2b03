/**
 * The one training loop. It knows batches, steps and epochs; progress bars, charts and checkpoints watch it.
 * @see notebooks/10-training-a-vae.ipynb
 */
import { compile, kernel, memoryReport, tf } from '../runtime';
import { type CheckpointOptions, loadCheckpoint, type Position, saveCheckpoint } from './checkpoint';
import type { EpochReport, Metrics, Observer, RunInfo } from './observer';
import { type Stopped, TrainingResult } from './result';

export type Batch = Record<string, tf.Tensor>;
export type Step = (batch: Batch) => Record<string, tf.Tensor> & { loss: tf.Tensor };

export interface TrainOptions {
  /** One optimiser step on one batch; returns scalars, `loss` among them. It is compiled unless `eager`. */
  step: Step;
  /** The batches of an epoch; for an exact resume, the same ones whenever it is asked for the same epoch. */
  batches: (epoch: number) => Iterable<Batch>;
  epochs: number;
  /** Lets the progress bar know the end. */
  stepsPerEpoch?: number;
  observers?: Observer[];
  /** Measured after each epoch and added to its metrics. */
  evaluate?: () => Metrics | Promise<Metrics>;
  /** True ends the training as converged; see `noProgress`. */
  stopWhen?: (history: EpochReport[]) => boolean;
  checkpoint?: CheckpointOptions;
  eager?: boolean;
}

/**
 * Trains until the epochs are done, `stopWhen` says so, the loss is no number any more, or the reader presses stop:
 * then it returns within a step, and the weights stay as they are. Batches are freed here.
 */
export async function train(options: TrainOptions): Promise<TrainingResult> {
  const { epochs, stepsPerEpoch, observers = [], checkpoint } = options;
  if (!(epochs >= 1)) throw new Error(`epochs must be at least 1, got ${epochs}`);
  const position: Position = (checkpoint && loadCheckpoint(checkpoint)) ?? freshPosition();
  const info: RunInfo = {
    epochs,
    stepsPerEpoch,
    totalSteps: stepsPerEpoch && epochs * stepsPerEpoch,
    startStep: position.step,
  };
  const compiled = options.eager ? undefined : compile(options.step);
  const step = compiled ?? options.step;
  const stop = listenForStop();
  const before = tf.memory().numTensors;
  const started = performance.now();
  const firstStep = position.step;
  let stopped: Stopped = 'finished';
  try {
    for (const o of observers) await o.onStart?.(info);
    while (position.epoch < epochs && stopped === 'finished') {
      compiled?.check(); // what an observer changed in JavaScript must not be ignored
      stopped = await oneEpoch(options, info, step, position, stop, { started, firstStep });
    }
    compiled?.check();
    if (checkpoint && stopped !== 'diverged') saveCheckpoint(checkpoint, position);
  } finally {
    stop.unlisten();
    compiled?.dispose();
  }
  const seconds = (performance.now() - started) / 1000;
  const { tensors, peakRssBytes } = memoryReport();
  const steps = position.step - firstStep;
  const result = new TrainingResult(
    position.history,
    steps,
    seconds,
    steps / seconds,
    stopped,
    tensors - before,
    peakRssBytes,
  );
  for (const o of observers) await o.onEnd?.(result);
  return result;
}

/** Runs what is left of the epoch at `position`, moving it along. */
async function oneEpoch(
  options: TrainOptions,
  info: RunInfo,
  step: Step,
  position: Position,
  stop: { asked: boolean },
  clock: { started: number; firstStep: number },
): Promise<Stopped> {
  const { observers = [], checkpoint } = options;
  let breath = performance.now();
  let index = 0;
  for (const batch of options.batches(position.epoch)) {
    if (index++ < position.stepInEpoch) {
      tf.dispose(batch); // done before the checkpoint was written
      continue;
    }
    const metrics = runStep(step, batch);
    if (!Number.isFinite(metrics.loss)) return 'diverged';
    position.step++;
    position.stepInEpoch++;
    for (const [name, value] of Object.entries(metrics)) position.sums[name] = (position.sums[name] ?? 0) + value;
    const rate = (position.step - clock.firstStep) / ((performance.now() - clock.started) / 1000);
    const secondsLeft = info.totalSteps && (info.totalSteps - position.step) / rate;
    const report = { step: position.step, epoch: position.epoch, metrics, stepsPerSecond: rate, secondsLeft };
    for (const o of observers) await o.onStep?.(report);
    if (checkpoint?.every && position.step % checkpoint.every === 0) saveCheckpoint(checkpoint, position);
    if (performance.now() - breath > 50) {
      await new Promise(resolve => setImmediate(resolve)); // lets a press on the stop button arrive
      breath = performance.now();
    }
    if (stop.asked) return 'interrupted';
  }
  return closeEpoch(options, position);
}

/** Averages the epoch's metrics, evaluates, reports, and asks whether that is enough. */
async function closeEpoch(options: TrainOptions, position: Position): Promise<Stopped> {
  if (position.stepInEpoch === 0)
    throw new Error('an epoch had no batches; is the batch size larger than the data set?');
  const metrics: Metrics = {};
  for (const [name, sum] of Object.entries(position.sums)) metrics[name] = sum / position.stepInEpoch;
  Object.assign(metrics, await options.evaluate?.());
  const report = { epoch: position.epoch, step: position.step, metrics };
  position.history.push(report);
  position.epoch++;
  position.stepInEpoch = 0;
  position.sums = {};
  for (const o of options.observers ?? []) await o.onEpoch?.(report);
  return options.stopWhen?.(position.history) ? 'converged' : 'finished';
}

function runStep(step: Step, batch: Batch): Metrics {
  const outputs = step(batch);
  if (!outputs.loss) throw new Error(`the step must return { loss, … }, got { ${Object.keys(outputs).join(', ')} }`);
  const metrics: Metrics = {};
  for (const [name, scalar] of Object.entries(outputs)) {
    if (scalar.size !== 1) throw new Error(`metric ${name} must be a scalar, got [${scalar.shape}]; take its mean`);
    metrics[name] = scalar.dataSync()[0];
  }
  tf.dispose(outputs);
  tf.dispose(batch);
  return metrics;
}

const freshPosition = (): Position => ({ step: 0, epoch: 0, stepInEpoch: 0, sums: {}, history: [] });

/** The stop button of JupyterLab, or Ctrl-C on a terminal, asks; the loop answers after the step in hand. */
function listenForStop(): { asked: boolean; unlisten(): void } {
  const stop = { asked: false, unlisten: () => {} };
  const ask = () => {
    stop.asked = true;
    return true;
  };
  const bridge = kernel();
  if (bridge) stop.unlisten = bridge.onInterrupt(ask);
  else {
    process.once('SIGINT', ask);
    stop.unlisten = () => void process.off('SIGINT', ask);
  }
  return stop;
}

/** For `stopWhen`: true once `metric` hasn't fallen by `atLeast` below its best value for `patience` epochs. */
export function noProgress({ metric = 'loss', patience = 2, atLeast = 0 } = {}) {
  return (history: EpochReport[]): boolean => {
    const values = history.map(report => report.metrics[metric]);
    const recent = values.slice(-patience);
    const earlier = values.slice(0, -patience);
    return earlier.length > 0 && Math.min(...recent) > Math.min(...earlier) - atLeast;
  };
}

/** Means of scalars over batches, weighted by batch size. `fn` is compiled; batches are freed. */
export async function evaluate(
  fn: (batch: Batch) => Record<string, tf.Tensor>,
  batches: Iterable<Batch>,
): Promise<Metrics> {
  const measure = compile(fn);
  const sums: Metrics = {};
  let count = 0;
  for (const batch of batches) {
    const size = Object.values(batch)[0].shape[0] ?? 1;
    const outputs = measure(batch);
    for (const [name, scalar] of Object.entries(outputs)) sums[name] = (sums[name] ?? 0) + scalar.dataSync()[0] * size;
    count += size;
    tf.dispose(outputs);
    tf.dispose(batch);
  }
  if (count === 0) throw new Error('nothing to evaluate: no batches');
  measure.dispose();
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / count]));
}
