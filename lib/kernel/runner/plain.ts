/**
 * What leaves the cells' process must be JSON, of a size and depth that every front end reads. It is made so here, where
 * the cell that wanted to show it can be told, and nowhere later.
 */
import type { MimeBundle } from '../../runtime/display';

/** Characters of JSON that one output may have: JupyterLab grows unusable long before. */
const MOST_CHARACTERS = 200e6;
/** Numbers, texts and so on in one output. */
const MOST_VALUES = 20e6;
/** Python, which reads it all, gives up at about 1,000 levels. */
const DEEPEST = 400;

/** @throws TypeError saying which part of the bundle cannot be shown, and why. Bytes become base64, as Jupyter asks. */
export function plainBundle(data: unknown): MimeBundle {
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    throw new TypeError(`expected a bundle { 'text/plain': … } to show, got ${data === null ? 'null' : typeof data}`);
  const bundle: MimeBundle = {};
  for (const [type, content] of Object.entries(data)) {
    if (content === undefined) continue;
    bundle[type] = plainContent(type, content);
  }
  return bundle;
}

function plainContent(type: string, content: unknown): unknown {
  if (content instanceof Uint8Array) {
    if (content.byteLength > MOST_CHARACTERS / 2) throw tooLong(type);
    return Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('base64');
  }
  if (typeof content === 'string') return checkedText(type, content);
  if (isJson(type)) return plainJson(type, content);
  const lines = Array.isArray(content) && content.every(line => typeof line === 'string');
  if (lines) return checkedText(type, content.join(''));
  throw new TypeError(`the output's ${type} must be text, got ${kindOf(content)}`);
}

const isJson = (type: string): boolean => /^application\/(?:.*\+)?json$/.test(type);

/** @throws TypeError where the text is longer than a page can take; `what` names it */
export function checkedText(what: string, text: string): string {
  // A control character is written as six: count before, since a string may not be longer than 512 million.
  if (text.length > MOST_CHARACTERS || jsonLength(text) > MOST_CHARACTERS) throw tooLong(what);
  return text;
}

/** @throws TypeError where JSON cannot hold the value: BigInt, cycles, functions, too deep, too long; `what` names it */
export function plainJson(what: string, value: unknown): unknown {
  if (typeof value === 'object' && value !== null) checkSize(what, value);
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    if (/string length/i.test(why)) throw tooLong(what);
    throw new TypeError(`${what} cannot be written as JSON: ${why}`);
  }
  if (text === undefined) throw new TypeError(`${what} must be JSON, got ${kindOf(value)}`);
  if (text.length > MOST_CHARACTERS) throw tooLong(what);
  return JSON.parse(text);
}

/** @throws TypeError where a buffer is no bytes; bytes that other threads may change are copied */
export function plainBuffers(buffers: unknown): Uint8Array[] {
  if (!Array.isArray(buffers)) throw new TypeError(`expected buffers as a list, got ${kindOf(buffers)}`);
  return buffers.map((buffer: unknown, i) => {
    if (ArrayBuffer.isView(buffer)) return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength).slice();
    if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer).slice();
    throw new TypeError(`buffer ${i} must hold bytes, got ${kindOf(buffer)}`);
  });
}

/** @throws TypeError where there are more levels of lists and objects, or more values, than a page can take */
function checkSize(what: string, value: unknown): void {
  let level: unknown[] = [value];
  let values = 0;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) throw new TypeError(`${what} is nested more than ${DEEPEST} levels deep (or holds itself)`);
    const next: unknown[] = [];
    const seen = new Set<unknown>(); // the same object twice on one level is looked at once: cycles cannot grow
    for (const item of level) {
      if (ArrayBuffer.isView(item) || seen.has(item)) continue;
      seen.add(item);
      const parts = Array.isArray(item) ? item : Object.values(item as object);
      values += parts.length;
      if (values > MOST_VALUES)
        throw new TypeError(
          `${what} holds more than ${MOST_VALUES / 1e6} million values: show a part of it, or write a file`,
        );
      for (let i = 0; i < parts.length; i++) if (typeof parts[i] === 'object' && parts[i] !== null) next.push(parts[i]);
    }
    level = next;
  }
}

/** Characters of the text as JSON writes it. */
function jsonLength(text: string): number {
  let extra = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 32) extra += 5;
    else if (code === 34 || code === 92) extra++;
  }
  return text.length + extra;
}

const tooLong = (what: string): TypeError =>
  new TypeError(
    `${what} is longer than ${MOST_CHARACTERS / 1e6} million characters: show a part of it, or write a file`,
  );

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
}
