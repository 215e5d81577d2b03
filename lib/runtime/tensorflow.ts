/** Loads TensorFlow once, for everyone. Only this folder may import tfjs-node-gpu. */
import util from 'node:util';
import * as tf from '@tensorflow/tfjs';

process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';

// Node 23 removed two helpers that tfjs-node still calls.
const legacy = util as unknown as Record<string, (value: unknown) => boolean>;
legacy.isNullOrUndefined ??= value => value === null || value === undefined;
legacy.isArray ??= Array.isArray;

// Loading the package registers its backend, 'tensorflow', with the tfjs that everyone shares.
require('@tensorflow/tfjs-node-gpu');

// Exported as a namespace, so that both `tf.add` and the type `tf.Tensor` come from here.
export { tf };
