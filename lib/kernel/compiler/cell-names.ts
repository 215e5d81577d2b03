/** Names that compiled cells and the runner agree on (apart from the compiler, so that the runner need not load TypeScript). */

/** The module of a cell that has run. */
export const cellModule = (cell: number): string => `__cell_${cell}`;

/** The module through which the newest cell sees the names of all earlier ones; at run time, the object that holds them. */
export const SCOPE_MODULE = '__scope';

/** The object that generated code calls; see runner/interrupt.ts. */
export const HELPER = '__lab__';
