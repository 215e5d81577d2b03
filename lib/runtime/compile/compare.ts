/** Two recordings of one function must be equal; a difference is something that a replay would freeze. */
import { type GraphNode, type Ref, reachable } from './graph';
import { calledFrom, whereFrom } from './origin';
import type { Recording } from './recording';

/** @throws Error that names the line of the first difference and the way out */
export function compareRecordings(first: Recording, again: Recording): void {
  compareVariables(first, again);
  const before = reachable(results(first));
  const now = reachable(results(again));
  const position = new Map(before.map((node, i) => [node, i]));
  const positionNow = new Map(now.map((node, i) => [node, i]));
  for (let i = 0; i < Math.max(before.length, now.length); i++) {
    const difference = compareNodes(before[i], now[i], position, positionNow);
    if (difference) {
      throw new Error(
        `the compiled function is not the same at each call: ${difference}, at ${whereFrom((now[i] ?? now[now.length - 1])?.origin)}; ` +
          'pass what changes as a tensor argument, keep it in a tf.variable, or draw it with random',
      );
    }
  }
  compareCaptures(first, again);
}

const results = ({ updates, outputs }: Recording): Ref[] => [...updates.values(), ...outputs];

function compareVariables(first: Recording, again: Recording): void {
  for (const which of ['reads', 'updates'] as const) {
    const verb = which === 'reads' ? 'read' : 'assigned';
    const names = (recording: Recording) => [...recording[which].keys()].map(variable => variable.name);
    const [before, now] = [names(first), names(again)];
    const strange = now.find(name => !before.includes(name)) ?? before.find(name => !now.includes(name));
    if (strange)
      throw new Error(
        `variable ${strange} is ${verb} in one call of the compiled function but not in another, ${calledFrom()}; ` +
          'choose with tf.where, or compile two functions',
      );
  }
}

function compareNodes(
  before: GraphNode | undefined,
  now: GraphNode | undefined,
  position: Map<GraphNode, number>,
  positionNow: Map<GraphNode, number>,
): string | undefined {
  if (before === now) return undefined;
  if (!before || !now)
    return `${now ? 'an' : 'no'} operation ${(now ?? before)?.op} where there was ${now ? 'none' : 'one'}`;
  if (before.op !== now.op) return `an operation ${now.op} where there was ${before.op}`;
  const inputs = ({ inputs }: GraphNode, at: Map<GraphNode, number>) =>
    inputs.map(r => `${at.get(r.node)}:${r.index}`).join();
  if (inputs(before, position) !== inputs(now, positionNow)) return `${now.op} gets other inputs`;
  const changed = now.attrs.find(([, value], i) => !before.attrs[i]?.[1].equals(value));
  if (!changed) return before.attrs.length === now.attrs.length ? undefined : `${now.op} has other attributes`;
  return now.op === 'Const' ? 'a value from JavaScript changed' : `the attribute ${changed[0]} of ${now.op} changed`;
}

function compareCaptures(first: Recording, again: Recording): void {
  const before = [...first.captures.keys()];
  [...again.captures.entries()].forEach(([tensor, ref], i) => {
    if (before[i]?.dataId === tensor.dataId) return;
    throw new Error(
      `the compiled function uses another tensor [${tensor.shape}] from outside than at its first call, at ${whereFrom(ref.node.origin)}; ` +
        'pass it as an argument, or keep it in a tf.variable',
    );
  });
}
