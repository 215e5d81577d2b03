export { createHash, randomUUID } from 'node:crypto';
