export * from './bayes';
export * from './distributions';
export * from './divergences';
export * from './numeric';
