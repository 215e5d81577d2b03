/** How fast the kernel answers, and whether 1,000 cells make it slower or larger; beside the course's own targets. */
import fs from 'node:fs';
import { Front } from '../../tests/kernel/client';
import { kernelSpec } from '../setup/jupyter';
import { median, type Row } from './report';

const CELLS = 1000;
/** Seconds until it answers; seconds of the first import of the lib; milliseconds of a cell. */
const TARGETS = { ready: 2.5, firstImport: 3, cell: 100 };

/** One kernel: its start, the first import of the lib, then `cells` cells that each declare a name and use one. */
export async function benchKernel(cells = CELLS): Promise<Row[]> {
  const begun = performance.now();
  const front = await Front.start(kernelSpec().env);
  const ready = (performance.now() - begun) / 1000;
  await new Promise(resolve => setTimeout(resolve, 2000)); // a reader looks at the page first
  const first = await front.run("import { tf } from './lib'; const x = tf.ones([2, 2]);");
  if (first.status !== 'ok') throw new Error(`the lib cannot be imported: ${first.content.evalue}`);
  const runner = Number((await front.run('process.pid')).result);
  const milliseconds: number[] = [];
  const memory: [number, number][] = [];
  for (let i = 0; i < cells; i++) {
    const reply = await front.run(`const y${i % 50} = x.shape[0] + ${i}; y${i % 50}`);
    if (reply.result !== String(2 + i)) throw new Error(`cell ${i}: ${reply.result ?? reply.content.evalue}`);
    milliseconds.push(reply.seconds * 1000);
    if (i % 100 === 99) memory.push([residentMiB(front.process.pid!), residentMiB(runner)]);
  }
  await front.stop();
  console.log(
    `kernel and compiler, MiB after each 100 cells: ${memory.map(([kernel]) => Math.round(kernel)).join(', ')}`,
  );
  console.log(`process of the cells, MiB:                     ${memory.map(([, own]) => Math.round(own)).join(', ')}`);
  const row = (metric: string, ours: number, reference: number): Row => ({
    name: 'kernel',
    metric,
    ours,
    reference,
    ratio: ours / reference,
  });
  const [early, late] = [milliseconds.slice(0, 100), milliseconds.slice(-100)].map(median);
  const [second, last] = [memory[1] ?? memory[0], memory[memory.length - 1]]; // V8 settles in the first hundreds
  return [
    row('seconds until it answers / target', ready, TARGETS.ready),
    row('seconds, first import of the lib / target', first.seconds, TARGETS.firstImport),
    row('ms per trivial cell, median / target', median(milliseconds), TARGETS.cell),
    row('ms per cell, last hundred / first hundred', late, early),
    row('MiB of kernel and compiler, last cell / cell 200', last[0], second[0]),
    row('MiB of the cells’ process, last cell / cell 200', last[1], second[1]),
  ];
}

function residentMiB(pid: number): number {
  const size = /VmRSS:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(size?.[1] ?? 0) / 1024;
}
