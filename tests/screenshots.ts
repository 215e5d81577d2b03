/** Where tests put what they photographed. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A place for a screenshot, its folder made: `LAB_SCREENSHOTS`, else a new temporary folder. */
export function pictureFile(name: `${string}.png`): `${string}.png` {
  process.env.LAB_SCREENSHOTS ??= fs.mkdtempSync(path.join(os.tmpdir(), 'latentlab-screenshots-'));
  fs.mkdirSync(process.env.LAB_SCREENSHOTS, { recursive: true });
  return path.join(process.env.LAB_SCREENSHOTS, name) as `${string}.png`;
}
