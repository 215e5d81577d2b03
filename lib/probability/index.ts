export * from './bayes';
export * from './distributions';
export * from './divergences';
export * from './importance';
export * from './linear-gaussian';
export * from './multivariate';
export * from './numeric';
