/** What the trainings share: steps in chunks, the learning rate over time, an endless shuffled stream, the log. */
import fs from 'node:fs';
import path from 'node:path';
import type { Optimiser } from '../../lib/nn';
import { HostRandom, random, tf } from '../../lib/runtime';
import type { Batch, Observer } from '../../lib/training';

/** Steps between two lines of a log. */
export const CHUNK = 100;

export const weightsFile = (name: string) => path.join(__dirname, '../../datasets/checkpoints', `${name}.safetensors`);

export interface RateOptions {
  learningRate: number;
  /** Steps of the straight rise at the start. */
  warmUp: number;
  steps: number;
  /** Share of the steps, at the end, over which the rate falls to zero on a straight line. */
  decay: number;
}

/** The part of `train`'s options that makes `steps` steps in chunks, so that each chunk ends an epoch; `batchAt` makes a step's batch. */
export function inChunks(steps: number, batchAt: (step: number) => Batch, chunk = CHUNK) {
  return {
    *batches(epoch: number): Iterable<Batch> {
      for (let step = epoch * chunk; step < (epoch + 1) * chunk; step++) yield batchAt(step);
    },
    epochs: steps / chunk,
    stepsPerEpoch: chunk,
  };
}

/** The rate of each step: a straight rise, level, a straight fall. */
export function riseAndFall({ learningRate, warmUp, steps, decay }: RateOptions): (step: number) => number {
  return step => learningRate * Math.min(1, (step + 1) / warmUp, (steps - step) / (decay * steps));
}

/** An observer that sets the optimiser's rate before each step. */
export function followRate(optimiser: Optimiser, rateAt: (step: number) => number): Observer {
  const set = (step: number) => tf.tidy(() => optimiser.learningRate.assign(tf.scalar(Math.max(rateAt(step), 1e-9))));
  return { onStart: ({ startStep }) => set(startStep), onStep: ({ step }) => set(step) };
}

/** `size` of `count` positions for step `step` of an endless stream that is shuffled anew each pass; depends on nothing else. */
export function shuffled(count: number, size: number, step: number, seed: number): number[] {
  const perPass = Math.floor(count / size);
  const order = orderOf(count, seed * 1_000_003 + Math.floor(step / perPass));
  const from = (step % perPass) * size;
  return order.slice(from, from + size);
}

let kept: { key: string; order: number[] } | undefined;

function orderOf(count: number, seed: number): number[] {
  const key = `${count}/${seed}`;
  if (kept?.key !== key) {
    const all = Array.from({ length: count }, (_, i) => i);
    kept = { key, order: new HostRandom(seed).shuffle(all) };
  }
  return kept.order;
}

/** What is said while they are made, beside them. */
export const logFile = (name: string): string => weightsFile(name).replace('.safetensors', '.log');

/** The lines of a log of JSON, none where it has not begun. */
export function logLines<Line>(file: string): Line[] {
  const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim() : '';
  return text === '' ? [] : text.split('\n').map(line => JSON.parse(line) as Line);
}

/** Says a line, and keeps it in the log. */
export function sayAndKeep(file: string, line: object): void {
  const text = JSON.stringify(line);
  console.log(text);
  fs.appendFileSync(file, `${text}\n`);
}

/** A line of the log per chunk, with the seconds of all runs so far; then `save` with what is worth knowing about the weights. */
export function logAndSave(
  name: string,
  facts: Record<string, string | number>,
  save: (metadata: Record<string, string>) => void | Promise<void>,
): Observer {
  const file = logFile(name);
  const began = performance.now();
  const earlier = logLines<{ seconds: number }>(file).at(-1)?.seconds ?? 0;
  return {
    async onEpoch({ step, metrics }) {
      const seconds = Math.round(earlier + (performance.now() - began) / 1000);
      const rounded = Object.fromEntries(
        Object.entries(metrics).map(([key, value]) => [key, Number(value.toFixed(5))]),
      );
      fs.appendFileSync(file, `${JSON.stringify({ step, ...rounded, seconds })}\n`);
      const all = { ...facts, step, seconds, made: `scripts/train/${name}.ts` };
      await save(Object.fromEntries(Object.entries(all).map(([key, value]) => [key, String(value)])));
    },
  };
}

/** What dropout leaves, at random: 0 for a share of `drop`, and 1 / (1 − drop) for the rest. The caller disposes it. */
export const keepMask = (shape: number[], drop: number): tf.Tensor =>
  tf.tidy(() =>
    random
      .uniform(shape)
      .greater(drop)
      .toFloat()
      .div(1 - drop),
  );
