/** Which device the course will compute on, and what NVIDIA hardware there is. */
import { type Gpu, gpus, parseGpus } from '../../lib/runtime/gpus';
import { SetupError } from './shell';

export { parseGpus };

const DEVICES = ['cuda', 'cpu', 'wasm', 'js'] as const;
export type Device = (typeof DEVICES)[number];

/** The NVIDIA GPUs whose driver answers. */
export const findGpus = async (): Promise<Gpu[]> => gpus();

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
