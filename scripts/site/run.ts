/** What lies behind a page that runs: its scripts, the types that it checks with, and the files that cells read. */
import fs from 'node:fs';
import type { Lesson } from '../notebooks/notebook';
import { writeBundles } from './bundle';
import { writeFiles, writeList } from './files';
import { writeTypes } from './types';

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** Writes all of it into `folder`, for the cells of `lessons`; returns its checksum. @param scripts only these */
export async function writeRun(
  folder: string,
  lessons: readonly Lesson[],
  log: (line: string) => void,
  scripts?: readonly string[],
): Promise<string> {
  fs.mkdirSync(folder, { recursive: true });
  const sizes = await writeBundles(folder, scripts);
  for (const [name, bytes] of Object.entries(sizes)) log(`${name}.js ${megabytes(bytes)}`);
  log(`types ${megabytes(writeTypes(folder, lessons))}, packed`);
  const files = writeFiles(folder);
  log(`data and weights ${megabytes(Object.values(files).reduce((sum, [, , packed]) => sum + packed, 0))}, packed`);
  return writeList(folder, files);
}
