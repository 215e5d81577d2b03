/** Whether a model fits into the machine: said before a weight is read. */
import os from 'node:os';
import type { PainterPlan } from '../../lib/models/stable-diffusion-folder';

/** Weights lie in memory as float32, however many bits the file has. */
const BYTES = 4;
/** Node and TensorFlow themselves, measured with small nets, in bytes. */
const PROGRAM = 0.5e9;

export interface Memory {
  /** What this process may have, and how much of it nobody uses now, in bytes. */
  total: number;
  free: number;
}

/** The machine's memory, or that of the container it is. */
export function machineMemory(): Memory {
  const [all, limit] = [os.totalmem(), process.constrainedMemory()];
  const total = limit > 0 ? Math.min(all, limit) : all;
  return { total, free: Math.min(total, process.availableMemory?.() ?? os.freemem()) };
}

/**
 * One sentence: what the model needs at least, and what is there. What lies between the layers comes on top.
 * @throws Error with this sentence where the machine is too small
 */
export function memorySentence({ kind, weights }: PainterPlan, { total, free }: Memory = machineMemory()): string {
  const numbers = Object.values(weights).reduce((a, b) => a + b, 0);
  const needed = numbers * BYTES + PROGRAM;
  const gb = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  const sentence = `${kind} needs ${gb(needed)} of memory (${numbers.toLocaleString('en')} weights of ${BYTES} bytes, ${gb(PROGRAM)} for the program) and more between its layers; this machine has ${gb(total)}, ${gb(free)} of it free`;
  if (needed > total) throw new Error(`${sentence}: too little`);
  return sentence + (needed > free ? ': close other programs if it gets slow or is ended' : '');
}
