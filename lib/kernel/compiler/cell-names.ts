/** Names that compiled cells and the runner agree on (apart from the compiler, so that the runner need not load TypeScript). */

/** Names the module of a cell; at run time all of them are one shared scope. */
export const cellModule = (cell: number): string => `__cell_${cell}`;
export const CELL_MODULE = /^\.\/__cell_\d+$/;

/** The object that generated code calls; see runner/interrupt.ts. */
export const HELPER = '__lab__';
