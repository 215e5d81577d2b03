/** Everything a run needs to go on as if it had never stopped, in one safetensors file. */

import { type Ema, type Module, type Optimiser, readTensors, writeTensors } from '../nn';
import { fs } from '../platform';
import { random, tf } from '../runtime';
import type { EpochReport, Metrics } from './observer';

export interface CheckpointOptions {
  /** File name, by habit under `checkpoints/`; written whole or not at all. */
  path: string;
  /** Write after every so many steps; also written when the run ends or is stopped. */
  every?: number;
  modules: Record<string, Module>;
  optimiser?: Optimiser;
  ema?: Ema;
}

/** Where a run stands between two steps. */
export interface Position {
  step: number;
  epoch: number;
  /** Steps done within the epoch. */
  stepInEpoch: number;
  /** Sums of this epoch's metrics so far. */
  sums: Metrics;
  history: EpochReport[];
}

/**
 * Writes weights, optimiser, averaged weights, random state and position.
 * @throws Error where a weight is NaN or infinite, or the file can't be written; then the old file stays
 * @example
 * const position = { step: 1, epoch: 0, stepInEpoch: 1, sums: {}, history: [] };
 * saveCheckpoint({ path: 'run.safetensors', modules: { net: new Linear(2, 1) } }, position);
 */
export function saveCheckpoint(options: CheckpointOptions, position: Position): void {
  withFiniteState(options, tensors => {
    writeTensors(options.path, tensors, { position: toJson(position), random: JSON.stringify(random.state()) });
  });
}

/**
 * Everything that a checkpoint keeps, by its name in the file; freed afterwards.
 * @throws NotFinite where any of it is NaN or infinite; `use` isn't called then
 * @example withFiniteState({ path: 'none.safetensors', modules: { net: new Linear(2, 1) } });
 */
export function withFiniteState(
  { path, modules, optimiser, ema }: CheckpointOptions,
  use: (tensors: Record<string, tf.Tensor>) => void = () => {},
): void {
  const tensors: Record<string, tf.Tensor> = {};
  const add = (prefix: string, state: Record<string, tf.Tensor>) => {
    for (const [name, tensor] of Object.entries(state)) tensors[`${prefix}/${name}`] = tensor;
  };
  try {
    for (const [name, module] of Object.entries(modules)) add(`module.${name}`, module.stateDict());
    if (optimiser) add('optimiser', optimiser.state());
    if (ema) add('ema', ema.state());
    for (const [name, tensor] of Object.entries(tensors)) mustBeFinite(path, name, tensor);
    use(tensors);
  } finally {
    tf.dispose(tensors);
  }
}

/**
 * Said where weights are no numbers any more; nothing was written.
 * @example new NotFinite('weight 3 is NaN').message // → weight 3 is NaN
 */
export class NotFinite extends Error {}

const allFinite = (tensor: tf.Tensor): boolean =>
  Boolean(tf.tidy(() => tf.isFinite(tensor.toFloat()).all().dataSync()[0]));

function mustBeFinite(path: string, name: string, tensor: tf.Tensor): void {
  if (allFinite(tensor)) return;
  const old = fs.existsSync(path) ? `${path} stays as it was` : `${path} was not written`;
  throw new NotFinite(`${name} holds NaN or ∞; ${old}. Lower the learning rate, or set clipNorm`);
}

/**
 * Restores all of it, or returns undefined where there is no such file yet.
 * @throws Error where anything in the file doesn't fit what is given, or is left over; then nothing was restored
 * @example loadCheckpoint({ path: 'not there.safetensors', modules: { net: new Linear(2, 1) } }) // → undefined
 */
export function loadCheckpoint({ path, modules, optimiser, ema }: CheckpointOptions): Position | undefined {
  if (!fs.existsSync(path)) return undefined;
  const { tensors, metadata } = readTensors(path);
  const part = (prefix: string) =>
    Object.fromEntries(
      Object.entries(tensors)
        .filter(([name]) => name.startsWith(`${prefix}/`))
        .map(([name, tensor]) => [name.slice(prefix.length + 1), tensor]),
    );
  try {
    if (!metadata.position) throw new Error('it holds weights only; use loadModule, or remove it to start anew');
    const position = positionOf(metadata.position);
    const state = stateOf(metadata.random);
    const given = [
      ...Object.keys(modules).map(name => `module.${name}`),
      ...(optimiser ? ['optimiser'] : []),
      ...(ema ? ['ema'] : []),
    ];
    const left = Object.keys(tensors).find(name => !given.includes(name.split('/')[0]));
    if (left) throw new Error(`it also holds ${left.split('/')[0]}, which was not given; give it, or remove the file`);
    const broken = Object.keys(tensors).find(name => !allFinite(tensors[name]));
    if (broken)
      throw new Error(`${broken} holds NaN or ∞, with which nothing can be trained; remove the file to start anew`);
    const write = [
      ...Object.entries(modules).map(([name, module]) => module.readyToLoad(part(`module.${name}`))),
      ...(optimiser ? [optimiser.readyToLoad(part('optimiser'))] : []),
      ...(ema ? [ema.readyToLoad(part('ema'))] : []),
    ]; // all is checked by now, and nothing written
    for (const each of write) each();
    random.restore(state);
    return position;
  } catch (error) {
    throw new Error(`can't resume from ${path}: ${(error as Error).message}`);
  } finally {
    tf.dispose(tensors);
  }
}

/** JSON has no NaN and no infinities; here they are the strings that JavaScript calls them by. */
const toJson = (position: Position): string =>
  JSON.stringify(position, (_, value) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );

function positionOf(text: string): Position {
  const names = ['NaN', 'Infinity', '-Infinity'];
  const read = (_: string, value: unknown) =>
    value === null ? Number.NaN : names.includes(value as string) ? Number(value) : value; // null: of files from before
  const position = JSON.parse(text, read) as Position;
  const { step, epoch, stepInEpoch, sums, history } = position;
  const counts = [step, epoch, stepInEpoch].every(n => Number.isSafeInteger(n) && n >= 0);
  if (!counts || typeof sums !== 'object' || !Array.isArray(history)) {
    throw new Error(`its position is ${text.slice(0, 100)}, which is none; remove the file to start anew`);
  }
  return position;
}

function stateOf(text: string): number[] {
  const state: unknown = JSON.parse(text ?? 'null');
  if (Array.isArray(state) && state.length === 6 && state.every(Number.isSafeInteger)) return state;
  throw new Error(`its random state is ${String(text).slice(0, 100)}, which is none; remove the file to start anew`);
}
