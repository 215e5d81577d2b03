/**
 * Compiled steps: a function of tensors is recorded once and from then on runs as one TensorFlow function.
 * In tfjs each operation crosses from JavaScript to TensorFlow alone; a small training step spends most of its time so.
 * @see docs/compile.md
 */
import { isNative, tf } from '../tensorflow';
import { Program, type ProgramInfo } from './program';
import { mustInline, record } from './recorder';
import { flatten } from './tree';
import type { XlaOption } from './xla';

export interface CompileOptions {
  /**
   * Let XLA fuse the whole function: it pays where many small operations follow each other, and takes a second or more
   * to compile. 'auto' tries both ways in the first runs and keeps the faster; `programs()` tells which, and why.
   */
  xla?: XlaOption;
}

export interface Compiled {
  /** Frees the recorded functions. The compiled function may still be called; it is recorded again then. */
  dispose(): void;
  /** What was recorded, one entry for each combination of argument shapes. Empty where nothing is compiled. */
  programs(): ProgramInfo[];
}

export { compileLoop } from './loop';
export { saveStep } from './saved-model';

/** At these calls a function is recorded anew and compared: a value that JavaScript changes must not stay frozen. */
const CHECKED = new Set([1, 9, 99, 999, 9999]);

/**
 * Returns a function with the same arguments and results that runs in one native call. `fn` may read and assign
 * variables, take gradients, and draw with `random`; arguments and results are tensors, in arrays or objects.
 * It is recorded when shapes or dtypes of the arguments are new. On wasm and plain JS, `fn` runs as it is.
 *
 * @throws Error naming the line, at the first or second call, where `fn` reads a tensor's value, makes or disposes
 *   a variable, draws random numbers in JavaScript, or uses a value from JavaScript that changes between calls
 */
export function compile<F extends (...args: never[]) => unknown>(
  fn: F,
  { xla = false }: CompileOptions = {},
): F & Compiled {
  const programs = new Map<string, Program>();
  const call = (...args: unknown[]): unknown => {
    if (!isNative() || mustInline()) return tf.tidy(() => fn(...(args as never[])) as tf.TensorContainer);
    const leaves: tf.Tensor[] = [];
    const key = flatten(args, leaves, 'arguments');
    let program = programs.get(key);
    if (!program) {
      program = new Program(record(fn, args), xla);
      programs.set(key, program);
    } else if (CHECKED.has(program.calls)) {
      program.verify(record(fn, args));
    }
    return program.run(leaves);
  };
  const compiled: Compiled = {
    dispose() {
      for (const program of programs.values()) program.dispose();
      programs.clear();
    },
    programs: () => [...programs.values()].map(program => program.info),
  };
  return Object.assign(call, compiled) as unknown as F & Compiled;
}
