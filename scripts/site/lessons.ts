/**
 * Lessons whose pages can be run in the reader's browser. A lesson comes onto this list when all of its cells run there,
 * `npm run site -- --verify NN`; half a lesson with buttons would promise what it does not keep.
 */
export const RUNNING: readonly string[] = ['03-bayes'];
