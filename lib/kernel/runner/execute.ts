/** Runs one compiled cell: an async function over the shared scope of all cells. */
import vm from 'node:vm';
import type { CompiledCell, FromRunner, ToRunner } from '../messages';
import { forgetQuestions } from './input';
import { type CellContext, context, ended, guards, KeyboardInterrupt, started } from './interrupt';
import { send, setCurrentCell } from './link';
import { dynamicImport, forgetChangedFiles, preload, requireFor } from './loader';
import { showValue } from './show';
import { flushStreams } from './streams';
import { describeError, rememberCell } from './traceback';

type CellFunction = (exports: object, require: (name: string) => unknown, lab: CellHelper) => Promise<void>;
type CellHelper = { result: unknown } & typeof guards & { define: typeof define; import: typeof dynamicImport };
type ExecuteRequest = Extract<ToRunner, { kind: 'execute' }>;

/** All names that cells declared. A name declared again is simply set again. */
const scope: Record<string, unknown> = Object.create(null);

/** Imported names stay linked to their module, and can still be declared anew by a later cell. */
function define(target: object, name: string, { get }: { get?: () => unknown }): void {
  if (name === '__esModule' || !get) return;
  const set = (value: unknown) =>
    Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: true });
  Object.defineProperty(target, name, { get, set, configurable: true, enumerable: true });
}

const helper = (): CellHelper => ({ ...guards, define, import: dynamicImport, result: undefined });

/** The lib's files are instrumented too; they find the same functions in a global. */
export function installHelper(): void {
  Object.defineProperty(globalThis, '__lab__', { value: helper(), writable: true, configurable: true });
}

export async function execute(request: ExecuteRequest): Promise<void> {
  const { cell, count, compiled } = request;
  const ownContext: CellContext = { cell, count, aborted: false };
  setCurrentCell(cell);
  const failures: unknown[] = [];
  lateErrors.set(cell, error => failures.push(error));
  const done: Extract<FromRunner, { kind: 'done' }> = { kind: 'done', cell, defined: [] };
  try {
    await new Promise<void>((resolve, reject) => {
      started(ownContext, reject);
      // On a call stack of its own: an interrupt by force ends the whole stack, and this function must go on.
      setImmediate(() => context.run(ownContext, () => run(request, ownContext).then(resolve, reject)));
    });
    await new Promise(setImmediate); // rejections that nobody handles show up now
    if (failures.length) throw failures[0];
  } catch (error) {
    done.error = describeError(ownContext.aborted ? new KeyboardInterrupt() : error);
  }
  lateErrors.delete(cell);
  forgetQuestions();
  ended();
  done.defined = compiled.declared.filter(name => !done.error || scope[name] !== undefined);
  flushStreams();
  send(done);
}

/** While a cell runs, errors outside its own chain of awaits are collected here. */
export const lateErrors = new Map<number, (error: unknown) => void>();

async function run({ cell, count, code, compiled, silent }: ExecuteRequest, ownContext: CellContext): Promise<void> {
  forgetChangedFiles();
  if (compiled.specifiers.length) await preload(compiled.specifiers);
  const lab = helper();
  await compileFunction(compiled, rememberCell(cell, count, code, compiled))(scope, requireFor(scope), lab);
  const value = await guards.guard(lab.result);
  if (silent || value === undefined || ownContext.aborted) return;
  const shown = await showValue(value);
  flushStreams();
  if (shown) send({ kind: 'result', cell, ...shown });
}

function compileFunction(compiled: CompiledCell, filename: string): CellFunction {
  const source = `(async function (exports, require, __lab__) {\n${compiled.js}\n})`;
  return new vm.Script(source, { filename, lineOffset: -1 }).runInThisContext() as CellFunction;
}

/** `user_expressions` of an execute request. */
export async function evaluateAll({ cell, expressions }: Extract<ToRunner, { kind: 'evaluate' }>): Promise<void> {
  const values: Record<string, unknown> = {};
  for (const [name, expression] of Object.entries(expressions)) values[name] = await evaluate(expression);
  flushStreams();
  send({ kind: 'evaluated', cell, values });
}

async function evaluate(expression: CompiledCell): Promise<unknown> {
  try {
    const lab = helper();
    await compileFunction(expression, 'expression.ts')(scope, requireFor(scope), lab);
    const { data, metadata } = (await showValue(await lab.result)) ?? { data: {}, metadata: {} };
    return { status: 'ok', data, metadata };
  } catch (error) {
    return { status: 'error', ...describeError(error) };
  }
}
