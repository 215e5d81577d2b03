/** Runs one compiled cell: an async function over the shared scope of all cells. */
import path from 'node:path';
import type { CompiledCell, FromRunner, ToRunner } from '../messages';
import { forgetQuestions } from './input';
import { type CellContext, context, ended, guards, KeyboardInterrupt, started } from './interrupt';
import { send, setCurrentCell } from './link';
import { compileScript, preload, type Surroundings, surroundingsOfCells } from './loader';
import { showValue } from './show';
import { endStreams, flushStreams } from './streams';
import { endGroups, freshLines, groupDepth } from './terminal';
import { describeError, rememberCell } from './traceback';

type CellHelper = { result: unknown } & typeof guards & { define: typeof define } & Pick<
    Surroundings,
    'import' | 'meta'
  >;
type ExecuteRequest = Extract<ToRunner, { kind: 'execute' }>;

/** All names that cells declared. A name declared again is simply set again. */
const scope: Record<string, unknown> = Object.create(null);
const surroundings = surroundingsOfCells(scope);

/** Imported names stay linked to their module, and can still be declared anew by a later cell. */
function define(target: object, name: string, { get }: { get?: () => unknown }): void {
  if (name === '__esModule' || !get) return;
  const set = (value: unknown) =>
    Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: true });
  Object.defineProperty(target, name, { get, set, configurable: true, enumerable: true });
}

const helper = (): CellHelper => ({
  ...guards,
  define,
  import: surroundings.import,
  meta: surroundings.meta,
  result: undefined,
});

export async function execute(request: ExecuteRequest): Promise<void> {
  const { cell, count, compiled } = request;
  const ownContext: CellContext = { cell, count, aborted: false };
  setCurrentCell(cell);
  const failures: unknown[] = [];
  const groups = groupDepth();
  freshLines();
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
  if (done.error) endGroups(groups);
  forgetQuestions();
  ended();
  done.defined = compiled.declared.filter(name => !done.error || hasValue(name));
  endStreams(cell);
  send(done);
}

/** An imported name's getter may throw where its module did. */
function hasValue(name: string): boolean {
  try {
    return scope[name] !== undefined;
  } catch {
    return false;
  }
}

/** While a cell runs, errors outside its own chain of awaits are collected here. */
export const lateErrors = new Map<number, (error: unknown) => void>();

async function run({ cell, count, code, compiled, silent }: ExecuteRequest, ownContext: CellContext): Promise<void> {
  if (compiled.specifiers.length) await preload(compiled.specifiers);
  const lab = helper();
  await runCompiled(compiled, rememberCell(cell, count, code, compiled), lab);
  const value = await guards.guard(lab.result);
  if (silent || value === undefined || ownContext.aborted) return;
  const shown = await showValue(value);
  flushStreams();
  if (shown) send({ kind: 'result', cell, ...shown });
}

function runCompiled(compiled: CompiledCell, filename: string, lab: CellHelper): Promise<void> {
  const { require, module } = surroundings;
  // Parameters of an outer function: a cell may declare names like these itself.
  const source = `(function (exports, require, module, __filename, __dirname, __lab__) { return (async function () {
${compiled.js}
})(); })`;
  const run = compileScript(source, filename) as (...values: unknown[]) => Promise<void>;
  return run(scope, require, module, module.filename, path.dirname(module.filename), lab);
}

/** `user_expressions` of an execute request. The stop button ends those that never settle. */
export async function evaluateAll({ cell, expressions }: Extract<ToRunner, { kind: 'evaluate' }>): Promise<void> {
  const values: Record<string, unknown> = {};
  const ownContext: CellContext = { cell, count: 0, aborted: false };
  const stopped = new Promise<never>((_, reject) => {
    started(ownContext, reject);
  });
  stopped.catch(() => {}); // nobody may be waiting when it comes
  for (const [name, expression] of Object.entries(expressions)) {
    try {
      const value = new Promise<unknown>((resolve, reject) => {
        // On a call stack of its own, as cells are: an interrupt by force ends the whole stack.
        setImmediate(() => context.run(ownContext, () => evaluate(expression).then(resolve, reject)));
      });
      values[name] = await Promise.race([value, stopped]);
    } catch (error) {
      values[name] = { status: 'error', ...describeError(ownContext.aborted ? new KeyboardInterrupt() : error) };
    }
  }
  ended();
  flushStreams();
  send({ kind: 'evaluated', cell, values });
}

async function evaluate(expression: CompiledCell): Promise<unknown> {
  const lab = helper();
  await runCompiled(expression, 'expression.ts', lab);
  const { data, metadata } = (await showValue(await guards.guard(lab.result))) ?? { data: {}, metadata: {} };
  return { status: 'ok', data, metadata };
}
