/** Small judgements of the doctor, apart so that they can be tested. */
import { compareVersions, cudaDrivers } from '../../lib/data/versions';

/** Oldest Linux driver that runs CUDA 12 programs (NVIDIA's compatibility table). */
export const OLDEST_DRIVER = cudaDrivers().find(({ cuda }) => cuda === '12')?.driver ?? '';

/** '550.54.14' against OLDEST_DRIVER. */
export const driverIsNewEnough = (driver: string): boolean => compareVersions(driver, OLDEST_DRIVER) >= 0;

export const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';
