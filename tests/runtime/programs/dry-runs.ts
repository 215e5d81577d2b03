/** Runs without numbers of the models named in the first argument, of steps, and of a layer with weights; tells what came out as JSON. */
import { ATLAS, survey } from '../../../lib/models';
import { Linear } from '../../../lib/nn';
import { dryRun, tf } from '../../../lib/runtime';
import { dryRefusals, drySteps } from './dry-steps';

async function main(names: string[]): Promise<void> {
  await tf.ready();
  const before = tf.memory().numTensors;
  const surveys = ATLAS.filter(({ name }) => names.includes(name)).map(model => survey(model));
  const steps = drySteps();
  const refusals = dryRefusals();
  const left = tf.memory().numTensors - before;
  const layer = new Linear(3, 5);
  const x = tf.ones([2, 3]);
  const first = Array.from(layer.forward(x).dataSync());
  const { outputs } = dryRun((a: tf.Tensor) => layer.forward(a).add(x.sum()), [x]);
  const again = Array.from(layer.forward(x).dataSync());
  layer.weight.assign(layer.weight.add(1)); // it is still a variable as any other
  console.log(JSON.stringify({ surveys, steps, refusals, left, outputs, first, again, backend: tf.getBackend() }));
}

void main(JSON.parse(process.argv[2]));
