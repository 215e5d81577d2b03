/** The process that runs cells, as the protocol process sees it: started, interrupted, restarted when it dies. */
import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import type { Writable } from 'node:stream';
import type { FromRunner, ToRunner } from '../messages';

export interface RunnerEvents {
  message(message: FromRunner): void;
  /** What native code wrote to the process's own stdout or stderr. */
  output(name: 'stdout' | 'stderr', text: string): void;
  /** The process ended without being told to. */
  died(reason: string): void;
}

export class RunnerClient {
  private child: ChildProcess;
  private stopping = false;

  constructor(private readonly events: RunnerEvents) {
    this.child = this.start();
  }

  send(message: ToRunner): void {
    if (this.child.connected) this.child.send(message);
  }

  /** Reaches the process even while it computes. */
  interrupt(cell: number): void {
    (this.child.stdio[4] as Writable).write(`${cell}\n`);
  }

  /** Ends the process: kindly first, then by force. */
  async stop(patience = 500): Promise<void> {
    this.stopping = true;
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>(resolve => child.once('exit', () => resolve()));
    this.send({ kind: 'exit' });
    const force = setTimeout(() => child.kill('SIGKILL'), patience);
    await ended;
    clearTimeout(force);
  }

  private start(): ChildProcess {
    const child = fork(path.join(__dirname, 'runner.js'), [], {
      serialization: 'advanced',
      // TensorFlow takes large blocks again and again; handing each back to the system would cost it time.
      env: { ...process.env, MALLOC_TRIM_THRESHOLD_: undefined },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc', 'pipe'],
      // An interrupt by force leaves Node's bookkeeping of asynchronous calls unbalanced; see runner/interrupt-thread.ts.
      execArgv: ['--no-force-async-hooks-checks', ...memoryOptions()],
    });
    child.on('message', message => this.events.message(message as FromRunner));
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]!.setEncoding('utf8').on('data', (text: string) => this.events.output(name, text));
    }
    child.stdio[4]!.on('error', () => {});
    child.on('exit', (code, signal) => {
      if (this.stopping || child !== this.child) return;
      this.child = this.start();
      this.events.died(signal ? `was ended by ${signal}` : `ended with code ${code}`);
    });
    return child;
  }
}

/** Option of the notebook's process, e.g. LAB_NODE_OPTIONS="--max-old-space-size=8192". */
function memoryOptions(): string[] {
  return (process.env.LAB_NODE_OPTIONS ?? '').split(' ').filter(Boolean);
}
