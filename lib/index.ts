export * from './data';
export * from './formats';
export * from './runtime';
