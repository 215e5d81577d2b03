export * from './prediction';
export * from './samplers';
export * from './schedule';
