/** Shapes and dtypes of operations that are written down but not run. */
import type { Binding } from '../native';
import type { GraphNode } from './graph';
import { infer } from './infer';

/**
 * Asks TensorFlow, which infers them as it does for its own graphs; where it isn't there, the lib's own rules. One at a time:
 * each new one forgets the one before.
 */
export class Shapes {
  private readonly numbers = new Map<GraphNode, number>();

  constructor(private readonly native: Binding) {
    native.startShapes?.();
  }

  /**
   * What `node` gives; `shape` is null where it depends on values.
   * @throws Error in TensorFlow's words where the inputs do not fit the operation
   */
  of(node: GraphNode): { dtype: number; shape: number[] | null }[] {
    if (!this.native.shapesOf) return infer(node);
    const inputs = new Int32Array(2 * node.inputs.length);
    node.inputs.forEach((ref, i) => {
      inputs[2 * i] = this.numberOf(ref.node);
      inputs[2 * i + 1] = ref.index;
    });
    const names = node.attrs.map(([name]) => name);
    const values = node.attrs.map(([, value]) => value);
    const outputs = this.native.shapesOf(node.op, inputs, listedInputs(node), names, values);
    this.numbers.set(node, this.numbers.size);
    return outputs;
  }

  private numberOf(node: GraphNode): number {
    if (!this.numbers.has(node)) this.of(node);
    return this.numbers.get(node)!;
  }
}

/** AddN, ConcatV2, Pack and Einsum take a list of N tensors first. */
const listedInputs = ({ given }: GraphNode): number => Number(given?.find(({ name }) => name === 'N')?.value ?? 0);
