/** Memory of a tab: what its process holds, workers included, as Linux tells it. */
import fs from 'node:fs';
import type { Browser } from 'puppeteer-core';

/** Text of a file of /proc; empty where the process has just gone. */
function tells(process: number, file: string): string {
  try {
    return fs.readFileSync(`/proc/${process}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

const parentOf = (process: number): number => Number(/\) \S (\d+)/.exec(tells(process, 'stat'))?.[1] ?? 0);

function descendsFrom(process: number, ancestor: number): boolean {
  for (let at = process; at > 1; at = parentOf(at)) if (at === ancestor) return true;
  return false;
}

/** Megabytes of the browser's largest page, pages of memory that it shares counted in part; 0 where the system does not tell. */
export function largestTab(browser: Browser): number {
  const own = browser.process()?.pid;
  if (own === undefined || !fs.existsSync('/proc/self/smaps_rollup')) return 0;
  const pages = fs
    .readdirSync('/proc')
    .map(Number)
    .filter(
      process => process > 0 && tells(process, 'cmdline').includes('--type=renderer') && descendsFrom(process, own),
    );
  const kilobytes = pages.map(process => Number(/^Pss:\s+(\d+)/m.exec(tells(process, 'smaps_rollup'))?.[1] ?? 0));
  return Math.max(0, ...kilobytes) / 1000;
}
