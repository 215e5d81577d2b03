export * from './budget';
export * from './checkpoint';
export * from './frechet';
export * from './observer';
export * from './progress';
export * from './result';
export * from './retrieval';
export * from './train';
