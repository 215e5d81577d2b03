export { path as default } from '../path';
