export { fs as default } from '../files';
