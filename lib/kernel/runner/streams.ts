/** console.log and everything else that writes to stdout and stderr: gathered, and sent on behalf of the right cell. */
import { context } from './interrupt';
import { currentCell, send } from './link';

type Name = 'stdout' | 'stderr';
const MAX_LENGTH = 1 << 16;
const MAX_WAIT = 40; // ms
/** So many pieces in a row are sent at once, so that they are there while what follows computes; only then is gathered. */
const AT_ONCE = 10;
const PERIOD = 100; // ms

let pending: { cell: number; name: Name; text: string[]; length: number; since: number } | undefined;
let timer: NodeJS.Timeout | undefined;
let recent = { since: 0, pieces: 0 };

export function captureStreams(): void {
  for (const name of ['stdout', 'stderr'] as const) {
    process[name].write = ((chunk: string | Uint8Array, encoding?: unknown, done?: unknown) => {
      write(name, typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
      const callback = typeof encoding === 'function' ? encoding : done;
      if (typeof callback === 'function') process.nextTick(callback as () => void);
      return true;
    }) as typeof process.stdout.write;
  }
}

function write(name: Name, text: string): void {
  const store = context.getStore();
  if (store?.sink) {
    store.sink({ output_type: 'stream', name, text });
    return;
  }
  const cell = store?.cell ?? currentCell();
  if (pending && (pending.name !== name || pending.cell !== cell)) flushStreams();
  pending ??= { cell, name, text: [], length: 0, since: performance.now() };
  pending.text.push(text);
  pending.length += text.length;
  const now = performance.now();
  if (now - recent.since > PERIOD) recent = { since: now, pieces: 0 };
  const few = ++recent.pieces <= AT_ONCE;
  if (few || pending.length > MAX_LENGTH || now - pending.since > MAX_WAIT) flushStreams();
  else timer ??= setTimeout(flushStreams, MAX_WAIT);
}

/** Sends what has gathered; called before any other output, so that the order stays. */
export function flushStreams(): void {
  clearTimeout(timer);
  timer = undefined;
  if (!pending) return;
  const { cell, name, text } = pending;
  pending = undefined;
  send({ kind: 'stream', cell, name, text: text.join('') });
}
