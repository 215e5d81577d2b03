/** Where tests put what they photographed. */
import fs from 'node:fs';
import path from 'node:path';
import { newFolder } from './folder';

/** A place for a screenshot, its folder made: `LAB_SCREENSHOTS`, else a folder that goes with the tests'. */
export function pictureFile(name: `${string}.png`): `${string}.png` {
  process.env.LAB_SCREENSHOTS ??= newFolder('screenshots');
  fs.mkdirSync(process.env.LAB_SCREENSHOTS, { recursive: true });
  return path.join(process.env.LAB_SCREENSHOTS, name) as `${string}.png`;
}
