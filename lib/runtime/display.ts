/** How anything in the lib reaches the reader's screen: a MIME bundle handed to the kernel, or text on a terminal. */

import type { Comparison } from './comparison';

/** MIME type → content; the front end shows the richest type it knows. */
export type MimeBundle = Record<string, unknown>;

/** Method by which a value shows itself; Deno's kernel uses the same symbol. */
export const DISPLAY: unique symbol = Symbol.for('Jupyter.display') as never;

/** A value that knows how to show itself (the convention of Deno's Jupyter kernel). */
export interface Displayable {
  [DISPLAY](): MimeBundle | Promise<MimeBundle>;
}

export interface DisplayOptions {
  /** Names the output, so that a later call with `update: true` replaces it in place. */
  id?: string;
  update?: boolean;
  metadata?: Record<string, unknown>;
}

/** What a kernel offers the lib; it puts this object on `globalThis` under KERNEL. Nothing there: a plain script. */
export interface KernelBridge {
  display(data: MimeBundle, options: DisplayOptions): void;
  clearOutput(wait: boolean): void;
  /**
   * Registers what an interrupt does while something long runs. A handler that returns true takes the interrupt
   * (the cell goes on and can end in good order); otherwise the cell is aborted. Returns the function that unregisters.
   */
  onInterrupt(handler: () => boolean): () => void;
  /** Calls `show` once, below everything that the present cell has shown; false where no cell runs: show it now. */
  atCellEnd?(show: () => void): boolean;
  /** What the condition of a claim compared, since this was last asked. */
  comparisons?(): Comparison[];
  /** From now on the kernel speaks this language: 'en' or 'zh'. */
  speak?(language: 'en' | 'zh'): void;
}

/** One line of a conversation with the front end: JSON and, beside it, bytes. */
export interface CommMessage {
  data: Record<string, unknown>;
  metadata?: Record<string, unknown>;
  buffers?: Uint8Array[];
}

/** A channel between a value in the kernel and its view on the page (Jupyter calls it a comm). */
export interface Comm {
  readonly id: string;
  send(message: CommMessage): void;
  close(): void;
  onMessage(handler: (message: CommMessage) => void): void;
}

/** What a cell shows, in the notebook format's own words: `{ output_type: 'stream' | 'display_data' | 'error', … }`. */
export type CellOutput = Record<string, unknown> & { output_type: string };

/** The part of the bridge that widgets need. */
export interface InteractiveBridge extends KernelBridge {
  openComm(target: string, opening: CommMessage): Comm;
  /** Asks the reader for a line. @throws Error where the front end cannot ask, as when a notebook is run from a script. */
  input(prompt?: string, password?: boolean): Promise<string>;
  /** Calls f; what it shows goes to `sink` instead of below the cell. */
  capture<T>(sink: (output: CellOutput) => void, f: () => T): T;
  /**
   * From now on, cells tagged `answer` show what they show only after the returned function is called. Undefined where
   * nobody sits at the front end, as when a notebook is run from a script.
   */
  holdAnswers?(): (() => void) | undefined;
  /** The bundle that stands for a value below a cell; undefined where nothing is shown. */
  bundleOf(value: unknown): Promise<MimeBundle | undefined>;
  /** What stands below a cell for a thrown value; never throws, whatever was thrown. */
  errorOf(thrown: unknown): CellOutput;
}

export const KERNEL: unique symbol = Symbol.for('latentlab.kernel') as never;

/**
 * The running kernel's bridge, or undefined in a plain script.
 * @example kernel()?.display({ 'text/plain': 'in a notebook only' }, {});
 */
export function kernel(): KernelBridge | undefined {
  return (globalThis as { [KERNEL]?: KernelBridge })[KERNEL];
}

/**
 * Shows a value now, without waiting for the end of the cell. On a terminal its text/plain form is printed.
 * @example display({ 'text/plain': 'half way', 'text/html': '<b>half way</b>' });
 */
export function display(value: MimeBundle | Displayable, options: DisplayOptions = {}): void {
  const shown = DISPLAY in value ? (value as Displayable)[DISPLAY]() : (value as MimeBundle);
  if (shown instanceof Promise) {
    throw new Error('this value draws itself asynchronously: await its [DISPLAY]() and display the bundle');
  }
  const bridge = kernel();
  if (bridge) bridge.display(shown, options);
  else if (!options.update && typeof shown['text/plain'] === 'string') console.log(shown['text/plain']);
}
