/** A call of tfjs's functions on tensors of which shapes and dtypes are given, and its gradient. */
import { type ShapeLike, tf } from '../../../lib/runtime';

export interface Call {
  name: string;
  given: ShapeLike[];
  run: (...inputs: never[]) => unknown;
}
export type Make = (...inputs: tf.Tensor[]) => unknown;

export const float = (...shape: number[]): ShapeLike => ({ shape });
export const int = (...shape: number[]): ShapeLike => ({ shape, dtype: 'int32' });
export const bool = (...shape: number[]): ShapeLike => ({ shape, dtype: 'bool' });

export const call = (name: string, given: ShapeLike[], make: Make): Call => ({
  name: `${name} of ${given.map(({ shape, dtype }) => `${dtype ?? 'float32'} [${shape}]`).join(' and ')}`,
  given,
  run: make as Call['run'],
});

/** The gradients of all results by all inputs, which are float32. */
export const back = (make: Make): Make => {
  const loss: Make = (...inputs) =>
    tf.addN([make(...inputs)].flat().map(each => (each as tf.Tensor).toFloat().square().sum()));
  return (...inputs) => tf.grads(loss as (...inputs: tf.Tensor[]) => tf.Tensor)(inputs);
};

/** There and back. */
export const both = (name: string, given: ShapeLike[], make: Make): Call[] => [
  call(name, given, make),
  call(`gradient of ${name}`, given, back(make)),
];

/** There. */
export const only = (...given: Parameters<typeof call>): Call[] => [call(...given)];

/** Every choice of one from each list. */
export function* product<T extends unknown[][]>(...lists: T): Generator<{ [K in keyof T]: T[K][number] }> {
  const [first, ...rest] = lists;
  if (!first) yield [] as never;
  else for (const one of first) for (const more of product(...rest)) yield [one, ...more] as never;
}

export const words = (text: string) => text.split(' ') as 'abs'[];
