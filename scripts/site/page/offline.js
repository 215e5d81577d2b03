/*
 * A second visit works with the network off, and what was kept of an older site is never mixed with a newer one. What lies in
 * run/ is asked for under its checksum, behind the "?": that never changes, so it is given from what was kept, and of two
 * states of a file only the last is kept. All else comes from the site, and from what was kept where the site does not answer.
 * JupyterLite has it as well, before its own service worker (scripts/lite/build.ts), which asks itself for an answer at JUPYTERLITE.
 */
const KEPT = 'latentlab';
const JUPYTERLITE = '/api/service-worker-heartbeat';

/** The page is told of what comes in more bytes than this, as it comes, so often, in ms. */
const LARGE = 1e6;
const OFTEN = 100;

addEventListener('install', () => self.skipWaiting());
addEventListener('activate', event => event.waitUntil(self.clients.claim()));

async function answer(request) {
  const cache = await caches.open(KEPT);
  try {
    const fresh = await fetch(request);
    if (fresh.ok) await cache.put(request, fresh.clone());
    return fresh;
  } catch (error) {
    const kept = await cache.match(request, { ignoreSearch: true });
    if (kept) return kept;
    throw error;
  }
}

/** @param again what was kept has proved to be damaged: it is asked for past all caches */
async function lasting(address, again) {
  const cache = await caches.open(KEPT);
  const kept = again ? undefined : await cache.match(address);
  if (kept) return kept;
  const fresh = await counted(address, await fetch(address, { cache: again ? 'reload' : 'default' }));
  if (!fresh.ok) return fresh;
  const name = new URL(address).pathname;
  for (const other of await cache.keys(address, { ignoreSearch: true }))
    if (new URL(other.url).pathname === name && other.url !== address) await cache.delete(other);
  await cache.put(address, fresh.clone());
  return fresh;
}

/** The answer, whole; the pages hear how many bytes of it are there. */
async function counted(address, response) {
  if (!response.ok || !response.body || Number(response.headers.get('content-length')) < LARGE) return response;
  const pages = await self.clients.matchAll({ type: 'window' });
  const [parts, reader] = [[], response.body.getReader()];
  let [bytes, told] = [0, 0];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    bytes += value.length;
    if (Date.now() - told < OFTEN) continue;
    told = Date.now();
    for (const page of pages) page.postMessage({ kind: 'arriving', address, bytes });
  }
  const { status, statusText, headers } = response;
  return new Response(new Blob(parts), { status, statusText, headers });
}

addEventListener('fetch', event => {
  const { method, url } = event.request;
  if (method !== 'GET' || !url.startsWith(self.location.origin)) return;
  const { pathname, search } = new URL(url);
  if (pathname === JUPYTERLITE) return;
  event.stopImmediatePropagation();
  const version = /^\?[\da-f]{8}(&again)?$/.exec(search);
  if (version && pathname.includes('/run/')) event.respondWith(lasting(url.replace('&again', ''), Boolean(version[1])));
  else event.respondWith(answer(event.request));
});
