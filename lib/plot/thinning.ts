/** Fewer marks than data, chosen so that nothing a reader would look for is lost; what is said of the data comes from all of it. */

/**
 * At most `most` of the rows, in order: of each run of neighbours the first, the last, the lowest and the highest, and a hole
 * where there is one, so that spikes stay (M4: Jugel, Jerzak, Hackenbroich and Markl 2014, "M4: a visualization-oriented
 * time series data aggregation").
 */
export function extremes<T>(rows: readonly T[], most: number, value: (row: T) => number): T[] {
  if (rows.length <= most) return [...rows];
  const bins = Math.max(1, Math.floor(most / 5));
  const kept: T[] = [];
  for (let bin = 0; bin < bins; bin++) {
    const [from, to] = [bin, bin + 1].map(b => Math.floor((b * rows.length) / bins));
    const picked = new Set([from, to - 1]);
    let [low, high, hole] = [-1, -1, -1];
    for (let i = from; i < to; i++) {
      const v = value(rows[i]);
      if (!Number.isFinite(v)) hole = hole < 0 ? i : hole;
      else {
        if (low < 0 || v < value(rows[low])) low = i;
        if (high < 0 || v > value(rows[high])) high = i;
      }
    }
    for (const i of [low, high, hole]) if (i >= 0) picked.add(i);
    for (const i of [...picked].sort((a, b) => a - b)) kept.push(rows[i]);
  }
  return kept;
}

/**
 * At most `most` of the points: the first in each place of a fine grid over the plane, for each group, so that outliers and
 * small groups stay; the rest by turns, so that crowds stay crowds.
 */
export function spreadOut<T>(
  points: readonly T[],
  most: number,
  place: (point: T) => readonly [x: number, y: number, group: string],
): T[] {
  if (points.length <= most) return [...points];
  const places = points.map(place);
  const [xs, ys] = [ends(places, 0), ends(places, 1)];
  for (let side = 64; side >= 1; side = Math.floor(side / 2)) {
    const cell = (v: number, [low, high]: readonly [number, number]) =>
      Math.min(side - 1, Math.floor(((v - low) / (high - low || 1)) * side));
    const first = new Map<string, number>();
    places.forEach(([x, y, group], i) => {
      const key = `${cell(x, xs)} ${cell(y, ys)} ${group}`;
      if (!first.has(key)) first.set(key, i);
    });
    if (first.size > most && side > 1) continue;
    const kept = new Set([...first.values()].slice(0, most));
    const stride = points.length / Math.max(1, most - kept.size);
    for (let at = 0; Math.floor(at) < points.length && kept.size < most; at += stride) kept.add(Math.floor(at));
    return [...kept].sort((a, b) => a - b).map(i => points[i]);
  }
  return [];
}

/** Least and most of finite values at an index of each row; [0, 1] where there is none. */
function ends(rows: readonly (readonly [number, number, string])[], at: 0 | 1): [number, number] {
  return extent(rows.map(row => row[at])) ?? [0, 1];
}

/** Least and most of the finite values, or undefined where there is none. */
export function extent(values: Iterable<number>): [low: number, high: number] | undefined {
  let [low, high] = [Infinity, -Infinity];
  for (const v of values) {
    if (!Number.isFinite(v)) continue;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return low <= high ? [low, high] : undefined;
}

/** The largest of the numbers, however many; `atLeast` where there is none. */
export function largest(values: Iterable<number>, atLeast = 0): number {
  let most = atLeast;
  for (const v of values) if (v > most) most = v;
  return most;
}

/** Every n-th element, with the first and the last, at most `most` of them. */
export function thin<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  return Array.from({ length: most }, (_, i) => items[Math.round((i * (items.length - 1)) / (most - 1))]);
}

/** Beyond this, differences of values overflow and no axis can be made. */
const MOST = 1e300;
/** Below this, steps of an axis underflow. */
const LEAST = 1e-290;

/** A value as a chart draws it: NaN, a hole, where it is not finite or too large for an axis. */
export const drawable = (value: number): number => {
  if (!(Math.abs(value) <= MOST)) return Number.NaN;
  return Math.abs(value) < LEAST ? 0 : value;
};

/** How many of the values no chart can draw. */
export function undrawable(values: Iterable<number>): number {
  let count = 0;
  for (const v of values) if (!(Math.abs(v) <= MOST)) count++;
  return count;
}
