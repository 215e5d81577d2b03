/** Names that compiled cells and the runner agree on (apart from the compiler, so that the runner need not load TypeScript). */

/** The name under which the scope module keeps what this cell declared, also when a later cell declares it anew. */
export const nameOfCell = (cell: number, name: string): string => `__${cell}_${name}`;

/** The module through which the newest cell sees the names of all earlier ones; at run time, the object that holds them. */
export const SCOPE_MODULE = '__scope';

/** The object that generated code calls; see runner/interrupt.ts. */
export const HELPER = '__lab__';
