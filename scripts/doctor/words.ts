/** Small judgements of the doctor, apart so that they can be tested. */

/** Oldest Linux driver that runs CUDA 12 programs (NVIDIA's compatibility table). */
export const OLDEST_DRIVER = '525.60.13';

/** Compares dotted versions number by number: '550.54.14' against OLDEST_DRIVER. */
export function driverIsNewEnough(driver: string): boolean {
  const [have, want] = [driver, OLDEST_DRIVER].map(version => version.split('.').map(Number));
  const at = want.findIndex((number, i) => (have[i] ?? 0) !== number);
  return at < 0 || (have[at] ?? 0) > want[at];
}

export const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';
