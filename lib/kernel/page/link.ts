/** The runner's line to the page, in place of `../runner/link`. */
import type { FromRunner, ToRunner } from '../messages';
import type { Speech } from '../protocol/speech';
import { keeps } from '../runner/held';

let current = 0;
let speech: Speech | undefined;
let count = 0;

/** Whatever is sent from now on is in the page's language. */
export function speakAs(next: Speech): void {
  speech = next;
}

/** The number that the outputs of the running cell bear. */
export const setCount = (next: number): void => {
  count = next;
};

/** What the page is told: a message as the notebook format and the widgets' protocol have it. */
export type Told =
  | { kind: 'output'; cell: number; type: string; content: Record<string, unknown> }
  | {
      kind: 'comm';
      cell: number;
      type: string;
      content: Record<string, unknown>;
      metadata: object;
      buffers: Uint8Array[];
    }
  | { kind: 'input'; cell: number; prompt: string; password: boolean }
  | { kind: 'done'; cell: number; failed: boolean; defined: string[] }
  | { kind: 'ready'; seconds: number }
  /** So many threads compute. */
  | { kind: 'threads'; count: number }
  /** The device does not compute. */
  | { kind: 'unable'; why: string }
  /** A file that cells have written goes with the page. */
  | { kind: 'unkept'; file: string; why: string }
  | { kind: 'measured'; ms: number }
  /** A larger file of the site is waited for, `bytes` of it; '' when none is any more. */
  | { kind: 'fetching'; file: string; bytes: number }
  /** Shared memory by which the page stops even a loop that never waits (interrupt.ts). */
  | { kind: 'stopFlag'; flag: Int32Array };

export const tell = (message: Told): void => (self as unknown as Worker).postMessage(message);

const say = (type: string, content: Record<string, unknown>): Record<string, unknown> =>
  speech ? speech.say(type, content) : content;

/** What an error says, in the page's language. */
export const inWords = (error: object): string => String(say('error', { ...error }).evalue);

const output = (cell: number, type: string, content: Record<string, unknown>): void =>
  tell({ kind: 'output', cell, type, content: say(type, content) });

export function send(message: FromRunner): void {
  if (keeps(message)) return;
  const { kind } = message;
  if (kind === 'ready' || kind === 'evaluated') return;
  const { cell } = message;
  if (kind === 'stream') output(cell, 'stream', { name: message.name, text: message.text });
  else if (kind === 'display') showDisplay(message);
  else if (kind === 'result') {
    output(cell, 'execute_result', { data: message.data, metadata: message.metadata, execution_count: count });
  } else if (kind === 'clear') output(cell, 'clear_output', { wait: message.wait });
  else if (kind === 'error') output(cell, 'error', { ...message.error });
  else if (kind === 'language') switchTo(message.language);
  else if (kind === 'input') tell({ kind, cell, prompt: message.prompt, password: message.password });
  else if (kind === 'comm') {
    const { type, metadata, buffers } = message;
    tell({ kind, cell, type, content: say(type, { ...message.content }), metadata, buffers });
  } else {
    if (message.error) output(cell, 'error', { ...message.error });
    tell({ kind: 'done', cell, failed: message.error !== undefined, defined: message.defined });
  }
}

function showDisplay({ cell, data, metadata, id, update }: Extract<FromRunner, { kind: 'display' }>): void {
  const transient = id === undefined ? {} : { display_id: id };
  output(cell, update ? 'update_display_data' : 'display_data', { data, metadata, transient });
}

function switchTo(language: 'en' | 'zh'): void {
  if (speech) speech.language = language;
}

export function receive(handle: (message: ToRunner) => void): void {
  self.addEventListener('message', event => handle((event as MessageEvent).data as ToRunner));
}

export const currentCell = (): number => current;

export function setCurrentCell(cell: number): void {
  current = cell;
}
