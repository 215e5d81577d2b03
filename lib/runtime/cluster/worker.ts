/** A worker: a TensorFlow server in a Node process. Whoever joins it computes on its devices. */
import { net } from '../../platform';
import { binding, nativeBackend, tf } from '../tensorflow';
import { needTensorFlow } from './members';
import { serverDef } from './messages';

/**
 * Where a worker says who it is: a file in TensorFlow's file system in memory. It is no more than the process, and whoever
 * joins reads it with an operation that runs on the worker.
 */
export const IDENTITY_FILE = 'ram://latentlab/worker.json';

export interface Identity {
  tensorflow: string;
  node: string;
}

export const identity = (): Identity => ({ tensorflow: binding().TF_Version, node: process.versions.node });

export const LOOPBACK = '127.0.0.1';

/**
 * What there is to know before others are let in: whoever reaches the port needs no password, and can compute, read and
 * write files as the one who started the worker.
 */
export const OPEN_WARNING =
  'the worker has no password and nothing on its way is encrypted: whoever reaches this port can run programs, read and write files as you. Open it only in a network where you trust every machine';

/**
 * Serves as a worker until the process ends.
 * @param host IPv4 address to listen at; 127.0.0.1 is this machine alone, 0.0.0.0 every network that it is in
 * @throws Error where the port is taken, the address is not this machine's, or TensorFlow's library is not there
 * @example
 * // needs a process of its own: it serves until that ends
 * await startWorker(2222)
 */
export async function startWorker(port: number, host = LOOPBACK): Promise<void> {
  needTensorFlow();
  if (!net.isIPv4(host)) throw new Error(`a worker listens at an IPv4 address, such as 0.0.0.0, got ${host}`);
  await mustBeFree(port, host);
  listenAt(host);
  tf.tidy(() => {
    const name = tf.scalar(IDENTITY_FILE, 'string');
    const text = tf.scalar(JSON.stringify(identity()), 'string');
    nativeBackend().executeMultipleOutputs('WriteFile', [], [name, text], 0);
  });
  binding().startServer(serverDef({ worker: [`${host}:${port}`] }, 'worker'));
}

/**
 * From now on servers of this process listen at `host` only.
 * @throws Error where that cannot be had, unless every network was asked for
 */
export function listenAt(host: string): void {
  if (binding().listenOnly(host) || host === '0.0.0.0') return;
  throw new Error(
    `on ${process.platform} TensorFlow's server listens in every network; ask for that with 0.0.0.0, behind a firewall`,
  );
}

/** A port that nobody has at the moment. */
export function freePort(host: string): Promise<number> {
  return withListener(0, host);
}

async function mustBeFree(port: number, host: string): Promise<void> {
  try {
    await withListener(port, host);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE')
      throw new Error(`port ${port} is taken; take another: npm run worker -- --port ${port + 1}`);
    if (code === 'EADDRNOTAVAIL')
      throw new Error(`${host} is no address of this machine; 0.0.0.0 stands for all of them`);
    throw new Error(`no server can listen at ${host}:${port}: ${message}`);
  }
}

/** Listens for a moment; resolves with the port. */
function withListener(port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(port, host, () => {
      const { port: got } = server.address() as { port: number };
      server.close(() => resolve(got));
    });
  });
}
