/** The compiler thread, as the protocol process sees it. */
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { CompilerRequest } from '../messages';

export class CompilerClient {
  private readonly thread: Worker;
  private readonly pending = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  private next = 0;

  constructor(folder: string, types: 'strict' | 'off') {
    this.thread = new Worker(path.join(__dirname, 'compiler.js'), {
      workerData: { folder, types },
      resourceLimits: { stackSizeMb: 16 },
    });
    this.thread.on('message', ({ id, value, error }: { id: number; value?: never; error?: string }) => {
      const request = this.pending.get(id);
      this.pending.delete(id);
      if (error === undefined) request?.resolve(value as never);
      else request?.reject(new Error(error));
    });
    this.thread.on('error', error => {
      for (const { reject } of this.pending.values()) reject(error as Error);
      this.pending.clear();
    });
  }

  ask<T>(request: CompilerRequest): Promise<T> {
    return new Promise((resolve, reject) => {
      const id = this.next++;
      this.pending.set(id, { resolve, reject });
      this.thread.postMessage({ id, request });
    });
  }

  async stop(): Promise<void> {
    await this.thread.terminate();
  }
}
