/** A function recorded for arguments of one form, and the watch over it: it must stay what was recorded. */
import { nativeBackend, tf } from '../tensorflow';
import { Checks } from './checks';
import type { Program, ProgramInfo } from './program';
import type { Recording } from './recording';
import { fillTree, flatten, mapTree } from './tree';

export class Traced {
  private readonly program: Program;
  private readonly checks: Checks;

  constructor(
    /** Runs the function; one that is compared with a first recording takes over from it what is the same. */
    private readonly record: (first?: Recording) => Recording,
    build: (recording: Recording) => Program,
    /** Variables among the arguments. */
    readonly passed: readonly tf.Variable[] = [],
  ) {
    const before = performance.now();
    this.program = build(record());
    this.checks = new Checks(performance.now() - before);
  }

  /** One call on the tensors among the arguments, in order. */
  run(leaves: tf.Tensor[]): unknown {
    this.checks.atCall(this.verify);
    return this.program.run(leaves);
  }

  check(): void {
    this.checks.look(this.verify);
  }

  private readonly verify = (): void => this.program.verify(this.record);

  get info(): ProgramInfo {
    return this.program.info;
  }

  dispose(): void {
    this.program.dispose();
  }
}

/**
 * Makes copies of `tree` whose tensors have no values: enough for a recording. Variables stay themselves; with `shapeOf`
 * they are tensors like all others, of the shapes that it says.
 */
export function blanksLike(tree: unknown, shapeOf?: (leaf: tf.Tensor) => number[]): () => unknown {
  const leaves: tf.Tensor[] = [];
  flatten(tree, leaves, 'the arguments');
  const backend = nativeBackend();
  const blank = leaves.map(leaf => {
    if (leaf instanceof tf.Variable && !shapeOf) return () => leaf;
    const type = { shape: shapeOf?.(leaf) ?? leaf.shape, dtype: backend.tensorMap.get(leaf.dataId).dtype };
    return () => backend.createOutputTensor({ id: -1, ...type });
  });
  let position = 0;
  const form = mapTree(tree, () => position++);
  return () => fillTree(form, i => blank[i]());
}
