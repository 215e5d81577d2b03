export * from './ema';
export * from './functions';
export * from './init';
export * from './layers';
export * from './module';
export * from './norm';
export * from './optimisers';
export * from './weights';
