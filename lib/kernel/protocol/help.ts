/** Replies to a front end that asks about code while it is being written. */
import type { Completeness, Completions, Inspection } from '../messages';
import type { CompilerClient } from './compiler-client';
import type { Content } from './publisher';
import { offsetOfPosition, positionOfOffset } from './text';

export async function completeReply(compiler: CompilerClient, content: Content): Promise<Content> {
  const { code, offset } = cursor(content);
  const { start, end, items } = await compiler.ask<Completions>({ kind: 'complete', code, offset });
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

export async function inspectReply(compiler: CompilerClient, content: Content): Promise<Content> {
  const found = await compiler.ask<Inspection | undefined>({ kind: 'inspect', ...cursor(content) });
  const data = found ? { 'text/plain': found.text, 'text/markdown': found.markdown } : {};
  return { status: 'ok', found: found !== undefined, data, metadata: {} };
}

export async function isCompleteReply(compiler: CompilerClient, content: Content): Promise<Content> {
  return { ...(await compiler.ask<Completeness>({ kind: 'completeness', code: cursor(content).code })) };
}

function cursor({ code, cursor_pos: position }: Content): { code: string; offset: number } {
  if (typeof code !== 'string') throw new Error(`code must be a string, got ${typeof code}`);
  return { code, offset: typeof position === 'number' ? offsetOfPosition(code, position) : code.length };
}
