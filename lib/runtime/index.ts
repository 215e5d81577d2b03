export * from './display';
export { tf } from './tensorflow';
