/** Runs the ways of one task in turns and keeps all times. */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import readline from 'node:readline';
import { SMOLLM2 } from '../../lib/models/language-model';
import { COMPARED } from './compared';
import { benchPython, venvPython } from './python';

export interface Measured {
  mode: string;
  /** Milliseconds of each step, warm-up left out. */
  times: number[];
  /** Processor time per step, all threads together: on a busy machine steadier than the clock. One entry a turn. */
  cpu: number[];
  peakMiB: number;
}

/** Idle threads sleep, so that a program that waits for its turn takes nothing from the one that has it. */
const TWO_THREADS = {
  OMP_NUM_THREADS: '2',
  OMP_WAIT_POLICY: 'passive',
  KMP_BLOCKTIME: '0',
  TF_NUM_INTRAOP_THREADS: '2',
  TF_NUM_INTEROP_THREADS: '2',
};
/** A turn lasts about this long, so that slow steps don't make it endless and fast ones are many. */
const TURN_MS = 600;
const WARM_UP = 3;

class Worker {
  readonly times: number[] = [];
  readonly cpu: number[] = [];
  peakMiB = 0;
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterableIterator<string>;

  constructor(
    task: string,
    readonly mode: string,
  ) {
    const [program, ...argv] = command(task, mode);
    this.child = spawn(program, argv, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...TWO_THREADS } });
    let errors = '';
    this.child.stderr!.on('data', chunk => {
      errors = (errors + chunk).slice(-2000);
    });
    this.lines = readline
      .createInterface({ input: this.child.stdout! })
      [Symbol.asyncIterator]() as AsyncIterableIterator<string>;
    this.errors = () => errors;
  }
  private readonly errors: () => string;

  async steps(count: number): Promise<number[]> {
    this.child.stdin!.write(`${count}\n`);
    for (;;) {
      const { value, done } = await this.lines.next();
      if (done) throw new Error(`${this.mode} ended early: ${this.errors()}`);
      if (!value.startsWith('{')) continue;
      const { times, cpuMs, peakMiB } = JSON.parse(value) as { times: number[]; cpuMs: number; peakMiB: number };
      this.cpu.push(cpuMs);
      this.peakMiB = peakMiB;
      return times;
    }
  }

  end(): void {
    this.child.stdin!.end();
    this.child.kill();
  }
}

function command(task: string, mode: string): string[] {
  const script = (name: string) => path.join(__dirname, name);
  if (mode === 'torch' || mode === 'torch-compile') {
    return [benchPython(), script('reference.py'), task, mode === 'torch' ? 'eager' : 'compile'];
  }
  if (mode === 'transformers') return [benchPython(), script('reference_transformers.py'), SMOLLM2];
  if (mode.startsWith('keras')) return [venvPython(), script('reference_keras.py'), task, mode];
  return [process.execPath, '--import', 'tsx', script('worker.ts'), task, mode];
}

/** @returns one entry for each way that ran; one that fails is reported and left out, one that nobody wrote is not tried */
export async function measureTask(task: string, modes: string[], rounds: number): Promise<Measured[]> {
  const ready: { worker: Worker; perTurn: number }[] = [];
  const { keras, transformers } = COMPARED[task];
  const written = (mode: string) => (mode === 'transformers' ? transformers : keras || !mode.startsWith('keras'));
  for (const mode of modes.filter(written)) {
    const worker = new Worker(task, mode);
    try {
      const times = await worker.steps(WARM_UP);
      const last = (await worker.steps(2))[1] ?? times[times.length - 1];
      ready.push({ worker, perTurn: Math.max(2, Math.min(200, Math.round(TURN_MS / last))) });
    } catch (error) {
      console.error(`${task} ${mode}: left out (${String(error).slice(0, 400)})`);
      worker.end();
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (const { worker, perTurn } of ready) worker.times.push(...(await worker.steps(perTurn)));
  }
  for (const { worker } of ready) worker.end();
  return ready.map(({ worker }) => ({
    mode: worker.mode,
    times: worker.times,
    cpu: worker.cpu.slice(2),
    peakMiB: worker.peakMiB,
  }));
}
