/** Quick mode: the same notebook with less training, for tests. This is the only place that knows of it. */

/**
 * True when LAB_QUICK=1: tests run every lesson this way.
 * @example isQuick() // true where LAB_QUICK=1
 */
export function isQuick(): boolean {
  return process.env.LAB_QUICK === '1';
}

/**
 * How much work to do: `full` for a reader, `quick` for a test of the whole course.
 * @example budget(10, 1) // 10 epochs for a reader, 1 in a quick run
 */
export function budget<T>(full: T, quick: T): T {
  return isQuick() ? quick : full;
}
