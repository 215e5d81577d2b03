export { execFileSync, spawn, spawnSync } from '../process';
