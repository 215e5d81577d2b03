/** The compiler thread, as the protocol process sees it. */
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Language } from '../../i18n/language';
import type { CompilerRequest } from '../messages';

/**
 * The thread collects garbage before its heap is twice what it keeps: each cell makes a type checker anew and leaves the
 * old one behind, and with Node's own limit (half of the machine) V8 lets hundreds of megabytes of them pile up.
 */
const LIMITS = { stackSizeMb: 16, maxOldGenerationSizeMb: 1200 };

const RESTARTED =
  'it was started anew and knows no name of an earlier cell: run the cells again from the top, or restart the kernel';

interface Pending {
  kind: CompilerRequest['kind'];
  resolve: (value: never) => void;
  reject: (error: Error) => void;
}

export class CompilerClient {
  private thread: Worker;
  private readonly pending = new Map<number, Pending>();
  /** Whether this thread has answered anything: before, it reads declarations. */
  private warm = false;
  private next = 0;
  private stopping = false;

  constructor(
    private readonly folder: string,
    private readonly types: 'strict' | 'off',
    private language: Language,
  ) {
    this.thread = this.start();
  }

  ask<T>(request: CompilerRequest): Promise<T> {
    return new Promise((resolve, reject) => {
      if (request.kind === 'language') this.language = request.language;
      const id = this.next++;
      this.pending.set(id, { kind: request.kind, resolve, reject });
      this.thread.postMessage({ id, request });
    });
  }

  /** Nobody can say when it answers: it is still reading, or checks a cell. */
  get occupied(): boolean {
    return !this.warm || [...this.pending.values()].some(({ kind }) => kind === 'compile');
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.thread.terminate();
  }

  private start(): Worker {
    const { folder, types, language } = this;
    const thread = new Worker(path.join(__dirname, 'compiler.js'), {
      workerData: { folder, types, language },
      resourceLimits: LIMITS,
    });
    thread.on('message', ({ id, value, error }: { id: number; value?: never; error?: string }) => {
      const request = this.pending.get(id);
      this.warm ||= request !== undefined && request.kind !== 'language';
      this.pending.delete(id);
      if (error === undefined) request?.resolve(value as never);
      else request?.reject(new Error(error));
    });
    thread.on('error', error => this.died(String((error as Error).message)));
    return thread;
  }

  /** Out of memory, or a fault of TypeScript's: whoever waits is told, and the next cell finds a new compiler. */
  private died(reason: string): void {
    if (this.stopping) return;
    const lost = [...this.pending.values()];
    this.pending.clear();
    this.warm = false;
    this.thread = this.start();
    for (const { reject } of lost) reject(new Error(`the compiler ended (${reason}); ${RESTARTED}`));
  }
}
