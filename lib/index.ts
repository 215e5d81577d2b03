/** What notebooks import: everything that a lesson uses, from one place. */
export * from './course';
export * from './data';
export * from './diffusion';
export * from './formats';
export * from './i18n';
export * from './models';
export * from './nn';
export * from './plot';
export * from './probability';
export * from './runtime';
export * from './text';
export * from './training';
export * from './widgets';
