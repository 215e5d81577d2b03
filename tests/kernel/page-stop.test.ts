/** The page's end of a stop: a worker that has heard of it is left to end by itself, one that hears nothing is ended. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Listener, PageKernel, type Told } from '../../lib/kernel/page/client';

type Message = { kind?: string; id?: number; cell?: number };

/** A worker of the cells that runs whatever it gets until somebody ends it, or of the compiler, which is content. */
class FakeWorker {
  static runners: FakeWorker[] = [];
  onmessage = (_: { data: unknown }): void => {};
  readonly flag = new Int32Array(new SharedArrayBuffer(4));
  cell = 0;
  ended = false;

  constructor(private readonly address: string) {
    if (!address.includes('runner')) return;
    FakeWorker.runners.push(this);
    setImmediate(() => {
      this.tell({ kind: 'stopFlag', flag: this.flag });
      this.onmessage({ data: { kind: 'ready' } });
    });
  }

  tell(data: Told): void {
    if (!this.ended) this.onmessage({ data });
  }

  postMessage(message: Message): void {
    if (message.kind === 'execute') this.cell = message.cell!;
    if (this.address.includes('compiler'))
      setImmediate(() => this.onmessage({ data: { id: message.id, value: { compiled: {}, names: ['kept'] } } }));
  }

  terminate(): void {
    this.ended = true;
  }
}

const own = Reflect.get(globalThis, 'Worker');
before(() => Reflect.set(globalThis, 'Worker', FakeWorker));
after(() => Reflect.set(globalThis, 'Worker', own));

/** A kernel whose cell runs, its worker, and how often all variables were lost. */
async function running() {
  const lost: number[] = [];
  const listener = { lost: () => lost.push(1), output: () => {}, fetching: () => {} } as unknown as Listener;
  const kernel = new PageKernel('', { build: '', env: {} } as never, listener);
  const ran = kernel.run('for (;;) {}');
  while (!FakeWorker.runners.at(-1)?.cell) await sleep(5);
  return { kernel, ran, lost, worker: FakeWorker.runners.at(-1)! };
}

test('a loop that has heard a stop keeps its variables, however late its end comes from a busy machine', async () => {
  const { kernel, ran, lost, worker } = await running();
  const stopped = kernel.stop();
  assert.equal(Atomics.load(worker.flag, 0), 1, 'it is asked to');
  Atomics.store(worker.flag, 0, 2); // as interrupt.ts does
  await sleep(2500);
  assert.equal(worker.ended, false);
  worker.tell({ kind: 'done', cell: worker.cell, failed: true, defined: ['kept'] });
  const { made } = await ran;
  await stopped;
  assert.deepEqual([made, lost], [['kept'], []]);
});

test('one long operation, which hears nothing, is ended with all variables soon', async () => {
  const { kernel, ran, lost, worker } = await running();
  await kernel.stop();
  const { failed, made } = await ran;
  assert.deepEqual([worker.ended, failed, made, lost.length], [true, true, [], 1]);
});
