/** The page's side: the same exports as `../node`. Runs in web workers. */
export * from './engine';
export * from './files';
export * from './hash';
export * from './network';
export * from './png';
export * from './process';
export * from './zip';
