/** Everything a run needs to go on as if it had never stopped, in one safetensors file. */
import fs from 'node:fs';
import { type Ema, type Module, type Optimiser, readTensors, writeTensors } from '../nn';
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

/** Writes weights, optimiser, averaged weights, random state and position. */
export function saveCheckpoint({ path, modules, optimiser, ema }: CheckpointOptions, position: Position): void {
  const tensors: Record<string, tf.Tensor> = {};
  const add = (prefix: string, state: Record<string, tf.Tensor>) => {
    for (const [name, tensor] of Object.entries(state)) tensors[`${prefix}/${name}`] = tensor;
  };
  for (const [name, module] of Object.entries(modules)) add(`module.${name}`, module.stateDict());
  if (optimiser) add('optimiser', optimiser.state());
  if (ema) add('ema', ema.state());
  writeTensors(path, tensors, { position: JSON.stringify(position), random: JSON.stringify(random.state()) });
  tf.dispose(tensors);
}

/** Restores all of it, or returns undefined where there is no such file yet. */
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
    for (const [name, module] of Object.entries(modules)) module.loadStateDict(part(`module.${name}`));
    optimiser?.load(part('optimiser'));
    ema?.load(part('ema'));
    random.restore(JSON.parse(metadata.random));
    return JSON.parse(metadata.position);
  } catch (error) {
    throw new Error(`can't resume from ${path}: ${(error as Error).message}`);
  } finally {
    tf.dispose(tensors);
  }
}
