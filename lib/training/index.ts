export * from './budget';
export * from './checkpoint';
export * from './observer';
export * from './progress';
export * from './result';
export * from './train';
