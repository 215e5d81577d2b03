/** What a line of the atlas says of a model. */
import type { Module } from '../nn';
import type { ShapeLike, tf } from '../runtime';

export type AtlasFamily = 'auto-encoder' | 'GAN' | 'convolution' | 'diffusion' | 'picture and text' | 'language';

/** What goes into a model; whole numbers are below `below`. */
export interface AtlasInput extends ShapeLike {
  readonly below?: number;
}

/** A model as it was published. */
export interface AtlasModel {
  name: string;
  family: AtlasFamily;
  /** Of the paper, by its authors. */
  year: number;
  paper: string;
  /** Number of the lesson that builds it. */
  lesson: number;
  /** Parameters as published, exact or to `rounded`. */
  published: number;
  rounded: number;
  inputs: readonly AtlasInput[];
  build: () => Module;
  /** One pass of a net that `build` has made. */
  run: (net: Module, ...inputs: tf.Tensor[]) => unknown;
}

/** An `AtlasModel` whose net keeps its type until it is in the list. */
interface Entry<M extends Module> extends Omit<AtlasModel, 'build' | 'run' | 'rounded'> {
  rounded?: number;
  build: () => M;
  run: (net: M, ...inputs: tf.Tensor[]) => unknown;
}

/** A line of the atlas; published counts are exact unless `rounded` says otherwise. */
export const entry = <M extends Module>({ rounded = 1, build, run, ...rest }: Entry<M>): AtlasModel => ({
  ...rest,
  rounded,
  build,
  run: (net, ...inputs) => run(net as M, ...inputs),
});

export const floats = (...shape: number[]): AtlasInput => ({ shape, dtype: 'float32' });
export const ids = (length: number, below: number): AtlasInput => ({ shape: [1, length], dtype: 'int32', below });
/** Time steps or classes, one for each picture. */
export const which = (below: number): AtlasInput => ({ shape: [1], dtype: 'int32', below });
