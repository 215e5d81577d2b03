/** What a recording is. */
import type { tf } from '../tensorflow';
import type { Graph, GraphNode, Ref } from './graph';

export interface Recording {
  /** One placeholder for each tensor among the arguments that is no variable, whether used or not. */
  args: Ref[];
  /** Variables whose value is read, and their placeholders. */
  reads: Map<tf.Variable, Ref>;
  /** Tensors from outside that are neither argument nor variable, and their placeholders. The recording owns these copies. */
  captures: Map<tf.Tensor, Ref>;
  /** Variables that are assigned, and what they become. */
  updates: Map<tf.Variable, Ref>;
  /** The result's form, its leaves being positions in `outputs`. */
  result: unknown;
  outputs: Ref[];
  /** All operations in the order in which they came, also those that nobody reads. */
  trail: GraphNode[];
  /** Holds the constants. */
  graph: Graph;
}
