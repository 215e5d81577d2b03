/**
 * What answers at an address, asked before TensorFlow joins it: TensorFlow itself waits long and says little where nothing
 * or something else listens. A worker speaks gRPC, which is HTTP/2 with messages of five bytes' head.
 */
import type { ClientHttp2Session } from 'node:http2';
import { http2 } from '../../platform';
import { type DeviceMessage, devicesIn, statusRequest } from './messages';

/** Milliseconds for an answer. */
const PATIENCE = 5000;
/** Bytes whose way is timed, and how often the short question is asked. */
const LOAD = 2 ** 20;
const ROUNDS = 3;

export interface Answer {
  devices: DeviceMessage[];
  /** Milliseconds to the worker and back, the shortest of three. */
  roundTripMs: number;
  /** Millions of bytes a second on the way there. */
  megabytesPerSecond: number;
  /** This machine's address on the way to that worker. */
  from: string;
}

/** host:port, taken apart. @throws Error where it is none */
export function readAddress(address: unknown): { host: string; port: number } {
  const [, host, digits] = /^([\w.-]+):(\d{1,5})$/.exec(String(address)) ?? [];
  const port = Number(digits);
  if (host && port >= 1 && port <= 65535) return { host, port };
  throw new Error(`a worker is named 'host:port', as in 'host1:2222', got '${address}'`);
}

/** @throws Error that says what is wrong at this address and what to do */
export async function probe(address: string): Promise<Answer> {
  const { port } = readAddress(address);
  const session = http2.connect(`http://${address}`);
  const broken = new Promise<never>((_, reject) => session.once('error', reject));
  broken.catch(() => {}); // it may come while nobody waits
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(Object.assign(new Error(), { code: 'ETIMEDOUT' })), PATIENCE).unref();
  });
  const within = <T>(work: Promise<T>): Promise<T> => Promise.race([work, broken, late]);
  try {
    const first = await within(askStatus(session, 0));
    let roundTripMs = Number.POSITIVE_INFINITY;
    for (let i = 0; i < ROUNDS; i++) roundTripMs = Math.min(roundTripMs, (await within(askStatus(session, 0))).ms);
    const from = session.socket?.localAddress ?? '127.0.0.1';
    let loadMs = PATIENCE;
    for (let i = 0; i < ROUNDS; i++) {
      const asked = await within(askStatus(session, LOAD)).catch(error => {
        if (error.code === 'ETIMEDOUT') return { ms: PATIENCE }; // it is there, and slow
        throw error;
      });
      loadMs = Math.min(loadMs, asked.ms);
    }
    const megabytesPerSecond = LOAD / 1e3 / Math.max(loadMs - roundTripMs, 0.1);
    return { devices: devicesIn(first.message), roundTripMs, megabytesPerSecond, from };
  } catch (error) {
    throw told(address, port, error as NodeJS.ErrnoException);
  } finally {
    session.destroy();
  }
}

/** One gRPC call: the message that came back, and the milliseconds that it took. */
function askStatus(session: ClientHttp2Session, load: number): Promise<{ message: Buffer; ms: number }> {
  const started = performance.now();
  const body = statusRequest(load);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length, 1);
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/tensorflow.WorkerService/GetStatus',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const parts: Buffer[] = [];
    let status: unknown;
    stream.on('response', headers => {
      status = headers['grpc-status'] ?? status;
    });
    stream.on('trailers', headers => {
      status = headers['grpc-status'];
    });
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('error', reject);
    stream.on('close', () => {
      const all = Buffer.concat(parts);
      if (status === '0' && all.length >= 5) resolve({ message: all.subarray(5), ms: performance.now() - started });
      else reject(Object.assign(new Error(`gRPC status ${status}`), { code: 'NO_WORKER' }));
    });
    stream.end(Buffer.concat([head, body]));
  });
}

/** The fault in words. */
function told(address: string, port: number, error: NodeJS.ErrnoException): Error {
  const { code, message } = (error.cause as NodeJS.ErrnoException | undefined) ?? error;
  if (code === 'ECONNREFUSED')
    return new Error(`no worker listens at ${address}; start it there with npm run worker -- --port ${port}`);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new Error(`no machine is known by the name in ${address}; give its name or its IPv4 address`);
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH')
    return new Error(
      `${address} does not answer; is the machine on, does its worker listen to other machines (--host), and does a firewall let port ${port} through?`,
    );
  return new Error(
    `what listens at ${address} is no worker (${message}); give the port that npm run worker names there`,
  );
}
