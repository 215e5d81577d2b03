/** When did a file or folder change? */
import fs from 'node:fs';

/** Differs whenever the content may differ; `gone` where nothing is. Of a folder: whenever an entry came or went. */
export function stampOf(file: string): string {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat ? `${stat.mtimeMs}-${stat.ctimeMs}-${stat.size}-${stat.ino}` : 'gone';
}
