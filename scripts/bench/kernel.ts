/** How fast the kernel answers: `node --import tsx scripts/bench/kernel.ts [cells]` (default 1,000). */
import fs from 'node:fs';
import { Front } from '../../tests/kernel/client';

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const milliseconds = (seconds: number) => `${Math.round(seconds * 1000)} ms`;

/** Start, first import of the lib, and `cells` trivial cells that each declare and use a name. */
export async function benchKernel(cells: number): Promise<void> {
  const begun = performance.now();
  const front = await Front.start();
  console.log(`ready                       ${milliseconds((performance.now() - begun) / 1000)}`);
  const first = await front.run("import { tf } from './lib'; const x = tf.ones([2, 2]);");
  if (first.status !== 'ok') throw new Error(`the lib cannot be imported: ${first.content.evalue}`);
  console.log(`first import of the lib     ${milliseconds(first.seconds)}`);
  const seconds: number[] = [];
  const memory: number[] = [];
  for (let i = 0; i < cells; i++) {
    const reply = await front.run(`const y${i % 50} = x.shape[0] + ${i}; y${i % 50}`);
    if (reply.result !== String(2 + i)) throw new Error(`cell ${i}: ${reply.result ?? reply.content.evalue}`);
    seconds.push(reply.seconds);
    if (i % 100 === 99) memory.push(residentMegabytes(front.process.pid!));
  }
  console.log(`trivial cell, median        ${milliseconds(median(seconds))} of ${cells}`);
  console.log(
    `first and last hundred      ${milliseconds(median(seconds.slice(0, 100)))}, ${milliseconds(median(seconds.slice(-100)))}`,
  );
  console.log(`memory of protocol+compiler ${memory.map(Math.round).join(', ')} MB`);
  await front.stop();
}

function residentMegabytes(pid: number): number {
  const pages = /VmRSS:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(pages?.[1] ?? 0) / 1024;
}

if (require.main === module) void benchKernel(Number(process.argv[2] ?? 1000));
