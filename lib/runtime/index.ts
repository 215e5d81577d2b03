import './library'; // first: see there

export * from './cluster';
export * from './compile';
export * from './device';
export * from './display';
export { type DryRun, dryRun, type ShapeLike } from './dry-run';
export * from './gpus';
export * from './host-random';
export { escapeXml, type Hole, html, legal, Markup } from './html';
export * from './memory';
export { random } from './random';
export { shapesOnly } from './shapes-only';
export * from './stack';
export { copyOf, type DeviceKind, handOver, isNative, tf } from './tensorflow';
