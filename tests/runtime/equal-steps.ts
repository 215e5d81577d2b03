/** A net's step, compiled, against the same step run operation by operation: 50 steps from one seed give the same losses and gradients. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Adam } from '../../lib/nn';
import { compile, random, tf } from '../../lib/runtime';
import { binding } from '../../lib/runtime/tensorflow';
import { type Batch, TRAINEES, type Trainee } from './model-steps';

const STEPS = 50;
const TOLERANCE = 1e-5;
type Way = 'eager' | 'compiled' | 'xla';

interface Run {
  losses: number[];
  /**
   * By parameter: Adam's running mean of the gradients after the last step. The weights themselves would say nothing where
   * a gradient is zero in theory, as a key's bias has it: Adam makes steps of full size out of its rounding errors.
   */
  gradients: number[][];
}

/** 50 steps of Adam from one seed, on two batches in turn. */
function train(make: () => Trainee, way: Way): Run {
  random.seed(21);
  const trainee = make();
  const compiled = way === 'eager' ? undefined : compile(trainee.step, { xla: way === 'xla' });
  const run = compiled ?? ((each: Batch) => tf.tidy(() => trainee.step(each)));
  const batches = [trainee.batch(), trainee.batch()];
  let held: number[] = [];
  const losses: number[] = [];
  for (let i = 0; i < STEPS; i++) {
    if (i === 10) held = inUse();
    const values = run(batches[i % 2]);
    const scalars = values instanceof tf.Tensor ? [values] : Object.values(values);
    losses.push(...scalars.map(scalar => scalar.dataSync()[0]));
    tf.dispose(scalars);
  }
  assert.deepEqual(inUse(), held, `${way} steps leave tensors behind`);
  const { modules, optimisers } = trainee;
  const gradients = optimisers.flatMap(meanGradients);
  compiled?.dispose();
  for (const each of [...modules, ...optimisers]) each.dispose();
  tf.dispose(batches);
  return { losses, gradients };
}

const inUse = (): number[] => [tf.memory().numTensors, binding().getNumOfTensors()];
const numbers = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());

function meanGradients(optimiser: Adam): number[][] {
  const state = optimiser.state();
  const means = Object.keys(state).filter(name => name.startsWith('mean'));
  const values = means.map(name => numbers(state[name]));
  tf.dispose(state);
  return values;
}

const length = (values: number[]): number => Math.hypot(...values);

/** The difference in parts of the length, parameter by parameter; one whose share of all is below 1% counts as that. */
function apart(a: number[][], b: number[][]): number {
  assert.equal(a.length, b.length);
  const least = 0.01 * length(a.map(length));
  assert.ok(least > 0, 'no gradient at all');
  return Math.max(...a.map((values, i) => length(values.map((v, j) => v - b[i][j])) / Math.max(length(values), least)));
}

function equal(eager: Run, other: Run): void {
  assert.notEqual(eager.losses[0], eager.losses.at(-1));
  for (const [i, value] of eager.losses.entries()) {
    const difference = Math.abs(value - other.losses[i]) / Math.abs(value);
    assert.ok(difference <= TOLERANCE, `loss ${i}: ${value} and ${other.losses[i]}`);
  }
  const difference = apart(eager.gradients, other.gradients);
  assert.ok(difference <= TOLERANCE, `gradients differ by ${difference} of their length`);
}

const WITH_XLA = ['vae', 'gpt', 'vit'];

/** Those that take longest, nets of convolutions in blocks: their tests are a file of their own, so that two cores share the work. */
export const OF_BLOCKS: readonly string[] = [
  'u-net',
  'u-net of text-to-image',
  'control beside a frozen u-net',
  'net of things',
  'autoencoder of latent diffusion',
];

/** A test for each of the trainees. @throws Error where there is none of a name */
export function testSteps(names: readonly string[]): void {
  for (const name of names) {
    const make = TRAINEES[name];
    if (!make) throw new Error(`model-steps.ts has no ${name}`);
    const ways: Way[] = WITH_XLA.includes(name) ? ['compiled', 'xla'] : ['compiled'];
    test(`${name}: 50 steps ${ways.join(' and ')} equal the eager ones within 1e-5, and leave nothing behind`, () => {
      const eager = train(make, 'eager');
      for (const way of ways) equal(eager, train(make, way));
    });
  }
}
