/**
 * Gradients that tfjs computes in many operations, though TensorFlow has one for it. ReLU's takes eight: isNaN, greater,
 * two fills, two selections, a cast and a product, each over the whole tensor.
 * On other backends tfjs's own gradients stay in use. The new operations have gradients too, for second derivatives.
 */
import * as tf from '@tensorflow/tfjs';
import { DT, type NodeBackend, type OpAttr, typeAttr } from './native';

type Named = Record<string, tf.Tensor>;
type Derive = (dy: tf.Tensor, inputs: Named) => Record<string, () => tf.Tensor>;

const FLOAT = [typeAttr('T', DT.float)];

/** Makes TensorFlow's operation `name` known to tfjs; `inputs` are in TensorFlow's order. */
function addOperation(
  name: string,
  inputs: string[],
  derive: Derive,
  attrs: OpAttr[] = FLOAT,
): (given: Named) => tf.Tensor {
  tf.registerKernel({
    kernelName: name,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs: given, backend }) =>
      (backend as NodeBackend).executeSingleOutput(
        name,
        attrs,
        inputs.map(input => given[input] as tf.TensorInfo),
      ),
  });
  tf.registerGradient({
    kernelName: name,
    inputsToSave: inputs,
    gradFunc: (dy, saved) => derive(dy as tf.Tensor, Object.fromEntries(inputs.map((input, i) => [input, saved[i]]))),
  });
  return given => tf.engine().runKernel(name, given as tf.NamedTensorMap) as tf.Tensor;
}

/** Replaces a gradient where TensorFlow computes on float32; `faster` may decline with undefined. */
function replaceGradient(
  kernel: string,
  faster: (dy: tf.Tensor, saved: tf.Tensor[]) => Record<string, () => tf.Tensor> | undefined,
): void {
  const old = tf.getGradient(kernel);
  tf.unregisterGradient(kernel);
  tf.registerGradient({
    ...old,
    gradFunc: (dy, saved, attrs) => {
      const native = tf.getBackend() === 'tensorflow' && (dy as tf.Tensor).dtype === 'float32';
      return (native ? faster(dy as tf.Tensor, saved) : undefined) ?? old.gradFunc(dy, saved, attrs);
    },
  });
}

export function patchNativeGradients(): void {
  const reluGrad = addOperation('ReluGrad', ['dy', 'x'], (g, { x }) => ({
    dy: () => reluGrad({ dy: g, x }),
    x: () => tf.zerosLike(x),
  }));
  const sigmoidGrad = addOperation('SigmoidGrad', ['y', 'dy'], (g, { y, dy }) => ({
    y: () => g.mul(dy).mul(tf.sub(1, y.mul(2))),
    dy: () => sigmoidGrad({ y, dy: g }),
  }));
  const tanhGrad = addOperation('TanhGrad', ['y', 'dy'], (g, { y, dy }) => ({
    y: () => g.mul(dy).mul(y).mul(-2),
    dy: () => tanhGrad({ y, dy: g }),
  }));
  const biasAddGrad = addOperation('BiasAddGrad', ['dy'], (g, { dy }) => ({ dy: () => tf.zerosLike(dy).add(g) }));

  replaceGradient('Relu', (dy, [x]) => ({ x: () => reluGrad({ dy, x: x.toFloat() }) }));
  replaceGradient('Sigmoid', (dy, [y]) => ({ x: () => sigmoidGrad({ y, dy }) }));
  replaceGradient('Tanh', (dy, [y]) => ({ x: () => tanhGrad({ y, dy }) }));
  replaceGradient('Add', (dy, [a, b]) => {
    const bias =
      b.rank === 1 &&
      a.rank >= 2 &&
      b.dtype === 'float32' &&
      a.dtype === 'float32' &&
      String(a.shape) === String(dy.shape);
    return bias && b.shape[0] === dy.shape[dy.rank - 1] ? { a: () => dy, b: () => biasAddGrad({ dy }) } : undefined;
  });
}
