/** What needs what among lessons; without Node, as JupyterLab's start page draws it, too. */

interface Needing {
  name: string;
  needs: readonly string[];
}

/** Names of all lessons that come before one, near and far. */
export function allBefore(name: string, lessons: readonly Needing[]): Set<string> {
  const needs = new Map(lessons.map(lesson => [lesson.name, lesson.needs]));
  const found = new Set<string>();
  const visit = (one: string): void => {
    for (const need of needs.get(one) ?? []) {
      if (found.has(need)) continue;
      found.add(need);
      visit(need);
    }
  };
  visit(name);
  return found;
}

/** Only what no other need implies: where 05 needs 03 and 03 needs 01, an arrow from 01 to 05 says nothing new. */
export function directNeeds(lessons: readonly Needing[]): [from: string, to: string][] {
  const before = new Map(lessons.map(({ name }) => [name, allBefore(name, lessons)]));
  const implied = (need: string, needs: readonly string[]) => needs.some(other => before.get(other)?.has(need));
  return lessons.flatMap(({ name, needs }) =>
    needs.filter(need => !implied(need, needs)).map((need): [string, string] => [need, name]),
  );
}
