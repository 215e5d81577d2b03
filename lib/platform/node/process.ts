/** This process, and the programs that it starts. */
import os from 'node:os';

export { execFileSync, spawn, spawnSync } from 'node:child_process';
export { os };

/** Here a chart has no page to be drawn on. */
export const hasPage: boolean = false;
