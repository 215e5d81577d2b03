export * from './flow';
export * from './guidance';
export * from './ode';
export * from './prediction';
export * from './samplers';
export * from './schedule';
export * from './text-to-image';
export * from './windows';
