/** What a worker says of itself, read with an operation that runs on it. */
import { Graph } from '../compile/graph';
import { addFunction, assembleNodes, freshName } from '../compile/program';
import { DT } from '../native';
import { binding, nativeBackend, tf } from '../tensorflow';
import { lostWorker } from './lost';
import { addressOf } from './members';
import { IDENTITY_FILE, type Identity } from './worker';

/** TF_NOT_FOUND (tensorflow/c/tf_status.h). */
const NOT_FOUND = /Invalid TF_Status: 5\b/;

/** The worker fetches the name of the file from here and the text goes back: so long, and there is no way from it to here. */
const REACH_MS = 10_000;

/**
 * Undefined where the worker has not said who it is.
 * @throws Error where it cannot reach this machine
 */
export function identityOf(task: number): Identity | undefined {
  const graph = new Graph();
  const file = graph.placeholder('file', DT.string, []);
  const worker = `/job:worker/replica:0/task:${task}`;
  const address = addressOf(worker) ?? worker;
  graph.device = `${worker}/device:CPU:0`;
  const read = graph.add('ReadFile', [file], []);
  graph.device = '/job:localhost/replica:0/task:0/device:CPU:0';
  const text = graph.identity({ node: read, index: 0 }, { dtype: DT.string, shape: [] });
  const name = freshName('identity');
  addFunction(name, assembleNodes([file], [text]));
  try {
    const json = tf.tidy(() => {
      const inputs = nativeBackend().getInputTensorIds([tf.scalar(IDENTITY_FILE, 'string')]);
      const [made] = binding().runFunction(
        name,
        false,
        new Int32Array(inputs),
        new Int32Array([-1]),
        [worker],
        [address],
        -REACH_MS,
      );
      return nativeBackend().createOutputTensor(made).dataSync<'string'>()[0];
    });
    return JSON.parse(json) as Identity;
  } catch (error) {
    if (NOT_FOUND.test((error as Error).message)) return undefined;
    if (/does not answer$/.test((error as Error).message))
      throw new Error(
        `${address} answers, but cannot fetch from this machine; let it through the firewall here, at a port that cluster([…], { port: 2221 }) fixes`,
      );
    throw lostWorker(error);
  } finally {
    binding().removeFunction(name);
  }
}
