/**
 * Runs code that nobody vouches for, such as a model writes: in QuickJS, a JavaScript engine inside WebAssembly. It has no
 * files, no network, no modules and none of our variables, only the memory and the time that it is given.
 */
import {
  newQuickJSWASMModuleFromVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSWASMModule,
  Scope,
} from 'quickjs-emscripten-core';
import { expectNumber } from '../runtime/expect';
import type { JsonValue } from './json';

export interface SandboxLimits {
  /** Longest run. */
  milliseconds?: number;
  /** Most memory, in MiB. */
  megabytes?: number;
}
export interface Ran {
  /** Value of the last expression, as JSON carries it; null where there is none. */
  value: JsonValue;
  /** Lines of console.log. */
  printed: string[];
}

/** Longer outputs are cut. */
const MOST_PRINTED = 20_000;

/**
 * Types are taken off, not checked. The code runs as a script: its last expression is the value.
 * @throws Error with the line of a mistake, the error that the code threw, or the limit that it reached
 * @example (await runTypeScript('const n: number = 6; n * 7')).value // → 42
 */
export async function runTypeScript(code: string, limits: SandboxLimits = {}): Promise<Ran> {
  const milliseconds = expectNumber('milliseconds', limits.milliseconds ?? 1000, { from: 1, to: 60_000 });
  const megabytes = expectNumber('megabytes', limits.megabytes ?? 32, { from: 1, to: 512 });
  const script = withoutTypes(code);
  const runtime = (await engine()).newRuntime();
  runtime.setMemoryLimit(megabytes * 2 ** 20);
  runtime.setMaxStackSize(2 ** 18);
  const until = performance.now() + milliseconds;
  let late = false;
  runtime.setInterruptHandler(() => {
    late = performance.now() > until;
    return late;
  });
  const context = runtime.newContext();
  try {
    return Scope.withScope(scope => {
      const printed = giveConsole(context);
      const stringify = scope.manage(context.unwrapResult(context.evalCode('JSON.stringify'))); // before the code can change it
      return { value: resultOf(context, scope, script, stringify), printed };
    });
  } catch (error) {
    throw inPlainWords(error, { late, milliseconds, megabytes });
  } finally {
    dispose(context, runtime);
  }
}

let loaded: Promise<QuickJSWASMModule> | undefined;

/** The engine, loaded on first use. */
function engine(): Promise<QuickJSWASMModule> {
  const variant = require('@jitl/quickjs-wasmfile-release-sync') as { default: never };
  loaded ??= newQuickJSWASMModuleFromVariant(variant.default);
  return loaded;
}

/** An engine that cannot clean up after a run is not used again. */
function dispose(...held: { dispose(): void }[]): void {
  try {
    for (const each of held) each.dispose();
  } catch {
    loaded = undefined;
  }
}

function withoutTypes(code: string): string {
  const ts = require('typescript') as typeof import('typescript');
  const { outputText, diagnostics = [] } = ts.transpileModule(code, {
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  const [fault] = diagnostics;
  if (fault === undefined) return outputText;
  const line = fault.file ? fault.file.getLineAndCharacterOfPosition(fault.start ?? 0).line + 1 : 1;
  throw new Error(`the code cannot be read: line ${line}: ${ts.flattenDiagnosticMessageText(fault.messageText, ' ')}`);
}

/** console.log, whose lines are kept. */
function giveConsole(context: QuickJSContext): string[] {
  const printed: string[] = [];
  let length = 0;
  const log = context.newFunction('log', (...parts) => {
    const line = parts.map(part => said(context.dump(part))).join(' ');
    length += line.length;
    if (length <= MOST_PRINTED) printed.push(line);
    else if (printed.at(-1) !== '…') printed.push('…');
  });
  const console = context.newObject();
  context.setProp(console, 'log', log);
  context.setProp(context.global, 'console', console);
  for (const each of [log, console]) each.dispose();
  return printed;
}

const said = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value)));

/** Runs the script, waits for a promise, and reads the value through the engine's own JSON. */
function resultOf(context: QuickJSContext, scope: Scope, script: string, stringify: QuickJSHandle): JsonValue {
  const ran = scope.manage(context.unwrapResult(context.evalCode(script, 'code.ts')));
  context.runtime.executePendingJobs().dispose();
  const state = context.getPromiseState(ran);
  if (state.type === 'pending')
    throw new Error('the value is a promise that nothing will fulfil; there are no timers and no network here');
  if (state.type === 'rejected') throw thrown(context, scope.manage(state.error));
  const value = state.notAPromise ? ran : scope.manage(state.value);
  const kind = context.typeof(value);
  if (kind === 'undefined') return null;
  if (kind === 'function' || kind === 'symbol')
    throw new Error(
      `the last expression is a ${kind}, which JSON cannot carry; end with a number, text, list or object`,
    );
  const text = scope.manage(context.unwrapResult(context.callFunction(stringify, context.undefined, value)));
  return JSON.parse(context.getString(text)) as JsonValue;
}

/** What the code threw, or rejected a promise with. */
function thrown(context: QuickJSContext, handle: QuickJSHandle): Error {
  const { name = 'Error', message } = Object(context.dump(handle)) as { name?: string; message?: string };
  return Object.assign(new Error(message ?? 'something that is no error'), { name });
}

/** What stopped the code, said so that whoever wrote it can mend it. */
function inPlainWords(
  error: unknown,
  { late, milliseconds, megabytes }: { late: boolean; milliseconds: number; megabytes: number },
): Error {
  const { name, message } = error as Error;
  if (late) return new Error(`stopped after ${milliseconds} ms; give it less to do, or more milliseconds`);
  if (/out of memory/.test(message)) return new Error(`stopped at ${megabytes} MiB of memory; keep less at a time`);
  if (name === 'Error' || name === undefined) return new Error(message);
  return new Error(`the code threw ${name === 'QuickJSUnwrapError' ? '' : `${name}: `}${message}`); // that: something that is no error
}
