/**
 * Times one way of running one task. Started by scripts/bench.ts, which takes turns between several such programs:
 * each line on the standard input is a number of steps; the answer is a line of JSON, the milliseconds of each.
 */
import readline from 'node:readline';
import { compile, memoryReport, start } from '../../lib/runtime';
import { decodingStep } from './decoding';
import { type Batch, optimiserOf, TASKS, tf } from './models';
import { ddimSampler } from './sampling';

const [name, mode] = process.argv.slice(2);

async function main(): Promise<void> {
  await start({ seed: 1 });
  const step = name === 'ddim' ? ddimSampler(mode) : name === 'decode' ? decodingStep(mode) : trainingStep();
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const times: number[] = [];
    const cpu = process.cpuUsage();
    for (let i = 0; i < Number(line); i++) {
      const before = performance.now();
      step();
      times.push(performance.now() - before);
    }
    const used = process.cpuUsage(cpu);
    const cpuMs = (used.user + used.system) / 1000 / times.length;
    console.log(JSON.stringify({ times, cpuMs, peakMiB: memoryReport().peakRssBytes / 2 ** 20 }));
  }
}

/** One step of Adam on the next of four batches; ends when the loss is here. */
function trainingStep(): () => void {
  const task = TASKS[name]();
  const optimiser = optimiserOf(task);
  const raw = (batch: Batch) => optimiser.minimize(() => task.loss(batch));
  const step = mode === 'eager' ? (batch: Batch) => tf.tidy(() => raw(batch)) : compile(raw, { xla: mode === 'xla' });
  const batches = Array.from({ length: 4 }, task.data);
  let count = 0;
  return () => {
    const loss = step(batches[count++ % batches.length]);
    loss.dataSync();
    loss.dispose();
  };
}

void main();
