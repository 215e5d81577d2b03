/** TensorFlow's own complaints, "Invalid TF_Status: 3\nMessage: …", in one sentence that names the operation and its shapes. */
import type * as tf from '@tensorflow/tfjs';
import type { NodeBackend } from './native';

const STATUS = /^Invalid TF_Status: (\d+)\s*Message: /;
/** TF_RESOURCE_EXHAUSTED (tensorflow/c/tf_status.h). */
const NO_MEMORY = 8;

/**
 * @param op as TensorFlow calls it, or what was run
 * @param inputs shapes, where they are known
 * @returns the error itself, with the sentence for a message; any other as it is
 */
export function plainly(error: unknown, op: string, inputs?: readonly (readonly number[])[]): unknown {
  const [found, code] = (error instanceof Error && STATUS.exec(error.message)) || [];
  if (!found) return error;
  const told = error as Error;
  const of = inputs?.length ? ` of ${inputs.map(shape => `[${shape.join(', ')}]`).join(', ')}` : '';
  const remedy = Number(code) === NO_MEMORY ? '; make the batch or the model smaller' : '';
  told.message = `TensorFlow cannot compute ${op}${of}: ${sentence(told.message.slice(found.length))}${remedy}`;
  return told;
}

/** Without the names of nodes, which nobody gave, and what TensorFlow tells its own developers. */
function sentence(message: string): string {
  const [first] = message
    .replace(/\{\{.*?\}\}\s*/g, '')
    .replace(/,? ?(?:node )?name: \S*|\s*\[Op:\w+\]/g, '')
    .split(/\n\s*\[\[|\n\n|\nHint: |\n\t/);
  return (
    first
      .replace(/\s+/g, ' ')
      .trim()
      .replace(/[.,;]$/, '') || 'it does not say why'
  );
}

/** From now on every operation of the backend complains plainly. */
export function patchComplaints(backend: NodeBackend): void {
  const { executeSingleOutput, executeMultipleOutputs } = backend;
  const shapes = (inputs: tf.TensorInfo[]) => inputs.map(({ shape }) => shape);
  backend.executeSingleOutput = function single(name, attrs, inputs) {
    try {
      return executeSingleOutput.call(this, name, attrs, inputs);
    } catch (error) {
      throw from(single, plainly(error, name, shapes(inputs)));
    }
  };
  backend.executeMultipleOutputs = function multiple(name, attrs, inputs, outputs) {
    try {
      return executeMultipleOutputs.call(this, name, attrs, inputs, outputs);
    } catch (error) {
      throw from(multiple, plainly(error, name, shapes(inputs)));
    }
  };
}

/** The error begins where the operation was asked for, not in here. */
function from(above: (...values: never[]) => unknown, error: unknown): unknown {
  if (error instanceof Error && error.message.startsWith('TensorFlow cannot')) Error.captureStackTrace(error, above);
  return error;
}
