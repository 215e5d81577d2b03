/** Helper thread of the runner: hears the interrupt while the main thread is busy. */
import { Session } from 'node:inspector';
import net from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

const flag = new Int32Array((workerData as { flag: SharedArrayBuffer }).flag);
const PIPE = 4;
/** Code without checks (a package's own loop) is given this long to come back, in ms. */
const PATIENCE = 500;
let session: Session | undefined;

const pipe = new net.Socket({ fd: PIPE, readable: true, writable: false });
pipe.setEncoding('latin1').on('data', (cells: string) => {
  const cell = Number(cells.trim().split('\n').at(-1));
  Atomics.store(flag, 1, cell);
  Atomics.store(flag, 0, 1);
  parentPort!.postMessage('interrupt');
  setTimeout(terminateIfBusy, PATIENCE);
});
// The kernel is gone: nobody will ever read what a busy cell computes.
pipe.on('close', () => process.kill(process.pid, 'SIGKILL'));
pipe.on('error', () => process.kill(process.pid, 'SIGKILL'));

/**
 * Ends the JavaScript that runs at this moment, wherever it is; the process lives on. Node (before 24) insists that its
 * bookkeeping of asynchronous calls is balanced, which a terminated call leaves undone: so that is switched off first.
 */
function terminateIfBusy(): void {
  let answered = false;
  parentPort!.once('message', () => {
    answered = true;
  });
  parentPort!.postMessage('ping');
  setTimeout(() => {
    if (answered || Atomics.load(flag, 0) === 0) return;
    session ??= connect();
    session.post('Runtime.evaluate', { expression: '__lab__.disarm()' });
    session.post('Runtime.terminateExecution');
    parentPort!.postMessage('terminated');
  }, 50);
}

function connect(): Session {
  const created = new Session();
  created.connectToMainThread();
  return created;
}
