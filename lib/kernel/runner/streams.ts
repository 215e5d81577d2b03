/** console.log and everything else that writes to stdout and stderr: gathered, and sent on behalf of the right cell. */
import { TextJoiner } from '../text';
import { type CellContext, context } from './context';
import { currentCell, send } from './link';
import { checkedText } from './plain';
import { own } from './timers';

type Name = 'stdout' | 'stderr';
const MAX_LENGTH = 1 << 16;
const MAX_WAIT = 40; // ms
/** So many pieces in a row are sent at once, so that they are there while what follows computes; only then is gathered. */
const AT_ONCE = 10;
const PERIOD = 100; // ms

let pending: { cell: number; name: Name; text: string[]; length: number; since: number } | undefined;
let timer: NodeJS.Timeout | undefined;
let recent = { since: 0, pieces: 0 };

/** What waits for its other half: by cell, and by the function that captures output for a widget. */
const joiners = { stdout: new Map<unknown, TextJoiner>(), stderr: new Map<unknown, TextJoiner>() };

/** @param tooLong is told where one piece is more than a page can take: console.log itself lets no error through */
export function captureStreams(tooLong: (error: Error) => void): void {
  for (const name of ['stdout', 'stderr'] as const) {
    process[name].write = ((chunk: unknown, encoding?: unknown, done?: unknown) => {
      if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array))
        throw new TypeError(
          `process.${name}.write: expected text or bytes, got ${chunk === null ? 'null' : typeof chunk}`,
        );
      try {
        write(name, chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
      } catch (error) {
        tooLong(error as Error);
      }
      const callback = typeof encoding === 'function' ? encoding : done;
      if (typeof callback === 'function') process.nextTick(callback as () => void);
      return true;
    }) as typeof process.stdout.write;
  }
}

function write(name: Name, chunk: string | Uint8Array, encoding: BufferEncoding): void {
  const store = context.getStore();
  if (store?.silent) return;
  const cell = store?.cell ?? currentCell();
  if (typeof chunk === 'string') checkedText(`what is printed at once (${chunk.length} characters)`, chunk);
  const key = store?.sink ?? cell;
  const joiner = joiners[name].get(key) ?? new TextJoiner();
  joiners[name].set(key, joiner);
  const text = joiner.push(chunk, encoding);
  if (text !== '') pass(name, text, cell, store?.sink);
}

function pass(name: Name, text: string, cell: number, sink: CellContext['sink']): void {
  if (sink) {
    sink({ output_type: 'stream', name, text });
    return;
  }
  if (pending && (pending.name !== name || pending.cell !== cell)) flushStreams();
  pending ??= { cell, name, text: [], length: 0, since: performance.now() };
  pending.text.push(text);
  pending.length += text.length;
  const now = performance.now();
  if (now - recent.since > PERIOD) recent = { since: now, pieces: 0 };
  const few = ++recent.pieces <= AT_ONCE;
  if (few || pending.length > MAX_LENGTH || now - pending.since > MAX_WAIT) flushStreams();
  else timer ??= own.setTimeout(flushStreams, MAX_WAIT);
}

/** Sends what has gathered; called before any other output, so that the order stays. */
export function flushStreams(): void {
  own.clearTimeout(timer);
  timer = undefined;
  if (!pending) return;
  const { cell, name, text } = pending;
  pending = undefined;
  send({ kind: 'stream', cell, name, text: text.join('') });
}

/** A cell ended: halves that still wait for another half get none. */
export function endStreams(cell: number): void {
  for (const name of ['stdout', 'stderr'] as const) {
    for (const [key, joiner] of joiners[name]) {
      const rest = joiner.end();
      if (rest !== '') pass(name, rest, cell, typeof key === 'function' ? (key as CellContext['sink']) : undefined);
    }
    joiners[name].clear();
  }
  flushStreams();
}
