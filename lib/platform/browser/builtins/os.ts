export { os as default } from '../process';
