/** What the three parts of the kernel say to each other: protocol process ↔ compiler thread, protocol process ↔ runner process. */
import type { Language } from '../i18n/language';
import type { MimeBundle } from '../runtime/display';

/** A place in the user's own text; line and column count from 0. */
export interface Place {
  line: number;
  column: number;
}

/** Text that the compiler put into the user's cell, so that columns can be told back: `length` characters at a place. */
export interface Insertion extends Place {
  length: number;
}

export interface CompiledCell {
  /** CommonJS JavaScript, body of an async function (exports, require, __lab__). */
  js: string;
  /** Source map (JSON) from the JavaScript to the text that was compiled, and how that text differs from the user's. */
  map: string;
  prefixLines: number;
  insertions: Insertion[];
  /** Names the cell declares, and packages or files it imports. */
  declared: string[];
  specifiers: string[];
}

export interface Diagnostic {
  start: Place;
  end: Place;
  message: string;
  code: number;
  /** Where it is not in the cell: the file that the cell imports. `runsAnyway`: only its types are wrong. */
  file?: { name: string; text: string; runsAnyway: boolean };
  /** What TypeScript adds, such as the parameter that has no argument, with its place in words. */
  related?: string[];
  /** What the reader can do about it. */
  hint?: string;
  /** Other lines of which the same is true, from 0. */
  alsoOn?: number[];
}

export interface CellError {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** Compiler thread: requests carry an id that the answer repeats. */
export type CompilerRequest =
  | { kind: 'compile'; cell: number; code: string }
  | { kind: 'commit'; cell: number; names: string[] }
  | { kind: 'complete'; code: string; offset: number }
  | { kind: 'inspect'; code: string; offset: number }
  | { kind: 'completeness'; code: string }
  | { kind: 'language'; language: Language }
  | { kind: 'reset' };

export interface CompileAnswer {
  diagnostics: Diagnostic[];
  /** Missing when the cell must not run. */
  compiled?: CompiledCell;
}

export interface Completions {
  start: number;
  end: number;
  items: { name: string; kind: string; signature: string }[];
}

export interface Inspection {
  markdown: string;
  text: string;
}

export interface Completeness {
  status: 'complete' | 'incomplete' | 'invalid';
  indent?: string;
}

/** Protocol process → runner. `cell` is a serial number that never repeats within a runner. */
export type ToRunner =
  | {
      kind: 'execute';
      cell: number;
      count: number;
      code: string;
      silent: boolean;
      /** Somebody sees the cells: the front end names them. */
      seen: boolean;
      /** Tagged `answer`: it shows what a prediction asked for. */
      answer: boolean;
      compiled: CompiledCell;
    }
  | { kind: 'input'; answer: { value: string } | { refused: string } }
  | { kind: 'comm'; type: CommType; content: CommContent; buffers: Uint8Array[] }
  | { kind: 'evaluate'; cell: number; expressions: Record<string, CompiledCell> }
  | { kind: 'exit' };

export type CommType = 'comm_open' | 'comm_msg' | 'comm_close';
export interface CommContent {
  comm_id: string;
  target_name?: string;
  data: Record<string, unknown>;
}

/** Runner → protocol process. `cell` says which cell's output this is. */
export type FromRunner =
  | { kind: 'ready' }
  | { kind: 'stream'; cell: number; name: 'stdout' | 'stderr'; text: string }
  | { kind: 'display'; cell: number; data: MimeBundle; metadata: Record<string, unknown>; id?: string; update: boolean }
  | { kind: 'result'; cell: number; data: MimeBundle; metadata: Record<string, unknown> }
  | { kind: 'clear'; cell: number; wait: boolean }
  | { kind: 'language'; cell: number; language: Language }
  | { kind: 'error'; cell: number; error: CellError }
  | { kind: 'input'; cell: number; prompt: string; password: boolean }
  | {
      kind: 'comm';
      cell: number;
      type: CommType;
      content: CommContent;
      metadata: Record<string, unknown>;
      buffers: Uint8Array[];
    }
  | { kind: 'done'; cell: number; error?: CellError; defined: string[] }
  | { kind: 'evaluated'; cell: number; values: Record<string, unknown> };
