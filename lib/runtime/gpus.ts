/** The NVIDIA GPUs of this machine: set-up, doctor, the device line and lesson 25 ask here. */
import { execFileSync } from '../platform';

export interface Gpu {
  name: string;
  driver: string;
  memoryMiB: number;
}

/** nvidia-smi comes with the driver; in WSL it lies outside the PATH. */
const NVIDIA_SMI = ['nvidia-smi', '/usr/lib/wsl/lib/nvidia-smi'];
const QUERY = ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader,nounits'];

/**
 * Those whose driver answers; none where there is no driver.
 * @example Array.isArray(gpus()) // → true
 */
export function gpus(): Gpu[] {
  for (const program of NVIDIA_SMI) {
    try {
      return parseGpus(execFileSync(program, QUERY, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
    } catch {
      // not there, or no driver behind it
    }
  }
  return [];
}

/**
 * Reads nvidia-smi's lines.
 * @example parseGpus('NVIDIA GeForce RTX 4070, 550.54.14, 12282')[0].driver // → 550.54.14
 */
export function parseGpus(csv: string): Gpu[] {
  return csv
    .split('\n')
    .map(line => line.split(',').map(field => field.trim()))
    .filter(fields => fields.length === 3)
    .map(([name, driver, memory]) => ({ name, driver, memoryMiB: Number(memory) }));
}
