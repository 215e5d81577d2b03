/** How long a training step of the bench takes on this device: the steps that `npm run bench` times, loss read back. */

import type { Optimiser } from '../../nn';
import { start, tf } from '../../runtime';
import { modules } from './modules';

type Batch = Record<string, tf.Tensor>;

/** As in scripts/bench/models.ts, which lies in a script of its own and takes the lib from here. */
interface Tasks {
  TASKS: Record<string, () => { loss(batch: Batch): tf.Scalar; data(): Batch }>;
  optimiserOf(task: object): Optimiser;
}

/** Milliseconds of a step, the median of those that fit into `budget` ms, three at least; the first, which makes the device's programs, does not count. */
export async function timeTask(name: string, budget: number): Promise<number> {
  const page = self as unknown as { latentlabTasks?: Tasks; importScripts(address: string): void };
  Object.assign(self, { latentlabModules: modules });
  page.importScripts(new URL(`tasks.js${self.location.search}`, self.location.href).href);
  await start({ seed: 1 });
  const { TASKS, optimiserOf } = page.latentlabTasks!;
  const task = TASKS[name]();
  const optimiser = optimiserOf(task);
  const batches = Array.from({ length: 4 }, task.data);
  let count = 0;
  const step = async (): Promise<number> => {
    const before = performance.now();
    const loss = tf.tidy(() => optimiser.minimize(() => task.loss(batches[count++ % batches.length])));
    const [value] = await loss.data();
    loss.dispose();
    if (!Number.isFinite(value)) throw new Error(`the loss of ${name} is ${value} on this device`);
    return performance.now() - before;
  };
  await step();
  const times: number[] = [];
  for (const began = performance.now(); times.length < 3 || performance.now() - began < budget; )
    times.push(await step());
  return times.sort((a, b) => a - b)[times.length >> 1];
}
