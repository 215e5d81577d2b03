/**
 * Compiled steps: a function of tensors is recorded once and from then on runs as one TensorFlow function.
 * In tfjs each operation crosses from JavaScript to TensorFlow alone; a small training step spends most of its time so.
 * @see docs/compile.md
 */

import { wantNative } from '../../platform';
import { homeOf } from '../cluster/members';
import { isNative, tf } from '../tensorflow';
import { refuseAsync } from './async';
import { runInline } from './inline';
import { Program, type ProgramInfo } from './program';
import { mustInline, record } from './recorder';
import { type Replica, replicated } from './replicas';
import { blanksLike, Traced } from './traced';
import { flatten } from './tree';
import type { XlaOption } from './xla';

export interface CompileOptions {
  /**
   * Let XLA fuse the whole function: it pays where many small operations follow each other, and takes a second or more
   * to compile. 'auto' tries both ways in the first runs and keeps the faster; `programs()` tells which, and why.
   */
  xla?: XlaOption;
  /**
   * Devices that share each batch, as `cluster` lists them: each computes its rows, the gradients that the optimisers of
   * lib/nn ask for are averaged, and the variables change once. Scalars of the result are averaged, rows put together.
   */
  replicas?: readonly Replica[];
}

export interface Compiled {
  /**
   * Records the function again and compares, as happens by itself at the second call and now and then later.
   * @throws Error that names the line where a value from JavaScript has changed since the function was recorded
   */
  check(): void;
  /** Frees the recorded functions. The compiled function may still be called; it is recorded again then. */
  dispose(): void;
  /**
   * What was recorded, one entry for each combination of argument shapes; none before the first call.
   * @throws Error on wasm and plain JS, where nothing is recorded
   */
  programs(): ProgramInfo[];
}

export { compileLoop } from './loop';
export { meanOverReplicas, type Replica } from './replicas';
export { saveStep } from './saved-model';

/**
 * Returns a function with the same arguments and results that runs in one native call. `fn` may read and assign
 * variables, take gradients, and draw with `random`; arguments and results are tensors, in arrays or objects. A variable
 * among the arguments is the variable itself, as it would be without `compile`.
 * With `replicas`, one function runs on several devices or machines; its losses are those of one machine, where the loss is
 * a mean over rows that know nothing of each other.
 * It is recorded when shapes or dtypes of the arguments, or variables among them, are new. On wasm and plain JS, `fn` runs
 * as it is.
 *
 * @throws Error naming the line, at the first call, where `fn` reads a tensor's value, makes or disposes a variable, or
 *   draws random numbers in JavaScript; at the second or soon after it happens, where a value from JavaScript changes
 * @example
 * const square = compile((x: tf.Tensor) => x.square());
 * square(tf.tensor1d([3])) // → [9]
 */
export function compile<F extends (...args: never[]) => unknown>(
  fn: F,
  { xla = false, replicas }: CompileOptions = {},
): F & Compiled {
  refuseAsync(fn);
  if (replicas) mustFit(replicas, xla);
  const programs = new Map<string, Traced>();
  const call = (...args: unknown[]): unknown => {
    if (!isNative() || mustInline()) return runInline(() => fn(...(args as never[])));
    const leaves: tf.Tensor[] = [];
    const shapes = flatten(args, leaves, 'arguments');
    const variables = leaves.filter((leaf): leaf is tf.Variable => leaf instanceof tf.Variable);
    const key = [shapes, ...variables.map(({ id }) => id)].join();
    let traced = programs.get(key);
    if (!traced) {
      dropDisposed(programs);
      const blanks = blanksLike(args);
      traced = new Traced(
        first =>
          replicas
            ? record(replicated(fn, replicas, homeOf(replicas)), () => blanks() as unknown[])
            : record(fn, () => blanks() as unknown[], first),
        recording => new Program(recording, xla),
        variables,
      );
      programs.set(key, traced);
    }
    if (replicas) homeOf(replicas);
    return traced.run(leaves.filter(leaf => !(leaf instanceof tf.Variable)));
  };
  const compiled: Compiled = {
    check() {
      for (const traced of programs.values()) traced.check();
    },
    dispose() {
      for (const traced of programs.values()) traced.dispose();
      programs.clear();
    },
    programs() {
      if (!isNative()) {
        wantNative('a recorded step');
        throw new Error('a step is only recorded where TensorFlow computes; see npm run doctor');
      }
      return [...programs.values()].map(({ info }) => info);
    },
  };
  return Object.assign(call, compiled) as unknown as F & Compiled;
}

/** What was recorded for a variable that was passed, and is no more, can never be asked for again. */
function dropDisposed(programs: Map<string, Traced>): void {
  for (const [key, traced] of programs) {
    if (!traced.passed.some(variable => variable.isDisposed)) continue;
    traced.dispose();
    programs.delete(key);
  }
}

/** @throws Error where nothing can be split over `replicas`, or not so */
function mustFit(replicas: readonly Replica[], xla: XlaOption): void {
  if (replicas.length === 0)
    throw new Error('replicas: the list is empty; take those of cluster([…]), or leave it out');
  if (xla) throw new Error('a step is either split over replicas or fused by XLA; leave one of the two out');
  homeOf(replicas);
}
