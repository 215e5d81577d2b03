/** Why a cell cannot run in a page, where the cell itself is not at fault. */
import { REFUSALS } from '../../../lib/platform/browser/refusal';
import type { Words } from './words';

interface Failed {
  outputs: readonly { type: string; content: unknown }[];
  source: string;
  /** It got through the compiler. */
  compiled: boolean;
}

/** @param unmade names that a cell left out would have made → its place. Undefined where the cell itself is at fault */
export function whyElsewhere(
  { outputs, source, compiled }: Failed,
  unmade: ReadonlyMap<string, number>,
  words: Words,
): string | undefined {
  const last = outputs.at(-1);
  if (last?.type !== 'error') return undefined;
  const refused = REFUSALS[(last.content as { ename?: string }).ename as keyof typeof REFUSALS];
  if (refused) return words.elsewhere[refused];
  if (compiled) return undefined; // names that are not there stop the compiler; whatever fails later has them
  const wanted = (source.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu) ?? []).find(name => unmade.has(name));
  return wanted === undefined ? undefined : words.elsewhere.above(unmade.get(wanted)!);
}
