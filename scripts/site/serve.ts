/** Serves a folder as a host of static files does, to this machine only. */
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.pdf': 'application/pdf',
  '.gz': 'application/gzip',
};

/** With these two a browser lets WebAssembly have threads. */
export const ISOLATED = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

export interface Server {
  address: string;
  close(): void;
}

/** @param port 0: any that is free @param also headers of every answer */
export function serve(folder: string, port = 0, also: Record<string, string> = ISOLATED): Promise<Server> {
  const root = path.resolve(folder);
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const wanted = path.join(root, decodeURIComponent(pathname));
    const file = wanted.endsWith(path.sep) ? path.join(wanted, 'index.html') : wanted;
    const stat = file.startsWith(root + path.sep) ? fs.statSync(file, { throwIfNoEntry: false }) : undefined;
    if (!stat?.isFile()) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not here');
      return;
    }
    const type = TYPES[path.extname(file)] ?? 'application/octet-stream';
    const etag = `"${stat.size}-${stat.mtimeMs}"`; // asked for again, and sent only where it has changed
    const known = request.headers['if-none-match'] === etag;
    response.writeHead(known ? 304 : 200, { 'content-type': type, 'cache-control': 'no-cache', etag, ...also });
    if (known) {
      response.end();
      return;
    }
    fs.createReadStream(file).pipe(response);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const { port: taken } = server.address() as { port: number };
      resolve({
        address: `http://127.0.0.1:${taken}`,
        close: () => {
          server.closeAllConnections();
          server.close();
        },
      });
    });
  });
}
