/** Runs one compiled cell: an async function over the shared scope of all cells. */
import path from 'node:path';
import type { CompiledCell, FromRunner, ToRunner } from '../messages';
import { markCell } from './children';
import { type CellContext, context } from './context';
import { holdAnswer, release } from './held';
import { forgetQuestions } from './input';
import { ended, endStarted, guards, KeyboardInterrupt, started } from './interrupt';
import { send, setCurrentCell } from './link';
import { compileScript, preload, type Surroundings, surroundingsOfCells } from './loader';
import { rememberCell } from './places';
import { showValue } from './show';
import { endStreams, flushStreams } from './streams';
import { endGroups, freshLines, groupDepth } from './terminal';
import { own } from './timers';
import { describeError } from './traceback';

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

/**
 * Runs `act` for a cell and calls `finish` once, with an error or without, at the latest when the reader has stopped it.
 * Not a promise: an interrupt by force may end all jobs that wait, and the cell must be answered.
 */
function perform(cell: CellContext, act: () => Promise<void>, finish: (failure?: { error: unknown }) => void): void {
  let over = false;
  const once = (failure?: { error: unknown }): void => {
    if (over) return;
    over = true;
    const answer = (outcome = failure): void => {
      ended();
      finish(outcome);
    };
    if (!cell.aborted) answer();
    else {
      endStarted(cell, () => {
        answer({ error: new KeyboardInterrupt() });
        cell.silent = true;
      });
    }
  };
  started(cell, error => once({ error }));
  // On a call stack of its own: an interrupt by force ends the whole stack, and whoever calls this must go on.
  own.setImmediate(() =>
    context.run(cell, () =>
      act().then(
        () => own.setImmediate(once), // rejections that nobody handles show up before
        error => once({ error }),
      ),
    ),
  );
}

export function execute(request: ExecuteRequest): void {
  const { cell, count, compiled, seen, answer } = request;
  const ownContext: CellContext = { cell, count, aborted: false, seen };
  setCurrentCell(cell);
  if (seen && answer) holdAnswer(cell, send);
  markCell(cell);
  const failures: unknown[] = [];
  const groups = groupDepth();
  freshLines();
  lateErrors.set(cell, error => failures.push(error));
  perform(
    ownContext,
    () => run(request, ownContext),
    failure => {
      showLast(ownContext);
      const [error] = failure ? [failure.error] : failures;
      const failed = failure !== undefined || failures.length > 0;
      const done: Extract<FromRunner, { kind: 'done' }> = { kind: 'done', cell, defined: [] };
      if (failed) done.error = describeError(error);
      lateErrors.delete(cell);
      if (failed) endGroups(groups);
      forgetQuestions();
      done.defined = compiled.declared.filter(name => !failed || hasValue(name));
      endStreams(cell);
      if (failed) release(cell, send);
      send(done);
    },
  );
}

/** What gathered while the cell ran is shown below the rest, also where the cell failed. */
function showLast(cell: CellContext): void {
  for (const show of cell.atEnd ?? []) context.run(cell, show);
  cell.over = true;
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
  const lab = helper();
  try {
    if (compiled.specifiers.length) await preload(compiled.specifiers);
    await runCompiled(compiled, rememberCell(cell, count, code, compiled), lab);
  } catch (error) {
    if (guards.flag[0]) guards.stop(); // what it waited for was ended
    throw error;
  }
  const value = await guards.guard(lab.result);
  if (silent || value === undefined || ownContext.aborted) return;
  const shown = await showValue(value);
  flushStreams();
  if (shown && Object.keys(shown.data).length > 0) send({ kind: 'result', cell, ...shown });
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

/** `user_expressions` of an execute request, one after the other. The stop button ends those that never settle. */
export function evaluateAll({ cell, expressions }: Extract<ToRunner, { kind: 'evaluate' }>): void {
  const ownContext: CellContext = { cell, count: 0, aborted: false };
  const values: Record<string, unknown> = {};
  const left = Object.entries(expressions);
  const next = (): void => {
    const [name, expression] = left.shift() ?? [];
    if (name === undefined || !expression) {
      flushStreams();
      send({ kind: 'evaluated', cell, values });
      return;
    }
    const act = async () => {
      values[name] = await evaluate(expression);
    };
    perform(ownContext, act, failure => {
      if (failure) values[name] = { status: 'error', ...describeError(failure.error) };
      if (ownContext.aborted) for (const [other] of left.splice(0)) values[other] = values[name];
      next();
    });
  };
  next();
}

async function evaluate(expression: CompiledCell): Promise<unknown> {
  const lab = helper();
  await runCompiled(expression, 'expression.ts', lab);
  const { data, metadata } = (await showValue(await guards.guard(lab.result))) ?? { data: {}, metadata: {} };
  return { status: 'ok', data, metadata };
}
