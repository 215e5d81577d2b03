/** The process that runs cells, as the protocol process sees it: started, interrupted, restarted when it dies. */
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Writable } from 'node:stream';
import type { FromRunner, ToRunner } from '../messages';
import { end, MARK, signal, startedBy } from '../processes';

export interface RunnerEvents {
  message(message: FromRunner): void;
  /** What native code wrote to the process's own stdout or stderr. */
  output(name: 'stdout' | 'stderr', text: string): void;
  /** The process ended without being told to. */
  died(reason: string): void;
  /** Something that the reader should know, and that no cell is at fault for. */
  notice(text: string): void;
}

export class RunnerClient {
  private child: ChildProcess;
  /** Stands in the environment of whatever the cells start. */
  private mark = '';
  private stopping = false;
  private options = optionsOfReader();
  /** Whether the process that runs now has begun to listen; before, its own stderr says why it does not start. */
  private ready = false;
  private complaint = '';
  /** Messages for a process that does not listen yet. */
  private waiting: ToRunner[] = [];

  constructor(private readonly events: RunnerEvents) {
    this.child = this.start();
  }

  send(message: ToRunner): void {
    if (this.ready) this.pass(message);
    else this.waiting.push(message);
    const { exitCode, signalCode } = this.child;
    if (!this.stopping && (exitCode !== null || signalCode !== null)) this.child = this.start(); // it did not start: another try
  }

  private pass(message: ToRunner): void {
    if (this.child.connected) this.child.send(message);
  }

  /** Reaches the process even while it computes. */
  interrupt(cell: number): void {
    (this.child.stdio[4] as Writable).write(`${cell}\n`);
  }

  /** Ends the process and all that its cells have started: kindly first, then by force. */
  async stop(patience = 500): Promise<void> {
    this.stopping = true;
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>(resolve => child.once('exit', () => resolve()));
    const started = startedBy(child.pid!, this.mark);
    signal(started, 'SIGTERM');
    this.pass({ kind: 'exit' });
    const force = setTimeout(() => child.kill('SIGKILL'), patience);
    await ended;
    clearTimeout(force);
    await end([...started, ...startedBy(child.pid!, this.mark)], 'SIGTERM');
  }

  private start(): ChildProcess {
    const mark = randomUUID();
    this.mark = mark;
    const child = fork(path.join(__dirname, 'runner.js'), [], {
      serialization: 'advanced',
      // TensorFlow takes large blocks again and again; handing each back to the system would cost it time.
      env: { ...process.env, MALLOC_TRIM_THRESHOLD_: undefined, [MARK]: `${mark}:0` },
      // A process group of its own, by which whatever its cells have started is found.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc', 'pipe'],
      execArgv: this.options,
    });
    this.ready = false;
    this.complaint = '';
    child.on('message', message => {
      if ((message as FromRunner).kind !== 'ready') return this.events.message(message as FromRunner);
      this.ready = true;
      for (const waiting of this.waiting.splice(0)) this.pass(waiting);
    });
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]!.setEncoding('utf8').on('data', (text: string) => {
        if (this.ready) this.events.output(name, text);
        else this.complaint += text;
      });
    }
    child.stdio[4]!.on('error', () => {});
    child.on('exit', (code, signal) => {
      if (this.stopping || child !== this.child) return;
      void end(startedBy(child.pid!, mark), 'SIGTERM');
      const reason = signal ? `was ended by ${signal}` : `ended with code ${code}`;
      if (this.ready) {
        this.child = this.start();
        this.events.died(reason);
      } else if (this.options.length) {
        this.withoutOptions();
      } else {
        this.waiting = []; // the next message starts it again
        this.events.died(`did not start: it ${reason}${this.why()}`);
      }
    });
    return child;
  }

  /** The reader's options keep the process from starting: it starts without them. */
  private withoutOptions(): void {
    const options = this.options.join(' ');
    const notice = `LAB_NODE_OPTIONS="${options}": Node does not start with it${this.why()}; the cells run without it. Correct it and restart the kernel`;
    this.options = [];
    this.child = this.start();
    this.events.notice(notice);
  }

  /** The first line in which Node says what it does not like. */
  private why(): string {
    const line = this.complaint.split('\n').find(text => /bad option|illegal value|error|requires|invalid/i.test(text));
    return line ? ` (${line.replace(/^.*?node(?:\.exe)?: /, '').trim()})` : '';
  }
}

/** Options of the notebook's process, e.g. LAB_NODE_OPTIONS="--max-old-space-size=8192"; one with spaces in quotes. */
function optionsOfReader(): string[] {
  const text = process.env.LAB_NODE_OPTIONS ?? '';
  return [...text.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([option]) => option.replace(/["']/g, ''));
}
