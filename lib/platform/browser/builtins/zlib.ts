export { zlib as default } from '../zip';
