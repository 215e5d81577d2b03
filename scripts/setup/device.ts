/** Which device the course will compute on, and what NVIDIA hardware there is. */
import { existsSync } from 'node:fs';
import { run, SetupError } from './shell';

const DEVICES = ['cuda', 'cpu', 'wasm', 'js'] as const;
export type Device = (typeof DEVICES)[number];

export interface Gpu {
  name: string;
  driver: string;
  memoryMiB: number;
}

/** nvidia-smi comes with the driver; in WSL it lies outside the PATH. */
const NVIDIA_SMI = ['nvidia-smi', '/usr/lib/wsl/lib/nvidia-smi'];
const QUERY = ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader,nounits'];

/** The NVIDIA GPUs whose driver answers. */
export async function findGpus(): Promise<Gpu[]> {
  for (const program of NVIDIA_SMI) {
    if (program.startsWith('/') && !existsSync(program)) continue;
    const { code, output } = await run(program, QUERY);
    if (code === 0) return parseGpus(output);
  }
  return [];
}

/** Reads nvidia-smi's lines: `NVIDIA GeForce RTX 4070, 550.54.14, 12282`. */
export function parseGpus(csv: string): Gpu[] {
  return csv
    .split('\n')
    .map(line => line.split(',').map(field => field.trim()))
    .filter(fields => fields.length === 3)
    .map(([name, driver, memory]) => ({ name, driver, memoryMiB: Number(memory) }));
}

/**
 * LAB_DEVICE where it is set; else CUDA where an NVIDIA GPU answers (Linux only: TensorFlow has no CUDA elsewhere), else
 * the CPU; on Windows without WSL there is no library to link against, so WebAssembly.
 * @throws SetupError for a device that does not exist
 */
export async function wantedDevice(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): Promise<Device> {
  const asked = env.LAB_DEVICE?.trim().toLowerCase();
  if (asked) {
    const device = DEVICES.find(name => name === asked);
    if (!device)
      throw new SetupError(
        `LAB_DEVICE=${asked} is unknown; expected ${DEVICES.join(', ')}, or unset to choose by itself`,
      );
    return device;
  }
  if (platform === 'win32') return 'wasm';
  return platform === 'linux' && (await findGpus()).length > 0 ? 'cuda' : 'cpu';
}
