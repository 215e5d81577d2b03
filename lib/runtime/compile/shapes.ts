/** Shapes and dtypes of operations that are written down but not run. */
import type { Binding, NativeTensor, OpAttr } from '../native';
import type { GraphNode } from './graph';

/** Asks TensorFlow, which infers them as it does for its own graphs. One at a time: each new one forgets the one before. */
export class Shapes {
  private readonly numbers = new Map<GraphNode, number>();

  constructor(private readonly native: Binding) {
    native.startShapes();
  }

  /**
   * What `node` gives; `shape` is null where it depends on values.
   * @param listed how many of its first inputs are one argument of the operation, a list
   * @throws Error in TensorFlow's words where the inputs do not fit the operation
   */
  of(node: GraphNode, listed = 0): (Omit<NativeTensor, 'shape'> & { shape: number[] | null })[] {
    const inputs = new Int32Array(2 * node.inputs.length);
    node.inputs.forEach((ref, i) => {
      inputs[2 * i] = this.numberOf(ref.node);
      inputs[2 * i + 1] = ref.index;
    });
    const names = node.attrs.map(([name]) => name);
    const values = node.attrs.map(([, value]) => value);
    const outputs = this.native.shapesOf(node.op, inputs, listed, names, values);
    this.numbers.set(node, this.numbers.size);
    return outputs;
  }

  private numberOf(node: GraphNode): number {
    if (!this.numbers.has(node)) this.of(node);
    return this.numbers.get(node)!;
  }
}

/** AddN, ConcatV2, Pack and Einsum take a list of N tensors first. */
export const listedInputs = (attrs: OpAttr[]): number => Number(attrs.find(({ name }) => name === 'N')?.value ?? 0);
