/** danfojs counts a missing value as 0 in a group's sum and mean, and counts it as a value: its groups refuse them here. */
import type * as danfo from 'danfojs-node';

type Danfo = typeof danfo;

const guarded = new WeakSet<object>();

/**
 * The package, whose `groupby` from now on throws where a column has missing values. Whoever loads danfojs calls this; the
 * kernel does where a cell imports it.
 */
export function guardTables(loaded: Danfo): Danfo {
  const prototype = loaded.DataFrame?.prototype; // a part of the package may have none
  if (!prototype || guarded.has(prototype)) return loaded;
  guarded.add(prototype);
  const { groupby } = prototype;
  prototype.groupby = function (this: danfo.DataFrame, labels: string[]) {
    const rows = this.values as unknown[][];
    const gap = this.columns.find((_, c) =>
      rows.some(row => row[c] === null || row[c] === undefined || Number.isNaN(row[c])),
    );
    if (gap !== undefined)
      throw new Error(
        `column "${gap}" has missing values, which danfojs counts as 0 in a group; use a DataTable and its group()`,
      );
    return groupby.call(this, labels);
  };
  return loaded;
}
