export * from './beside';
export { Claim, claim } from './claims';
export { type Checks, exercise, todo, type Verdict } from './exercise';
export { glossary, glossaryTable, type Term, term } from './glossary';
export { courseLessons, courseMap, lessonLink } from './map';
export * from './metrics';
export * from './quiz';
export { codeLine } from './source';
export type { Text } from './text';
