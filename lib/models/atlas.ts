/**
 * The published models that the course has, at the size in which they were published: what each is made of, what goes in, and
 * which number of parameters others count. `survey` runs one without numbers, which takes no memory.
 * @see notebooks/26-atlas.ipynb
 */
import { type DryRun, dryRun, shapesOnly, type tf } from '../runtime';
import { LANGUAGE } from './atlas-language';
import type { AtlasModel } from './atlas-model';
import { PICTURES } from './atlas-pictures';

export type { AtlasFamily, AtlasInput, AtlasModel } from './atlas-model';

/** All of them, each with a batch of one. */
export const ATLAS: readonly AtlasModel[] = [...PICTURES, ...LANGUAGE];

/** What a model's shapes say of it. */
export interface Survey extends DryRun {
  parameters: number;
  /** Weights as float32, bytes. */
  weightBytes: number;
}

/**
 * Counts a model and runs it without numbers.
 * @example survey(ATLAS[0]).parameters // → 652824
 */
export function survey({ build, inputs, run }: Pick<AtlasModel, 'build' | 'inputs' | 'run'>): Survey {
  const net = shapesOnly(build);
  try {
    const parameters = net.parameterCount();
    const weightBytes = 4 * net.namedParameters().reduce((sum, [, variable]) => sum + variable.size, 0);
    return { parameters, weightBytes, ...dryRun((...given: tf.Tensor[]) => run(net, ...given), inputs) };
  } finally {
    net.dispose();
  }
}
