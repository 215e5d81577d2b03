export * from './beside';
export { type Checks, exercise, todo, type Verdict } from './exercise';
export { glossary, glossaryTable, type Term, term } from './glossary';
export * from './metrics';
export * from './quiz';
export type { Text } from './text';
