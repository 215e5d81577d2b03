/** A host that hands on what another one serves, but for what it is told to do wrong. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { ISOLATED, type Server } from '../../scripts/site/serve';

export interface Faults {
  /** Part of the addresses whose answers have one byte wrong, or that come slowly; '' for none. */
  damaged: string;
  slow: string;
  /** What becomes of texts, by a part of their address. */
  instead: Record<string, (text: string) => string>;
  /** What was asked for. */
  asked: string[];
}

/** Pieces of a slow answer, and the pause after each, in ms. */
const PIECES = 12;
const PAUSE = 150;

export async function faultyHost(address: string): Promise<Server & { faults: Faults }> {
  const faults: Faults = { damaged: '', slow: '', instead: {}, asked: [] };
  const server = http.createServer(async (request, response) => {
    const url = request.url ?? '/';
    faults.asked.push(url);
    const answer = await fetch(address + url);
    const other = Object.keys(faults.instead).find(part => url.includes(part));
    const body =
      other === undefined
        ? Buffer.from(await answer.arrayBuffer())
        : Buffer.from(faults.instead[other](await answer.text()));
    if (faults.damaged && url.includes(faults.damaged)) body[body.length >> 1] ^= 1;
    const type = answer.headers.get('content-type') ?? '';
    response.writeHead(answer.status, { 'content-type': type, 'content-length': body.length, ...ISOLATED });
    const slow = faults.slow !== '' && url.includes(faults.slow);
    const piece = Math.ceil(body.length / PIECES);
    for (let at = 0; slow && at < body.length; at += piece) {
      response.write(body.subarray(at, at + piece));
      await new Promise(resolve => setTimeout(resolve, PAUSE));
    }
    response.end(slow ? undefined : body);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    faults,
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
