/**
 * The one training loop. It knows batches, steps and epochs; progress bars, charts and checkpoints watch it.
 * @see notebooks/10-training-a-vae.ipynb
 */
import { compile, kernel, memoryReport, type Replica, tf, WorkerLost } from '../runtime';
import { expectCount, expectNumber } from '../runtime/expect';
import {
  type CheckpointOptions,
  loadCheckpoint,
  NotFinite,
  type Position,
  saveCheckpoint,
  withFiniteState,
} from './checkpoint';
import { noteEnd } from './last';
import type { EpochReport, Metrics, Observer, RunInfo } from './observer';
import { type Stopped, TrainingResult } from './result';
import { Unread } from './unread';

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
  /**
   * Devices that share each batch, as `cluster` lists them; see `compile`. Where a worker is lost, the checkpoint is
   * written, and the same call goes on from it with the replicas that are left.
   */
  replicas?: readonly Replica[];
  eager?: boolean;
}

/** What a call of `train` cannot do without, as its errors show it. */
const NEEDED = {
  step: 'step: ({ x, y }) => ({ loss: optimiser.minimize(() => mse(model.forward(x), y)) })',
  batches: 'batches: () => [{ x, y }]',
};

/**
 * Trains until the epochs are done, `stopWhen` says so, the loss is no number any more, or the reader presses stop:
 * then it returns within a step, and the weights stay as they are. Batches are freed here.
 *
 * Where a loss or gradient is NaN or infinite, the optimisers of lib/nn move nothing, so the weights are those before that
 * step. A checkpoint of a run that is over is recognised: nothing is trained, and the result says how to go on.
 * @example
 * const line = new Linear(1, 1);
 * const adam = new Adam(line.parameters(), { learningRate: 0.1 });
 * await train({
 *   step: ({ x, y }) => ({ loss: adam.minimize(() => mse(line.forward(x), y)) }),
 *   batches: () => [{ x: tf.tensor2d([[0], [1]]), y: tf.tensor2d([[1], [3]]) }],
 *   epochs: 5,
 * })
 */
export async function train(options: TrainOptions): Promise<TrainingResult> {
  const { epochs, stepsPerEpoch, observers = [], checkpoint } = options;
  for (const key of ['step', 'batches'] as const) {
    if (typeof options[key] !== 'function')
      throw new Error(`train needs ${key} as a function, got ${typeof options[key]}; for example ${NEEDED[key]}`);
  }
  expectCount('epochs', epochs);
  if (stepsPerEpoch !== undefined) expectCount('stepsPerEpoch', stepsPerEpoch);
  if (checkpoint?.every !== undefined) expectCount('checkpoint.every', checkpoint.every);
  if (options.eager && options.replicas)
    throw new Error('an eager step runs on one device; leave out eager or replicas');
  const position: Position = (checkpoint && loadCheckpoint(checkpoint)) ?? freshPosition();
  const info: RunInfo = {
    epochs,
    stepsPerEpoch,
    totalSteps: stepsPerEpoch && epochs * stepsPerEpoch,
    startStep: position.step,
  };
  const compiled = options.eager ? undefined : compile(options.step, { replicas: options.replicas });
  const step = compiled ?? options.step;
  const stop = listenForStop();
  const unread = new Unread(observers);
  const before = tf.memory().numTensors;
  const started = performance.now();
  const firstStep = position.step;
  const done = over(options, position);
  let stopped: Stopped = done ?? 'finished';
  let note = done && whatNow(done, options, position);
  try {
    for (const o of observers) await o.onStart?.(info);
    while (!done && position.epoch < epochs && stopped === 'finished') {
      compiled?.check(); // what an observer changed in JavaScript must not be ignored
      stopped = await oneEpoch(options, info, step, position, stop, unread, { started, firstStep });
    }
    if (!done) compiled?.check();
    if (stopped === 'diverged') note = diverged(position, unread.beyond, checkpoint);
    else if (checkpoint && !done) saveCheckpoint(checkpoint, position);
  } catch (error) {
    if (error instanceof WorkerLost) throw kept(error, position, checkpoint);
    if (!(error instanceof NotFinite)) throw error;
    stopped = 'diverged';
    note = broken(error, checkpoint!);
  } finally {
    unread.dispose();
    stop.unlisten();
    compiled?.dispose();
  }
  noteEnd(stopped);
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
    note,
  );
  for (const o of observers) await o.onEnd?.(result);
  return result;
}

/** A step that a lost worker has ended changed nothing: what was learnt before it is written, and the error says where. */
function kept(error: WorkerLost, position: Position, checkpoint?: CheckpointOptions): WorkerLost {
  if (!checkpoint) return error;
  saveCheckpoint(checkpoint, position);
  error.message += `\n${checkpoint.path} holds the training up to step ${position.step}: train goes on from there`;
  return error;
}

/** How the run that the checkpoint holds ended, where it is over; then its epochs are counted, or its criterion is met. */
function over({ epochs, stopWhen }: TrainOptions, { epoch, history }: Position): Stopped | undefined {
  if (history.length > 0 && stopWhen?.(history)) return 'converged';
  return epoch >= epochs ? 'finished' : undefined;
}

function whatNow(done: Stopped, { epochs, checkpoint }: TrainOptions, { epoch }: Position): string {
  const state =
    done === 'converged' ? `it had converged after ${epoch} epochs` : `${epoch} of ${epochs} epochs were done`;
  const more = done === 'converged' ? 'change stopWhen' : 'raise epochs';
  return `Nothing was left to train: ${state}. To train on, ${more}; to start anew, remove ${checkpoint?.path}`;
}

/**
 * What is to be known after a loss that is no number. The optimisers of lib/nn moved nothing then; where another one did,
 * the weights come from the last checkpoint.
 */
function diverged({ step }: Position, beyond: number, checkpoint?: CheckpointOptions): string {
  const where = `The loss or a gradient of step ${step + 1} is NaN or ∞`;
  if (checkpoint) {
    try {
      withFiniteState(checkpoint);
    } catch (error) {
      if (!(error instanceof NotFinite)) throw error;
      return `${where}: ${broken(error, checkpoint)}`;
    }
  }
  if (beyond > 0)
    return `${where}; ${beyond} steps more were done before it was read. Lower the learning rate, or set clipNorm`;
  const kept = checkpoint ? 'the weights are those before it' : 'optimisers of lib/nn moved nothing in it';
  return `${where}; ${kept}. Lower the learning rate, or set clipNorm`;
}

/** Weights that are no numbers are worth nothing: those of the last checkpoint come back, where there is one. */
function broken(error: NotFinite, checkpoint: CheckpointOptions): string {
  const good = loadCheckpoint(checkpoint);
  return good ? `${error.message}; the weights are those of step ${good.step}, from the file` : error.message;
}

/** Runs what is left of the epoch at `position`, moving it along. */
async function oneEpoch(
  options: TrainOptions,
  info: RunInfo,
  step: Step,
  position: Position,
  stop: { asked: boolean },
  unread: Unread,
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
    unread.add(runStep(step, batch));
    const saves = checkpoint?.every !== undefined && (position.step + unread.count) % checkpoint.every === 0;
    if (!unread.due && !saves) continue;
    if (!(await report(unread, observers, info, position, clock))) return 'diverged';
    if (saves) saveOnTheWay(checkpoint, position);
    if (performance.now() - breath > 50) {
      await new Promise(resolve => setImmediate(resolve)); // lets a press on the stop button arrive
      breath = performance.now();
    }
    if (stop.asked) return 'interrupted';
  }
  if (!(await report(unread, observers, info, position, clock))) return 'diverged';
  return closeEpoch(options, position);
}

/** Reads the losses of the steps since the last time, moves the position along, and tells. False where one is no number. */
async function report(
  unread: Unread,
  observers: readonly Observer[],
  info: RunInfo,
  position: Position,
  clock: { started: number; firstStep: number },
): Promise<boolean> {
  for (const metrics of await unread.read()) {
    if (!Number.isFinite(metrics.loss)) return false;
    position.step++;
    position.stepInEpoch++;
    for (const [name, value] of Object.entries(metrics)) position.sums[name] = (position.sums[name] ?? 0) + value;
    const rate = (position.step - clock.firstStep) / ((performance.now() - clock.started) / 1000);
    const secondsLeft = info.totalSteps && (info.totalSteps - position.step) / rate;
    const { step, epoch } = position;
    for (const o of observers) await o.onStep?.({ step, epoch, metrics, stepsPerSecond: rate, secondsLeft });
  }
  return true;
}

/** A full disk now is no reason to lose the run: it is said, and the old file stays until the next time. */
function saveOnTheWay(checkpoint: CheckpointOptions, position: Position): void {
  try {
    saveCheckpoint(checkpoint, position);
  } catch (error) {
    if (error instanceof NotFinite) throw error;
    console.warn(`${(error as Error).message}; training goes on, and the next checkpoint tries again`);
  }
}

/** Averages the epoch's metrics, evaluates, reports, and asks whether that is enough. */
async function closeEpoch(options: TrainOptions, position: Position): Promise<Stopped> {
  if (position.stepInEpoch === 0)
    throw new Error('an epoch had no batches; is the batch size larger than the data set?');
  const metrics: Metrics = {};
  for (const [name, sum] of Object.entries(position.sums)) metrics[name] = sum / position.stepInEpoch;
  Object.assign(metrics, await options.evaluate?.());
  for (const [name, value] of Object.entries(metrics)) {
    if (typeof value !== 'number')
      throw new Error(`metric ${name} must be a number, got a ${typeof value}; read it with dataSync()[0]`);
  }
  const report = { epoch: position.epoch, step: position.step, metrics };
  position.history.push(report);
  position.epoch++;
  position.stepInEpoch = 0;
  position.sums = {};
  for (const o of options.observers ?? []) await o.onEpoch?.(report);
  return options.stopWhen?.(position.history) ? 'converged' : 'finished';
}

/** The step's scalars, unread; the batch is freed. */
function runStep(step: Step, batch: Batch): Record<string, tf.Tensor> {
  const outputs = step(batch);
  if ((outputs as unknown) instanceof Promise) {
    (outputs as unknown as Promise<unknown>).catch(() => {});
    throw new Error('the step must return { loss, … }, got a promise; a step cannot wait: await before or after it');
  }
  if (!outputs.loss) throw new Error(`the step must return { loss, … }, got { ${Object.keys(outputs).join(', ')} }`);
  for (const [name, { size, shape }] of Object.entries(outputs))
    if (size !== 1) throw new Error(`metric ${name} must be a scalar, got [${shape}]; take its mean`);
  tf.dispose(batch);
  return outputs;
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

/**
 * For `stopWhen`: true once `metric` hasn't fallen by `atLeast` below its best value for `patience` epochs. A NaN is no
 * progress.
 * @example noProgress({ patience: 2 })([]) // → false
 */
export function noProgress({ metric = 'loss', patience = 2, atLeast = 0 } = {}) {
  expectCount('patience', patience);
  expectNumber('atLeast', atLeast, { from: 0 });
  return (history: EpochReport[]): boolean => {
    const values = history.map(({ metrics }) => {
      if (metric in metrics) return Number.isNaN(metrics[metric]) ? Number.POSITIVE_INFINITY : metrics[metric];
      throw new Error(`no metric ${metric} to stop by; there are ${Object.keys(metrics).join(', ')}`);
    });
    const [recent, earlier] = [values.slice(-patience), values.slice(0, -patience)];
    return earlier.length > 0 && Math.min(...recent) > Math.min(...earlier) - atLeast;
  };
}

/**
 * Means of scalars over batches, weighted by batch size. `fn` is compiled; batches are freed.
 * @example await evaluate(({ x }) => ({ mean: x.mean() }), [{ x: tf.tensor1d([1, 3]) }]) // → { mean: 2 }
 */
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
    for (const [name, { size: count, shape }] of Object.entries(outputs)) {
      if (count !== 1) throw new Error(`measure ${name} must be a scalar, got [${shape}]; take its mean`);
    }
    for (const [name, scalar] of Object.entries(outputs)) sums[name] = (sums[name] ?? 0) + scalar.dataSync()[0] * size;
    count += size;
    tf.dispose(outputs);
    tf.dispose(batch);
  }
  if (count === 0) throw new Error('nothing to evaluate: no batches');
  measure.dispose();
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / count]));
}
