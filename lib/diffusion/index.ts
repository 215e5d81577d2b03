export * from './guidance';
export * from './prediction';
export * from './samplers';
export * from './schedule';
export * from './text-to-image';
export * from './windows';
