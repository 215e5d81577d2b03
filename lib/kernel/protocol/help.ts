/** Replies to a front end that asks about code while it is being written. */
import type { Completeness, Completions, Inspection } from '../messages';
import type { CompilerClient } from './compiler-client';
import { completeFromKnown } from './known-names';
import type { Content } from './publisher';
import { offsetOfPosition, positionOfOffset } from './text';

/** Who answers: a thread, or a worker of the page. */
export type Helper = Pick<CompilerClient, 'ask' | 'occupied'>;

/** JupyterLab waits a second for completions, and the first seconds of a kernel go by with reading declarations. */
const PATIENCE = 700; // ms

/** @param names what earlier cells have made, for while the compiler has no time */
export async function completeReply(compiler: Helper, content: Content, names: Iterable<string>): Promise<Content> {
  const { code, offset } = cursor(content);
  const hurry = compiler.occupied ? completeFromKnown(code, offset, names) : undefined;
  const answer = compiler.ask<Completions>({ kind: 'complete', code, offset });
  // A late answer is better than an empty one: some front ends wait longer.
  const { start, end, items } = hurry?.items.length ? await inTime(answer, hurry) : await answer;
  const range = { start: positionOfOffset(code, start), end: positionOfOffset(code, end) };
  const types = items.map(({ name, kind, signature }) => ({ ...range, text: name, type: kind, signature }));
  return {
    status: 'ok',
    matches: items.map(item => item.name),
    cursor_start: range.start,
    cursor_end: range.end,
    metadata: { _jupyter_types_experimental: types },
  };
}

async function inTime<T>(answer: Promise<T>, otherwise: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>(resolve => {
    timer = setTimeout(() => resolve(undefined), PATIENCE);
  });
  const known = await Promise.race([answer.then(value => ({ value })), late]);
  clearTimeout(timer);
  if (known) return known.value;
  answer.catch(() => {}); // nobody waits for it any more
  return otherwise;
}

export async function inspectReply(compiler: Helper, content: Content): Promise<Content> {
  const found = await compiler.ask<Inspection | undefined>({ kind: 'inspect', ...cursor(content) });
  const data = found ? { 'text/plain': found.text, 'text/markdown': found.markdown } : {};
  return { status: 'ok', found: found !== undefined, data, metadata: {} };
}

export async function isCompleteReply(compiler: Helper, content: Content): Promise<Content> {
  return { ...(await compiler.ask<Completeness>({ kind: 'completeness', code: cursor(content).code })) };
}

function cursor({ code, cursor_pos: position }: Content): { code: string; offset: number } {
  if (typeof code !== 'string') throw new Error(`code must be a string, got ${typeof code}`);
  return { code, offset: typeof position === 'number' ? offsetOfPosition(code, position) : code.length };
}
