/** Helper thread of the runner: hears the interrupt while the main thread is busy. */
import { Session } from 'node:inspector';
import net from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { branch, byNumber, end, leave, MARK, type Process, processes } from '../processes';
import type { FromInterruptThread, ToInterruptThread } from './interrupt';

const flag = new Int32Array((workerData as { flag: SharedArrayBuffer }).flag);
const PIPE = 4;
/** Code without checks (a package's own loop) is given this long to come back, in ms. */
const PATIENCE = 500;
/** So often it is looked at again, until the cell has ended. */
const AGAIN = 100;
const ANSWER = 50;

const runner = (process.env[MARK] ?? '').split(':')[0];
/** Process → cell, of those that the cell does not wait for. */
const spawned = new Map<number, number>();
let session: Session | undefined;
let answered: (() => void) | undefined;
let watching = false;
let terminating = false;

const isUp = (): boolean => Atomics.load(flag, 0) !== 0;
const say = (message: FromInterruptThread): void => parentPort!.postMessage(message);
const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

const pipe = new net.Socket({ fd: PIPE, readable: true, writable: false });
pipe.setEncoding('latin1').on('data', (cells: string) => {
  const cell = Number(cells.trim().split('\n').at(-1));
  Atomics.store(flag, 1, cell);
  Atomics.store(flag, 0, 1);
  say({ kind: 'interrupt' });
  if (!watching) void watch();
});
// The kernel is gone: nobody will ever read what a busy cell computes, nor end what it has started.
pipe.on('close', leave);
pipe.on('error', leave);

parentPort!.on('message', (message: ToInterruptThread) => {
  if (message.kind === 'here') answered?.();
  else if (message.kind === 'spawned') spawned.set(message.pid, message.cell);
  else if (message.kind === 'exited') spawned.delete(message.pid);
  else void end(startedIn(message.cell), 'SIGINT').then(() => say({ kind: 'gone', cell: message.cell }));
});

/** As long as the cell has not ended: frees the main thread from what it waits for, or else from what it runs. */
async function watch(): Promise<void> {
  watching = true;
  for (let pause = PATIENCE; isUp(); pause = AGAIN) {
    await sleep(pause);
    if (!isUp() || (await answers())) continue;
    const children = startedIn(Atomics.load(flag, 2));
    if (children.length > 0) await end(children, 'SIGINT');
    else if (isUp()) terminate();
  }
  watching = false;
}

function answers(): Promise<boolean> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, ANSWER, false);
    answered = () => {
      clearTimeout(timer);
      resolve(true);
    };
    say({ kind: 'ping' });
  });
}

/**
 * Ends the JavaScript that runs at this moment, wherever it is; the process lives on. What Node has to be spared is in
 * force.ts; the first command runs in the middle of the code that is to end, the second ends it.
 */
function terminate(): void {
  if (terminating) return; // a native call takes its time; more of these would hit what follows it
  terminating = true;
  session ??= connect();
  session.post('Runtime.evaluate', { expression: '__lab__.disarm()' });
  session.post('Runtime.terminateExecution', () => {
    terminating = false;
  });
}

function connect(): Session {
  const created = new Session();
  created.connectToMainThread();
  return created;
}

/** What a cell has started. A child of ours that was not announced is one that the main thread waits for. */
function startedIn(cell: number): Process[] {
  const all = processes();
  const numbers = byNumber(all);
  const mark = `${runner}:${cell}`;
  return all.filter(one => {
    if (one.pid === process.pid) return false;
    const child = branch(one, process.pid, numbers);
    const known = child && spawned.get(child.pid);
    if (known !== undefined) return known === cell;
    const words = one.mark ?? child?.mark;
    return words === mark || (child !== undefined && words === undefined);
  });
}
