export { createHash, randomUUID } from '../hash';
