import { refusal } from './refusal';

/** A worker of a page: no other program can be started from it. */
const cannot = (): never => {
  throw refusal('NotInAPage', 'a page cannot start another program');
};

export const execFileSync = cannot as unknown as typeof import('node:child_process').execFileSync;
export const spawn = cannot as unknown as typeof import('node:child_process').spawn;
export const spawnSync = cannot as unknown as typeof import('node:child_process').spawnSync;

const BYTES_KNOWN = 4 * 2 ** 30;

export const os = {
  EOL: '\n',
  devNull: '/dev/null',
  platform: () => 'browser',
  homedir: () => '/project',
  tmpdir: () => '/project/tmp',
  availableParallelism: () => navigator.hardwareConcurrency || 1,
  cpus: () => Array.from({ length: navigator.hardwareConcurrency || 1 }, () => ({ model: 'a browser', speed: 0 })),
  totalmem: () => BYTES_KNOWN,
  freemem: () => BYTES_KNOWN,
} as unknown as typeof import('node:os');

/** What is shown is seen in a page, where charts draw themselves. */
export const hasPage: boolean = true;
