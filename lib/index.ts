export * from './formats';
export * from './runtime';
